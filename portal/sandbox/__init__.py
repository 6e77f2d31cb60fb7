"""A sandbox custodian bank for demonstrations and tests: its own process and book, never in production."""
