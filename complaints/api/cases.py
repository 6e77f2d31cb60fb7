"""The steps of a complaint over the API: those of its parties, and those of officers."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from complaints import actions as complaints
from complaints.api import matters
from complaints.api.evidence import EvidenceOut, NewEvidence, NewMaliceFlag, keep_evidence, once_with_file, shown
from complaints.api.judgements import MaliceFlagOut
from complaints.api.matters import ComplaintOut
from complaints.models import Complaint, Contact, MaliceFlag, Mediation, Party
from core.actors import Actor
from core.api.fields import Fen, Identity, OneOf, Text, Whole, YesNo
from core.api.resources import IDEMPOTENCY_KEY, verb
from core.api.shapes import Input, Reason
from core.permissions import require


class Reply(Input):
    """What the shop says."""

    reply = Text(1000)


class Settled(Reply):
    """How the shop settled it, and what it paid."""

    amount_fen = Fen(min_value=0, required=False)


class Ground(Reason):
    """Which ground of the law, and why."""

    ground = Whole(min_value=1, max_value=8, help_text="第16条或第23条的第几项")


class NewContact(Input):
    """One call."""

    side = OneOf(choices=Contact.Side.choices)
    direction = OneOf(choices=Contact.Direction.choices, required=False)
    reached = YesNo(required=False)
    note = Text(500)


class Consent(Input):
    """Whose consent, where an officer writes it down."""

    party = OneOf(choices=Party.choices, required=False)
    note = Text(200, required=False)


class Meeting(Input):
    """When, where, with whom."""

    when = serializers.DateTimeField()
    place = Text(200)
    remote = YesNo(required=False)
    mediator_id = Identity(required=False)


class Suspension(Input):
    """Why the clock stands still."""

    pause = OneOf(choices=Mediation.Pause.choices)
    note = Text(300)


class MediationAgreement(Input):
    """The agreement: what is not ``direct_fen`` is refunded out of the locked money at once."""

    terms = Text(2000)
    amount_fen = Fen(min_value=0)
    direct_fen = Fen(min_value=0, required=False)
    at_once = YesNo(required=False)
    perform_by = serializers.DateField(required=False)
    waived = YesNo(required=False)


class Notification(Input):
    """The reply, if it is to say more than the outcome."""

    reply = Text(2000, required=False)


class CallBack(Input):
    """What the complainant says: 3 满意, 2 基本满意, 1 不满意, 0 未接通."""

    rating = Whole(max_value=3)
    text = Text(500, required=False)


class Handler(Input):
    """Who handles it."""

    handler = Identity()


class IdProof(Input):
    """The number that was asked for; only its keyed hash is kept."""

    id_number = Text(20)


class NewDelegation(Input):
    """To which committee and mediator."""

    committee = Text(100)
    mediator_id = Identity()


class Complaints(matters.Complaints):
    """投诉：read by everybody it concerns, answered by the shop, decided and mediated by officers."""

    @verb(ComplaintOut, Reply)
    def answer(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The shop answers; its last word counts."""
        return complaints.answer_complaint(row.pk, data["reply"], by=by)

    @verb(ComplaintOut, Settled)
    def settle_odr(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The shop says that it settled with the customer, who may say otherwise."""
        return complaints.settle_odr(row.pk, data["reply"], amount_fen=data.get("amount_fen", 0), by=by)

    @verb(ComplaintOut)
    def leave_odr(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Either side gives up on settling between themselves: the bureau takes over."""
        return complaints.leave_odr(row.pk, by=by)

    @verb(ComplaintOut, Reason)
    def reopen(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The complainant says that what the shop called settled is not."""
        return complaints.reopen(row.pk, data["reason"], by=by)

    @verb(ComplaintOut)
    def withdraw(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The complainant takes it back before it is decided."""
        return complaints.withdraw(row.pk, by=by)

    @verb(ComplaintOut, IdProof)
    def prove_id(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The complainant proves who they are (第10条)."""
        return complaints.prove_identity(row.pk, data["id_number"], by=by)

    @extend_schema(
        request={"multipart/form-data": NewEvidence}, responses={201: EvidenceOut}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def evidence(self, request: Request, code: str) -> Response:
        """The complainant brings one more file while it is open."""
        row = self.get_object()
        require(self.by, "complaints.add_evidence", row)
        data = self.checked(NewEvidence)
        return once_with_file(request, data, lambda by: keep_evidence(row, data["file"], by=by).pk, shown(row))

    @extend_schema(
        request={"multipart/form-data": NewMaliceFlag}, responses={201: MaliceFlagOut}, parameters=[IDEMPOTENCY_KEY]
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser], url_path="flag-malice")
    def flag_malice(self, request: Request, code: str) -> Response:
        """The shop's boss says that it is malicious, with evidence; nothing is public or scored before it is upheld."""
        row, data = self.get_object(), self.checked(NewMaliceFlag)

        def read(pk: Any) -> Any:
            flag = self.find(MaliceFlag.objects.visible_to(self.by), pk=pk)
            return MaliceFlagOut(flag, context=self.get_serializer_context()).data

        return once_with_file(
            request, data, lambda by: complaints.flag_malice(row.pk, data["reason"], data["file"], by=by).pk, read
        )

    @verb(ComplaintOut, NewDelegation)
    def propose_delegation(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Ask both sides whether a people's mediator shall mediate (第19条)."""
        complaints.propose_delegation(row.pk, by=by, **data)
        return row

    @verb(ComplaintOut, Consent)
    def consent(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """One side consents to mediation; an officer says for whom."""
        complaints.consent_to_mediation(row.pk, by=by, **data)
        return row

    @verb(ComplaintOut, CallBack)
    def close(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The call-back; not before the money of the agreement has arrived."""
        return complaints.close(row.pk, data["rating"], data.get("text", ""), by=by)

    @verb(ComplaintOut, Handler)
    def assign(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Give it to an officer of its region."""
        return cast(Complaint, complaints.assign("complaint", row.pk, data["handler"], by=by))

    @verb(ComplaintOut)
    def offer_odr(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The shop first, where the consumer wants it."""
        return complaints.offer_odr(row.pk, by=by)

    @verb(ComplaintOut, NewContact)
    def note_contact(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Write down a call."""
        complaints.note_contact(row.pk, data.pop("side"), data.pop("note"), by=by, **data)
        return row

    @verb(ComplaintOut)
    def request_id_proof(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Ask the complainant to prove who they are."""
        return complaints.request_id_proof(row.pk, by=by)

    @verb(ComplaintOut)
    def accept(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Accept; both sides are told and the limit to mediate runs."""
        return complaints.accept(row.pk, by=by)

    @verb(ComplaintOut, Ground)
    def refuse(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Refuse on one of the seven grounds."""
        return complaints.refuse(row.pk, data["ground"], data["reason"], by=by)

    @verb(ComplaintOut, Meeting)
    def mediate(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Call both sides to a meeting; the first one begins mediation."""
        complaints.mediate(row.pk, data.pop("when"), data.pop("place"), by=by, **data)
        return row

    @verb(ComplaintOut, Suspension)
    def suspend(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Testing or recusal: the limit stands still."""
        return complaints.suspend(row.pk, data["pause"], data["note"], by=by)

    @verb(ComplaintOut)
    def resume(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """The limit runs again."""
        return complaints.resume(row.pk, by=by)

    @verb(ComplaintOut, MediationAgreement, scope="money")
    def agree(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Both agree: the refund leaves the locked money in the same transaction, or nothing is agreed."""
        complaints.settle(row.pk, data.pop("terms"), data.pop("amount_fen"), by=by, **data)
        return row

    @verb(ComplaintOut, Ground)
    def terminate(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """End mediation on one of the eight grounds."""
        return complaints.terminate(row.pk, data["ground"], data["reason"], by=by)

    @verb(ComplaintOut, Notification)
    def notify(self, row: Complaint, data: dict[str, Any], by: Actor) -> Complaint:
        """Tell both sides how it ended."""
        return complaints.notify(row.pk, reply=data.get("reply", ""), by=by)
