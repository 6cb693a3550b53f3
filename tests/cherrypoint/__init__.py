"""What the Cloud Connect package promises."""
