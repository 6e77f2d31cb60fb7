"""News of complaints and reports for the apps above."""

from django.dispatch import Signal

record_published = Signal()  # merchant_id, by: a penalty or the outcome of a complaint is on public view
