"""The demo district: invented people, shops and cards, posted through the real ledger."""
