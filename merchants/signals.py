"""News from merchants for the apps above."""

from django.dispatch import Signal

merchant_approved = Signal()  # merchant_id, by
merchant_restricted = Signal()  # merchant_id, by
merchant_changed = Signal()  # merchant_id, changes, by
