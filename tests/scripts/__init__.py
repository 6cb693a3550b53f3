"""Programs that make answers and recount them, apart from the service."""
