"""REST API of trust units."""
