"""What every part may rely on."""
