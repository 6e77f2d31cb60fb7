"""The register of claims of an incident: entered by claimants, officers or from a list, checked by another officer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from complaints.actions.incidents import taken
from complaints.actions.parties import Party, fill, phone_index
from complaints.actions.steps import given
from complaints.claim_list import LARGEST_FEN, NewClaim, claim_of, rows_of
from complaints.models import Complainant, Incident, IncidentClaim
from complaints.models.incidents import CLAIM_LIFECYCLE
from core import actions as core
from core.actors import Actor
from core.audit import record
from core.errors import Invalid, NotFound, WrongState
from core.identifiers import clean_public_code
from core.models import StoredFile, User
from core.permissions import require
from prepaid import actions as prepaid
from prepaid.models import Contract, LegacyCard

Kind, Status = IncidentClaim.Kind, IncidentClaim.Status
_BLANKS = re.compile(r"[\W_]+")
KEPT_ERRORS = 500


@dataclass(frozen=True)
class Card:
    """Which card a claim is about: of the portal, an old one the shop has registered, or neither."""

    kind: str
    key: str
    name: str
    contract: Contract | None = None
    legacy: LegacyCard | None = None


@transaction.atomic
def file_claim(
    incident_id: int, *, card_name: str = "", card_code: str = "", claimed_fen: int, note: str = "",
    evidence: StoredFile | None = None, by: Actor,
) -> IncidentClaim:  # fmt: skip
    """A person registers what the shop owes them on one card. Raises Invalid for the same card twice, WrongState."""
    incident = Incident.objects.locked(incident_id)
    require(by, "complaints.file_claim", incident)
    user = by.user
    assert user is not None
    data = NewClaim(
        name=user.name, phone=user.phone, claimed_fen=claimed_fen, card_name=card_name, card_code=card_code, note=note
    )
    return _enter(incident, data, by=by, user=user, evidence=evidence)


@transaction.atomic
def enter_claim(incident_id: int, data: NewClaim, *, by: Actor, evidence: StoredFile | None = None) -> IncidentClaim:
    """An officer registers a claim for somebody at the counter or on the phone; another officer checks it."""
    incident = taken(incident_id, "complaints.run_incident", by=by)
    return _enter(incident, data, by=by, user=User.objects.by_phone(data.phone), evidence=evidence)


def _enter(
    incident: Incident, data: NewClaim, *, by: Actor, user: User | None, evidence: StoredFile | None
) -> IncidentClaim:
    _must_take(incident)
    (card,) = _cards(incident, [data])
    if isinstance(card, Invalid):
        raise card
    person_idx = phone_index(data.phone)
    if _known(incident, [(person_idx, card.key)]):
        raise Invalid(fields={"card": "这张卡已经登记过；要改金额或补凭证，请找承办人员"})
    claimant = _claimant(data, user)
    claimant.save()
    row = _claim(incident, data, card, claimant, by)
    row.evidence = evidence
    row.save()
    record("claim.enter", row, by=by, amount_fen=row.claimed_fen, kind=row.get_kind_display())
    return row


@dataclass(frozen=True)
class Imported:
    """What came of a list: rows that are new, that were there, and those refused, by line and with the reason."""

    added: int
    known: int
    errors: tuple[tuple[int, str], ...]


@transaction.atomic
def import_claims(incident_id: int, path: Path, *, by: Actor) -> Imported:
    """Take in a list of claims; good rows are kept, bad ones named by line, the same row again adds nothing.

    Raises Invalid for a file that cannot be read: then nothing is kept.
    """
    incident = taken(incident_id, "complaints.run_incident", by=by)
    _must_take(incident)
    errors: list[tuple[int, str]] = []
    read: list[tuple[int, NewClaim]] = []
    for line, cells in rows_of(path):
        try:
            read.append((line, claim_of(cells)))
        except Invalid as error:
            errors.append((line, _said(error)))
    fresh: dict[tuple[str, str], tuple[NewClaim, Card]] = {}
    known = 0
    pairs: list[tuple[tuple[str, str], NewClaim, Card]] = []
    for (line, data), card in zip(read, _cards(incident, [data for _, data in read]), strict=True):
        if isinstance(card, Invalid):
            errors.append((line, _said(card)))
        else:
            pairs.append(((phone_index(data.phone), card.key), data, card))
    there = _known(incident, [key for key, _, _ in pairs])
    for key, data, card in pairs:
        if key in there or key in fresh:
            known += 1
        else:
            fresh[key] = (data, card)
    _keep(incident, list(fresh.values()), by)
    record("claim.import", incident, by=by, added=len(fresh), known=known, refused=len(errors))
    return Imported(len(fresh), known, tuple(sorted(errors)[:KEPT_ERRORS]))


def _keep(incident: Incident, fresh: Sequence[tuple[NewClaim, Card]], by: Actor) -> None:
    """All of them in a fixed number of statements."""
    indexes = {data.phone: phone_index(data.phone) for data, _ in fresh}
    users = {user.phone_idx: user for user in User.objects.filter(phone_idx__in=indexes.values())}
    people = [_claimant(data, users.get(indexes[data.phone])) for data, _ in fresh]
    Complainant.objects.bulk_create(people)
    rows = [_claim(incident, data, card, person, by) for (data, card), person in zip(fresh, people, strict=True)]
    IncidentClaim.objects.bulk_create(rows)


def _claimant(data: NewClaim, user: User | None) -> Complainant:
    person = Complainant()
    fill(person, Party(name=data.name, phone=data.phone), user.pk if user else None)
    return person


def _claim(incident: Incident, data: NewClaim, card: Card, claimant: Complainant, by: Actor) -> IncidentClaim:
    if not 0 < data.claimed_fen <= LARGEST_FEN:
        raise Invalid(fields={"amount": "金额要大于 0，不超过 100 万元"})
    assert by.user is not None
    return IncidentClaim(
        incident=incident, kind=card.kind, claimant=claimant, person_idx=claimant.phone_idx, card_key=card.key,
        contract=card.contract, legacy_card=card.legacy, card_name=card.name[:40], note=data.note.strip()[:300],
        claimed_fen=data.claimed_fen, entered_by=by.user,
    )  # fmt: skip


def _must_take(incident: Incident) -> None:
    if incident.status != Incident.Status.OPEN:
        raise WrongState("债权登记已经截止；漏登的请拨打 12315 或到承办的监管所")


def _known(incident: Incident, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of (person, card) that have a claim already."""
    wanted = set(keys)
    rows = incident.claims.exclude(status=Status.WITHDRAWN).filter(person_idx__in={person for person, _ in wanted})
    return wanted & set(rows.values_list("person_idx", "card_key"))


def _cards(incident: Incident, rows: Sequence[NewClaim]) -> list[Card | Invalid]:
    """The card of each row, or what is wrong with it. Two statements for any number of rows."""
    codes = {clean_public_code(row.card_code) for row in rows if row.card_code.strip()}
    shop = {"merchant": incident.merchant_id, "code__in": codes}
    contracts = {row.code: row for row in Contract.objects.filter(**shop).select_related("plan", "holder")}
    legacy = {row.code: row for row in LegacyCard.objects.filter(**shop).select_related("holder")}
    return [_card(row, contracts, legacy) for row in rows]


def _card(row: NewClaim, contracts: dict[str, Contract], legacy: dict[str, LegacyCard]) -> Card | Invalid:
    code, person = clean_public_code(row.card_code), phone_index(row.phone)
    if not code:
        name = row.card_name.strip()
        if not name:
            return Invalid(fields={"card": "填卡名或卡号"})
        return Card(Kind.OUTSIDE, f"outside:{_BLANKS.sub('', name.lower())[:40]}", name)
    contract, old = contracts.get(code), legacy.get(code)
    if contract is not None and contract.holder.phone_idx == person:
        return Card(Kind.CONTRACT, f"contract:{contract.pk}", contract.plan.name, contract=contract)
    if old is not None and old.holder.phone_idx == person:
        return Card(Kind.LEGACY, f"legacy:{old.pk}", old.name, legacy=old)
    # Whether such a card is there is nobody else's business.
    return Invalid(fields={"card": "这家店没有这个手机号名下的这张卡；平台外的卡不要填平台编号"})


def _said(error: Invalid) -> str:
    return "；".join(dict.fromkeys(error.fields.values())) or error.message


@transaction.atomic
def check_claim(claim_id: int, allowed_fen: int, reason: str, *, by: Actor) -> IncidentClaim:
    """An officer who did not enter it finds what is owed. An outside card then counts as owed by the shop everywhere.

    Raises Invalid for nothing, or more than was claimed.
    """
    row = _moved(claim_id, "check", by, counts=True)
    if not 0 < allowed_fen <= row.claimed_fen:
        raise Invalid(fields={"allowed_fen": "核定金额要大于 0，不超过申报金额；多于申报的请本人重新登记"})
    row.allowed_fen, row.reason = allowed_fen, given(reason, "reason", "写明根据什么核定", 300)
    _checked(row, by)
    record("claim.check", row, by=by, amount_fen=allowed_fen, reason=row.reason)
    return row


@transaction.atomic
def refuse_claim(claim_id: int, reason: str, *, by: Actor) -> IncidentClaim:
    """It is not owed, or not shown; the claimant reads why."""
    row = _moved(claim_id, "refuse", by)
    row.reason = given(reason, "reason", "写明不予登记的理由", 300)
    _checked(row, by)
    record("claim.refuse", row, by=by, reason=row.reason)
    return row


def _checked(row: IncidentClaim, by: Actor) -> None:
    row.checked_by, row.checked_at = by.user, timezone.now()
    row.save()


@transaction.atomic
def recheck_claim(claim_id: int, reason: str, *, by: Actor) -> IncidentClaim:
    """A head sends it back to be checked anew. Raises WrongState once part of it was paid back."""
    row = _moved(claim_id, "recheck", by, counts=True)
    if row.repaid_fen:
        raise WrongState("已经登记过退还，不能重新核对")
    row.allowed_fen, row.checked_by, row.checked_at = None, None, None
    row.save()
    record("claim.recheck", row, by=by, reason=given(reason, "reason", "写明理由", 300))
    return row


@transaction.atomic
def note_repaid(claim_id: int, amount_fen: int, proof: str, *, by: Actor) -> IncidentClaim:
    """What the claimant got back other than out of locked money: from the shop, its owners, a court. Raises Invalid."""
    row = _locked(claim_id, counts=True)
    require(by, "complaints.note_repaid", row)
    if row.status != Status.ACCEPTED or row.kind == Kind.CONTRACT:
        raise WrongState("只有核对过的、没有锁定的债权才登记另行退还；本平台的卡由退款记录")
    left = (row.allowed_fen or 0) - row.repaid_fen
    if not 0 < amount_fen <= left:
        raise Invalid(fields={"amount_fen": "金额要大于 0，不超过还没有退的部分"})
    row.repaid_fen += amount_fen
    row.save(update_fields=["repaid_fen"])
    record("claim.repaid", row, by=by, amount_fen=amount_fen, note=given(proof, "proof", "写明凭什么确认已退", 200))
    return row


@transaction.atomic
def withdraw_claim(claim_id: int, *, by: Actor) -> IncidentClaim:
    """The claimant takes it back before it is checked."""
    row = _moved(claim_id, "withdraw", by)
    row.save(update_fields=["status"])
    record("claim.withdraw", row, by=by)
    return row


@transaction.atomic
def unmask_claimant(claim_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Name and phone of a claimant, for a purpose that is written down. Raises Invalid."""
    row = _locked(claim_id)
    require(by, "complaints.unmask_claimant", row)
    purpose = core.purpose_of_unmask(purpose, by=by)
    record("claim.unmask", row, by=by, purpose=purpose)
    return {"债权人": row.claimant.name, "手机号": row.claimant.phone}


def _locked(claim_id: int, *, counts: bool = False) -> IncidentClaim:
    """The claim, locked after its incident, so that an incident being closed waits. Raises NotFound.

    With ``counts`` what the shop owes on outside cards is about to change: a run-off, locked before, counts it anew.
    """
    found = IncidentClaim.objects.filter(pk=claim_id).select_related("incident").first()
    if found is None:
        raise NotFound
    if counts and found.kind == Kind.OUTSIDE:
        prepaid.recount_unlocked(found.incident.merchant_id)
    incident = Incident.objects.locked(found.incident_id)
    row = IncidentClaim.objects.locked(claim_id)
    row.incident = incident
    return row


def _moved(claim_id: int, step: str, by: Actor, *, counts: bool = False) -> IncidentClaim:
    row = _locked(claim_id, counts=counts)
    require(by, CLAIM_LIFECYCLE.steps[step].permission, row)
    if row.incident.status == Incident.Status.CLOSED:
        raise WrongState("这件群体事件已经办结")
    CLAIM_LIFECYCLE.move(step, row)
    return row
