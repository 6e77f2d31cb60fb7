"""Cards sold before joining, as the regulator reads them: what is owed without being locked, and what is disputed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, ReasonForm
from core.case_lists import ReadOnlyAdmin, column
from core.case_panels import VERB_WORDS, Panel, facts, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, moment, money, state_of
from prepaid import actions as prepaid
from prepaid.admin.custody import OfShop
from prepaid.card_import import MOST_TIMES
from prepaid.forms.console import YuanField
from prepaid.models import CardImport, LegacyCard, Plan
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE

VERB_WORDS.update(
    {
        "legacy_card.add": "商家登记老卡",
        "legacy_card.confirm": "消费者确认余额",
        "legacy_card.dispute": "消费者说余额不对",
        "legacy_card.deny": "消费者说不是本人的卡",
        "legacy_card.accept": "商家按消费者说的改",
        "legacy_card.settle": "认定余额",
        "legacy_card.offer_move": "商家准备把余额存进银行",
        "legacy_card.stop_move": "先不存了",
        "legacy_card.move": "商家已付，余额转入存管",
        "legacy_card.ask_refund": "消费者要退款",
        "legacy_card.withdraw_refund": "撤回退款",
        "legacy_card.take_refund": "消费者收到退款",
        "legacy_use.ask": "商家登记老卡消费",
        "legacy_use.confirm": "消费者确认老卡消费",
        "legacy_use.refuse": "消费者不认可老卡消费",
        "legacy_use.withdraw": "商家撤回老卡消费",
        "card_import.receive": "上传老卡清单",
        "card_import.finish": "老卡清单导入完成",
        "card_import.refuse": "老卡清单读不了",
    }
)


class RestForm(ReasonForm):
    """What is left, in the officer's finding."""

    fen = YuanField(label="认定余额（元）", error_messages={"required": "填余额"})
    times = forms.IntegerField(label="认定剩余次数", required=False, min_value=1, max_value=MOST_TIMES)
    field_order = ("fen", "times", "reason")

    def __init__(self, *args: Any, case: LegacyCard | None = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        if case is not None and case.kind != Plan.Kind.COUNT:
            del self.fields["times"]


def _rest(fen: int | None, times: int) -> str:
    """An amount, and the times of a count card."""
    if fen is None:
        return "—"
    return f"{times} 次，¥{yuan(fen)}" if times else f"¥{yuan(fen)}"


@admin.register(LegacyCard)
class LegacyCardAdmin(OfShop, CaseAdmin):
    """Each old card; a disputed balance is settled here."""

    lifecycle = LEGACY_CARD_LIFECYCLE
    list_display = ("card_", "shop", "status_", "holder_", "left", "claimed", "bought_on")
    list_filter = ("status", "kind", "entered_at")
    list_select_related = ("merchant", "holder")
    search_fields = ("merchant__brand_name__icontains",)
    search_help_text = "编号（可只输前几位）、店招；完整手机号要有办案权限"
    code_fields = ("code",)
    phone_fields = ("holder__phone_idx",)
    ordering = ("-id",)
    empty_text = "没有登记老卡。"
    list_help = "加入前卖的卡，钱不在存管账户；计入预收余额和存管比例，失联清退时列为债权。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("持卡人", lambda row: row.holder.masked_phone),
        ("卡名", lambda row: row.name),
        ("现余额（元）", lambda row: plain_yuan(row.left_fen)),
        ("现次数", lambda row: row.left_times),
        ("商家登记余额（元）", lambda row: plain_yuan(row.stated_fen)),
        ("消费者主张余额（元）", lambda row: plain_yuan(row.claimed_fen)),
        ("办卡日期", lambda row: row.bought_on),
    )
    acts = {
        "settle": Act(
            lambda pk, data, by: prepaid.settle_legacy_card(
                pk, data["fen"], data["reason"], by=by, times=data.get("times") or 0
            ),
            lambda case: (
                f"商家登记 {_rest(case.stated_fen, case.stated_times)}，"
                f"消费者说 {_rest(case.claimed_fen, case.claimed_times)}。认定后以认定的为准，双方收到短信。"
            ),
            form=RestForm,
            icon="scale",
            done="已认定",
        ),
    }

    @column("老卡", order="id")
    def card_(self, row: LegacyCard) -> str:
        """Its name."""
        return row.name

    def second_line(self, row: LegacyCard) -> str:
        """Its code."""
        return row.code

    @column("持卡人")
    def holder_(self, row: LegacyCard) -> str:
        """Masked."""
        return row.holder.masked_phone

    @column("现余额", order="left_fen", num=True)
    def left(self, row: LegacyCard) -> SafeString:
        """What is left."""
        return money(row.left_fen)

    @column("消费者主张", num=True)
    def claimed(self, row: LegacyCard) -> str:
        """What the consumer says, where it differs."""
        return _rest(row.claimed_fen, row.claimed_times)

    def panels(self, case: LegacyCard, by: Actor) -> list[Panel]:
        """The figures of both sides, and the visits."""
        pairs: list[Any] = [
            ("类型", case.get_kind_display()),
            ("持卡人", case.holder.masked_phone),
            ("办卡日期", cn_date(case.bought_on)),
            ("商家登记", _rest(case.stated_fen, case.stated_times)),
            ("消费者主张", _rest(case.claimed_fen, case.claimed_times)),
            ("现余额", _rest(case.left_fen, case.left_times)),
            ("说明", case.remark or "—"),
        ]
        uses = case.uses.select_related("store")[:50]
        visits = [
            [cn_datetime(use.asked_at), use.item, _rest(use.amount_fen, use.times), state_of(use, "officer")]
            for use in uses
        ]
        return [facts("余额（没有存管）", pairs), table("消费", ["时间", "项目", "扣", "状态"], visits)]

    def audited(self, case: LegacyCard) -> list[tuple[str, Any]]:
        """The card and its visits."""
        uses = case.uses.values_list("pk", flat=True)
        return [(case._meta.label, case.pk), *(("prepaid.LegacyUse", pk) for pk in uses)]


@admin.register(CardImport)
class CardImportAdmin(OfShop, ReadOnlyAdmin):
    """The lists shops handed in, and what came of them."""

    opens_case = False
    list_display = ("name", "shop", "status_", "rows", "added", "refused", "uploaded")
    list_filter = ("status", "uploaded_at")
    list_select_related = ("merchant",)
    search_fields = ("merchant__brand_name__icontains",)
    ordering = ("-id",)
    empty_text = "没有商家导入老卡清单。"

    @column("行数", num=True)
    def rows(self, row: CardImport) -> int:
        """How many."""
        return row.row_count

    @column("新登记", num=True)
    def added(self, row: CardImport) -> int:
        """How many came in."""
        return row.added_count

    @column("没有通过", num=True)
    def refused(self, row: CardImport) -> int:
        """How many did not."""
        return row.refused_count

    @column("上传", order="uploaded_at")
    def uploaded(self, row: CardImport) -> SafeString:
        """When."""
        return moment(row.uploaded_at)
