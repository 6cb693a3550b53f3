"""What every part stands on: settings, errors, the HTTP client, cache, database, logs and metrics."""
