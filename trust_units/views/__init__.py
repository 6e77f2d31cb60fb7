"""Pages of trust units."""
