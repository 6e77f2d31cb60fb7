"""Complaints: a consumer's dispute with a merchant, from registration to call-back (总局令第121号)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from complaints.models.matters import Matter, MatterQuerySet
from complaints.models.people import Complainant, JointComplainant
from core.lifecycle import Lifecycle, Step
from core.models import Region, Role, User
from prepaid.models import Contract, Refund

if TYPE_CHECKING:
    from core.actors import Actor

OPEN = (
    "REGISTERED", "ODR_PENDING", "ROUTED", "ASSIGNED", "ID_PROOF_REQUESTED", "ACCEPTED", "MEDIATING", "SUSPENDED",
    "AGREED", "TERMINATED", "CALLBACK",
)  # fmt: skip
# Before the bureau decided whether to accept, and while it mediates.
UNDECIDED = ("REGISTERED", "ODR_PENDING", "ASSIGNED", "ID_PROOF_REQUESTED")
IN_MEDIATION = ("ACCEPTED", "MEDIATING", "SUSPENDED")
# States of a delegation to people's mediation in which its mediator reads the complaint.
GIVEN_TO_MEDIATORS = ("CONSENTED", "IN_PROGRESS", "AGREED", "FAILED", "JUDICIAL_CONFIRMED")


class ComplaintQuerySet(MatterQuerySet["Complaint"]):
    """Complaints as one asks for them."""

    OPEN = OPEN

    def visible_to(self, by: Actor) -> ComplaintQuerySet:
        """Own ones and those one is joined to; those against the own shop, once it is told; those of own regions.

        A mediator sees those that both sides gave to people's mediation.
        """
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        told = Q(merchant__in=by.user.access.merchants(), merchant_told_at__isnull=False)
        # A subquery, because joins to the people of a joint complaint would give a complaint twice.
        joined = Q(pk__in=JointComplainant.objects.filter(complainant__user=by.user).values("complaint"))
        seen = Q(complainant__user=by.user) | joined | told | self.in_regions_of(by)
        if by.user.access.has(Role.MEDIATOR):
            given = self.model._default_manager.filter(
                mediation_assignments__mediator=by.user, mediation_assignments__status__in=GIVEN_TO_MEDIATORS
            )
            seen |= Q(pk__in=given.values("pk"))
        return self.filter(seen)

    def in_own_regions(self, by: Actor) -> ComplaintQuerySet:
        """Those of the regions for which ``by`` answers as an officer; not those ``by`` is a party of."""
        return self.filter(self.in_regions_of(by)).exclude(complainant__user=by.user)


class Complaint(Matter):
    """One dispute of a consumer with a merchant about goods or services for daily life."""

    class Status(models.TextChoices):
        REGISTERED = "REGISTERED", "已登记"
        ODR_PENDING = "ODR_PENDING", "ODR企业处理中"
        ASSIGNED = "ASSIGNED", "已分派"
        ID_PROOF_REQUESTED = "ID_PROOF_REQUESTED", "限期提供身份证明"
        ACCEPTED = "ACCEPTED", "已受理"
        NOT_ACCEPTED = "NOT_ACCEPTED", "不予受理"
        MEDIATING = "MEDIATING", "调解中"
        SUSPENDED = "SUSPENDED", "中止计时（检测／回避）"
        AGREED = "AGREED", "调解成功"
        TERMINATED = "TERMINATED", "终止调解"
        CALLBACK = "CALLBACK", "待回访"
        CLOSED = "CLOSED", "已办结"
        MERGED = "MERGED", "并件"
        ROUTED = "ROUTED", "分送"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    class Refusal(models.IntegerChoices):
        """The seven grounds of 总局令第121号第16条."""

        NOT_OURS = 1, "不属于市场监督管理部门职责，或者本部门不具有处理权限"
        HANDLED_ELSEWHERE = 2, "法院、仲裁机构、其他行政机关、消费者协会或者其他调解组织已经受理或者处理过"
        NO_DISPUTE = 3, "不是为生活消费需要购买、使用商品或者接受服务，或者不能证明存在消费者权益争议"
        TOO_LATE = 4, "自知道或者应当知道权益受到侵害之日起超过三年"
        MATERIALS = 5, "未提供规定的材料，或者材料虚假"
        IDENTITY = 6, "冒用他人名义，或者拒不配合身份核验"
        OTHER = 7, "法律、法规、规章规定的其他情形"

    class Termination(models.IntegerChoices):
        """The eight grounds of 总局令第121号第23条."""

        WITHDRAWN = 1, "投诉人撤回投诉，或者双方自行和解"
        REFUSED = 2, "投诉人或者被投诉人拒绝调解，或者无正当理由不参加调解"
        NO_AGREEMENT = 3, "双方分歧较大，不能达成调解协议"
        NO_TESTING = 4, "需要检测鉴定而双方不能就承担费用或者机构达成一致，或者无法检测鉴定"
        TIME_OVER = 5, "自受理之日起六十日内未达成调解协议"
        SHOULD_NOT_ACCEPT = 6, "受理后发现有不予受理的情形，或者已经由法院、仲裁机构等受理"
        PARTY_GONE = 7, "一方死亡、终止，没有人承受权利义务"
        OTHER = 8, "法律、法规、规章规定的其他情形"

    class Rating(models.IntegerChoices):
        """What the complainant says at the call-back."""

        SATISFIED = 3, "满意"
        FAIR = 2, "基本满意"
        UNSATISFIED = 1, "不满意"
        NO_ANSWER = 0, "未接通"

    status = models.CharField("状态", max_length=18, choices=Status.choices, default=Status.REGISTERED)
    complainant = models.ForeignKey(Complainant, models.PROTECT, related_name="complaints", verbose_name="投诉人")
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, related_name="complaints", verbose_name="预付合同"
    )
    # A refund the merchant refused is such a complaint, once.
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="complaint", verbose_name="退款争议")
    # One of many about a shop that shut; few have it, so the index below leaves the others out.
    incident = models.ForeignKey(
        "complaints.Incident",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="complaints",
        verbose_name="群体事件",
    )
    claim = models.CharField("诉求", max_length=500)
    claim_fen = models.BigIntegerField("诉求金额", null=True)
    wants_odr = models.BooleanField("愿意先和商家协商", default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", verbose_name="并入")
    # The unit it came from, to which alone it may be sent back (第41条); or whoever outside the portal has it now.
    routed_from = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="分送单位")
    routed_to = models.CharField("分送到", max_length=60, blank=True)
    # The shop reads a complaint from the day it is told of it.
    merchant_told_at = models.DateTimeField("告知商家时间", null=True)
    merchant_reply = models.CharField("商家答复", max_length=1000, blank=True)
    decided_at = models.DateTimeField("受理决定时间", null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    refusal = models.PositiveSmallIntegerField("不予受理的情形", choices=Refusal.choices, null=True)
    termination = models.PositiveSmallIntegerField("终止调解的情形", choices=Termination.choices, null=True)
    reason = models.CharField("说明", max_length=1000, blank=True)
    ended_at = models.DateTimeField("调解结束时间", null=True)
    reply = models.CharField("答复", max_length=2000, blank=True)
    recovered_fen = models.BigIntegerField("挽回损失", default=0)
    rating = models.PositiveSmallIntegerField("评价", choices=Rating.choices, null=True)
    rating_text = models.CharField("评价说明", max_length=500, blank=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta(Matter.Meta):
        verbose_name = verbose_name_plural = "投诉"
        constraints = [
            models.CheckConstraint(
                name="complaint_respondent", condition=Q(merchant__isnull=False) | ~Q(respondent_name="")
            ),
            models.CheckConstraint(
                name="complaint_refusal_has_ground", condition=~Q(status="NOT_ACCEPTED") | Q(refusal__isnull=False)
            ),
            models.CheckConstraint(
                name="complaint_termination_has_ground",
                condition=~Q(status="TERMINATED") | Q(termination__isnull=False),
            ),
            models.CheckConstraint(
                name="complaint_merged_into_one", condition=~Q(status="MERGED") | Q(merged_into__isnull=False)
            ),
            models.CheckConstraint(
                name="complaint_amounts",
                condition=(Q(claim_fen=None) | Q(claim_fen__gte=0)) & Q(recovered_fen__gte=0),
            ),
            models.CheckConstraint(
                name="complaint_status_legal",
                condition=Q(
                    status__in=[
                        "REGISTERED", "ODR_PENDING", "ASSIGNED", "ID_PROOF_REQUESTED", "ACCEPTED", "NOT_ACCEPTED",
                        "MEDIATING", "SUSPENDED", "AGREED", "TERMINATED", "CALLBACK", "CLOSED", "MERGED", "ROUTED",
                        "WITHDRAWN",
                    ]
                ),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["handler", "next_due_at", "id"], condition=Q(closed_at=None), name="complaint_queue"),
            models.Index(fields=["region", "next_due_at", "id"], condition=Q(closed_at=None), name="complaint_due"),
            models.Index(
                fields=["region", "next_due_at", "id"],
                condition=Q(closed_at=None, handler=None),
                name="complaint_unassigned",
            ),
            models.Index(fields=["merchant", "-id"], name="complaint_of_merchant"),
            models.Index(fields=["complainant", "-id"], name="complaint_of_person"),
            models.Index(fields=["incident", "id"], condition=Q(incident__isnull=False), name="complaint_of_incident"),
        ]


COMPLAINT_LIFECYCLE = Lifecycle(
    "complaints.Complaint",
    "status",
    {
        "offer_odr": Step(("REGISTERED",), "ODR_PENDING", "complaints.route_complaint", "先由商家协商"),
        "settle_odr": Step(("ODR_PENDING",), "CALLBACK", "complaints.answer_complaint", "和解成功"),
        "fail_odr": Step(("ODR_PENDING",), "REGISTERED", "complaints.leave_odr", "协商不成，转监管部门"),
        "assign": Step(
            ("REGISTERED", "ROUTED", "ASSIGNED", "ID_PROOF_REQUESTED"),
            "ASSIGNED",
            "complaints.assign_complaint",
            "分派",
        ),
        # 第41条: a routed unit without power sends it back, and never on to a third.
        "send_back": Step(
            ("ROUTED", "ASSIGNED"), "REGISTERED", "complaints.send_back_complaint", "退回分派", caution=True
        ),
        "route": Step(("REGISTERED", "ASSIGNED"), "ROUTED", "complaints.assign_complaint", "分送有权部门"),
        "request_id_proof": Step(
            ("ASSIGNED",), "ID_PROOF_REQUESTED", "complaints.handle_complaint", "限期提供身份证明"
        ),
        "prove_id": Step(("ID_PROOF_REQUESTED",), "ASSIGNED", "complaints.prove_identity", "提交身份证明"),
        "accept": Step(("ASSIGNED", "ID_PROOF_REQUESTED"), "ACCEPTED", "complaints.decide_complaint", "受理"),
        "refuse": Step(
            ("ASSIGNED", "ID_PROOF_REQUESTED"),
            "NOT_ACCEPTED",
            "complaints.decide_complaint",
            "不予受理",
            caution=True,
        ),
        "mediate": Step(("ACCEPTED",), "MEDIATING", "complaints.handle_complaint", "开始调解"),
        "suspend": Step(("MEDIATING",), "SUSPENDED", "complaints.handle_complaint", "中止计时"),
        "resume": Step(("SUSPENDED",), "MEDIATING", "complaints.handle_complaint", "恢复计时"),
        "agree": Step(("MEDIATING",), "AGREED", "complaints.settle_complaint", "达成调解协议"),
        "terminate": Step(
            ("ACCEPTED", "MEDIATING", "SUSPENDED"),
            "TERMINATED",
            "complaints.end_mediation",
            "终止调解",
            caution=True,
        ),
        "notify": Step(("AGREED", "TERMINATED"), "CALLBACK", "complaints.handle_complaint", "告知双方"),
        "close": Step(("CALLBACK",), "CLOSED", "complaints.call_back", "回访办结"),
        # The shop says it is settled, the consumer says it is not: then it goes to the bureau after all.
        "reopen": Step(("CALLBACK",), "REGISTERED", "complaints.reopen_complaint", "没有解决，转监管部门"),
        "merge": Step(
            ("REGISTERED", "ASSIGNED", "ID_PROOF_REQUESTED", "ACCEPTED", "MEDIATING"),
            "MERGED",
            "complaints.merge_complaint",
            "并件",
            caution=True,
        ),
        "withdraw": Step(UNDECIDED, "WITHDRAWN", "complaints.withdraw_complaint", "撤回投诉", caution=True),
    },
)
