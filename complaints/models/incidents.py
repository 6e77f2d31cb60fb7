"""Incidents (群体事件) above cases: a shop that shut, its many complaints, the register of what it owes to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from complaints.models.people import Complainant
from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Region, StoredFile, User
from core.models.people import WATCHERS, in_regions
from merchants.models import Merchant
from prepaid.models import Contract, LegacyCard

if TYPE_CHECKING:
    from core.actors import Actor


class IncidentQuerySet(LockingQuerySet["Incident"]):
    """Incidents as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of an officer's regions; everybody else, the shop too, reads the public page alone."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        return self.filter(in_regions("merchant__region__path", by.user.access.region_paths(*WATCHERS)))

    def open(self) -> Self:
        """Those that go on."""
        return self.exclude(status="CLOSED")


class Incident(models.Model):
    """One shop, many who lost by it: led by one person by name, followed by everybody on one page."""

    class Status(models.TextChoices):
        OPEN = "OPEN", "登记债权中"
        SETTLING = "SETTLING", "清偿中"
        CLOSED = "CLOSED", "已办结"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="incidents", verbose_name="商家")
    status = models.CharField("状态", max_length=8, choices=Status.choices, default=Status.OPEN)
    summary = models.CharField("情况", max_length=500)
    opened_on = models.DateField("立项日")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="立项人")
    leader = models.ForeignKey(User, models.PROTECT, related_name="incidents_led", verbose_name="包案负责人")
    next_step = models.CharField("下一步", max_length=200, blank=True)
    next_on = models.DateField("下一步日期", null=True)
    settling_on = models.DateField("开始清偿日", null=True)
    closed_on = models.DateField("办结日", null=True)
    outcome = models.CharField("办结情况", max_length=1000, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "群体事件"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="incident_status_legal", condition=Q(status__in=["OPEN", "SETTLING", "CLOSED"])
            ),
            models.CheckConstraint(
                name="incident_outcome_said",
                condition=~Q(status="CLOSED") | (~Q(outcome="") & Q(closed_on__isnull=False)),
            ),
            models.UniqueConstraint(fields=["merchant"], condition=~Q(status="CLOSED"), name="one_open_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant.brand_name} 群体事件"

    @property
    def region(self) -> Region:
        """Where the merchant is."""
        return self.merchant.region

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)


INCIDENT_LIFECYCLE = Lifecycle(
    "complaints.Incident",
    "status",
    {
        "settle": Step(("OPEN",), "SETTLING", "complaints.head_incident", "债权登记完，转入清偿"),
        "reopen": Step(("SETTLING",), "OPEN", "complaints.head_incident", "恢复登记债权"),
        "close": Step(("SETTLING",), "CLOSED", "complaints.head_incident", "办结", caution=True),
    },
)


class OfIncidentQuerySet(LockingQuerySet["IncidentEntry"]):
    """Entries as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the incidents ``by`` may see."""
        return self.filter(incident__in=Incident.objects.visible_to(by))

    def public(self) -> Self:
        """Those on the public page."""
        return self.filter(is_public=True)


class IncidentEntry(models.Model):
    """What was done on a day; the public ones name nobody."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="entries", verbose_name="群体事件")
    on = models.DateField("日期")
    text = models.CharField("进展", max_length=500)
    is_public = models.BooleanField("公开", default=False)
    # How many were told of it by message.
    told = models.PositiveIntegerField("短信告知人数", default=0)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    written_at = models.DateTimeField("记录时间", default=timezone.now)

    objects = OfIncidentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件进展"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.on} {self.text[:20]}"


class IncidentClaimQuerySet(LockingQuerySet["IncidentClaim"]):
    """Claims as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Own ones and those of an officer's regions; never the shop's people as such."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        own = Q(claimant__user=by.user)
        return self.filter(own | Q(incident__in=Incident.objects.visible_to(by)))

    def standing(self) -> Self:
        """Those that count: neither refused nor taken back."""
        return self.filter(status__in=["OPEN", "ACCEPTED"])


class IncidentClaim(models.Model):
    """What one person says the shop owes on one card, and what an officer found of it. All fen.

    A card locked in the portal is paid by the run-off; for an old or outside card nothing was ever locked.
    """

    class Kind(models.TextChoices):
        CONTRACT = "CONTRACT", "本平台的卡"
        LEGACY = "LEGACY", "老卡（未锁定）"
        OUTSIDE = "OUTSIDE", "平台外的卡（未锁定）"

    class Status(models.TextChoices):
        OPEN = "OPEN", "待核对"
        ACCEPTED = "ACCEPTED", "已核对"
        REFUSED = "REFUSED", "不予登记"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="claims", verbose_name="群体事件")
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.OPEN)
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    claimant = models.ForeignKey(Complainant, models.PROTECT, related_name="+", verbose_name="债权人")
    # The keyed hash of the phone: who it is without saying who, and which card it is, so that neither claims twice.
    person_idx = models.CharField(max_length=32)
    card_key = models.CharField(max_length=60)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, related_name="+", verbose_name="合同")
    legacy_card = models.ForeignKey(LegacyCard, models.PROTECT, null=True, related_name="+", verbose_name="老卡")
    card_name = models.CharField("卡名或卡号", max_length=40)
    note = models.CharField("说明", max_length=300, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="凭证")
    claimed_fen = models.BigIntegerField("申报金额")
    allowed_fen = models.BigIntegerField("核定金额", null=True)
    # What came back other than out of locked money, as an officer saw it proved.
    repaid_fen = models.BigIntegerField("另行退还", default=0)
    reason = models.CharField("核对意见", max_length=300, blank=True)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    entered_at = models.DateTimeField("登记时间", default=timezone.now)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="核对人")
    checked_at = models.DateTimeField("核对时间", null=True)

    objects = IncidentClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "债权登记"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="incident_claim_status_legal",
                condition=Q(status__in=["OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN"]),
            ),
            models.CheckConstraint(
                name="incident_claim_of_one_card",
                condition=Q(kind="CONTRACT", contract__isnull=False, legacy_card=None)
                | Q(kind="LEGACY", contract=None, legacy_card__isnull=False)
                | Q(kind="OUTSIDE", contract=None, legacy_card=None),
            ),
            models.CheckConstraint(
                name="incident_claim_amounts",
                condition=Q(claimed_fen__gt=0, repaid_fen__gte=0)
                & (Q(allowed_fen=None) | Q(allowed_fen__gt=0, allowed_fen__gte=models.F("repaid_fen"))),
            ),
            models.CheckConstraint(
                name="incident_claim_checked",
                condition=~Q(status="ACCEPTED") | Q(allowed_fen__isnull=False, checked_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["incident", "person_idx", "card_key"],
                condition=~Q(status="WITHDRAWN"),
                name="one_claim_of_person_and_card",
            ),
        ]
        indexes = [
            models.Index(fields=["incident", "status", "-id"], name="claims_of_incident"),
        ]

    def __str__(self) -> str:
        return f"{self.claimant.masked_name} {self.card_name}"

    @property
    def region(self) -> Region:
        """Where the merchant is."""
        return self.incident.merchant.region

    @property
    def merchant_id(self) -> int:
        """Against whom."""
        return self.incident.merchant_id

    @property
    def complainant(self) -> Complainant:
        """Whose matter it is: nobody checks a claim of their own."""
        return self.claimant

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def entered_themselves(self) -> bool:
        """Whether the person entered it, and not an officer for them."""
        return self.claimant.user_id == self.entered_by_id


CLAIM_LIFECYCLE = Lifecycle(
    "complaints.IncidentClaim",
    "status",
    {
        "check": Step(("OPEN",), "ACCEPTED", "complaints.check_claim", "核对通过"),
        "refuse": Step(("OPEN",), "REFUSED", "complaints.check_claim", "不予登记", caution=True),
        "recheck": Step(("ACCEPTED", "REFUSED"), "OPEN", "complaints.recheck_claim", "重新核对"),
        "withdraw": Step(("OPEN",), "WITHDRAWN", "complaints.own_claim", "撤回登记", caution=True),
    },
)


class OfClaimsQuerySet(LockingQuerySet["IncidentRepresentative"]):
    """Representatives as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of the claims ``by`` may see."""
        return self.filter(claim__in=IncidentClaim.objects.visible_to(by))


class IncidentRepresentative(models.Model):
    """One of the claimants who speaks for the rest: named, willing, chosen by enough of them (第12条: at most two)."""

    class Status(models.TextChoices):
        NAMED = "NAMED", "被推选"
        ACTING = "ACTING", "代表人"
        ENDED = "ENDED", "不再代表"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="representatives", verbose_name="群体事件")
    claim = models.ForeignKey(IncidentClaim, models.PROTECT, related_name="representatives", verbose_name="债权")
    status = models.CharField("状态", max_length=6, choices=Status.choices, default=Status.NAMED)
    named_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提名人")
    willing_at = models.DateTimeField("本人同意时间", null=True)
    acting_from = models.DateTimeField("开始代表", null=True)
    ended_at = models.DateTimeField("结束代表", null=True)
    reason = models.CharField("结束原因", max_length=300, blank=True)

    objects = OfClaimsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "债权人代表"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="representative_status_legal", condition=Q(status__in=["NAMED", "ACTING", "ENDED"])
            ),
            models.CheckConstraint(
                name="representative_is_willing", condition=~Q(status="ACTING") | Q(willing_at__isnull=False)
            ),
            models.UniqueConstraint(fields=["claim"], condition=~Q(status="ENDED"), name="one_representation_of_claim"),
        ]

    def __str__(self) -> str:
        return self.claim.claimant.masked_name

    @property
    def region(self) -> Region:
        """Where the merchant is."""
        return self.incident.merchant.region

    @property
    def merchant_id(self) -> int:
        """Against whom."""
        return self.incident.merchant_id


REPRESENTATIVE_LIFECYCLE = Lifecycle(
    "complaints.IncidentRepresentative",
    "status",
    {
        "confirm": Step(("NAMED",), "ACTING", "complaints.run_representative", "确认为代表人"),
        "end": Step(("NAMED", "ACTING"), "ENDED", "complaints.run_representative", "不再代表", caution=True),
    },
)


class RepresentativeConsent(models.Model):
    """One claimant agrees to be represented by a person; once, however many claims they have."""

    class How(models.TextChoices):
        PORTAL = "PORTAL", "本人在平台同意"
        SIGNED = "SIGNED", "现场签名"
        PHONE = "PHONE", "电话确认"

    representative = models.ForeignKey(
        IncidentRepresentative, models.PROTECT, related_name="consents", verbose_name="代表人"
    )
    claim = models.ForeignKey(IncidentClaim, models.PROTECT, related_name="+", verbose_name="债权")
    person_idx = models.CharField(max_length=32)
    how = models.CharField("方式", max_length=6, choices=How.choices)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "推选代表人的同意"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["representative", "person_idx"], name="one_consent_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.claim} → {self.representative}"
