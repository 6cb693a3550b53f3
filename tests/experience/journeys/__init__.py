"""What `experience/journeys/` promises."""
