"""Calls: placed, moved, ended."""
