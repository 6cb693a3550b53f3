"""What `experience/figures/` promises."""
