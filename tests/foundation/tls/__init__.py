"""What TLS and the trust store promise."""
