"""What `gadgets/signin/` promises."""
