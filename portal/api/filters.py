"""What reference data and the machinery's lists can be narrowed by."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from core.models import JobRun, OutboxEvent, Region


class RegionFilter(django_filters.FilterSet):
    """By level, and by the place they lie in."""

    level = django_filters.NumberFilter(min_value=1, max_value=5, decimal_places=0)
    parent = django_filters.CharFilter(method="below", max_length=12, help_text="上级代码，返回其下各级")

    def below(self, rows: QuerySet[Region], name: str, value: str) -> QuerySet[Region]:
        """Everything below a place; nothing for a code that does not exist."""
        place: Any = Region.objects.filter(pk=value).first()
        return rows.filter(path__startswith=place.path).exclude(pk=value) if place else rows.none()


class JobFilter(django_filters.FilterSet):
    """By job, day and state."""

    job = django_filters.CharFilter(max_length=60)
    business_date = django_filters.DateFilter()
    state = django_filters.ChoiceFilter(choices=JobRun.State.choices)


class OutboxFilter(django_filters.FilterSet):
    """By topic and state."""

    topic = django_filters.CharFilter(max_length=60)
    state = django_filters.ChoiceFilter(choices=OutboxEvent.State.choices)
