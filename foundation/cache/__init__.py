"""Short-lived values that all threads, and with Redis all nodes, share."""
