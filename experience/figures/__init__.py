"""Figures: tallies of answers, and distributions."""
