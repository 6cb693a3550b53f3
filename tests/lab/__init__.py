"""What the lab promises."""
