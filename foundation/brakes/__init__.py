"""Brakes on guessing: where they remember, how they throttle, what is written down of a refusal."""
