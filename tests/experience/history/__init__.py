"""What `experience/history/` promises."""
