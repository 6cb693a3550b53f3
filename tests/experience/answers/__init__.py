"""What `experience/answers/` promises."""
