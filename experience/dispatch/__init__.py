"""Deferred surveys: what they are sent by, who is to be asked, and what has happened on the way."""
