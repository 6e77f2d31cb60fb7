"""「私下收款」: anybody with a proved phone tells in one tap, an officer looks into it, a proof proposes a stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from core import messages
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import business_date
from core.crypto import blind_index
from core.errors import Invalid, NotFound, TooMany
from core.locking import lock_in_order
from core.models import StoredFile, User
from core.money import MAX_FEN
from core.permissions import require
from merchants.models import Merchant, Store
from prepaid.actions.warnings import propose_stop, reason_of
from prepaid.models import PrivatePaymentReport
from prepaid.models.warnings import PRIVATE_PAYMENT_LIFECYCLE

REPORTS_A_DAY = 3


@transaction.atomic
def report_private_payment(
    merchant_id: int,
    data: Mapping[str, Any],
    *,
    by: Actor,
    photo: StoredFile | None = None,
    on: date | None = None,
) -> PrivatePaymentReport:
    """Tell that a shop asked to be paid past the escrow. ``data``: anonymous, text, amount_fen, happened_on, store_id.

    The phone was proved by signing in; it may send three a day, one a shop. Of an anonymous report only a keyed
    hash of the phone is kept, also in the audit. Raises NotFound, Invalid, TooMany.
    """
    require(by, "prepaid.report_private_payment")
    assert by.user is not None
    today = on or business_date()
    merchant = Merchant.objects.public().filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    amount, happened, store = data.get("amount_fen"), data.get("happened_on"), data.get("store_id")
    if amount is not None and not 0 < amount <= MAX_FEN:
        raise Invalid(fields={"amount": "金额要大于 0"})
    if happened is not None and happened > today:
        raise Invalid(fields={"happened_on": "日期不能晚于今天"})
    if store is not None and not Store.objects.filter(pk=store, merchant=merchant).exists():
        raise Invalid(fields={"store": "选这家店的门店"})
    index = blind_index("report", by.user.phone)
    # One row of the person serialises two taps.
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
    sent = PrivatePaymentReport.objects.filter(reporter_idx=index, reported_on=today)
    if sent.filter(merchant=merchant).exists():
        raise TooMany("您今天已经举报过这家店，我们会核查；有新情况请明天再报", retry_after=86_400)
    if sent.count() >= REPORTS_A_DAY:
        raise TooMany("一天最多举报 3 次，请明天再试，或拨打 12315", retry_after=86_400)
    hidden = bool(data.get("anonymous"))
    row = PrivatePaymentReport.objects.create(
        merchant=merchant, store_id=store, reported_on=today, happened_on=happened, amount_fen=amount,
        text=str(data.get("text") or "").strip()[:300], photo=photo, reporter=None if hidden else by.user,
        reporter_idx=index,
    )  # fmt: skip
    record("private_payment.report", row, by=SYSTEM if hidden else by, amount_fen=amount, merchant=merchant.pk)
    return row


@transaction.atomic
def confirm_private_payment(report_id: int, finding: str, *, by: Actor) -> PrivatePaymentReport:
    """It is proved: the officer proposes that sales stop, a second one confirms. Raises Invalid without a finding."""
    row = _judge(report_id, "confirm", finding, by=by)
    propose_stop(row.merchant_id, f"私下收款查实：{row.finding}"[:300], by=by)
    return row


@transaction.atomic
def reject_private_payment(report_id: int, finding: str, *, by: Actor) -> PrivatePaymentReport:
    """It could not be proved. Raises Invalid without a finding."""
    return _judge(report_id, "reject", finding, by=by)


def _judge(report_id: int, step: str, finding: str, *, by: Actor) -> PrivatePaymentReport:
    seen = PrivatePaymentReport.objects.filter(pk=report_id).first()
    if seen is None:
        raise NotFound
    row: PrivatePaymentReport = lock_in_order((Merchant, seen.merchant_id), (PrivatePaymentReport, report_id))[1]
    require(by, "prepaid.judge_privatepaymentreport", row)
    PRIVATE_PAYMENT_LIFECYCLE.move(step, row)
    row.finding, row.decided_by = reason_of(finding), by.user
    row.save()
    record(f"private_payment.{step}", row, by=by, reason=row.finding)
    if row.reporter is not None:
        words = "已查实，我们会依法处理" if step == "confirm" else "经核查没有查实"
        told = f"您举报的{row.merchant.brand_name}私下收款，{words}。"
        messages.text_user(row.reporter, told, key=f"private_payment:{row.pk}:{step}")
    return row
