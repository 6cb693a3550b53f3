"""A stand-in for CVP's call server: it asks for the surveys of calls that have ended."""
