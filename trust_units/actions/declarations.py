"""The shop's part of a declaration: begin, answer, hand in, ask for a person, withdraw."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import outbox
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.locking import lock_in_order
from core.models import StoredFile
from core.permissions import may, require
from merchants.models import Mall, Store
from trust_units.actions.pools import enter_selection
from trust_units.criteria import criteria_for
from trust_units.models import DECLARATION_LIFECYCLE, Answer, Declaration, TrustUnit, UnitType

Status = Declaration.Status
SHORTEST_PROMISE = 10


@transaction.atomic
def start_declaration(place: Store | Mall, unit_type: str, *, by: Actor, on: date | None = None) -> Declaration:
    """Begin a declaration of a store or a mall, with a blank answer to each criterion in force.

    An officer who helps may begin one too; only the shop hands it in. Raises Invalid, WrongState.
    """
    today = on or business_date()
    if unit_type not in UnitType.values or (unit_type == UnitType.DISTRICT) != isinstance(place, Mall):
        raise Invalid(fields={"unit_type": "选申报的类型；放心商圈由商场申报"})
    planned = (
        TrustUnit(unit_type=unit_type, region=place.region, mall=place, merchant=place.operator)
        if isinstance(place, Mall)
        else TrustUnit(unit_type=unit_type, region=place.region, merchant=place.merchant)
    )
    require(by, "trust_units.start_declaration", planned)
    unit = enter_selection(place, UnitType(unit_type), "主动申报", by=by, on=today)
    unit = TrustUnit.objects.locked(unit.pk)
    if unit.status == TrustUnit.Status.REMOVED:
        raise WrongState(f"已被移除，冷却期到 {unit.cool_down_until}；期满并办理信用修复后才能再申报")
    if unit.status != TrustUnit.Status.SELECTION:
        raise WrongState("已经是放心消费单位，不用再申报")
    if unit.declarations.open().exists():
        raise WrongState("这家店这一类型已经有一份申报在办理")
    assert by.user is not None
    criteria = criteria_for(unit_type, unit.merchant.industry_id if unit.merchant else None, today)
    helper = None if may(by, "trust_units.state_case", unit) else by.user
    declaration = Declaration.objects.create(
        unit=unit, criteria_version=criteria.version, started_by=by.user, assisted_by=helper, promise=unit.promise
    )
    Answer.objects.bulk_create(
        Answer(
            declaration=declaration, no=number, criterion=one.code, kind=one.kind, text=one.text,
            needs_evidence=one.evidence,
        )
        for number, one in enumerate(criteria.items, 1)
    )  # fmt: skip
    record("declaration.start", declaration, by=by, unit=unit.pk, criteria=criteria.version)
    return declaration


@transaction.atomic
def answer_criterion(
    declaration_id: int,
    criterion: str,
    *,
    met: bool | None,
    statement: str = "",
    evidence: StoredFile | None = None,
    by: Actor,
) -> Answer:
    """Answer one criterion; the evidence stays unless a new file comes. Raises WrongState once it is handed in."""
    declaration = _with_shop(declaration_id, by)
    answer = declaration.answers.filter(criterion=criterion).first()
    if answer is None:
        raise NotFound("没有这一条标准")
    answer.met, answer.statement = met, statement.strip()[:300]
    if evidence is not None:
        answer.evidence = evidence
    answer.save()
    return answer


@transaction.atomic
def promise(declaration_id: int, text: str, *, by: Actor) -> Declaration:
    """Write the promise that the public will read. Raises Invalid."""
    declaration = _with_shop(declaration_id, by)
    if len(text.strip()) < SHORTEST_PROMISE:
        raise Invalid(fields={"promise": f"写明您对顾客的承诺，至少 {SHORTEST_PROMISE} 个字"})
    declaration.promise = text.strip()[:500]
    declaration.save()
    return declaration


@transaction.atomic
def declare(declaration_id: int, *, by: Actor) -> Declaration:
    """Hand it in; the pre-screen follows within a minute. Raises Invalid naming what is not answered."""
    declaration = _moved(declaration_id, "declare", by)
    wrong: dict[str, Any] = {
        answer.criterion: f"「{answer.text}」还没有答" for answer in declaration.answers.filter(met=None)
    }
    if len(declaration.promise) < SHORTEST_PROMISE:
        wrong["promise"] = f"写明您对顾客的承诺，至少 {SHORTEST_PROMISE} 个字"
    if wrong:
        raise Invalid("还有没填的，补齐再申报", fields=wrong)
    declaration.declared_at, declaration.reason = timezone.now(), ""
    declaration.screening, declaration.screened_at, declaration.due_on = [], None, None
    declaration.business_reviewer = declaration.general_reviewer = None
    declaration.save()
    rounds = declaration.pk, declaration.declared_at.timestamp()
    outbox.enqueue("trust_units.screen", "{}:{}".format(*rounds), {"declaration": declaration.pk})
    record("declaration.declare", declaration, by=by)
    return declaration


@transaction.atomic
def ask_for_person(declaration_id: int, *, by: Actor) -> Declaration:
    """The shop does not want to be judged by rules alone: a person looks at it (个人信息保护法第24条)."""
    declaration = _moved(declaration_id, "ask_human", by)
    if declaration.declared_at is None:
        raise WrongState("还没有申报过")
    declaration.human_asked_at = timezone.now()
    declaration.save()
    record("declaration.ask_human", declaration, by=by)
    return declaration


@transaction.atomic
def withdraw_declaration(declaration_id: int, *, by: Actor) -> Declaration:
    """Take it back; the shop may begin again."""
    declaration = _moved(declaration_id, "withdraw", by)
    declaration.ended_at, declaration.due_on = timezone.now(), None
    declaration.save()
    record("declaration.withdraw", declaration, by=by)
    return declaration


def locked(declaration_id: int) -> Declaration:
    """The unit first, then its declaration, as everybody locks them. Raises NotFound."""
    seen = Declaration.objects.filter(pk=declaration_id).first()
    if seen is None:
        raise NotFound
    unit, declaration = lock_in_order((TrustUnit, seen.unit_id), (Declaration, declaration_id))
    declaration.unit = unit
    found: Declaration = declaration
    return found


def _moved(declaration_id: int, step: str, by: Actor) -> Declaration:
    declaration = locked(declaration_id)
    require(by, DECLARATION_LIFECYCLE.steps[step].permission, declaration)
    DECLARATION_LIFECYCLE.move(step, declaration)
    return declaration


def _with_shop(declaration_id: int, by: Actor) -> Declaration:
    declaration = locked(declaration_id)
    require(by, "trust_units.fill_declaration", declaration)
    if not declaration.is_with_shop:
        raise WrongState("已经申报，要改先撤回")
    return declaration
