"""What `gadgets/calls/` promises."""
