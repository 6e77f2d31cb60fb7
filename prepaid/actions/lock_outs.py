"""「锁门」: told by the mall or by customers, looked into by an officer, the trigger of the emergency path."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotAllowed, NotFound, TooMany
from core.locking import lock_in_order
from core.models import StoredFile
from core.permissions import may, require
from merchants.models import LISTED, Merchant, Store
from prepaid.actions.run_offs import propose_run_off
from prepaid.actions.warnings import reason_of
from prepaid.models import LockOutReport, RunOff
from prepaid.models.lock_outs import LOCK_OUT_LIFECYCLE


@transaction.atomic
def report_lock_out(
    store_id: int, text: str, *, by: Actor, seen_on: date | None = None, photo: StoredFile | None = None,
    on: date | None = None,
) -> LockOutReport:  # fmt: skip
    """Tell that a store is locked; its mall and people who hold a card it takes may, once a day.

    Raises NotFound, NotAllowed, Invalid, TooMany.
    """
    store = Store.objects.filter(pk=store_id, merchant__status__in=LISTED).select_related("merchant").first()
    if store is None:
        raise NotFound("没有找到这家门店")
    if not may(by, "prepaid.report_lock_out", store):
        raise NotAllowed("持有这家店的卡，或管理所在的商场，才能报告锁门；也可以拨打 12315")
    today = on or business_date()
    seen = seen_on or today
    if seen > today:
        raise Invalid(fields={"seen_on": "日期不能晚于今天"})
    assert by.user is not None
    mall = store.mall_id if store.tenant_since and store.mall_id in by.user.access.malls() else None
    try:
        with transaction.atomic():
            row = LockOutReport.objects.create(
                merchant_id=store.merchant_id, store=store, mall_id=mall, reported_on=today, seen_on=seen,
                text=text.strip()[:300], photo=photo, reporter=by.user,
            )  # fmt: skip
    except IntegrityError:
        raise TooMany("您今天已经报告过这家店，我们会核查；有新情况请明天再报", retry_after=86_400) from None
    record("lock_out.report", row, by=by, merchant=store.merchant_id, store=store.pk, mall=mall)
    return row


@transaction.atomic
def open_run_off(report_id: int, reason: str, served_until: date, *, by: Actor, on: date | None = None) -> RunOff:
    """The officer found the people gone: propose the emergency, which a second officer signs.

    All reports on the same merchant that wait are answered by it; one that is under way is joined.
    Raises what ``propose_run_off`` raises.
    """
    row = _locked(report_id)
    require(by, "prepaid.judge_lockoutreport", row)
    LOCK_OUT_LIFECYCLE.check("open_run_off", row)
    finding = reason_of(reason)
    running = RunOff.objects.filter(merchant=row.merchant_id).exclude(status__in=["REJECTED", "DONE"]).first()
    run_off = running or propose_run_off(row.merchant_id, finding, served_until, by=by, on=on)
    waiting = LockOutReport.objects.waiting().filter(merchant=row.merchant_id).values_list("pk", flat=True)
    for each in LockOutReport.objects.locked_all(list(waiting)):
        LOCK_OUT_LIFECYCLE.move("open_run_off", each)
        each.run_off, each.finding, each.decided_by = run_off, finding, by.user
        each.save()
        record("lock_out.open_run_off", each, by=by, run_off=run_off.pk, reason=finding)
    return run_off


@transaction.atomic
def dismiss_lock_out(report_id: int, reason: str, *, by: Actor) -> LockOutReport:
    """The officer found the store open, or its people there; whoever told it is answered."""
    row = _locked(report_id)
    require(by, "prepaid.judge_lockoutreport", row)
    LOCK_OUT_LIFECYCLE.move("dismiss", row)
    row.finding, row.decided_by = reason_of(reason), by.user
    row.save()
    record("lock_out.dismiss", row, by=by, reason=row.finding)
    told = f"您报告的{row.merchant.brand_name}锁门，经核查没有停业。再遇到关门请再报告，或拨12315。"
    messages.text_user(row.reporter, told, key=f"lock_out:{row.pk}:dismissed")
    return row


def _locked(report_id: int) -> LockOutReport:
    seen = LockOutReport.objects.filter(pk=report_id).first()
    if seen is None:
        raise NotFound
    row: LockOutReport = lock_in_order((Merchant, seen.merchant_id), (LockOutReport, report_id))[1]
    return row
