"""Filing as an issuer of prepaid cards (备案), its changes and end, and the quarterly reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.clocks import cn_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import StoredFile
from core.money import MAX_FEN
from core.permissions import require
from merchants.models import Merchant
from prepaid.filing_facts import Known, known_of, need_of, quarter_figures
from prepaid.models import Filing, FilingDocument, FilingReport, IssuerClass
from prepaid.models.filings import FILING_LIFECYCLE, FILING_REPORT_LIFECYCLE

FIELDS = ("issuer_class", "started_on", "revenue_fen", "capital_fen", "group_name", "custody_bank", "statement")
DECISIONS = {"REQUIRED": "require", "EXEMPT_ESCROW": "exempt", "NOT_REQUIRED": "release"}
MOST_DOCUMENTS = 20
# Classes whose filing rests on declared figures and a custody agreement (试行办法第7、26、27条).
WITH_CUSTODY = (IssuerClass.GROUP, IssuerClass.BRAND, IssuerClass.SCALE)


@transaction.atomic
def decide_filing(merchant_id: int, *, by: Actor, on: date) -> Filing | None:
    """What the rules say of a merchant today becomes the state of its filing; None where nothing is to be said.

    The merchant is told when it must file. A filing that is handed in or accepted is left alone.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.decide_filing", merchant)
    known = known_of(merchant_id)
    if known is None:
        return None
    need = need_of(known, on)
    filing = Filing.objects.filter(merchant=merchant).first()
    if filing is None:
        if need.status == Filing.Status.NOT_REQUIRED:
            return None
        filing = Filing(merchant=merchant)
    before = filing.status if filing.pk else Filing.Status.NOT_REQUIRED
    standing = Filing.Status.REQUIRED if before == Filing.Status.OVERDUE else before
    if before in (Filing.Status.FILED, Filing.Status.ACCEPTED, Filing.Status.CHANGED):
        return filing
    if standing != need.status:
        if filing.status == Filing.Status.CANCELLED and need.status == Filing.Status.NOT_REQUIRED:
            return filing
        FILING_LIFECYCLE.move(DECISIONS[need.status], filing)
    filing.need, filing.rule_pack = need.as_rows(), need.pack or filing.rule_pack
    if need.status != Filing.Status.REQUIRED:
        filing.required_on = filing.due_on = None
        filing.due_clock = ""
    elif need.deadline and (filing.due_on is None or standing != need.status):
        filing.required_on, filing.due_on = need.since, need.deadline.due
        filing.due_clock = need.deadline.explain()[:400]
    filing.save()
    if need.status != standing:
        record("filing.decide", filing, by=by, status=filing.status, due=filing.due_on)
        if filing.status == Filing.Status.REQUIRED and filing.due_on:
            due = cn_date(filing.due_on, on)
            _tell(filing, f"按规定要办理单用途卡备案，请在 {due} 前到商家端“备案”提交", f"due:{filing.due_on}")
    return lapse_filing(filing.pk, by=by, on=on) if filing.status == Filing.Status.REQUIRED else filing


def needs_decision(known: Known, on: date) -> bool:
    """Whether the job has anything to write for a merchant: pure, so that millions of days cost no write."""
    need = need_of(known, on)
    if known.status in (Filing.Status.FILED, Filing.Status.ACCEPTED, Filing.Status.CHANGED):
        return False
    if need.status == Filing.Status.NOT_REQUIRED and known.status in ("", "NOT_REQUIRED", "CANCELLED"):
        return False
    standing = Filing.Status.REQUIRED if known.status == Filing.Status.OVERDUE else known.status
    if standing != need.status:
        return True
    # A filing that was handed in unasked and returned has no day yet.
    return known.status == Filing.Status.REQUIRED and (known.due_on is None or known.due_on < on)


def is_new_exempt(known: Known, on: date) -> bool:
    """Whether a merchant without a filing needs none because all its money is in escrow."""
    return known.filing_id is None and need_of(known, on).status == Filing.Status.EXEMPT_ESCROW


@transaction.atomic
def open_exempt(chunk: Sequence[Known], *, by: Actor, on: date) -> int:
    """Write down at once, for many merchants, that full escrow exempts them; how many. Safe to repeat."""
    require(by, "prepaid.decide_filing")
    fresh = [known for known in chunk if is_new_exempt(known, on)]
    needs = ((known, need_of(known, on)) for known in fresh)
    exempt = Filing.Status.EXEMPT_ESCROW
    rows = [
        Filing(merchant_id=known.merchant_id, status=exempt, need=need.as_rows(), rule_pack=need.pack)
        for known, need in needs
    ]
    return len(Filing.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000))


@transaction.atomic
def lapse_filing(filing_id: int, *, by: Actor, on: date) -> Filing:
    """A filing whose day has passed is overdue, which everybody may see."""
    filing = Filing.objects.locked(filing_id)
    require(by, "prepaid.decide_filing", filing)
    if filing.status != Filing.Status.REQUIRED or filing.due_on is None or filing.due_on >= on:
        return filing
    FILING_LIFECYCLE.move("lapse", filing)
    filing.save(update_fields=["status"])
    record("filing.lapse", filing, by=by, due=filing.due_on)
    _tell(filing, "备案已经逾期，公示页显示“逾期未备案”，请尽快到商家端“备案”提交", f"late:{filing.due_on}")
    return filing


@transaction.atomic
def save_filing(merchant_id: int, data: Mapping[str, Any], *, by: Actor) -> Filing:
    """Keep what the merchant typed so far; once accepted, the same call declares a change. Raises Invalid."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_filing", merchant)
    if merchant.status not in (Merchant.Status.ACTIVE, Merchant.Status.RESTRICTED):
        raise WrongState("商家还没有通过审核，先办完入驻")
    filing = Filing.objects.filter(merchant=merchant).first() or Filing(merchant=merchant)
    given = {name: data[name] for name in FIELDS if name in data}
    _check_fields(merchant, given)
    if filing.stands:
        return _change(filing, given, by=by)
    if filing.status == Filing.Status.FILED:
        raise WrongState("备案正在受理，退回或受理后才能修改")
    for name, value in given.items():
        setattr(filing, name, value)
    filing.save()
    record("filing.save", filing, by=by)
    return filing


def _check_fields(merchant: Merchant, given: Mapping[str, Any]) -> None:
    wrong: dict[str, str] = {}
    if "issuer_class" in given:
        own = given["issuer_class"] == IssuerClass.INDIVIDUAL
        if given["issuer_class"] not in IssuerClass.values:
            wrong["issuer_class"] = "选一个类别"
        elif own != (merchant.kind == Merchant.Kind.INDIVIDUAL):
            wrong["issuer_class"] = "营业执照上是个体工商户的选「个体工商户」，是企业的选其他四类"
    for name in ("revenue_fen", "capital_fen"):
        if given.get(name) is not None and not 0 <= given[name] <= MAX_FEN:
            wrong[name] = "金额不能小于 0，也不能过大"
    for name, most in (("group_name", 60), ("custody_bank", 60), ("statement", 500)):
        if len(str(given.get(name) or "")) > most:
            wrong[name] = f"最多 {most} 个字"
    if wrong:
        raise Invalid(fields=wrong)


def _change(filing: Filing, given: Mapping[str, Any], *, by: Actor) -> Filing:
    """What was accepted stays in force and on view until an officer accepts the change."""
    if filing.status == Filing.Status.CHANGED:
        raise WrongState("上一次变更还在受理，办完再报")
    changed = {name: value for name, value in given.items() if value != getattr(filing, name)}
    if not changed:
        raise Invalid("和已备案的内容一样，没有要变更的")
    trial = Filing(**{name: changed.get(name, getattr(filing, name)) for name in FIELDS})
    _complete(filing.merchant, trial, documents=filing)
    FILING_LIFECYCLE.move("change", filing)
    filing.pending = {name: _as_json(value) for name, value in changed.items()}
    filing.filed_by, filing.filed_on, filing.return_reason = by.user, business_date(), ""
    filing.save()
    record("filing.change", filing, by=by, fields=sorted(changed))
    return filing


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _complete(merchant: Merchant, filing: Filing, *, documents: Filing) -> None:
    """Raise Invalid with everything that the class of issuer still has to declare or show."""
    wrong: dict[str, str] = {}
    if not filing.issuer_class:
        wrong["issuer_class"] = "选一个发卡企业类别"
    if filing.started_on is None:
        wrong["started_on"] = "填开始卖卡的日期"
    if not filing.statement.strip():
        wrong["statement"] = "写明卖哪些卡、在哪些门店用、怎样退款"
    if filing.issuer_class in (IssuerClass.GROUP, IssuerClass.BRAND) and not filing.group_name.strip():
        wrong["group_name"] = "填集团或品牌名称"
    if filing.issuer_class in WITH_CUSTODY:
        if filing.revenue_fen is None:
            wrong["revenue_fen"] = "填上一年主营业务收入，没有填 0"
        if filing.capital_fen is None:
            wrong["capital_fen"] = "填注册资本"
        if not filing.custody_bank.strip():
            wrong["custody_bank"] = "填资金存管银行"
    shown = set(documents.documents.values_list("kind", flat=True)) if documents.pk else set()
    if merchant.licence_file_id:
        shown.add(FilingDocument.Kind.LICENCE)
    needed = [FilingDocument.Kind.LICENCE]
    if filing.issuer_class in WITH_CUSTODY:
        needed.append(FilingDocument.Kind.CUSTODY_AGREEMENT)
    missing = [kind.label for kind in needed if kind.value not in shown]
    if missing:
        wrong["documents"] = f"还缺材料：{'、'.join(missing)}"
    if wrong:
        raise Invalid(fields=wrong)


@transaction.atomic
def add_document(merchant_id: int, kind: str, file: StoredFile, *, by: Actor) -> FilingDocument:
    """Put a piece of evidence to a filing (``file`` came through core.uploads)."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_filing", merchant)
    if kind not in FilingDocument.Kind.values:
        raise Invalid(fields={"kind": "选材料的种类"})
    filing = Filing.objects.filter(merchant=merchant).first() or Filing.objects.create(merchant=merchant)
    if filing.status == Filing.Status.FILED:
        raise WrongState("备案正在受理，退回后才能换材料")
    if filing.documents.count() >= MOST_DOCUMENTS:
        raise WrongState(f"最多 {MOST_DOCUMENTS} 份材料，先删去不用的")
    document = FilingDocument.objects.create(filing=filing, kind=kind, file=file)
    record("filing.add_document", filing, by=by, document=document.pk, what=document.get_kind_display())
    return document


@transaction.atomic
def drop_document(merchant_id: int, document_id: int, *, by: Actor) -> Filing:
    """Take a piece of evidence back while nothing of it is handed in."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_filing", merchant)
    document = FilingDocument.objects.filter(pk=document_id, filing__merchant=merchant).first()
    if document is None:
        raise NotFound
    filing = document.filing
    if filing.status == Filing.Status.FILED or filing.stands:
        raise WrongState("已经提交的材料不能删去，可以再传一份新的")
    record("filing.drop_document", filing, by=by, what=document.get_kind_display())
    document.delete()
    return filing


@transaction.atomic
def submit_filing(merchant_id: int, *, by: Actor, on: date | None = None) -> Filing:
    """Hand the filing in; an officer accepts it or returns it with what is missing. Raises Invalid with the gaps."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.change_filing", merchant)
    filing = Filing.objects.filter(merchant=merchant).first()
    if filing is None:
        raise WrongState("先填写备案表")
    FILING_LIFECYCLE.check("file", filing)
    _complete(merchant, filing, documents=filing)
    FILING_LIFECYCLE.move("file", filing)
    filing.filed_on, filing.filed_by, filing.return_reason = on or business_date(), by.user, ""
    filing.accepted_by = filing.accepted_on = filing.cancelled_on = None
    filing.save()
    record("filing.file", filing, by=by, late=bool(filing.due_on and filing.filed_on > filing.due_on))
    return filing


@transaction.atomic
def accept_filing(filing_id: int, *, by: Actor, on: date | None = None) -> Filing:
    """Put a filing, or a change of one, on record; the badge is public at once. Never by whoever handed it in."""
    filing = _locked(filing_id)
    require(by, "prepaid.accept_filing", filing)
    FILING_LIFECYCLE.move("accept", filing)
    if by.user is not None and by.user.pk == filing.filed_by_id:
        raise WrongState("不能受理自己提交的备案，请换一位人员")
    day = on or business_date()
    for name, value in filing.pending.items():
        setattr(filing, name, date.fromisoformat(value) if name == "started_on" and value else value)
    changed, filing.pending = sorted(filing.pending), {}
    filing.number = filing.number or f"{filing.merchant.region_id[:6]}-{day.year}-{filing.pk:06d}"
    filing.accepted_by, filing.accepted_on = by.user, day
    filing.save()
    record("filing.accept", filing, by=by, number=filing.number, fields=changed)
    _tell(filing, f"单用途卡备案已办好，编号 {filing.number}，已在公示页显示", f"accepted:{day}:{len(changed)}")
    return filing


@transaction.atomic
def return_filing(filing_id: int, reason: str, *, by: Actor, on: date | None = None) -> Filing:
    """Send a filing back with what is missing (the due day stays), or a change, which then does not happen."""
    filing = _locked(filing_id)
    require(by, "prepaid.accept_filing", filing)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明要补什么，至少 5 个字"})
    step = "refuse_change" if filing.status == Filing.Status.CHANGED else "send_back"
    FILING_LIFECYCLE.move(step, filing)
    filing.return_reason, filing.pending = reason.strip()[:300], {}
    filing.save()
    record(f"filing.{step}", filing, by=by, reason=filing.return_reason)
    _tell(filing, f"备案需要补正：{filing.return_reason}", f"returned:{filing.filed_on}:{step}")
    return filing


@transaction.atomic
def cancel_filing(filing_id: int, reason: str, *, by: Actor, on: date | None = None) -> Filing:
    """End a filing of an issuer that owes its cards nothing any more. Raises WrongState while money stands open."""
    filing = _locked(filing_id)
    require(by, "prepaid.cancel_filing", filing)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明注销的理由，至少 5 个字"})
    known = known_of(filing.merchant_id)
    if known is not None and known.facts.balance_fen:
        raise WrongState("还有没消费完的预付款，全部履约或退款以后才能注销备案")
    FILING_LIFECYCLE.move("cancel", filing)
    filing.cancelled_on, filing.pending = on or business_date(), {}
    filing.required_on = filing.due_on = None
    filing.save()
    record("filing.cancel", filing, by=by, reason=reason.strip()[:300])
    return filing


@transaction.atomic
def open_report(merchant_id: int, quarter_end: date, due_on: date, basis: str, *, by: Actor, on: date) -> FilingReport:
    """Make the report a merchant owes for a quarter, filled in from the ledger; once due it is late."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "prepaid.decide_filing", merchant)
    report, made = FilingReport.objects.get_or_create(
        merchant=merchant,
        quarter_end=quarter_end,
        defaults={"due_on": due_on, "basis": basis[:80], "figures": quarter_figures(merchant_id, quarter_end)},
    )
    if made:
        record("filing_report.open", report, by=by, due=due_on)
    if report.status == FilingReport.Status.DUE and report.due_on < on:
        FILING_REPORT_LIFECYCLE.move("lapse", report)
        report.save(update_fields=["status"])
        record("filing_report.lapse", report, by=by, due=report.due_on)
    return report


@transaction.atomic
def submit_report(report_id: int, *, by: Actor, remark: str = "", on: date | None = None) -> FilingReport:
    """The merchant confirms the ledger's figures of the quarter, with a remark; counted afresh at this moment."""
    seen = FilingReport.objects.filter(pk=report_id).first()
    if seen is None:
        raise NotFound
    merchant, report = lock_in_order((Merchant, seen.merchant_id), (FilingReport, report_id))
    require(by, "prepaid.change_filing", report)
    FILING_REPORT_LIFECYCLE.move("submit", report)
    report.figures = quarter_figures(merchant.pk, report.quarter_end)
    report.remark, report.submitted_by, report.submitted_on = remark.strip()[:300], by.user, on or business_date()
    report.save()
    record("filing_report.submit", report, by=by, late=report.was_late)
    return report


def _locked(filing_id: int) -> Filing:
    """The filing, its merchant locked first."""
    seen = Filing.objects.filter(pk=filing_id).first()
    if seen is None:
        raise NotFound
    filing: Filing = lock_in_order((Merchant, seen.merchant_id), (Filing, filing_id))[1]
    return filing


def _tell(filing: Filing, text: str, what: str) -> None:
    messages.text_user(
        filing.merchant.registered_by, f"{filing.merchant.brand_name}：{text}。", key=f"filing:{filing.pk}:{what}"
    )
