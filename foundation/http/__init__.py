"""Outbound HTTP: one client for all neighbours, with deadlines and limits."""
