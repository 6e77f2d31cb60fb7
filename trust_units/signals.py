"""News from the registry of trust units."""

from django.dispatch import Signal

unit_trusted = Signal()  # unit_id, by: the mark is good
unit_removed = Signal()  # unit_id, by: the mark is no longer good (warned, removed, reopened)
