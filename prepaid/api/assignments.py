"""Cards that change hands, are lost or are for a child, and the check of clauses, over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.actors import Actor
from core.api.fields import Identity, Masked, OneOf, Phone, Text, Whole
from core.api.resources import Listed, Public, Resource, verb
from core.api.shapes import Input, Output, StatusText, WithSteps
from prepaid import actions as prepaid
from prepaid.api.serializers import ContractOut, VisitOut
from prepaid.clauses import MAX_CHARS, check
from prepaid.models import Assignment, Contract, Guardianship, Plan, Signature, Visit
from prepaid.signing import paper_of


class AssignmentOut(WithSteps):
    """转让或换绑：from whom, to whom, and from when the shop is bound."""

    code = serializers.CharField()
    contract = serializers.CharField(source="contract.code")
    kind = serializers.ChoiceField(choices=Assignment.Kind.choices)
    status = serializers.ChoiceField(choices=Assignment.Status.choices)
    status_text = StatusText()
    from_user = Masked()
    to_user = Masked()
    terms_hash = serializers.CharField(source="contract.terms_hash", help_text="接手人同意的就是这一份条款")
    terms = serializers.DictField(source="contract.terms")
    asked_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="换绑等待期满")
    notice_received_at = serializers.DateTimeField(allow_null=True, help_text="通知到达商家，从此对商家生效")
    ended_at = serializers.DateTimeField(allow_null=True)


class SignatureOut(Output):
    """One party's signature under the terms."""

    party = serializers.ChoiceField(choices=Signature.Party.choices)
    method = serializers.ChoiceField(choices=Signature.Method.choices)
    signer = Masked(allow_null=True)
    terms_hash = serializers.CharField()
    signed_at = serializers.DateTimeField()


class PaperOut(Output):
    """The signatures of a contract, checked against its terms now."""

    digest = serializers.CharField(help_text="现在由条款算出的 SHA-256")
    is_sound = serializers.BooleanField(help_text="双方都签了，签后没有改过")
    signatures = SignatureOut(many=True)
    minor = serializers.CharField(
        source="guardianship.initials", default=None, allow_null=True, help_text="使用人是未成年人时的拼音首字母"
    )


class MarkOut(Output):
    """Words of a text that make a void term."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    code = serializers.CharField(source="rule.code")
    title = serializers.CharField(source="rule.title")
    article = serializers.CharField(source="rule.article")
    why = serializers.CharField(source="rule.why")
    instead = serializers.CharField(source="rule.instead")


class MarksOut(Output):
    """All void terms of a text, in order."""

    marks = MarkOut(many=True)


class Wording(Input):
    """A text to be checked."""

    text = Text(MAX_CHARS)


class NewHolder(Input):
    """To whom a card goes."""

    phone = Phone(help_text="接手人的手机号")


class TermsRead(Input):
    """The new holder agrees to exactly the terms that were read."""

    terms_hash = Text(64, help_text="转让详情里的 terms_hash")


class NewNumber(Input):
    """The same person under a new number; the name is read from the identity card."""

    phone = Phone(help_text="新手机号")
    name = Text(40, help_text="身份证上的姓名")


class GuardianOf(Input):
    """Who signs for a minor."""

    guardian_phone = Phone()
    relation = OneOf(choices=Guardianship.Relation.choices)
    child_name = Text(40)
    born_on = serializers.DateField()


class NoShow(Input):
    """An appointment nobody came to."""

    store = Identity()
    item = Text(24)
    face_fen = Whole(required=False)


def assignment_body(view: Resource, pk: int) -> Any:
    """An assignment, freshly read."""
    rows = Assignment.objects.visible_to(view.by).select_related("contract", "from_user", "to_user")
    return AssignmentOut(view.find(rows, pk=pk), context=view.get_serializer_context()).data


def visit_body(view: Resource, pk: int) -> Any:
    """A visit, freshly read."""
    rows = Visit.objects.visible_to(view.by).select_related("contract", "merchant__region", "store", "staff")
    return VisitOut(view.find(rows, pk=pk), context=view.get_serializer_context()).data


class CardVerbs(Resource):
    """What a contract can do besides paying: change hands, be lost, be for a child."""

    @extend_schema(responses=PaperOut, filters=False)
    @action(detail=True, filterset_class=None)
    def signatures(self, request: Request, code: str) -> Response:
        """Who signed what, when and how, and whether it still fits the terms."""
        return Response(PaperOut(paper_of(self.get_object())).data)

    @verb(AssignmentOut, NewHolder, status=201, read=assignment_body)
    def assign(self, contract: Contract, data: dict[str, Any], by: Actor) -> Assignment:
        """Ask somebody to take the card over; free of charge."""
        return prepaid.assign(contract.pk, data["phone"], by=by)

    @verb(AssignmentOut, NewNumber, status=201, read=assignment_body)
    def rebind(self, contract: Contract, data: dict[str, Any], by: Actor) -> Assignment:
        """The holder has a new number and showed the identity card; the old number may stop it."""
        return prepaid.rebind_number(contract.pk, data["phone"], data["name"], by=by)

    @verb(ContractOut, GuardianOf)
    def guardian(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """A minor names the guardian, who becomes the party and signs."""
        child = prepaid.Child(data["child_name"], data["born_on"], data["relation"])
        return prepaid.name_guardian(contract.pk, data["guardian_phone"], child, by=by)

    @verb(ContractOut)
    def report_loss(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """挂失：codes are void, phones unbound, nothing can be charged."""
        return prepaid.report_loss(contract.pk, by=by)

    @verb(ContractOut)
    def reissue(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """补办：the card goes on with its balance."""
        return prepaid.reissue_card(contract.pk, by=by)

    @verb(ContractOut, scope="money")
    def activate_residual(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """残值激活：a term card that ended with money left goes on."""
        return prepaid.activate_residual(contract.pk, by=by)

    @verb(ContractOut)
    def conclude(self, contract: Contract, data: dict[str, Any], by: Actor) -> Contract:
        """End a 定金, 押金, 体验 or 券."""
        return prepaid.conclude(contract.pk, by=by)

    @verb(VisitOut, NoShow, scope="money", status=201, read=visit_body)
    def no_show(self, contract: Contract, data: dict[str, Any], by: Actor) -> Visit:
        """Count an appointment nobody came to, as far as the signed terms allow."""
        times = 1 if contract.kind == Plan.Kind.COUNT else 0
        face = data.get("face_fen", 0)
        return prepaid.count_no_show(contract.pk, data["store"], data["item"], by=by, face_fen=face, times=times)


class Assignments(Listed):
    """转让和换绑：those one gives, takes, or serves."""

    model, shape = Assignment, AssignmentOut

    def rows(self) -> QuerySet[Any]:
        """With both people."""
        return super().rows().select_related("contract", "from_user", "to_user")

    @verb(AssignmentOut, TermsRead)
    def accept(self, row: Assignment, data: dict[str, Any], by: Actor) -> Assignment:
        """The new holder agrees; the shop is bound from this moment."""
        return prepaid.accept_assignment(row.pk, by=by, terms_hash=data["terms_hash"])

    @verb(AssignmentOut)
    def decline(self, row: Assignment, data: dict[str, Any], by: Actor) -> Assignment:
        """The person named does not want the card."""
        return prepaid.decline_assignment(row.pk, by=by)

    @verb(AssignmentOut)
    def withdraw(self, row: Assignment, data: dict[str, Any], by: Actor) -> Assignment:
        """The holder takes it back, or the old number stops a new one."""
        return prepaid.withdraw_assignment(row.pk, by=by)


class Clauses(Public):
    """霸王条款检查：nothing is kept, nobody signs in."""

    @extend_schema(request=Wording, responses=MarksOut)
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Which words of a text are void, by which article, and what to write instead."""
        return Response(MarksOut({"marks": check(self.checked(Wording)["text"])}).data)
