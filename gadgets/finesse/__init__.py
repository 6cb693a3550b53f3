"""Cisco Finesse as a neighbour: its clusters, its REST calls, its credentials."""
