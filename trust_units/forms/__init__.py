"""Forms of trust units."""
