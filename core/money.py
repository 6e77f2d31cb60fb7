"""Money is whole fen. Yuan exist only at the rim, as text."""

import re
from decimal import Decimal

from core.errors import Invalid

MAX_FEN = 10**15
_YUAN = re.compile(r"^\d{1,14}(\.\d{1,2})?$")


def yuan(fen: int) -> str:
    """123456 fen as ``1,234.56``."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"


def parse_yuan(text: str, *, field: str = "amount") -> int:
    """``1,234.56`` (also full-width digits and ￥) as fen.

    Raises Invalid for anything that is not a positive amount with at most two decimals.
    """
    cleaned = text.translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,")).strip()
    cleaned = cleaned.lstrip("¥￥").replace(",", "").strip()
    if not _YUAN.match(cleaned):
        raise Invalid("金额要写成 100 或 100.50 这样", fields={field: "金额要写成 100 或 100.50 这样"})
    fen = int(Decimal(cleaned) * 100)
    if not 0 < fen <= MAX_FEN:
        raise Invalid("金额要大于 0", fields={field: "金额要大于 0，且不能过大"})
    return fen
