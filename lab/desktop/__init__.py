"""The desktop in the browser: its page, its session, its events."""
