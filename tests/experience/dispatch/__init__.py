"""What `experience/dispatch/` promises."""
