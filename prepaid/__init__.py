"""Prepaid consumption: plans, contracts, locked money, visits, refunds, freezes."""
