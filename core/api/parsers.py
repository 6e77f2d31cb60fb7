"""JSON bodies, read strictly: what two readers could read differently is refused."""

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.identifiers import is_storable

MAX_DEPTH = 20
MAX_BYTES = 1024 * 1024


class StrictJSONParser(BaseParser):
    """Refuses floats, NaN, duplicate keys, NUL, lone surrogates, deep nesting and integers past 63 bits."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body as Python values; raises ParseError with a Chinese reason."""
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ParseError("请求体超过 1 MB")
        try:
            text = body.decode("utf-8")
            return _checked(
                json.loads(text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_no_duplicates),
                0,
            )
        except UnicodeDecodeError as error:
            raise ParseError("请求体要用 UTF-8 编码") from error
        except RecursionError as error:
            raise ParseError("请求体嵌套太深") from error
        except ValueError as error:
            raise ParseError(str(error) if isinstance(error, _Refused) else "请求体不是合法的 JSON") from error


class _Refused(ValueError):
    """A value we do not take; its text is for the caller."""


def _no_float(text: str) -> Any:
    raise _Refused(f"不接受小数 {text[:20]}：金额请用整数分")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("同一个字段出现了两次")
    return found


def _checked(value: Any, depth: int) -> Any:
    """``value`` if everything in it can be stored."""
    if depth > MAX_DEPTH:
        raise _Refused("请求体嵌套太深")
    match value:
        case bool() | None:
            return value
        case int() if not -(2**63) < value < 2**63:
            raise _Refused("整数超出范围")
        case str() if not is_storable(value):
            raise _Refused("内容里有无法保存的字符")
        case dict():
            return {_checked(k, depth): _checked(v, depth + 1) for k, v in value.items()}
        case list():
            return [_checked(item, depth + 1) for item in value]
    return value
