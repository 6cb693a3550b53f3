"""What `experience/wxm/` promises."""
