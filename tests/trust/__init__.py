"""What the trust store and `trust` promise."""
