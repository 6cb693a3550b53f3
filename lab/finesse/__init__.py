"""Finesse's REST side: people, calls, teams, sign-ins."""
