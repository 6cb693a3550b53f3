"""Certificates: what hosts present, what is trusted."""
