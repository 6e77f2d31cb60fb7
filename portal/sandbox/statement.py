"""The bank's daily file of the custody account, written as it is read: CSV in UTF-8 or GBK, or camt.053."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

ACCOUNT = "SANDBOX-CUSTODY-001"
HEADINGS = ["流水号", "记账时间", "收支", "金额", "业务单号", "对方账户", "余额", "摘要"]
XMLNS = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
REVERSED, SEIZED = "冲正", "司法扣划"


class Day(NamedTuple):
    """One day of the account: balances in fen, how many entries, and the entries themselves, one at a time."""

    on: date
    opening_fen: int
    closing_fen: int
    size: int
    entries: Iterable[Any]


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(day: Day, encoding: str = "utf-8") -> Iterator[bytes]:
    """The day as a table with the balance after each entry, and a last line that says how many there are."""
    writer, balance = csv.writer(_Echo()), day.opening_fen

    def line(*cells: object) -> bytes:
        text: str = writer.writerow(cells)
        return text.encode(encoding)

    yield line("#存管账户", ACCOUNT)
    yield line("#记账日", day.on)
    yield line("#期初余额", _yuan(day.opening_fen))
    yield line(*HEADINGS)
    for entry in day.entries:
        fen = entry["amount_fen"]
        balance += fen
        yield line(
            entry["bank_ref"], f"{entry['booked_at'][:19]}".replace("T", " "), "收入" if fen > 0 else "支出",
            _yuan(abs(fen)), entry["number"], entry["counterparty"], _yuan(balance), entry["remark"] or "",
        )  # fmt: skip
    yield line("#合计", day.size, "期末余额", _yuan(day.closing_fen))


def as_camt(day: Day) -> Iterator[bytes]:
    """The day as ISO 20022 camt.053.001.08."""
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{XMLNS}">\n<BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>SB-{day.on:%Y%m%d}</MsgId><CreDtTm>{day.on}T23:59:59+08:00</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>{ACCOUNT}-{day.on:%Y%m%d}</Id><CreDtTm>{day.on}T23:59:59+08:00</CreDtTm>\n"
        f"<Acct><Id><Othr><Id>{ACCOUNT}</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\n"
        f"{_balance('OPBD', day.opening_fen, day.on)}{_balance('CLBD', day.closing_fen, day.on)}"
        f"<TxsSummry><TtlNtries><NbOfNtries>{day.size}</NbOfNtries></TtlNtries></TxsSummry>\n"
    ).encode()
    for number, entry in enumerate(day.entries, 1):
        yield _entry(number, entry).encode()
    yield b"</Stmt>\n</BkToCstmrStmt>\n</Document>\n"


def _balance(kind: str, fen: int, on: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_amount(fen)}{_sign(fen)}<Dt><Dt>{on}</Dt></Dt></Bal>\n"
    )


def _entry(number: int, entry: Any) -> str:
    fen, remark = entry["amount_fen"], entry["remark"] or ""
    side = "Dbtr" if fen > 0 else "Cdtr"
    reversal = "<RvslInd>true</RvslInd>" if remark == REVERSED else ""
    account = f"<{side}Acct><Id><Othr><Id>{escape(entry['counterparty'])}</Id></Othr></Id></{side}Acct>"
    return (
        f"<Ntry><NtryRef>{number}</NtryRef>{_amount(fen)}{_sign(fen)}{reversal}<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><DtTm>{entry['booked_at']}</DtTm></BookgDt><AcctSvcrRef>{entry['bank_ref']}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{'RCDT' if fen > 0 else 'ICDT'}</Cd>"
        f"<SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><AcctSvcrRef>{entry['bank_ref']}</AcctSvcrRef>"
        f"<EndToEndId>{escape(entry['number']) or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"{_amount(fen)}<RltdPties>{account}</RltdPties>"
        f"{f'<RmtInf><Ustrd>{escape(remark)}</Ustrd></RmtInf>' if remark else ''}</TxDtls></NtryDtls></Ntry>\n"
    )


def _amount(fen: int) -> str:
    return f'<Amt Ccy="CNY">{_yuan(abs(fen))}</Amt>'


def _sign(fen: int) -> str:
    return f"<CdtDbtInd>{'CRDT' if fen >= 0 else 'DBIT'}</CdtDbtInd>"


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


# How a file is asked for, how it is written, and what it is called on the way.
FORMS: dict[str, tuple[Callable[[Day], Iterator[bytes]], str]] = {
    "camt": (as_camt, "application/xml; charset=utf-8"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "gbk": (lambda day: as_csv(day, "gbk"), "text/csv; charset=gbk"),
}
