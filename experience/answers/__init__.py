"""Answers: parsed, taken in, filtered, scored anew when questions change."""
