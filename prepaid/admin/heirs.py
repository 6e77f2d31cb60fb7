"""Cards of people who died, as the regulator works on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, PurposeForm, ReasonForm
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link, table
from core.identifiers import masked_name, masked_phone
from core.money import yuan
from core.templatetags.portal_ui import cn_datetime, money, state_of
from prepaid import actions as prepaid
from prepaid.actions.heirs import cards_of_claim, legacy_of_claim
from prepaid.admin import rows
from prepaid.admin.custody import OfShop
from prepaid.admin.malls import picture
from prepaid.claims import claim_of
from prepaid.models import HeirClaim
from prepaid.models.heirs import HEIR_CLAIM_LIFECYCLE

VERB_WORDS.update(
    {
        "heir_claim.begin": "提出继承办理",
        "heir_claim.add_document": "上传继承材料",
        "heir_claim.submit": "提交继承办理",
        "heir_claim.withdraw": "撤回继承办理",
        "heir_claim.send_back": "退回补正",
        "heir_claim.check": "核对无误，待复核",
        "heir_claim.approve": "复核同意，办理继承",
        "heir_claim.reject": "不予办理",
        "heir_claim.unmask": "查看完整信息",
        "assignment.hand_on": "依法转给继承人",
        "legacy_card.new_holder": "老卡换持卡人",
    }
)


def _effect(case: HeirClaim) -> str:
    cards = [claim_of(card, business_date()) for card in cards_of_claim(case).filter(status__in=["ACTIVE", "PAUSED"])]
    fen, old = sum(one.entitled_fen for one in cards), len(legacy_of_claim(case))
    what = (
        f"依法应退 ¥{yuan(fen)}，退到继承人本人账户"
        if case.wish == HeirClaim.Wish.REFUND
        else "转到继承人名下，条款不变"
    )
    said = f"{case.merchant.brand_name} 的 {len(cards)} 份合同{what}"
    return said + (f"；{old} 张老卡（没有锁定）也归继承人，由商家退。" if old else "。")


@admin.register(HeirClaim)
class HeirClaimAdmin(OfShop, CaseAdmin):
    """One request: the papers, whom they lead to, the sums, and the two signatures."""

    lifecycle = HEIR_CLAIM_LIFECYCLE
    list_display = ("shop", "status_", "who", "wish", "submitted")
    list_filter = ("status", "wish")
    list_select_related = ("merchant", "merchant__region", "heir")
    search_fields = ("merchant__brand_name__icontains",)
    code_fields = ("code",)
    ordering = ("-id",)
    list_help = "持卡人去世，继承人凭材料办理。一人核对、另一人复核；不是消费者的原因，按第18条算。"
    empty_text = "没有继承办理。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("要怎么办", lambda row: row.get_wish_display()),
        ("提交时间", lambda row: row.submitted_at),
    )
    acts = {
        "check": Act(
            lambda pk, data, by: prepaid.check_heir_claim(pk, data["reason"], by=by),
            lambda case: _effect(case) + "核对后由另一名监管人员复核，现在不动钱。",
            form=ReasonForm, done="已核对，等第二人复核",
        ),
        "approve": Act(
            lambda pk, data, by: prepaid.approve_heir_claim(pk, by=by), _effect, icon="users", done="已办理",
        ),
        "send_back": Act(
            lambda pk, data, by: prepaid.send_back_heir_claim(pk, data["reason"], by=by),
            lambda case: "退回后继承人收到短信，补好再提交。",
            form=ReasonForm, icon="back", done="已退回补正",
        ),
        "reject": Act(
            lambda pk, data, by: prepaid.reject_heir_claim(pk, data["reason"], by=by),
            lambda case: "不予办理的，继承人看到理由；卡和钱不动。",
            form=ReasonForm, icon="x", done="已记为不予办理",
        ),
        "unmask": Act(
            lambda pk, data, by: prepaid.unmask_heir_claim(pk, data["purpose"], by=by),
            lambda case: "显示逝者和继承人的姓名、手机号，只显示一次；用途写进办理记录（个人信息保护法第51条）。",
            form=PurposeForm, icon="eye", label="查看完整信息（须填理由）", permission="prepaid.check_heirclaim",
            shows=True,
        ),
    }  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeirClaim]:
        """With the people."""
        people = ("merchant", "merchant__region", "heir", "holder", "checked_by", "approved_by")
        return super().get_queryset(request).select_related(*people)

    @column("继承人")
    def who(self, row: HeirClaim) -> str:
        """Masked."""
        return f"{row.heir}（{row.get_relation_display()}）"

    @column("提交", order="submitted_at")
    def submitted(self, row: HeirClaim) -> str:
        """When."""
        return cn_datetime(row.submitted_at)

    def heading(self, case: HeirClaim) -> str:
        """The shop."""
        return f"{case.merchant.brand_name} 继承办理"

    def lead(self, case: HeirClaim) -> str:
        """Who wants what."""
        return f"{case.heir}，{case.get_relation_display()} · {case.get_wish_display()}"

    def panels(self, case: HeirClaim, by: Actor) -> list[Panel]:
        """Whom the papers lead to, the cards with their sums, the papers."""
        pairs = [
            ("逝者", masked_name(case.deceased_name), masked_phone(case.deceased_phone) if case.deceased_phone else ""),
            ("合同编号", case.contract_code),
            ("对上的持卡人", str(case.holder) if case.holder else "没有对上：姓名与手机号（或合同）不是同一个人"),
            ("说明", case.text),
            ("核对意见", case.finding),
            ("核对人", case.checked_by.name if case.checked_by else "", cn_datetime(case.checked_at)),
            ("复核人", case.approved_by.name if case.approved_by else "", cn_datetime(case.ended_at)),
        ]
        papers = [panel for one in case.documents.select_related("file") for panel in picture(str(one), one.file)]
        return [facts("核对", pairs), self._cards(case), *papers]

    def _cards(self, case: HeirClaim) -> Panel:
        heads = ("卡", "状态", "锁定", "依法应退")
        if case.status == HeirClaim.Status.SETTLED:
            done = case.cards.select_related("contract__account", "refund", "legacy_card")
            return table("归继承人的卡", heads, [_done(card) for card in done], numeric=(2, 3))
        if case.holder is None:
            return table("持有的卡", heads, [], empty="没有对上持卡人")
        today = business_date()
        cells: list[tuple[Any, ...]] = [
            (
                link(rows.case_url(card), str(card), str(card.terms.get("plan", ""))),
                state_of(card, "officer"),
                money(card.locked_fen),
                money(claim_of(card, today).entitled_fen) if card.status in ("ACTIVE", "PAUSED") else "—",
            )
            for card in cards_of_claim(case).with_money()
        ]
        for one in legacy_of_claim(case):
            cells.append((link(rows.case_url(one), one.name), state_of(one, "officer"), "未锁定", money(one.left_fen)))
        return table("持有的卡", heads, cells, numeric=(2, 3), empty="这家店里没有可办的卡")


def _done(card: Any) -> tuple[Any, SafeString | str, Any, Any]:
    one = card.contract or card.legacy_card
    locked = money(card.contract.locked_fen) if card.contract else "未锁定"
    refunded = (
        link(rows.case_url(card.refund), f"¥{yuan(card.refund.total_fen)}") if card.refund else card.trouble or "—"
    )
    return link(rows.case_url(one), str(one)), state_of(one, "officer"), locked, refunded
