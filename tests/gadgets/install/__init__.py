"""What `gadgets/install/` promises."""
