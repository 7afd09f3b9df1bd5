"""Postgres: the connection, the transaction, the tables and their statements."""
