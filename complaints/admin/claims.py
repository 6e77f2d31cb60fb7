"""One claim of an incident for officers: whose, on which card, what it is checked against."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints.forms import incidents as forms
from complaints.models import IncidentClaim
from complaints.models.incidents import CLAIM_LIFECYCLE
from core.actors import Actor
from core.case_admin import Act, CaseAdmin, PurposeForm, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, money, state_of
from prepaid.admin.rows import case_url
from prepaid.models import Contract, LegacyCard


def _support(pk: int, data: dict[str, Any], by: Actor) -> Any:
    return complaints.choose_representative(int(data["representative"]), pk, data["how"], by=by)


def _stands(case: IncidentClaim) -> bool:
    return case.status in ("OPEN", "ACCEPTED") and case.incident.status != "CLOSED"


def _may_be_named(case: IncidentClaim) -> bool:
    return _stands(case) and not case.representatives.exclude(status="ENDED").exclude(willing_at=None).exists()


def _may_support(case: IncidentClaim) -> bool:
    return _stands(case) and case.incident.representatives.exclude(status="ENDED").exists()


def _repayable(case: IncidentClaim) -> bool:
    return case.status == "ACCEPTED" and case.kind != "CONTRACT" and (case.allowed_fen or 0) > case.repaid_fen


@admin.register(IncidentClaim)
class IncidentClaimAdmin(CaseAdmin):
    """The register of claims; who entered one does not check it."""

    lifecycle = CLAIM_LIFECYCLE
    list_help = "登记和核对不是同一人。核对过的平台外的卡，计入商家的未锁定余额和失联清退。"
    list_display = ("who", "shop", "kind", "status_", "claimed", "allowed", "entered")
    list_filter = ("status", "kind", "entered_at")
    list_select_related = ("claimant", "incident__merchant")
    search_fields = ("incident__merchant__brand_name__icontains", "card_name__icontains")
    search_help_text = "债权编号（可只输前几位）、店招、卡名；完整手机号要有办案权限"
    code_fields = ("code",)
    phone_fields = ("person_idx",)
    ordering = ("-id",)
    empty_text = "没有债权登记。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.incident.merchant.brand_name),
        ("类别", lambda row: row.get_kind_display()),
        ("状态", lambda row: row.get_status_display()),
        ("卡", lambda row: row.card_name),
        ("申报（元）", lambda row: plain_yuan(row.claimed_fen)),
        ("核定（元）", lambda row: plain_yuan(row.allowed_fen)),
        ("另行退还（元）", lambda row: plain_yuan(row.repaid_fen)),
        ("登记时间", lambda row: row.entered_at),
    )
    acts = {
        "check": Act(
            lambda pk, data, by: complaints.check_claim(pk, data["allowed_fen"], data["reason"], by=by),
            lambda case: f"申报 ¥{yuan(case.claimed_fen)}。核定后本人看到；平台外的卡从此计入商家欠款。",
            form=forms.CheckForm, done="已核定",
        ),
        "refuse": Act(
            lambda pk, data, by: complaints.refuse_claim(pk, data["reason"], by=by),
            lambda case: f"申报 ¥{yuan(case.claimed_fen)} 不予登记，本人看到理由。", form=ReasonForm, icon="x",
            done="已记录",
        ),
        "recheck": Act(
            lambda pk, data, by: complaints.recheck_claim(pk, data["reason"], by=by),
            lambda case: "核定的金额取消，重新核对。", form=ReasonForm, icon="back", done="已退回核对",
        ),
        "repaid": Act(
            lambda pk, data, by: complaints.note_repaid(pk, data["amount_fen"], data["proof"], by=by),
            lambda case: f"核定 ¥{yuan(case.allowed_fen)}，已另行退还 ¥{yuan(case.repaid_fen)}；不含锁定资金的退款。",
            form=forms.RepaidForm, icon="bank", label="登记另行退还", permission="complaints.note_repaid",
            when=_repayable, done="已登记",
        ),
        "name": Act(
            lambda pk, data, by: complaints.name_representative(pk, willing=data["willing"], by=by),
            lambda case: "记下债权人推选了谁；够人数同意后再确认。", form=forms.NameForm, icon="users",
            label="推选为代表人", permission="complaints.run_representative", when=_may_be_named, done="已记录",
        ),
        "support": Act(
            _support, lambda case: "记下这位债权人同意由谁代表；一人对一名代表人只记一次。", form=forms.SupportForm,
            icon="check", label="记录同意由谁代表", permission="complaints.run_representative", when=_may_support,
            done="已记录",
        ),
        "unmask": Act(
            lambda pk, data, by: complaints.unmask_claimant(pk, data["purpose"], by=by).items(),
            lambda case: "姓名和手机号只显示这一次，写进办理记录。", form=PurposeForm, icon="eye",
            label="查看完整信息", permission="complaints.unmask_claimant", shows=True,
        ),
    }  # fmt: skip

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """The incident leads to its claims."""
        return lookup == "incident__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncidentClaim]:
        """With claimant, shop and people."""
        more = ("claimant", "incident__merchant__region", "entered_by", "checked_by")
        return super().get_queryset(request).select_related(*more)

    @column("债权人", order="id")
    def who(self, row: IncidentClaim) -> str:
        """Masked."""
        return row.claimant.masked_name or row.code_grouped

    def second_line(self, row: IncidentClaim) -> str:
        """The card."""
        return row.card_name

    @column("商家")
    def shop(self, row: IncidentClaim) -> str:
        """Against whom."""
        return row.incident.merchant.brand_name

    @column("状态", order="status")
    def status_(self, row: IncidentClaim) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("申报", order="claimed_fen", num=True)
    def claimed(self, row: IncidentClaim) -> SafeString:
        """What was asked."""
        return money(row.claimed_fen)

    @column("核定", order="allowed_fen", num=True)
    def allowed(self, row: IncidentClaim) -> Any:
        """What was found."""
        return money(row.allowed_fen) if row.allowed_fen else "—"

    @column("登记", order="entered_at")
    def entered(self, row: IncidentClaim) -> str:
        """When."""
        return cn_date(row.entered_at)

    def heading(self, case: IncidentClaim) -> str:
        """Who and which card."""
        return f"{case.claimant.masked_name or '债权人'} {case.card_name}"

    def lead(self, case: IncidentClaim) -> str:
        """Code, kind, shop."""
        return f"债权 {case.code_grouped} · {case.get_kind_display()} · {case.incident.merchant.brand_name}"

    def panels(self, case: IncidentClaim, by: Actor) -> list[Panel]:
        """The claim, and what the portal knows of the person's cards at the shop."""
        proof = link(reverse("admin:stored_file", args=[case.evidence_id]), "打开") if case.evidence_id else ""
        own = "本人在平台登记" if case.entered_themselves else f"{case.entered_by.name} 代为登记"
        return [
            facts("债权", [
                ("债权人", case.claimant.masked_name, case.claimant.masked_phone),
                ("类别", case.get_kind_display()),
                ("卡", case.card_name),
                ("申报金额", money(case.claimed_fen)),
                ("说明", case.note),
                ("凭证", proof or "没有"),
                ("登记", own, cn_datetime(case.entered_at)),
                ("核定金额", money(case.allowed_fen) if case.allowed_fen else ""),
                ("核对意见", case.reason),
                ("核对人", case.checked_by.name if case.checked_by else "", cn_datetime(case.checked_at)),
                ("另行退还", money(case.repaid_fen) if case.repaid_fen else ""),
            ]),
            self._known(case),
        ]  # fmt: skip

    def _known(self, case: IncidentClaim) -> Panel:
        shop = {"merchant": case.incident.merchant_id, "holder__phone_idx": case.person_idx}
        cards = Contract.objects.filter(**shop).select_related("plan", "account", "merchant")
        cells: list[tuple[Any, ...]] = [
            (link(case_url(row), row.plan.name), "已锁定", state_of(row, "officer"), money(row.locked_fen))
            for row in cards
        ]
        old = LegacyCard.objects.filter(**shop)
        cells += [
            (link(case_url(row), row.name), "没有锁定", state_of(row, "officer"), money(row.left_fen)) for row in old
        ]
        heads = ("卡", "存管", "状态", "余额")
        empty = "平台上没有这个手机号在这家店的卡"
        return table("平台上这个人在这家店的卡", heads, cells, numeric=(3,), empty=empty, note="核对时防止重复")

    def side(self, case: IncidentClaim, by: Actor) -> list[Panel]:
        """The incident, and the rule of two."""
        pairs = [("群体事件", link(case_url(case.incident), case.incident.code)), ("两人规则", "登记人不能核对。")]
        return [facts("相关", pairs, as_list=True)]
