"""ISO 20022 camt.053, the bank-to-customer statement: one booked day of one account.

Read by expat as it comes, an entry at a time. A document type is refused, so there are no entities at all: nothing
can be fetched and nothing can swell.
"""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from prepaid.bank_files.shapes import (
    BadBankFile,
    BankEntry,
    Nature,
    Statement,
    day_of,
    fen_of_text,
    fen_of_yuan,
    nature_of,
    number_of,
    reference_of,
    tail_of,
)

CHUNK = 1 << 17
DEEPEST, LONGEST_TEXT, MOST_PLACES = 24, 2_000, 2_000
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
SIGNS = {"CRDT": 1, "DBIT": -1}
# Of one transaction: where the other side's account stands, for money in and for money out.
OTHER_SIDE = {1: "DbtrAcct", -1: "CdtrAcct"}
NO_NUMBER = "NOTPROVIDED"
COUNT = "TxsSummry/TtlNtries/NbOfNtries"
ACCOUNTS = tuple(f"RltdPties/{side}/Id/{kind}" for side in OTHER_SIDE.values() for kind in ("Othr/Id", "IBAN"))
# What is read of each element that owns others; the rest of the message is passed over.
WANTED: dict[str, frozenset[str]] = {
    "Stmt": frozenset({COUNT}),
    "Bal": frozenset({"Tp/CdOrPrtry/Cd", "Amt", "CdtDbtInd", "Dt/Dt", "Dt/DtTm"}),
    "Ntry": frozenset(
        {"Amt", "CdtDbtInd", "RvslInd", "Sts", "Sts/Cd", "BookgDt/Dt", "BookgDt/DtTm", "AcctSvcrRef", "AddtlNtryInf"}
    ),
    "TxDtls": frozenset(
        {"Amt", "AmtDtls/TxAmt/Amt", "Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "RmtInf/Ustrd", "AddtlTxInf"}
    ).union(ACCOUNTS),
}
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
ENCODINGS = {"utf-8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030"}

Fields = dict[str, str]


def read_camt(path: Path, statement: Statement) -> Iterator[BankEntry]:
    """The entries of a camt.053 file, one at a time; ``statement`` is complete and checked at the end.

    An entry with several transactions (a batch) gives one of ours for each. Raises BadBankFile.
    """
    reader = _Reader(statement)
    with path.open("rb") as file:
        decoder = codecs.getincrementaldecoder(_encoding(file.read(200)))()
        file.seek(0)
        try:
            while chunk := file.read(CHUNK):
                reader.parser.Parse(decoder.decode(chunk), False)
                while reader.found:
                    yield statement.take(reader.found.popleft())
            reader.parser.Parse(decoder.decode(b"", True), True)
        except expat.ExpatError as error:
            raise BadBankFile(
                f"XML 不完整或有错（{expat.ErrorString(error.code)}），请重新下载", error.lineno
            ) from None
        except UnicodeDecodeError:
            raise BadBankFile("有不合编码的字符，文件损坏或混用了编码，请重新下载", reader.line) from None
    if not reader.statements:
        raise BadBankFile("文件里没有对账单（Stmt），这不是 camt.053")
    statement.check()


def _encoding(head: bytes) -> str:
    declared = DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name not in ENCODINGS:
        raise BadBankFile(f"XML 写明的编码 {name[:20]} 不认识，请用 UTF-8 或 GBK", 1)
    return ENCODINGS[name]


class _Place(dict[str, "_Place"]):
    """A place in the tree of elements, learned at its first sight; its items are the places below it.

    ``owner`` is the nearest of Stmt, Bal, Ntry and TxDtls, ``key`` the path from there.
    """

    __slots__ = ("above", "depth", "is_wanted", "key", "name", "opens", "owner")

    def __init__(self, name: str, above: _Place | None) -> None:
        super().__init__()
        self.name, self.above = name, above
        self.opens = name in WANTED
        self.depth, self.owner, self.key = 0, "", ""
        if above is not None:
            self.depth = above.depth + 1
            self.owner = name if self.opens else above.owner
            self.key = "" if self.opens else f"{above.key}/{name}".lstrip("/")
        self.is_wanted = not self.opens and self.key in WANTED.get(self.owner, ())


class _Reader:
    """Follows the file through the tree and keeps the texts that are wanted of the entry under way."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.found: deque[BankEntry] = deque()
        self.statements = self.places = 0
        self.place = _Place("", None)
        self.text = ""
        self.open: dict[str, Fields] = {}
        self.details: list[Fields] = []
        self.entry_line = 0
        self.day = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype

    @property
    def line(self) -> int:
        """Where we are."""
        return self.parser.CurrentLineNumber

    def refuse_doctype(self, *_: object) -> None:
        """External entities and entity bombs both need a document type."""
        raise BadBankFile("XML 里不允许有 DOCTYPE 或实体定义，请用存管银行的原始文件", self.line)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Go down one element."""
        place = self.place.get(tag)
        if place is None:
            place = self._learn(tag, attributes)
        self.place = place
        if attributes and attributes.get("Ccy", "CNY") != "CNY":
            raise BadBankFile(f"币种是 {attributes['Ccy'][:3]}，存管账户只有人民币", self.line)
        if place.opens:
            self._begin(place.name)

    def _learn(self, tag: str, attributes: dict[str, str]) -> _Place:
        """An element that was not seen at this place before."""
        above, name = self.place, tag.rpartition(":")[2]
        spaces = {key: value for key, value in attributes.items() if key.partition(":")[0] == "xmlns"}
        if not above.name and (name != "Document" or not any(one.startswith(NAMESPACE) for one in spaces.values())):
            raise BadBankFile("不是 camt.053 文件（ISO 20022 银行对账单），请核对文件", self.line)
        self.places += 1
        if above.depth >= DEEPEST or self.places > MOST_PLACES:
            raise BadBankFile("XML 层次太深或太乱，文件损坏", self.line)
        place = above[tag] = _Place(name, above)
        return place

    def _begin(self, name: str) -> None:
        self.open[name] = {}
        if name == "TxDtls":
            self.details.append(self.open[name])
        elif name == "Ntry":
            self.details, self.entry_line = [], self.line
        elif name == "Stmt":
            self.statements += 1
            if self.statements > 1:
                raise BadBankFile("一个文件里有几份对账单，请每个存管账户、每一天分开上传", self.line)

    def characters(self, text: str) -> None:
        """The text of a leaf, in pieces."""
        if self.place.is_wanted:
            self.text += text
            if len(self.text) > LONGEST_TEXT:
                raise BadBankFile("一个字段长得不合理，文件损坏", self.line)

    def end(self, tag: str) -> None:
        """Leave an element: keep its text, and close the entry or balance that it was."""
        place = self.place
        self.place = place.above  # type: ignore[assignment]  # expat has refused an end without a beginning
        if place.is_wanted:
            if self.text:
                self.open[place.owner].setdefault(place.key, self.text.strip())
                self.text = ""
        elif place.opens:
            self._close(place.name)

    def _close(self, name: str) -> None:
        if name == "Ntry":
            self.found.extend(self._entries())
        elif name == "Bal":
            self._keep_balance()
        elif name == "Stmt" and COUNT in self.open["Stmt"]:
            self.statement.said_count = fen_of_text(self.open["Stmt"][COUNT], self.line)

    def _keep_balance(self) -> None:
        bal, statement = self.open["Bal"], self.statement
        kind = bal.get("Tp/CdOrPrtry/Cd")
        if kind not in ("OPBD", "PRCD", "CLBD"):
            return
        fen = self._sign(bal) * fen_of_yuan(bal.get("Amt", ""), self.line)
        if kind == "CLBD":
            statement.on = day_of(bal.get("Dt/Dt") or bal.get("Dt/DtTm", ""), self.line)
            self.day = statement.on.isoformat()
            statement.closing_fen = fen
        elif kind == "OPBD" or statement.opening_fen is None:
            # The closing balance of the day before (PRCD) is the same figure by another name.
            statement.opening_fen = fen

    def _sign(self, fields: Fields) -> int:
        sign = SIGNS.get(fields.get("CdtDbtInd", ""))
        if sign is None:
            raise BadBankFile("缺少收支方向（CdtDbtInd）", self.line)
        return sign

    def _entries(self) -> Iterator[BankEntry]:
        """One of ours for each transaction of the entry, which must add up to it."""
        entry, line = self.open["Ntry"], self.entry_line
        status = entry.get("Sts/Cd") or entry.get("Sts", "")
        if status != "BOOK":
            raise BadBankFile(f"这一笔没有记账（{status[:8] or '没有状态'}），日终文件只能有已记账的流水", line)
        if self.statement.on is None or self.statement.opening_fen is None:
            raise BadBankFile("流水之前要有期初（OPBD）和期末（CLBD）余额，请用完整的日终文件", line)
        booked = entry.get("BookgDt/Dt") or entry.get("BookgDt/DtTm", "")
        if booked[:10] != self.day and day_of(booked, line) != self.statement.on:
            raise BadBankFile(f"记账日是 {booked[:10]}，与文件的 {self.day} 不是同一天", line)
        sign, whole = self._sign(entry), fen_of_yuan(entry.get("Amt", ""), line)
        if not whole:
            raise BadBankFile("金额是零", line)
        if len(self.details) < 2:
            yield self._of(entry, self.details[0] if self.details else {}, sign * whole)
            return
        parts = [fen_of_yuan(_amount(one), line) for one in self.details]
        if sum(parts) != whole or 0 in parts:
            raise BadBankFile("汇总的一笔和它的明细加起来不相等", line)
        self.statement.parts += len(parts) - 1
        for one, part in zip(self.details, parts, strict=True):
            yield self._of(entry, one, sign * part)

    def _of(self, entry: Fields, one: Fields, fen: int) -> BankEntry:
        several = len(self.details) > 1
        ref = one.get("Refs/AcctSvcrRef") or one.get("Refs/TxId" if several else "", "")
        ref = ref or ("" if several else entry.get("AcctSvcrRef", ""))
        number = one.get("Refs/EndToEndId", "")
        account = f"RltdPties/{OTHER_SIDE[1 if fen > 0 else -1]}/Id/"
        remark = one.get("RmtInf/Ustrd", "") + one.get("AddtlTxInf", "") + entry.get("AddtlNtryInf", "")
        is_reversal = entry.get("RvslInd") in ("true", "1")
        return BankEntry(
            self.entry_line,
            reference_of(ref, self.entry_line),
            fen,
            "" if number == NO_NUMBER else number_of(number),
            tail_of(one.get(account + "Othr/Id") or one.get(account + "IBAN", "")),
            Nature.REVERSAL if is_reversal else nature_of(remark) if remark else Nature.NORMAL,
        )


def _amount(one: Fields) -> str:
    return one.get("Amt") or one.get("AmtDtls/TxAmt/Amt", "")
