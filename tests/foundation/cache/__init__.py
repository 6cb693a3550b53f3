"""What `foundation/cache/` promises."""
