"""What `experience/surveys/` promises."""
