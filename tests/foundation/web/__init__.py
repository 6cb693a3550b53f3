"""What `foundation/web/` promises."""
