"""What `gadgets/finesse/` promises."""
