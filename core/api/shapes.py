"""What goes in and what comes out: two families of serializers that never serve for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import Text, Yuan
from core.lifecycle import REGISTRY


class Input(serializers.Serializer[Any]):
    """A request body. A field it does not know is refused, so that a typing error is not taken for consent."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked values; raises for unknown fields."""
        if isinstance(data, Mapping):
            unknown = [str(name)[:40] for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(dict.fromkeys(unknown, "没有这个字段"))
        return super().to_internal_value(data)


class Nothing(Input):
    """A verb that needs no words: ``{}`` or no body."""


class Reason(Input):
    """Why, in words the other side and the officer will read."""

    reason = Text(300, help_text="写给对方和监管人员看的理由")


class Output(serializers.Serializer[Any]):
    """A response body. Every ``*_fen`` is followed by its formatted twin ``*_yuan``."""

    def get_fields(self) -> dict[str, Any]:
        """The declared fields with their twins."""
        found: dict[str, Any] = {}
        for name, field in super().get_fields().items():
            found[name] = field
            if name.endswith("_fen"):
                source = field.source or name
                found[f"{name.removesuffix('_fen')}_yuan"] = Yuan(source=source, read_only=True)
        return found


class WithSteps(Output):
    """A detail that lists what the caller may do next, straight from the lifecycle."""

    allowed = serializers.SerializerMethodField(help_text="现在可以办理的步骤")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_allowed(self, obj: Any) -> list[str]:
        """The names of the steps open to the caller."""
        return REGISTRY[obj._meta.label].allowed(obj, self.context["by"])


class StatusText(serializers.CharField):
    """The Chinese word of ``status``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="get_status_display", **options)
