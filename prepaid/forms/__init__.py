"""Forms of prepaid pages, by audience."""
