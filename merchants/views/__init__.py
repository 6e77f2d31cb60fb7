"""Pages of merchant registration and of the shop's own console."""
