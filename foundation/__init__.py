"""What every part stands on: settings, errors, the outbound door, cache, database, logs and metrics."""
