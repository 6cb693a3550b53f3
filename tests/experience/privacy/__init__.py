"""What `experience/privacy/` promises."""
