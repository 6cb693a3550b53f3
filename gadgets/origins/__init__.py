"""Which browser origins are let in."""
