"""What `foundation/server/` promises."""
