"""What `experience/questionnaires/` promises."""
