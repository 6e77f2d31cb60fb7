"""Businesses that take prepayment: registration, stores, staff, restrictions, the register."""
