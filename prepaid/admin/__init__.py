"""What the regulator sees of prepaid money; importing registers the pages and the boxes on the merchant's dossier."""

from prepaid.admin import contracts, dossier, freezes, payments, refunds, visits

__all__ = ["contracts", "dossier", "freezes", "payments", "refunds", "visits"]
