"""A consumer has died: the heir asks with papers, two officers check, the cards go over and are refunded by law.

What the heir types tells nobody whether the person held a card: that only the officer sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import messages
from core.actions import purpose_of_unmask
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, PortalError, WrongState
from core.identifiers import clean_phone, clean_public_code
from core.models import StoredFile, User
from core.permissions import require
from merchants.models import Merchant
from prepaid.actions.assignments import hand_on
from prepaid.actions.legacy_cards import ask_legacy_refund
from prepaid.actions.refunds import order_refund
from prepaid.actions.settlings import refund_by_law
from prepaid.actions.warnings import reason_of
from prepaid.models import Assignment, Contract, HeirCard, HeirClaim, HeirDocument, LegacyCard, Refund
from prepaid.models.contracts import ContractQuerySet
from prepaid.models.heirs import HEIR_CLAIM_LIFECYCLE

NEEDED = (HeirDocument.Kind.DEATH, HeirDocument.Kind.KINSHIP, HeirDocument.Kind.IDENTITY)
MOST_DOCUMENTS = 12
CAUSE = "持卡人去世，继承人申请，按法律退款"
LIVE = (Contract.Status.ACTIVE, Contract.Status.PAUSED)
OPEN_LEGACY = ("UNCONFIRMED", "CONFIRMED", "DISPUTED", "REFUNDING")


@transaction.atomic
def claim_as_heir(merchant_id: int, data: Mapping[str, Any], *, by: Actor) -> HeirClaim:
    """Begin a request for the cards somebody who died held in a shop; papers follow, then it is handed in.

    ``data``: deceased_name, deceased_phone or contract_code, relation, wish, own_name, text. Raises Invalid,
    NotFound, WrongState.
    """
    require(by, "prepaid.claim_as_heir")
    assert by.user is not None
    merchant = Merchant.objects.filter(pk=merchant_id).exclude(status__in=["DRAFT", "SUBMITTED"]).first()
    if merchant is None:
        raise NotFound
    User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
    if HeirClaim.objects.open().filter(merchant=merchant, heir=by.user).exists():
        raise WrongState("您在这家店已有一件继承办理，请先办完或撤回")
    claim = HeirClaim(merchant=merchant, heir=by.user)
    _fill(claim, data)
    _name_heir(by.user, str(data.get("own_name", "")))
    claim.save()
    record("heir_claim.begin", claim, by=by, merchant=merchant.pk, wish=claim.wish)
    return claim


def _fill(claim: HeirClaim, data: Mapping[str, Any]) -> None:
    name, phone = "".join(str(data["deceased_name"]).split()), str(data.get("deceased_phone", "")).strip()
    code = clean_public_code(str(data.get("contract_code", "")))
    faults = {}
    if not 2 <= len(name) <= 40:
        faults["deceased_name"] = "填逝者的姓名"
    if not phone and not code:
        faults["deceased_phone"] = "填逝者办卡的手机号，或合同编号，知道一个就行"
    if data["relation"] not in HeirClaim.Relation.values:
        faults["relation"] = "选与逝者的关系"
    if data["wish"] not in HeirClaim.Wish.values:
        faults["wish"] = "选退款还是转给您"
    if faults:
        raise Invalid(fields=faults)
    claim.relation, claim.wish, claim.text = data["relation"], data["wish"], str(data.get("text", "")).strip()[:300]
    claim.deceased_name, claim.contract_code = name, code[:16]
    claim.deceased_phone = clean_phone(phone) if phone else ""
    claim.holder = _holder(claim)


def _holder(claim: HeirClaim) -> User | None:
    """The person whose name and phone, or name and contract, were given; nobody else."""
    found = User.objects.by_phone(claim.deceased_phone) if claim.deceased_phone else None
    if found is None and claim.contract_code:
        contract = Contract.objects.filter(code=claim.contract_code, merchant=claim.merchant_id).first()
        found = contract.holder if contract else None
    if found is None or found.pk == claim.heir_id or found.name != claim.deceased_name:
        return None
    return found


def _name_heir(heir: User, name: str) -> None:
    """The heir's own name is kept once: the money goes to an account of that name only."""
    name = "".join(name.split())
    if heir.name:
        if name and name != heir.name:
            raise Invalid(fields={"own_name": "和您已登记的姓名不一致"})
        return
    if not (2 <= len(name) <= 40 and name.replace("·", "").isalpha()):
        raise Invalid(fields={"own_name": "填您本人的真实姓名，和身份证一致；退款只打到您本人的账户"})
    heir.name = name
    heir.save(update_fields=["name_ct"])


@transaction.atomic
def add_heir_document(claim_id: int, kind: str, file: StoredFile, *, by: Actor) -> HeirDocument:
    """Put a paper to a request that was not handed in yet, or was returned."""
    claim = HeirClaim.objects.locked(claim_id)
    require(by, "prepaid.change_heirclaim", claim)
    HEIR_CLAIM_LIFECYCLE.check("submit", claim)
    if kind not in HeirDocument.Kind.values:
        raise Invalid(fields={"kind": "选材料的种类"})
    if claim.documents.count() >= MOST_DOCUMENTS:
        raise Invalid(f"最多 {MOST_DOCUMENTS} 份材料，请合并成一个 PDF")
    row = HeirDocument.objects.create(claim=claim, kind=kind, file=file)
    record("heir_claim.add_document", claim, by=by, kind=kind, sha256=file.sha256)
    return row


@transaction.atomic
def submit_heir_claim(claim_id: int, *, by: Actor) -> HeirClaim:
    """Hand it in, with the three papers. Raises Invalid with what is missing."""
    claim = HeirClaim.objects.locked(claim_id)
    require(by, "prepaid.change_heirclaim", claim)
    HEIR_CLAIM_LIFECYCLE.move("submit", claim)
    there = set(claim.documents.values_list("kind", flat=True))
    missing = {kind.value.lower(): f"上传{kind.label}" for kind in NEEDED if kind not in there}
    if missing:
        raise Invalid("还缺材料", fields=missing)
    claim.submitted_at, claim.finding = timezone.now(), ""
    claim.save()
    record("heir_claim.submit", claim, by=by)
    return claim


@transaction.atomic
def withdraw_heir_claim(claim_id: int, *, by: Actor) -> HeirClaim:
    """The heir takes it back."""
    return _end(claim_id, "withdraw", "", by=by)


@transaction.atomic
def send_back_heir_claim(claim_id: int, reason: str, *, by: Actor) -> HeirClaim:
    """The officer returns it with what is missing. Raises Invalid without a reason."""
    return _end(claim_id, "send_back", reason_of(reason), by=by)


@transaction.atomic
def reject_heir_claim(claim_id: int, reason: str, *, by: Actor) -> HeirClaim:
    """The officer finds that the papers do not carry it. Raises Invalid without a reason."""
    return _end(claim_id, "reject", reason_of(reason), by=by)


@transaction.atomic
def check_heir_claim(claim_id: int, reason: str, *, by: Actor) -> HeirClaim:
    """The first officer compared papers, names and cards; a second one decides. Raises WrongState without a match."""
    claim = HeirClaim.objects.locked(claim_id)
    require(by, "prepaid.check_heirclaim", claim)
    HEIR_CLAIM_LIFECYCLE.move("check", claim)
    if claim.holder is None or not (cards_of_claim(claim).exists() or legacy_of_claim(claim)):
        raise WrongState("姓名和手机号（或合同编号）没有对上这家店的卡，请退回让继承人核对")
    claim.finding, claim.checked_by, claim.checked_at = reason_of(reason), by.user, timezone.now()
    claim.save()
    # Should the papers be false, whoever holds the phone hears of it before a second officer signs.
    messages.text_user(
        claim.holder,
        f"有人以您继承人的身份，申请办理您在{claim.merchant.brand_name}的卡。您本人收到这条短信的，请马上拨12315。",
        key=f"heir_claim:{claim.pk}:holder:{claim.checked_at.isoformat()}",
    )
    record("heir_claim.check", claim, by=by, reason=claim.finding)
    return claim


def _end(claim_id: int, step: str, finding: str, *, by: Actor) -> HeirClaim:
    claim = HeirClaim.objects.locked(claim_id)
    require(by, HEIR_CLAIM_LIFECYCLE.steps[step].permission, claim)
    HEIR_CLAIM_LIFECYCLE.move(step, claim)
    claim.finding = finding or claim.finding
    if step != "send_back":
        claim.ended_at = timezone.now()
    claim.save()
    record(f"heir_claim.{step}", claim, by=by, reason=finding)
    if finding:
        said = "需要补材料" if step == "send_back" else "没有通过"
        key = f"heir_claim:{claim.pk}:{step}:{timezone.now().isoformat()}"
        messages.text_user(claim.heir, f"您在{claim.merchant.brand_name}的继承办理{said}，请登录查看。", key=key)
    return claim


def cards_of_claim(claim: HeirClaim) -> ContractQuerySet:
    """The contracts a request is about: in use, or refunded to an account that does not work."""
    rows = Contract.objects.filter(merchant=claim.merchant_id, holder=claim.holder_id)
    bounced = Refund.objects.filter(contract__in=rows, status=Refund.Status.PAYOUT_FAILED).values("contract")
    found: ContractQuerySet = rows.filter(status__in=LIVE) | rows.filter(pk__in=bounced)
    return found


def legacy_of_claim(claim: HeirClaim) -> list[LegacyCard]:
    """The old cards a request is about."""
    found = LegacyCard.objects.filter(merchant=claim.merchant_id, holder=claim.holder_id, status__in=OPEN_LEGACY)
    return list(found.order_by("pk"))


@transaction.atomic
def approve_heir_claim(claim_id: int, *, by: Actor, on: date | None = None) -> HeirClaim:
    """The second officer signs: every card goes to the heir, and by their wish is refunded.

    The cause is not the consumer's (法释〔2025〕4号第18条); the money waits for the heir's own account, which the
    heir names. What cannot be refunded now stays with the heir as a card, with the reason.
    """
    seen = HeirClaim.objects.filter(pk=claim_id).first()
    if seen is None:
        raise NotFound
    contracts = Contract.objects.locked_all(list(cards_of_claim(seen).values_list("pk", flat=True)))
    legacy = LegacyCard.objects.locked_all([card.pk for card in legacy_of_claim(seen)])
    claim = HeirClaim.objects.locked(claim_id)
    require(by, "prepaid.approve_heirclaim", claim)
    HEIR_CLAIM_LIFECYCLE.move("approve", claim)
    claim.approved_by, claim.ended_at = by.user, timezone.now()
    claim.save()
    record("heir_claim.approve", claim, by=by, cards=len(contracts), legacy=len(legacy))
    for contract in contracts:
        _inherit(claim, contract, by=by, on=on or business_date())
    for card in legacy:
        _inherit_legacy(claim, card, by=by)
    messages.text_user(
        claim.heir,
        f"您在{claim.merchant.brand_name}的继承办理已通过：{len(contracts) + len(legacy)}张卡归您。"
        + ("请登录填写您本人的收款账户。" if claim.wish == HeirClaim.Wish.REFUND else "请登录查看。"),
        key=f"heir_claim:{claim.pk}:approved",
    )
    return claim


def _inherit(claim: HeirClaim, contract: Contract, *, by: Actor, on: date) -> None:
    """The card goes over; by the heir's wish it is refunded, ordered by the officer. The contract is locked."""
    hand_on(contract, claim.heir, Assignment.Kind.INHERITED, by=by)
    row = HeirCard(claim=claim, contract=contract)
    if claim.wish == HeirClaim.Wish.REFUND and contract.status in LIVE:
        try:
            with transaction.atomic():
                heir = Actor.of_user(claim.heir, acting_role="by_law")
                refund = refund_by_law(contract, CAUSE, by=heir, on=on)
                if refund.status == Refund.Status.REQUESTED:
                    refund = order_refund(refund.pk, f"继承办理 {claim.code}", by=by, on=on)
                row.refund = refund
        except PortalError as error:
            row.trouble = ("；".join(error.fields.values()) or error.message)[:200]
    row.save()


def _inherit_legacy(claim: HeirClaim, card: LegacyCard, *, by: Actor) -> None:
    """An old card goes over; nothing of it is locked, so its refund is the shop's to pay."""
    before, card.holder = card.holder_id, claim.heir
    card.save(update_fields=["holder"])
    record("legacy_card.new_holder", card, by=by, before=before, claim=claim.code)
    row = HeirCard(claim=claim, legacy_card=card)
    if claim.wish == HeirClaim.Wish.REFUND and card.status == LegacyCard.Status.CONFIRMED:
        try:
            with transaction.atomic():
                ask_legacy_refund(card.pk, by=Actor.of_user(claim.heir, acting_role="by_law"))
        except PortalError as error:
            row.trouble = error.message[:200]
    row.save()


@transaction.atomic
def unmask_heir_claim(claim_id: int, purpose: str, *, by: Actor) -> list[tuple[str, str]]:
    """Names and phones in full for the officer who compares them; the purpose goes into the audit."""
    claim = HeirClaim.objects.locked(claim_id)
    require(by, "prepaid.check_heirclaim", claim)
    purpose = purpose_of_unmask(purpose, by=by)
    record("heir_claim.unmask", claim, by=by, purpose=purpose)
    return [
        ("逝者姓名", claim.deceased_name),
        ("逝者手机号", claim.deceased_phone.removeprefix("+86")),
        ("继承人姓名", claim.heir.name),
        ("继承人手机号", claim.heir.phone.removeprefix("+86")),
    ]
