"""What `gadgets/pulse/` promises."""
