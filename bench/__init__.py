"""Benchmarks: each runs side by side with what it is compared to, on loopback, bounded in count and time."""
