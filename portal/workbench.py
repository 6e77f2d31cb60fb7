"""What the first page of the regulators shows: clocks, second signatures, figures. Everything from the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import calendar
from core.case_panels import day_clock, hour_clock, stopped_clock
from core.clocks import Face, local
from core.jobs import overdue
from core.models import RulePack
from core.money import yuan
from core.permissions import may
from core.prepared import planned_rows
from core.templatetags.portal_ui import cn_datetime, state_of
from merchants.models import MallMeasureCheck, Merchant, Store
from portal import workbench_complaints, workbench_custody, workbench_risk, workbench_supervision, workbench_trust
from prepaid.admin.rows import case_url, freeze_state
from prepaid.models import (
    ClosingNotice,
    Contract,
    CourtOrder,
    Filing,
    Freeze,
    HeirClaim,
    LegacyCard,
    LockOutReport,
    ReconciliationCase,
    Refund,
    RiskWarning,
    RunOff,
    Succession,
    SuspenseItem,
    Transfer,
    TransferKind,
    Visit,
)

ROWS = 40
SOON_DAYS = 3
LEASE_DAYS = 100
TREND_DAYS = 30
RISING = (TransferKind.PREPAY, TransferKind.REVERSAL)
FALLING = (TransferKind.RELEASE_VISIT, TransferKind.RELEASE_PERIOD, TransferKind.REFUND)


@dataclass(frozen=True)
class Item:
    """One thing to be done, with its clock. ``due`` is None when the clock stands still."""

    title: str
    note: str
    url: str
    state: SafeString
    face: Face
    due: date | datetime | None

    @property
    def day(self) -> date:
        """The last day, for sorting and counting; what has no clock comes last."""
        if self.due is None:
            return date.max
        return local(self.due).date() if isinstance(self.due, datetime) else self.due


@dataclass(frozen=True)
class Reader:
    """An officer on a day: what ``key`` and ``today`` do not tell must not change what is counted."""

    key: tuple[object, ...]
    today: date
    by: Actor = field(compare=False)


def counts(by: Actor) -> dict[str, int]:
    """How many of each thing wait, in one query."""
    assert by.user is not None
    return dict(planned_rows(*_counting(Reader(by.user.access.key, local(timezone.now()).date(), by))))


@lru_cache(maxsize=256)
def _counting(reader: Reader) -> tuple[str, tuple[Any, ...]]:
    """The statement behind ``counts``, put together once: that takes longer than to run it, on every page."""
    by, today = reader.by, reader.today
    refunds, freezes = Refund.objects.visible_to(by), Freeze.objects.visible_to(by).waiting()
    wanted: dict[str, QuerySet[Any]] = {
        "review": Merchant.objects.visible_to(by).awaiting_review(),
        "packs": RulePack.objects.visible_to(by).filter(status=RulePack.Status.PROPOSED),
        "filings": Filing.objects.visible_to(by).waiting(),
        "restricted": Merchant.objects.visible_to(by).filter(status=Merchant.Status.RESTRICTED),
        "refunds": refunds.open(),
        "refunds_waiting": refunds.filter(status=Refund.Status.REQUESTED),
        "refund_disputes": refunds.filter(status=Refund.Status.DISPUTED),
        "payout_failed": refunds.filter(status=Refund.Status.PAYOUT_FAILED),
        "visits": Visit.objects.visible_to(by).filter(status=Visit.Status.DISPUTED),
        "freezes": freezes,
        "suspense": SuspenseItem.objects.visible_to(by).filter(resolved_at=None),
        "mismatches": ReconciliationCase.objects.visible_to(by).open(),
        "leases": Store.objects.visible_to(by).filter(
            is_open=True, lease_end__range=(today, today + timedelta(days=LEASE_DAYS))
        ),
    }
    wanted["legacy_cards"] = LegacyCard.objects.visible_to(by).filter(status=LegacyCard.Status.DISPUTED)
    wanted["successions"] = Succession.objects.visible_to(by).open()
    wanted["run_offs"] = RunOff.objects.visible_to(by).waiting()
    wanted["heirs"] = HeirClaim.objects.visible_to(by).waiting()
    wanted["lock_outs"] = LockOutReport.objects.visible_to(by).waiting()
    wanted["mall_measures"] = MallMeasureCheck.objects.visible_to(by).waiting()
    wanted["closings"] = own_closings(by).open().exclude(status="DECLARED")
    if may(by, "core.view_operations"):
        wanted["overdue_jobs"] = overdue(today)
    wanted |= workbench_custody.waiting(by)
    wanted |= workbench_risk.waiting(by)
    wanted |= workbench_supervision.waiting(by)
    wanted |= workbench_complaints.waiting(by, today)
    wanted |= workbench_trust.waiting(by, today)
    first, *rest = (_counted(name, rows) for name, rows in wanted.items())
    return first.union(*rest, all=True).query.sql_with_params()


def _counted(name: str, rows: QuerySet[Any]) -> Any:
    named = rows.order_by().annotate(counted_as=Value(name)).values("counted_as")
    return named.annotate(counted=Count("pk")).values("counted_as", "counted")


@dataclass(frozen=True)
class Signed:
    """What is due and may also wait for a second signature: read once for both lists."""

    freezes: list[Freeze]
    court_orders: list[CourtOrder]
    warnings: list[RiskWarning]


def to_sign(by: Actor, n: Mapping[str, int]) -> Signed:
    """What ``by`` may see of it, in three queries at most: where ``counts`` found nothing, nothing is read."""
    return Signed(
        freezes_waiting(by) if n.get("freezes") else [],
        workbench_custody.court_orders(by) if n.get("court_orders") or n.get("court_lifts") else [],
        workbench_risk.warnings(by) if n.get("risk") else [],
    )


def due_items(by: Actor, signed: Signed, n: Mapping[str, int]) -> list[Item]:
    """What has a clock and waits for the bureau or is watched by it, the most urgent first."""
    items = [*_freezes(signed.freezes)]
    for name, rows in (("review", _reviews), ("refunds", _refunds), ("visits", _visits), ("suspense", _suspense)):
        items += rows(by) if n.get(name) else []
    if signed.court_orders or n.get("custody"):
        items += [Item(*row) for row in workbench_custody.items(by, signed.court_orders)]
    if signed.warnings or n.get("private_payments"):
        items += [Item(*row) for row in workbench_risk.items(by, signed.warnings)]
    items += [Item(*row) for row in workbench_complaints.items(by)]
    return sorted(items, key=lambda item: (item.day, item.title))


def _reviews(by: Actor) -> Iterable[Item]:
    for row in Merchant.objects.visible_to(by).awaiting_review().select_related("region")[:ROWS]:
        if row.review_due_at:
            doubts = f"{len(row.checks)} 处疑点" if row.checks else "没有疑点"
            yield Item(
                f"{row.brand_name} 入驻审核", f"{row.region.name} · {doubts}", case_url(row), state_of(row, "officer"),
                hour_clock("", row.review_due_at).face, row.review_due_at,
            )  # fmt: skip


def _refunds(by: Actor) -> Iterable[Item]:
    found = Refund.objects.visible_to(by).open().select_related("merchant").order_by("pay_due_on", "id")
    for row in found[:ROWS]:
        waits = row.status == Refund.Status.REQUESTED
        due = row.answer_due_on if waits else row.pay_due_on
        note = f"¥{yuan(row.total_fen)} · {'商家答复' if waits else '打款'}期限 · 最迟 {row.pay_due_on:%m-%d} 到账"
        yield Item(
            f"{row.merchant.brand_name} 退款",
            note,
            case_url(row),
            state_of(row, "officer"),
            day_clock("", due).face,
            due,
        )


def freezes_waiting(by: Actor) -> list[Freeze]:
    """Those that need a second signature."""
    return list(
        Freeze.objects.visible_to(by)
        .waiting()
        .select_related("merchant", "merchant__region", "proposed_by", "lift_proposed_by")[:ROWS]
    )


def _freezes(rows: Iterable[Freeze]) -> Iterable[Item]:
    for row in rows:
        lifting = row.status == Freeze.Status.LIFT_PROPOSED
        face = Face("soon", "clock", "尽快", f"{cn_datetime(row.proposed_at)} 提出")
        title = f"{row.merchant.brand_name} {'解冻' if lifting else '资金冻结'}"
        note = f"锁定 ¥{yuan(row.locked_fen)} · 等第二人签"
        yield Item(title, note, case_url(row), freeze_state(row), face, row.proposed_at)


def _visits(by: Actor) -> Iterable[Item]:
    found = Visit.objects.visible_to(by).filter(status=Visit.Status.DISPUTED).select_related("merchant")
    for row in found.order_by("id")[:ROWS]:
        yield Item(
            f"{row.merchant.brand_name} {row.item}争议", f"暂留 ¥{yuan(row.hold_fen)} · 不会自动确认", case_url(row),
            state_of(row, "officer"), stopped_clock("", "有异议，等处理").face, None,
        )  # fmt: skip


def _suspense(by: Actor) -> Iterable[Item]:
    for row in SuspenseItem.objects.visible_to(by).filter(resolved_at=None).order_by("id")[:ROWS]:
        yield Item(
            f"待查款项 ¥{yuan(row.amount_fen)}", f"{row.reason} · {row.bank_ref}",
            case_url(row), state_of(row, "officer"),
            Face("", "clock", "待查", f"{cn_datetime(row.created_at)} 到账"), None,
        )  # fmt: skip


def second_signatures(rows: Iterable[Freeze], by: Actor) -> list[dict[str, Any]]:
    """Freezes that wait for a second officer; what this officer proposed says 等别人."""
    found = []
    for row in rows:
        lifting = row.status == Freeze.Status.LIFT_PROPOSED
        proposer = row.lift_proposed_by if lifting else row.proposed_by
        step = ("approve_lift", "reject_lift") if lifting else ("approve", "reject")
        sign = f"prepaid.{'approve_lift' if lifting else 'approve_freeze'}"
        found.append(
            {
                "title": f"{row.merchant.brand_name} {'解冻' if lifting else '冻结'} ¥{yuan(row.locked_fen)}",
                "who": proposer.name if proposer else "",
                "at": row.proposed_at if not lifting else None,
                "own": bool(by.user and proposer and proposer.pk == by.user.pk),
                "may": may(by, sign, row),
                "url": case_url(row),
                "sign_url": reverse("admin:prepaid_freeze_act", args=[row.pk, step[0]]),
                "return_url": reverse("admin:prepaid_freeze_act", args=[row.pk, step[1]]),
            }
        )
    return found


def own_closings(by: Actor) -> Any:
    """The notices of the officer's regions, not all that are public."""
    return ClosingNotice.objects.filter(merchant__in=Merchant.objects.visible_to(by))


def all_signatures(by: Actor, signed: Signed, n: Mapping[str, int]) -> list[dict[str, Any]]:
    """Everything that waits for a second officer."""
    return [
        *(run_off_signatures(by) if n.get("run_offs") else []),
        *workbench_custody.signatures(by, signed.court_orders),
        *workbench_risk.signatures(by, signed.warnings),
        *workbench_supervision.signatures(by),
        *second_signatures(signed.freezes, by),
    ]


def run_off_signatures(by: Actor) -> list[dict[str, Any]]:
    """Emergencies and their plans that wait for a second officer."""
    waiting = RunOff.objects.visible_to(by).waiting()
    found = []
    for row in waiting.select_related("merchant__region", "proposed_by", "planned_by")[:ROWS]:
        planned = row.status == RunOff.Status.PLANNED
        proposer = row.planned_by if planned else row.proposed_by
        step, back = ("approve_plan", "reject_plan") if planned else ("approve", "reject")
        sign = f"prepaid.{'approve_run_off_plan' if planned else 'approve_run_off'}"
        found.append(
            {
                "title": f"{row.merchant.brand_name} {'退款方案' if planned else '失联应急处置'}",
                "who": proposer.name if proposer else "",
                "at": row.planned_at if planned else row.proposed_at,
                "own": bool(by.user and proposer and proposer.pk == by.user.pk),
                "may": may(by, sign, row),
                "url": case_url(row),
                "sign_url": reverse("admin:prepaid_runoff_act", args=[row.pk, step]),
                "return_url": reverse("admin:prepaid_runoff_act", args=[row.pk, back]),
            }
        )
    return found


def figures(by: Actor, today: date) -> dict[str, Any]:
    """The district's figures: locked money and its last 30 days, merchants, this month's refunds. One query."""
    cards, shops = Contract.objects.visible_to(by), Merchant.objects.visible_to(by).public()
    refunds = Refund.objects.visible_to(by).filter(status=Refund.Status.PAID, paid_on__gte=today.replace(day=1))
    told = _figure("locked", cards, Sum("account__row_balance_fen")).union(
        _figure("refunded", refunds, Sum("amount_fen")),
        _figure("refunds", refunds, Count("pk")),
        _figure("merchants", shops, Count("pk")),
        _moved(cards.values("account"), today),
        all=True,
    )
    found = {(row["what"], row["day"]): row["n"] or 0 for row in told}
    locked = found.get(("locked", None), 0)
    trend = locked_trend(locked, {day: n for (what, day), n in found.items() if what == "moved"}, today)
    change = (locked - trend[0]) * 100 / trend[0] if trend[0] else None
    return {
        "locked_fen": locked,
        "change": change,
        "spark": spark(trend),
        "merchants": found.get(("merchants", None), 0),
        "refunded_fen": found.get(("refunded", None), 0),
        "refunds": found.get(("refunds", None), 0),
    }


def _figure(name: str, rows: QuerySet[Any], figure: Any) -> Any:
    named = rows.order_by().annotate(what=Value(name), day=Cast(Value(None, DateField()), DateField()))
    return named.values("what", "day").annotate(n=figure).values("what", "day", "n")


def _moved(cards: Any, today: date) -> Any:
    """What the given card accounts gained on each of the last 30 days."""
    sign = Case(When(kind__in=RISING, then=F("amount_fen")), default=Value(0) - F("amount_fen"))
    moved = Transfer.objects.filter(kind__in=(*RISING, *FALLING), biz_date__gt=today - timedelta(days=TREND_DAYS))
    named = moved.filter(card_side(cards)).order_by().annotate(what=Value("moved"), day=F("biz_date"))
    return named.values("what", "day").annotate(n=Sum(sign)).values("what", "day", "n")


def locked_trend(locked_fen: int, by_day: Mapping[date, int], today: date) -> list[int]:
    """Locked money at the end of each of the last 30 days, counted back from now by the ledger's movements."""
    trend = [locked_fen]
    for n in range(TREND_DAYS):
        trend.append(trend[-1] - by_day.get(today - timedelta(days=n), 0))
    return trend[::-1]


def card_side(cards: Any) -> Q:
    """Movements of one of the given card accounts, whichever side it stands on."""
    return Q(kind__in=RISING, credit__in=cards) | Q(kind__in=FALLING, debit__in=cards)


def spark(values: list[int]) -> str:
    """The points of a small line in a box of 100 by 28."""
    low, high = min(values), max(values)
    span = high - low or 1
    step = 100 / max(len(values) - 1, 1)
    return " ".join(f"{n * step:.1f},{26 - 22 * (value - low) / span:.1f}" for n, value in enumerate(values))


def summary(items: list[Item], today: date) -> dict[str, Any]:
    """The list of what is due, and how much of it is late, due today, or due within three days."""
    return {
        "items": items,
        "late": sum(item.face.level == "late" for item in items),
        "today_due": sum(item.day == today and item.face.level != "late" for item in items),
        "soon": sum(today < item.day <= today + timedelta(days=SOON_DAYS) for item in items),
    }


def index_context(request: HttpRequest, n: Mapping[str, int]) -> dict[str, Any]:
    """Everything on the workbench that the frame has not read already; ``n`` are its counts."""
    by = Actor.of(request)
    now = local(timezone.now())
    today = now.date()
    signed = to_sign(by, n)
    return {
        "title": "工作台",
        **summary(due_items(by, signed, n), today),
        "now": now,
        "weekday": "一二三四五六日"[now.weekday()],
        "day_note": _day_note(today),
        "second": all_signatures(by, signed, n),
        "figures": figures(by, today),
    }


def _day_note(today: date) -> str:
    """Whether today is a working day, and why not."""
    days = calendar()
    if days.is_working(today):
        return "工作日"
    return days.holiday(today) or "休息日"
