"""Promises, one folder a package."""
