"""Tests of the survey page."""
