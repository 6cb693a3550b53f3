"""What every web application of ours has: request ids, logs, metrics, health, openapi.json, proxies."""
