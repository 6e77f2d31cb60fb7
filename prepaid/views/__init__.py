"""Pages of prepaid money, by audience."""
