"""Surveys while they are answered: survey tokens, partial surveys, signatures, files."""
