"""What tests and the curious can change while the lab runs."""
