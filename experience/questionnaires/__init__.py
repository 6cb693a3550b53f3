"""Questionnaires: the catalogue, their YAML, and those that are shipped."""
