"""The servers `./run` brings along: PostgreSQL, Valkey, and the watch over both. No Django here."""
