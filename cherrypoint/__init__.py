"""Cloud Connect, real or built in: one token for all who ask, the client of a real one, the service when it is ours."""
