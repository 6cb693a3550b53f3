"""The database: connections, transactions and bulk statements."""
