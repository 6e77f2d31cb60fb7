"""Contracts and their money, as the regulator reads them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.actors import Actor
from core.case_admin import Act, CaseForm, PurposeForm, ReasonForm
from core.case_lists import column
from core.case_panels import Panel, facts, link, table
from core.csv_export import plain_yuan
from core.money import yuan
from core.templatetags.portal_ui import cn_date, cn_datetime, mask_phone, moment, money, state
from prepaid import actions as prepaid
from prepaid.admin import rows
from prepaid.admin.evidence import EVIDENCE, EvidenceAdmin
from prepaid.models import Contract, Freeze, Guardianship, Instalment, LedgerAccount, Plan
from prepaid.models.contracts import CONTRACT_LIFECYCLE
from prepaid.signing import paper_of

ROWS = 20


def _minor(case: Contract) -> str:
    """Initials only, with the relation of the one who signed."""
    row = Guardianship.objects.filter(contract=case, ended_at=None).first()
    return str(row) if row else ""


def _may_freeze(case: Contract) -> bool:
    """A contract with money that no order covers yet."""
    open_ones = case.freezes.exclude(status__in=[Freeze.Status.REJECTED, Freeze.Status.LIFTED])
    return case.locked_fen > 0 and not open_ones.exists()


class StationRebindForm(CaseForm):
    """The same person under a new number, checked by identity card at the station."""

    name = forms.CharField(label="身份证上的姓名", max_length=40, error_messages={"required": "填身份证上的姓名"})
    phone = forms.CharField(label="新手机号", max_length=20, error_messages={"required": "填新手机号"})


class Frozen(admin.SimpleListFilter):
    """Whether the money of the contract is frozen."""

    title = "资金"
    parameter_name = "money"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Frozen, locked, or none."""
        return [("frozen", "已冻结"), ("locked", "有锁定"), ("held", "有暂留")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        wanted = {
            "frozen": Q(account__status=LedgerAccount.Status.FROZEN) | Q(merchant_is_frozen=True),
            "locked": Q(account__row_balance_fen__gt=0),
            "held": Q(account__held_fen__gt=0),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


def _unmask(pk: int, data: dict[str, Any], by: Actor) -> list[tuple[str, str]]:
    """The holder's data, labelled, for the page that shows them once."""
    shown = prepaid.unmask_holder(pk, data["purpose"], by=by)
    return [("持卡人", shown["name"]), ("手机号", shown["phone"])]


@admin.register(Contract)
class ContractAdmin(EvidenceAdmin):
    """One agreement: who, what, where the money is, what was consumed."""

    lifecycle = CONTRACT_LIFECYCLE
    list_display = ("code_", "merchant", "holder_", "status_", "paid", "locked", "held", "offered")
    list_filter = (
        "status",
        "kind",
        ("merchant__industry", admin.RelatedOnlyFieldListFilter),
        Frozen,
        "offered_at",
    )
    list_select_related = ("merchant", "holder", "account", "plan")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact")
    search_help_text = "合同编号（可只输前几位）、店招、信用代码；完整手机号要有办案权限"
    code_fields = ("code",)
    phone_fields = ("holder__phone_idx", "payer__phone_idx")
    export_columns = (
        ("合同编号", str),
        ("商家", lambda row: row.merchant.brand_name),
        ("持卡人", lambda row: str(row.holder)),
        ("类型", lambda row: row.get_kind_display()),
        ("状态", lambda row: row.get_status_display()),
        ("共付（元）", lambda row: plain_yuan(row.paid_fen)),
        ("锁定（元）", lambda row: plain_yuan(row.locked_fen)),
        ("暂留（元）", lambda row: plain_yuan(row.held_fen)),
        ("已划拨（元）", lambda row: plain_yuan(row.released_fen)),
        ("已退（元）", lambda row: plain_yuan(row.refunded_fen)),
        ("开单时间", lambda row: row.offered_at),
    )
    acts = {
        "propose_freeze": Act(
            lambda pk, data, by: prepaid.propose_freeze(
                Contract.objects.get(pk=pk).merchant_id, data["reason"], by=by, contract_id=pk
            ),
            lambda case: (
                f"第二人复核同意后，这份合同锁定的 ¥{yuan(case.locked_fen)} 停止划拨给"
                f"{case.merchant.brand_name}；消费者退款照常。现在提出不会马上冻结。"
            ),
            form=ReasonForm,
            icon="snow",
            label="提出冻结这份合同",
            permission="prepaid.propose_freeze",
            when=_may_freeze,
            caution=True,
            done="已提出，等第二人复核",
        ),
        "report_loss": Act(
            lambda pk, data, by: prepaid.report_loss(pk, by=by),
            lambda case: f"付款码作废、不能再刷；锁定的 ¥{yuan(case.locked_fen)} 不变，由持卡人本人补办。",
            icon="stop",
            label="代持卡人挂失",
            permission="prepaid.report_loss",
            when=lambda case: case.status in (Contract.Status.ACTIVE, Contract.Status.PAUSED) and not case.lost_at,
            done="已挂失",
        ),
        "rebind": Act(
            lambda pk, data, by: prepaid.rebind_number(pk, data["phone"], data["name"], by=by),
            lambda case: "核对身份证原件后登记。原号码马上收到提醒，没有异议的，等待期满换到新号码。",
            form=StationRebindForm,
            icon="phone",
            label="凭身份证换绑手机号",
            permission="prepaid.rebind_number",
            when=lambda case: case.status in (Contract.Status.ACTIVE, Contract.Status.PAUSED),
            done="已登记，等待期满生效",
        ),
        "evidence": EVIDENCE,
        "unmask": Act(
            _unmask,
            lambda case: "只显示一次；用途、时间和您的姓名写进办理记录（个人信息保护法第51条）。",
            form=PurposeForm,
            icon="eye",
            label="查看完整信息（须填理由）",
            permission="prepaid.unmask_holder",
            shows=True,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        """With the money at hand."""
        seen = Contract.objects.visible_to(Actor.of(request)).with_money()
        return seen.select_related("holder", "payer", "sold_by").order_by("-id")

    @column("合同", order="id")
    def code_(self, row: Contract) -> str:
        """In groups of four."""
        return str(row)

    def second_line(self, row: Contract) -> str:
        """The plan and its kind."""
        return f"{row.plan.name} · {row.get_kind_display()}"

    @column("持卡人")
    def holder_(self, row: Contract) -> str:
        """Masked."""
        return str(row.holder)

    @column("状态", order="status")
    def status_(self, row: Contract) -> SafeString:
        """In the words of officers."""
        states = rows.contract_states(row)
        return format_html("{}" * len(states), *states)

    @column("共付", order="paid_fen", num=True)
    def paid(self, row: Contract) -> SafeString:
        """All payments."""
        return money(row.paid_fen)

    @column("锁定", order="account__row_balance_fen", num=True)
    def locked(self, row: Contract) -> SafeString:
        """Locked, held and frozen included."""
        return money(row.locked_fen)

    @column("暂留", order="account__held_fen", num=True)
    def held(self, row: Contract) -> SafeString:
        """Claimed by visits that wait."""
        return money(row.held_fen)

    @column("开单", order="offered_at")
    def offered(self, row: Contract) -> SafeString:
        """When it was offered."""
        return moment(row.offered_at)

    def heading(self, case: Contract) -> str:
        """Shop and plan."""
        return f"{case.merchant.brand_name} {case.plan.name}"

    def lead(self, case: Contract) -> str:
        """Code, kind and people."""
        return f"合同 {case} · {case.get_kind_display()} · 持卡人 {case.holder} · {case.store.name}"

    def states(self, case: Contract) -> list[SafeString]:
        """State, and a freeze of the contract or of the whole merchant."""
        return rows.contract_states(case)

    def audited(self, case: Contract) -> list[tuple[str, Any]]:
        """The contract's own lines and those of its refunds and freezes."""
        return [
            *super().audited(case),
            *(("prepaid.Refund", pk) for pk in case.refunds.values_list("pk", flat=True)),
            *(("prepaid.Freeze", pk) for pk in case.freezes.values_list("pk", flat=True)),
        ]

    def panels(self, case: Contract, by: Actor) -> list[Panel]:
        """Money, lots, visits, periods, refunds, freezes, terms."""
        more = (
            {"url": reverse("admin:account_statement", args=[case.account_id]), "link": "看资金流水"}
            if case.account_id
            else {}
        )
        visits = case.visits.order_by("-id")[:ROWS]
        return [
            rows.money_panel(case, **more),
            self._lots(case),
            rows.visits_table(visits, url=rows.list_url(visits.model, contract__id__exact=case.pk), link="全部消费"),
            *self._periods(case),
            rows.refunds_table(case.refunds.all()[:ROWS]),
            rows.freezes_table(case.freezes.select_related("proposed_by", "approved_by")[:ROWS]),
            self._terms(case),
        ]

    def side(self, case: Contract, by: Actor) -> list[Panel]:
        """The people, masked."""
        people = [
            ("持卡人", str(case.holder), mask_phone(case.holder.phone)),
            ("付款人", "同持卡人" if case.payer_id == case.holder_id else str(case.payer)),
            ("使用人", "、".join(str(one.user) for one in case.users.select_related("user"))),
            ("经办店员", case.sold_by.name or str(case.sold_by) if case.sold_by else ""),
            ("未成年使用人", _minor(case)),
            ("挂失", cn_datetime(case.lost_at)),
            ("商家", link(rows.case_url(case.merchant), "一企一档")),
        ]
        return [facts("当事人", people, as_list=True)]

    def _lots(self, case: Contract) -> Panel:
        cells = [
            (
                str(lot),
                money(lot.paid_fen),
                money(lot.bonus_fen) if not lot.times_bonus else f"{lot.times_bonus} 次",
                money(lot.used_face_fen) if not lot.times_paid else f"{lot.used_times} 次",
                money(lot.refunded_fen),
                cn_date(lot.paid_on),
                cn_date(lot.cooling_off_until),
            )
            for lot in case.lots.all()
        ]
        heads = ("批次", "实付", "赠送", "已用", "已退", "付款日", "冷静期至")
        return table("充值批次", heads, cells, numeric=(1, 2, 3, 4), empty="还没有到账")

    def _periods(self, case: Contract) -> list[Panel]:
        if case.kind not in (Plan.Kind.UNLIMITED_TERM, Plan.Kind.PER_PERIOD) or not case.account_id:
            return []
        looks = {0: ("hold", "calendar"), 1: ("released", "out"), 2: ("warn", "pause"), 3: ("danger", "alert")}
        cells = [
            (
                f"第 {row.no} 期",
                cn_date(row.due_on),
                money(row.amount_fen),
                state(*looks.get(row.state, ("ok", "stop")), row.get_state_display()),
            )
            for row in Instalment.objects.of_account(case.account_id)
        ]
        return [table("周期划拨", ("期次", "划拨日", "金额", "状态"), cells, numeric=(2,), empty="第一次使用后才排期")]

    def _terms(self, case: Contract) -> Panel:
        paper = paper_of(case)
        pairs = [
            ("签约", cn_datetime(case.signed_at)),
            ("期限", f"{cn_date(case.starts_on)} 至 {cn_date(case.ends_on) or '用完为止'}" if case.starts_on else ""),
            ("自动付款", ("开" if case.auto_release else "已停止") if case.is_periodic else ""),
            ("退款约定", case.terms.get("refund_terms", "")),
            ("内容", case.terms.get("description", "")),
            ("规则版本", case.rule_pack),
            ("条款摘要", case.terms_hash[:16]),
            ("签署", "；".join(f"{one}（{one.get_method_display()}）" for one in paper.signatures)),
            ("核对", paper.said),
        ]
        return facts("签约条款", pairs)
