"""A declaration (申报): from the shop's own word through screening, the visit and two reviews to publicity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from core.identifiers import grouped, public_code
from core.lifecycle import Lifecycle, Step
from core.locking import LockingQuerySet
from core.models import Role, StoredFile, User
from core.models.people import WATCHERS, in_regions
from trust_units.models.units import TrustUnit

if TYPE_CHECKING:
    from core.actors import Actor

STATUSES = (
    "DRAFT", "DECLARED", "MANUAL_QUEUE", "SITE_CHECK", "BUSINESS_REVIEW", "GENERAL_REVIEW", "PUBLICITY", "RETURNED",
    "GRANTED", "REFUSED", "WITHDRAWN",
)  # fmt: skip
ENDED = ("GRANTED", "REFUSED", "WITHDRAWN")
WITH_SHOP = ("DRAFT", "RETURNED")


class DeclarationQuerySet(LockingQuerySet["Declaration"]):
    """Declarations as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """Those of one's own units, those of the officer's regions once declared, an association's in review."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        access = by.user.access
        own = Q(unit__merchant__in=access.merchants()) | Q(unit__mall__in=access.malls())
        seen = in_regions("unit__region__path", access.region_paths(*WATCHERS)) & (
            ~Q(status="DRAFT") | Q(assisted_by=by.user)
        )
        asked = Q(status="BUSINESS_REVIEW") if access.has(Role.ASSOCIATION) else Q(pk=None)
        return self.filter(own | seen | asked)

    def open(self) -> Self:
        """Those not at an end."""
        return self.exclude(status__in=ENDED)


class Declaration(models.Model):
    """One attempt of a unit to enter the pool. Criteria are copied into its answers: a new version changes nothing."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "填写中"
        DECLARED = "DECLARED", "已申报，初审中"
        MANUAL_QUEUE = "MANUAL_QUEUE", "待人工审核"
        SITE_CHECK = "SITE_CHECK", "待现场核查"
        BUSINESS_REVIEW = "BUSINESS_REVIEW", "业务审核"
        GENERAL_REVIEW = "GENERAL_REVIEW", "综合审核"
        PUBLICITY = "PUBLICITY", "公示期"
        RETURNED = "RETURNED", "退回补正"
        GRANTED = "GRANTED", "已入库"
        REFUSED = "REFUSED", "未通过"
        WITHDRAWN = "WITHDRAWN", "已撤回"

    code = models.CharField("编号", max_length=16, unique=True, default=public_code, editable=False)
    unit = models.ForeignKey(TrustUnit, models.PROTECT, related_name="declarations", verbose_name="单位")
    status = models.CharField("状态", max_length=15, choices=Status.choices, default=Status.DRAFT)
    criteria_version = models.CharField("标准", max_length=30)
    promise = models.CharField("公开承诺", max_length=500, blank=True)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申报人")
    # An officer who fills it in at the shop's side (指导申报); the shop still hands it in itself.
    assisted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="指导人员")
    declared_at = models.DateTimeField("申报时间", null=True)
    # What the pre-screen said: [[code, ok, words]], by which version; a negative always goes to a person.
    screening = models.JSONField("初审", default=list)
    screened_at = models.DateTimeField("初审时间", null=True)
    human_asked_at = models.DateTimeField("要求人工审核", null=True)
    due_on = models.DateField("本环节期限", null=True)
    business_reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="业务审核人")
    general_reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="综合审核人")
    public_until = models.DateField("公示至", null=True)
    reason = models.CharField("退回或不通过的理由", max_length=500, blank=True)
    ended_at = models.DateTimeField("办结时间", null=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "放心消费申报"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=~Q(status__in=list(ENDED)), name="one_open_declaration"
            ),
            models.CheckConstraint(name="declaration_status_legal", condition=Q(status__in=list(STATUSES))),
            # 双审: two people, whatever the code above says.
            models.CheckConstraint(
                name="declaration_two_reviewers",
                condition=Q(business_reviewer=None) | Q(general_reviewer=None)
                | ~Q(business_reviewer=F("general_reviewer")),
            ),
            models.CheckConstraint(
                name="publicity_is_dated", condition=~Q(status="PUBLICITY") | Q(public_until__isnull=False)
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["public_until"], condition=Q(status="PUBLICITY"), name="declaration_in_publicity"),
            models.Index(fields=["status", "due_on"], name="declaration_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.unit}申报"

    @property
    def code_grouped(self) -> str:
        """The code as people read it."""
        return grouped(self.code)

    @property
    def is_with_shop(self) -> bool:
        """Whether the shop may change it."""
        return self.status in WITH_SHOP

    @property
    def doubts(self) -> list[str]:
        """What the pre-screen did not like, in words."""
        return [words for _, ok, words in self.screening if not ok]


class Answer(models.Model):
    """What the shop says on one criterion, with its evidence."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="answers", verbose_name="申报")
    no = models.PositiveSmallIntegerField("序号")
    criterion = models.CharField(max_length=40, editable=False)
    kind = models.CharField("类别", max_length=8, editable=False)
    text = models.CharField("标准", max_length=200, editable=False)
    needs_evidence = models.BooleanField(editable=False)
    met = models.BooleanField("做到了", null=True)
    statement = models.CharField("说明", max_length=300, blank=True)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="证据")

    class Meta:
        verbose_name = verbose_name_plural = "申报项"
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["declaration", "criterion"], name="one_answer_a_criterion")]

    def __str__(self) -> str:
        return self.text


class SiteVisit(models.Model):
    """The visit of two officers before the reviews: what they saw, where they stood, what they photographed."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="visits", verbose_name="申报")
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核查人")
    second_officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="共同核查人")
    made_at = models.DateTimeField("核查时间")
    passed = models.BooleanField("通过")
    note = models.CharField("核查意见", max_length=500)
    # {criterion: seen as declared}
    checklist = models.JSONField("清单", default=dict)
    lng = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "现场核查"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="site_visit_of_two", condition=~Q(officer=F("second_officer"))),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d} {self.note}"


class SitePhoto(models.Model):
    """One picture of a visit."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="photos", verbose_name="核查")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片")

    class Meta:
        verbose_name = verbose_name_plural = "核查照片"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.file.title


class Opinion(models.Model):
    """What the trade association, the business reviewer and the general reviewer say, each by name."""

    class Stage(models.TextChoices):
        ASSOCIATION = "ASSOCIATION", "行业协会意见"
        BUSINESS = "BUSINESS", "业务审核"
        GENERAL = "GENERAL", "综合审核"

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="opinions", verbose_name="申报")
    stage = models.CharField("环节", max_length=11, choices=Stage.choices)
    approves = models.BooleanField("同意")
    text = models.CharField("意见", max_length=500)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审核人")
    given_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "审核意见"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_stage_display()}：{self.text}"


class ObjectionQuerySet(LockingQuerySet["Objection"]):
    """Objections as one asks for them."""

    def visible_to(self, by: Actor) -> Self:
        """The writer's own, and those of declarations in the officer's regions; the shop never reads who wrote."""
        if by.is_system:
            return self
        if by.user is None or not by.user.is_authenticated:
            return self.none()
        regions = in_regions("declaration__unit__region__path", by.user.access.region_paths(*WATCHERS))
        return self.filter(Q(written_by=by.user) | regions)


class Objection(models.Model):
    """What somebody says against a unit while it is published (公示异议); answered before the pool opens."""

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="objections", verbose_name="申报")
    text = models.CharField("异议", max_length=1000)
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="材料")
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    written_at = models.DateTimeField("提出时间", auto_now_add=True)
    is_upheld = models.BooleanField("成立", null=True)
    finding = models.CharField("答复", max_length=500, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    decided_at = models.DateTimeField("答复时间", null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示异议"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="objection_is_answered",
                condition=Q(is_upheld=None, decided_at=None) | Q(is_upheld__isnull=False, decided_at__isnull=False),
            ),
            models.UniqueConstraint(fields=["declaration", "written_by"], name="one_objection_a_person"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


DECLARATION_LIFECYCLE = Lifecycle(
    "trust_units.Declaration",
    "status",
    {
        "declare": Step(("DRAFT", "RETURNED"), "DECLARED", "trust_units.declare", "申报"),
        "pass_screening": Step(("DECLARED",), "SITE_CHECK", "trust_units.screen_declaration", "初审通过"),
        "doubt": Step(("DECLARED",), "MANUAL_QUEUE", "trust_units.screen_declaration", "转人工审核"),
        "ask_human": Step(("DECLARED", "RETURNED"), "MANUAL_QUEUE", "trust_units.declare", "要求人工审核"),
        "admit": Step(("MANUAL_QUEUE",), "SITE_CHECK", "trust_units.check_site", "人工审核通过"),
        "record_visit": Step(("SITE_CHECK",), "BUSINESS_REVIEW", "trust_units.check_site", "记录现场核查"),
        "review_business": Step(("BUSINESS_REVIEW",), "GENERAL_REVIEW", "trust_units.review_business", "业务审核通过"),
        "review_general": Step(("GENERAL_REVIEW",), "PUBLICITY", "trust_units.review_general", "综合审核通过"),
        "return": Step(
            ("MANUAL_QUEUE", "SITE_CHECK", "BUSINESS_REVIEW", "GENERAL_REVIEW"),
            "RETURNED", "trust_units.return_declaration", "退回补正", caution=True,
        ),
        "grant": Step(("PUBLICITY",), "GRANTED", "trust_units.grant_unit", "公示期满，入库"),
        "refuse": Step(
            ("MANUAL_QUEUE", "BUSINESS_REVIEW", "GENERAL_REVIEW", "PUBLICITY"),
            "REFUSED", "trust_units.refuse_declaration", "不予通过", caution=True,
        ),
        "withdraw": Step(
            tuple(status for status in STATUSES if status not in ENDED),
            "WITHDRAWN", "trust_units.declare", "撤回申报", caution=True,
        ),
    },
)  # fmt: skip
