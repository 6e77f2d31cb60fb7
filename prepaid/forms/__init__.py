"""Forms of prepaid pages."""
