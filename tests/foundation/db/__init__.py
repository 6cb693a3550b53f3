"""What `foundation/db/` promises."""
