"""What `experience/accounts/` promises."""
