"""Row locks: taken first, in layer order, so that two actions never wait for each other in a circle."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import connection, models

from core.errors import NotFound

LAYERS = ("core", "merchants", "prepaid", "complaints", "trust_units")
Row = TypeVar("Row", bound=models.Model)


class LockingQuerySet(models.QuerySet[Row]):
    """A queryset whose rows can be locked for the change that follows."""

    def locked(self, pk: Any) -> Row:
        """The row, locked until the transaction ends. Raises NotFound.

        FOR NO KEY UPDATE: rows that only point here by foreign key are not held up.
        """
        row = self.select_for_update(no_key=True, of=("self",)).filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row

    def locked_all(self, pks: list[int]) -> list[Row]:
        """Several rows in one statement, locked in order of their key."""
        return list(self.select_for_update(no_key=True, of=("self",)).filter(pk__in=pks).order_by("pk"))

    def visible_to(self, by: Any) -> Self:
        """The rows that ``by`` may read; each model says which. Nothing, unless it does."""
        return self.none()


def lock_in_order(*wanted: tuple[type[models.Model], Any]) -> list[Any]:
    """Lock one row of each (model, pk), which must be given in layer order; returns the rows.

    Complaint first, contract second would deadlock against a refund that locks contract first.
    """
    assert connection.in_atomic_block, "a lock outside a transaction protects nothing"
    order = [LAYERS.index(model._meta.app_label) for model, _ in wanted]
    assert order == sorted(order), f"locks must go {' → '.join(LAYERS)}, got {wanted}"
    return [model._default_manager.locked(pk) for model, pk in wanted]  # type: ignore[attr-defined]
