"""News from prepaid money for the apps above."""

from django.dispatch import Signal

refund_disputed = Signal()  # refund_id, by
