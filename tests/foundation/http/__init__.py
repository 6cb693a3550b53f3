"""What `foundation/http/` promises."""
