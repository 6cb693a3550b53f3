"""What `doctor` promises."""
