"""证据包 (法释〔2025〕4号第25条): all that the platform holds about a contract in one signed ZIP.

An app adds what it knows with ``@part``: a function of the pack that yields (name, bytes); names are ASCII.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from core import signing_keys
from core.clocks import local
from core.csv_export import BOM, plain_yuan, safe_cell
from core.models import SmsMessage, User
from prepaid import proofs
from prepaid.models import Contract, HolderNotice, Refund, Transfer, Visit
from prepaid.receipts import receipts
from prepaid.statements import StatementLine, statement

RECEIPTS_AT_ONCE = STATEMENT_LINES = 200
# Signing-in codes have no place in anybody's file.
NOT_A_NOTICE = "验证码"


@dataclass(frozen=True)
class Pack:
    """What is asked for: the contract, who gets it (None: an officer, who sees everybody masked), and when."""

    contract: Contract
    reader: User | None
    made_at: datetime
    purpose: str = ""

    def name(self, user: User | None) -> str:
        """A person as this reader may see them: oneself in full, others masked."""
        if user is None:
            return ""
        if self.reader is not None and user.pk == self.reader.pk:
            return f"{user.name} {user.phone}".strip()
        return f"{user.masked_name} {user.masked_phone}".strip()


Part = Callable[[Pack], Iterable[tuple[str, bytes]]]
PARTS: list[Part] = []


def part(function: Part) -> Part:
    """Add what ``function`` yields to every pack."""
    PARTS.append(function)
    return function


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV that a spreadsheet opens without running anything."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(heads)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return (BOM + sheet.getvalue()).encode()


def document(content: Any) -> bytes:
    """Rows as JSON."""
    return json.dumps(content, indent=1, ensure_ascii=False, cls=DjangoJSONEncoder).encode() + b"\n"


@dataclass
class _Sink:
    """A file that nobody can go back in: what was written is taken away as it comes."""

    written: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes, /) -> int:
        self.written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self.written)
        self.written.clear()
        return taken


def stream(pack: Pack) -> Iterator[bytes]:
    """The ZIP, piece by piece; its manifest lists each file's SHA-256 and is signed."""
    sink, files = _Sink(), []
    stamp = local(pack.made_at).timetuple()[:6]

    def put(name: str, data: bytes) -> None:
        info = ZipInfo(name, stamp)
        info.external_attr = 0o600 << 16
        zipped.writestr(info, data, ZIP_DEFLATED)

    with ZipFile(sink, "w") as zipped:
        for one in PARTS:
            for name, data in one(pack):
                put(name, data)
                files.append({"name": name, "size": len(data), "sha256": sha256(data).hexdigest()})
                yield sink.take()
        manifest = document(
            {
                "format": proofs.EVIDENCE,
                "contract": pack.contract.code,
                "made_at": local(pack.made_at).isoformat(timespec="seconds"),
                "made_for": "consumer" if pack.reader else "officer",
                "purpose": pack.purpose,
                "files": files,
            }
        )
        signature = signing_keys.sign(proofs.EVIDENCE.encode() + b"\n" + manifest)
        put("manifest.json", manifest)
        words = {
            "kid": signature.kid,
            "public_key": signature.public_key.hex(),
            "signature": signature.value.hex(),
        }
        put("manifest.sig", proofs.document(words).encode())
    yield sink.take()


@part
def contract_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The contract as signed: for people, and word for word with its hash."""
    contract = pack.contract
    parties = {"holder": pack.name(contract.holder), "payer": pack.name(contract.payer)}
    page = render_to_string("prepaid/proofs/pack_contract.html", {"contract": contract, **parties})
    yield "contract.html", page.encode()
    facts = {
        "code": contract.code,
        "merchant": contract.merchant.legal_name,
        "uscc": contract.merchant.uscc,
        "status": contract.get_status_display(),
        **parties,
        "signed_at": contract.signed_at,
        "terms_hash": contract.terms_hash,
        "terms": contract.terms,
    }
    yield "terms.json", document(facts)


@part
def signatures_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """Who agreed to which terms, when and how."""
    rows = [
        (row.get_party_display(), pack.name(row.signer), row.signed_at, row.get_method_display(), row.terms_hash)
        for row in pack.contract.signatures.select_related("signer")
    ]
    if rows:
        yield "signatures.csv", table(("签署方", "签署人", "时间", "方式", "条款摘要（SHA-256）"), rows)


def _lines(contract: Contract) -> Iterator[StatementLine]:
    before = None
    while lines := statement(contract, before=before, limit=STATEMENT_LINES):
        yield from lines
        before = lines[-1].transfer_id


@part
def statement_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """Every movement, for a spreadsheet and on paper."""
    lines = list(_lines(pack.contract))
    page = render_to_string("prepaid/proofs/pack_statement.html", {"contract": pack.contract, "lines": lines})
    yield "statement.html", page.encode()
    heads = ("流水号", "入账时间", "业务日期", "事项", "说明", "金额（元）", "之后锁定（元）", "凭证文件")
    yield (
        "statement.csv",
        table(
            heads,
            (
                (
                    line.transfer_id, line.at, line.day, line.title, line.note, plain_yuan(line.signed_fen),
                    plain_yuan(line.balance_fen), f"receipts/{line.transfer_id}.json",
                )
                for line in lines
            ),
        ),
    )  # fmt: skip


@part
def receipts_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The proof of each movement; those of days not sealed yet are named."""
    account = pack.contract.account_id
    pks = list(Transfer.objects.of_account(account).order_by("pk").values_list("pk", flat=True)) if account else []
    later = []
    for at in range(0, len(pks), RECEIPTS_AT_ONCE):
        for receipt in receipts(pks[at : at + RECEIPTS_AT_ONCE]):
            if receipt.content is None:
                later.append((receipt.transfer_id, receipt.day))
            else:
                yield f"receipts/{receipt.transfer_id}.json", receipt.text.encode()
    if later:
        yield "not-sealed-yet.csv", table(("流水号", "入账日（次日早上 5 点以后可下载凭证）"), later)


@part
def refunds_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """Every refund, line by line with its article."""
    rows = [
        {
            "code": row.code,
            "status": row.get_status_display(),
            "cause": row.get_cause_display(),
            "reason": row.reason,
            "lines": row.lines,
            "total_fen": row.total_fen,
            "amount_fen": row.amount_fen,
            "requested_on": row.requested_on,
            "answer_due_on": row.answer_due_on,
            "answered_on": row.answered_on,
            "answer": row.answer,
            "pay_due_on": row.pay_due_on,
            "paid_on": row.paid_on,
        }
        for row in Refund.objects.filter(contract=pack.contract).order_by("pk")
    ]
    if rows:
        yield "refunds.json", document(rows)


@part
def visits_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """Every visit, who started it, whether it was confirmed or disputed and why."""
    visits = Visit.objects.filter(contract=pack.contract).select_related("store").order_by("pk")
    rows = [
        (
            visit.code, visit.requested_at, visit.store.name, visit.item, plain_yuan(visit.face_fen), visit.times,
            visit.get_started_by_display(), visit.get_status_display(), visit.confirm_due_on, visit.settled_on,
            plain_yuan(visit.amount_fen), plain_yuan(visit.corrected_fen), visit.reason,
        )
        for visit in visits
    ]  # fmt: skip
    heads = (
        "编号", "发起时间", "门店", "项目", "面值（元）", "次数", "谁发起", "状态", "确认期限", "确认日",
        "付商家（元）", "冲回（元）", "说明或异议",
    )  # fmt: skip
    if rows:
        yield "visits.csv", table(heads, rows)


@part
def notices_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The short messages to this consumer that name the shop or tell of its closing."""
    to = pack.reader or pack.contract.holder
    brand, since = pack.contract.merchant.brand_name, pack.contract.offered_at
    of_closing = set(HolderNotice.objects.filter(contract=pack.contract).values_list("message", flat=True))
    rows = []
    for message in SmsMessage.objects.filter(user=to, created_at__gte=since).order_by("pk"):
        words = message.text
        if (brand in words or message.pk in of_closing) and NOT_A_NOTICE not in words:
            rows.append((message.created_at, message.sent_at, words))
    if rows:
        yield "messages.csv", table(("写下", "发出", "内容"), rows)


@part
def closings_part(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The notices that the shop closes: what they said, when this consumer was told and read it, what was chosen."""
    told = HolderNotice.objects.filter(contract=pack.contract).order_by("pk")
    rows = [
        (
            row.notice.code, row.notice.where, row.notice.get_reason_display(), row.notice.note, row.notice.closes_on,
            row.notice.published_at, row.notice.notice_basis, row.message and row.message.created_at,
            row.message and row.message.sent_at, row.read_at, row.get_choice_display(), row.chosen_at,
            "是" if row.by_default else "", row.settled_at, row.trouble,
        )
        for row in told.select_related("notice__merchant", "notice__store", "message")
    ]  # fmt: skip
    heads = (
        "公告编号", "停业的店", "原因", "说明", "停业日", "公告时间", "依据", "短信写下", "短信发出", "已读", "选择",
        "选择时间", "到期未选，按法律退款", "办妥", "没办成的原因",
    )  # fmt: skip
    if rows:
        yield "closing-notices.csv", table(heads, rows)
