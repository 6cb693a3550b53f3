"""What customers said: one customer's journey, and comments."""
