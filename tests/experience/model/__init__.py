"""What `experience/model/` promises."""
