"""Signatures under the terms, and the guardian who signs for a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, WrongState
from core.models import User
from core.permissions import require
from prepaid.models import Contract, ContractUser, Guardianship, Signature
from prepaid.models.signatures import ADULT_AGE, NAMELESS_AGE


@dataclass(frozen=True)
class Child:
    """The minor a card is for: name and birthday, and whose child it is."""

    name: str
    born_on: date
    relation: str


def put_signature(contract: Contract, party: str, method: str, *, by: Actor) -> Signature:
    """Write down that ``by`` agreed to the contract's terms as they stand now."""
    return Signature.objects.create(
        contract=contract, party=party, signer=by.user, terms_hash=contract.terms_hash, method=method,
        signed_at=timezone.now(),
    )  # fmt: skip


def stand_for(contract: Contract, child: Child, on: date, *, by: Actor) -> Guardianship:
    """Put the child and its guardian (the holder) on the contract. Raises Invalid. The contract is locked or new."""
    wrong = {}
    if not child.name.strip():
        wrong["child_name"] = "填孩子的姓名，页面和单据上只显示拼音首字母"
    if child.relation not in Guardianship.Relation.values:
        wrong["relation"] = "选与孩子的关系"
    row = Guardianship(contract=contract, guardian=contract.holder, relation=child.relation)
    row.child_name, row.born_on = child.name.strip()[:40], child.born_on.isoformat()
    if not 0 <= row.age_on(on) < ADULT_AGE:
        wrong["born_on"] = f"填孩子的出生日期；已满 {ADULT_AGE} 岁的由本人签约，不用监护人"
    if wrong:
        raise Invalid(fields=wrong)
    row.save()
    # No name, no birthday: only whether the strictest rule applies.
    record("contract.guardian", contract, by=by, guardian=contract.holder_id, under_14=row.age_on(on) < NAMELESS_AGE)
    return row


@transaction.atomic
def name_guardian(
    contract_id: int, guardian_phone: str, child: Child, *, by: Actor, on: date | None = None
) -> Contract:
    """A minor who was offered a card names the guardian, who becomes the party and signs instead (第10条).

    The minor stays as somebody who may use the card. Raises WrongState once signed, Invalid.
    """
    contract = Contract.objects.locked(contract_id)
    require(by, "prepaid.name_guardian", contract)
    if contract.status != Contract.Status.OFFERED:
        raise WrongState("只有还没签约的合同可以改由监护人签")
    minor = contract.holder
    guardian = User.objects.enrol(guardian_phone)
    if guardian.pk == minor.pk:
        raise Invalid(fields={"guardian_phone": "填监护人自己的手机号，不能和您的一样"})
    contract.holder = guardian
    if contract.payer_id == minor.pk:
        contract.payer = guardian
    contract.save(update_fields=["holder", "payer"])
    row = stand_for(contract, child, on or business_date(), by=by)
    ContractUser.objects.get_or_create(contract=contract, user=minor)
    if row.age_on(on or business_date()) < NAMELESS_AGE and minor.name:
        # A list or an export names users by their account: the account of a small child has no name.
        minor.name = ""
        minor.save(update_fields=["name_ct"])
    messages.text_user(
        guardian,
        f"您的孩子在{contract.merchant.brand_name}办卡「{contract.plan.name}」，要您同意才有效。"
        f"请登录{settings.PORTAL_NAME}，在“我的预付”里看清条款再决定。",
        key=f"contract:{contract.pk}:guardian",
    )
    return contract
