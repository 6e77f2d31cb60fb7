"""Signs that a complaint may not be a consumer's (第17条): hints for the officer, who decides; they decide nothing.

Pure rules on facts, and the reader of those facts. Nobody but officers who handle the case is shown them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from complaints.models import Complainant, Complaint, MaliceFlag
from core.clocks import local
from core.rule_packs import rules
from prepaid.models import Contract

WINDOW = timedelta(days=30)
# Where the rules of its day say nothing, nothing is conspicuous.
NEVER = 10**9


@dataclass(frozen=True)
class Facts:
    """What is known of the person behind a complaint, in counts."""

    complaints_30d: int
    shops_30d: int
    shared_phone: int
    same_words_30d: int
    has_contract: bool
    visits: int
    upheld_flags: int


@dataclass(frozen=True)
class Hint:
    """One sign: what was seen, and which factor of the law it belongs to."""

    text: str
    basis: str


def hints(facts: Facts, *, many: int, shared: int) -> list[Hint]:
    """The signs in ``facts``. ``many`` complaints in 30 days and ``shared`` people on one phone are conspicuous."""
    found = []
    if facts.complaints_30d >= many:
        found.append(
            Hint(
                f"同一号码 30 天内投诉 {facts.complaints_30d} 件，涉及 {facts.shops_30d} 家店",
                "第17条第1项 数量、频次",
            )
        )
    if facts.same_words_30d >= many:
        found.append(Hint(f"30 天内有 {facts.same_words_30d} 件投诉写法相同", "第17条第2项 批量、串通"))
    if not facts.has_contract:
        found.append(Hint("没有找到这位投诉人和这家店的合同或消费", "第17条第3项 没有真实消费"))
    elif not facts.visits:
        found.append(Hint("有合同，还没有消费过", "第17条第3项 没有真实消费"))
    if facts.shared_phone >= shared:
        found.append(Hint(f"{facts.shared_phone} 个不同姓名用同一个号码投诉", "第17条第4项 共用电话、地址"))
    if facts.upheld_flags:
        found.append(Hint(f"此前有 {facts.upheld_flags} 件被认定恶意投诉", "第17条第5项 其他"))
    return found


def figures(region_code: str, received_on: object) -> Mapping[str, int]:
    """The figures of the day it was received."""
    known = rules(region_code, received_on)  # type: ignore[arg-type]
    keys = {"many": "hint.complaints_30d", "shared": "hint.shared_people"}
    return {name: int(known[key].value) if key in known else NEVER for name, key in keys.items()}


def facts_of(complaint: Complaint) -> Facts:
    """Read the facts about one complaint; a handful of counts by index."""
    person, since = complaint.complainant, complaint.received_at - WINDOW
    near = Complaint.objects.filter(received_at__gte=since, received_at__lte=complaint.received_at + WINDOW)
    own = near.filter(complainant__phone_idx=person.phone_idx) if person.phone_idx else near.filter(pk=complaint.pk)
    shops = own.values_list("merchant_id", "respondent_name").distinct()
    people = Complainant.objects.filter(phone_idx=person.phone_idx) if person.phone_idx else Complainant.objects.none()
    names = {row.name for row in people.order_by("-pk")[:50]}
    bought = Contract.objects.none()
    if complaint.merchant_id and person.user_id:
        own_cards = Q(holder=person.user_id) | Q(payer=person.user_id)
        bought = Contract.objects.filter(own_cards, merchant=complaint.merchant_id)
    upheld = MaliceFlag.objects.filter(
        status=MaliceFlag.Status.UPHELD, complaint__complainant__phone_idx=person.phone_idx
    )
    return Facts(
        complaints_30d=own.count(),
        shops_30d=len(shops),
        shared_phone=len(names),
        same_words_30d=near.filter(merchant=complaint.merchant_id, facts=complaint.facts).count(),
        has_contract=complaint.contract_id is not None or bought.exists(),
        visits=sum(contract.visits.count() for contract in bought[:20]),
        upheld_flags=upheld.count() if person.phone_idx else 0,
    )


def hints_of(complaint: Complaint) -> list[Hint]:
    """The signs of one complaint, by the figures of the day it was received."""
    return hints(facts_of(complaint), **figures(complaint.region_id, local(complaint.received_at).date()))
