"""Fields that take exactly one type: no text for a number, no true for 1, no blank, no endless text."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.identifiers import clean_public_code
from core.money import MAX_FEN, yuan

MAX_ID = 2**63 - 1
MAX_COUNT = 10_000


class Whole(serializers.IntegerField):
    """A JSON integer; ``0`` to ``MAX_COUNT`` unless the field says otherwise."""

    default_error_messages = {"invalid": "要填整数，不带引号"}

    def __init__(self, *, min_value: int = 0, max_value: int = MAX_COUNT, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)

    def to_internal_value(self, data: Any) -> int:
        """The integer; true, "1" and 1.0 are refused."""
        if type(data) is not int:
            self.fail("invalid")
        return data


class Fen(Whole):
    """An amount in whole fen, above zero unless ``min_value=0``."""

    default_error_messages = {"min_value": "金额要大于 0，单位是分"}

    def __init__(self, *, min_value: int = 1, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=MAX_FEN, **options)


class Identity(Whole):
    """The id of a row that has no public code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **options)


class Text(serializers.CharField):
    """A JSON string of at most ``max_length`` characters, blank only if ``allow_blank``."""

    default_error_messages = {"invalid": "要填文字"}

    def __init__(self, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)

    def to_internal_value(self, data: Any) -> str:
        """The trimmed text; numbers are refused."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Code(Text):
    """A public code, typed with or without dashes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(24, **options)

    def to_internal_value(self, data: Any) -> str:
        """The sixteen characters."""
        return clean_public_code(super().to_internal_value(data))


class Phone(Text):
    """A mainland mobile number in any way of writing it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(20, **options)


class YesNo(serializers.BooleanField):
    """true or false, nothing that merely looks like it."""

    default_error_messages = {"invalid": "要填 true 或 false"}

    def to_internal_value(self, data: Any) -> bool:
        """The boolean itself."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class OneOf(serializers.ChoiceField):
    """One of a fixed set of words."""

    default_error_messages = {"invalid_choice": "「{input}」不在可选范围内"}

    def to_internal_value(self, data: Any) -> str:
        """The word; other types are refused."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input="")
        return str(super().to_internal_value(data[:40]))


@extend_schema_field({"type": ["string", "null"], "examples": ["1,234.56"]})
class Yuan(serializers.Field):
    """An amount in fen, written for people: ``1,234.56``."""

    def to_representation(self, value: int) -> str:
        """The text."""
        return yuan(value)


@extend_schema_field({"type": "string", "examples": ["王**"]})
class Masked(serializers.Field):
    """A person as others may see them: the family name, else the middle of the phone hidden."""

    def to_representation(self, value: Any) -> str:
        """The masked name, or the masked phone of somebody without a name."""
        return str(value)


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]*$"})
class Hex(serializers.Field):
    """Bytes as hexadecimal digits."""

    def to_representation(self, value: bytes | memoryview) -> str:
        """The digits."""
        return bytes(value).hex()
