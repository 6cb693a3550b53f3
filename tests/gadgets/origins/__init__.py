"""What `gadgets/origins/` promises."""
