"""What `gadgets/journey/` promises."""
