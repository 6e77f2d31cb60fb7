"""Publicity: seven days in which anybody may object, every objection answered, then the pool."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from complaints.actions.steps import given
from core import messages
from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import NotFound, WrongState
from core.models import StoredFile
from core.permissions import require
from trust_units.actions import pools
from trust_units.actions.declarations import locked
from trust_units.actions.reviews import refuse_declaration, tell
from trust_units.models import DECLARATION_LIFECYCLE, Declaration, Objection, TrustUnit


@transaction.atomic
def object_to(
    code: str, text: str, *, by: Actor, evidence: StoredFile | None = None, on: date | None = None
) -> Objection:
    """Somebody speaks against a unit during its publicity; the officer answers before the pool opens."""
    seen = Declaration.objects.filter(code=code, status=Declaration.Status.PUBLICITY).first()
    if seen is None:
        raise NotFound("没有这份公示，或者公示已经结束")
    declaration = locked(seen.pk)
    require(by, "trust_units.object", declaration)
    assert by.user is not None
    if declaration.status != "PUBLICITY" or (declaration.public_until or date.min) < (on or business_date()):
        raise WrongState("公示已经结束")
    if declaration.objections.filter(written_by=by.user).exists():
        raise WrongState("您已经提过意见，工作人员会答复")
    objection = Objection.objects.create(
        declaration=declaration, text=given(text, "text", "写明您的意见"), evidence=evidence, written_by=by.user
    )
    record("objection.write", objection, by=by, declaration=declaration.pk)
    return objection


@transaction.atomic
def answer_objection(objection_id: int, finding: str, *, by: Actor, uphold: bool) -> Objection:
    """Answer an objection; one that holds ends the declaration."""
    seen = Objection.objects.filter(pk=objection_id).first()
    if seen is None:
        raise NotFound
    declaration = locked(seen.declaration_id)
    objection = Objection.objects.locked(objection_id)
    objection.declaration = declaration
    require(by, "trust_units.answer_objection", objection)
    if objection.is_upheld is not None:
        raise WrongState("这条意见已经答复")
    objection.finding = given(finding, "finding", "写明核实的结果", 500)
    objection.is_upheld, objection.decided_by, objection.decided_at = uphold, by.user, timezone.now()
    objection.save()
    record("objection.answer", objection, by=by, upheld=uphold)
    messages.text_user(
        objection.written_by, f"您对{declaration.unit.sign_name}的意见已核实：{objection.finding[:60]}",
        key=f"objection:{objection.pk}",
    )  # fmt: skip
    if uphold and declaration.status == Declaration.Status.PUBLICITY:
        refuse_declaration(declaration.pk, f"公示异议成立：{objection.finding}", by=by)
    return objection


@transaction.atomic
def grant_after_publicity(declaration_id: int, *, by: Actor, on: date) -> bool:
    """The seven days are over and every objection answered: into the incubation pool. False while one is open."""
    declaration = locked(declaration_id)
    require(by, "trust_units.grant_unit", declaration)
    assert declaration.public_until is not None
    if declaration.public_until >= on or declaration.objections.filter(is_upheld=None).exists():
        return False
    DECLARATION_LIFECYCLE.move("grant", declaration)
    declaration.ended_at, declaration.due_on = timezone.now(), None
    declaration.save()
    TrustUnit.objects.filter(pk=declaration.unit_id).update(promise=declaration.promise)
    pools.grant_unit(declaration.unit_id, "公示期满无异议", by=by, on=on)
    record("declaration.grant", declaration, by=by)
    tell(declaration, "已入培育库，可以使用放心消费标识。", "grant")
    return True
