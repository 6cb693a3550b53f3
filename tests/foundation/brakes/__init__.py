"""What `foundation/brakes/` promises."""
