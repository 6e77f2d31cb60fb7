"""The rule packs on the regulators' site: versions, figures, back-test, and the two signatures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import pack_actions
from core.actors import Actor
from core.calendar import business_date
from core.case_admin import Act, CaseAdmin, CaseForm, ReasonForm
from core.case_lists import column
from core.case_panels import FACT_WORDS, VERB_WORDS, Panel, facts, link, table
from core.csv_export import export_table, plain_yuan
from core.models import Region, Rule, RulePack
from core.models.reference import RULE_PACK_LIFECYCLE
from core.money import yuan
from core.pack_probes import Finding, Tested, back_test, changes, dropped
from core.pack_schema import DAY_UNITS, SPECS, TAGS, label_of, say, spec_of
from core.rule_packs import NATION
from core.templatetags.portal_ui import cn_datetime, state, state_of

SURE = "T"
UNSURE = {"P": "待核（据报道或官网）", "R": "待核（未见原文）", "S": "待核（地方做法）", "D": "待核（建议取值）"}
SHOWN_FINDINGS = 200

VERB_WORDS |= {
    "rule_pack.draft": "起草规则包",
    "rule_pack.set_rule": "写入一项规则",
    "rule_pack.drop_rule": "删去一项规则",
    "rule_pack.date": "改施行日",
    "rule_pack.propose": "提交复核",
    "rule_pack.revise": "撤回修改",
    "rule_pack.publish": "复核同意并发布",
    "rule_pack.reject": "复核退回",
}
FACT_WORDS |= {"key": "规则项", "value": "值", "ends": "取代", "base": "底本"}


def tag_state(tag: str) -> SafeString:
    """How sure we are of a figure, icon and word."""
    if tag == SURE:
        return state("ok", "check", "已核原文")
    return state("warn", "alert", UNSURE.get(tag, "待核"))


def region_words(code: str) -> str:
    """「全国」 or the region's name with its code."""
    if code == NATION:
        return "全国"
    name = Region.objects.filter(pk=code).values_list("name", flat=True).first()
    return f"{name or ''} {code}".strip()


def amount_words(finding: Finding, kind: str) -> tuple[str, str, str]:
    """Figure, limit and excess in words; money in yuan."""
    figures = finding.figure, finding.limit, finding.excess
    first, second, third = (yuan(one) if kind == "fen" else str(one) for one in figures)
    return first, second, third


class DraftForm(CaseForm):
    """From when the new version holds."""

    effective_from = forms.DateField(
        label="施行日",
        help_text="写成 2027-01-01；发布时上一版到前一天为止，中间不留空档",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "填施行日", "invalid": "日期写成 2027-01-01"},
    )
    note = forms.CharField(label="说明", help_text="为什么改、依据什么文件", max_length=200, required=False)


class LocalForm(DraftForm):
    """For which region the first pack is drafted."""

    region_code = forms.CharField(
        label="地区代码", max_length=12, help_text="例如 330199", error_messages={"required": "填行政区划代码"}
    )
    field_order = ("region_code", "effective_from", "note")


class RuleForm(CaseForm):
    """One figure of a draft."""

    key = forms.ChoiceField(label="规则项", error_messages={"required": "选一个规则项"})
    value = forms.CharField(
        label="值",
        max_length=120,
        help_text="金额填元（5000），比例填 40% 或 0.4，期限填整数，选项填文字，是否填 是 或 否",
        error_messages={"required": "填值"},
    )
    unit = forms.ChoiceField(
        label="期限单位",
        required=False,
        choices=[("", "不是期限"), ("natural_day", "日"), ("working_day", "工作日")],
    )
    basis = forms.CharField(
        label="依据",
        max_length=80,
        help_text="文件和条号，例如：某某办法 第10条",
        error_messages={"required": "写明依据的条文"},
    )
    tag = forms.ChoiceField(label="确定程度", choices=list(TAGS.items()), initial="T")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {spec.key for spec in SPECS if "*" not in spec.key and spec.kind != "table"}
        known |= set(Rule.objects.values_list("key", flat=True))
        _choose_from(self, known)

    def clean_unit(self) -> str:
        """Only terms have a choice of unit; everything else has one."""
        spec = spec_of(self.cleaned_data.get("key", ""))
        return self.cleaned_data["unit"] if spec and set(spec.units) == set(DAY_UNITS) else ""


class DropForm(CaseForm):
    """Which figure goes."""

    key = forms.ChoiceField(label="规则项", error_messages={"required": "选一个规则项"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, self.case.rules.values_list("key", flat=True))


def _choose_from(form: CaseForm, keys: Iterable[str]) -> None:
    """Offer keys by their words."""
    field = form.fields["key"]
    assert isinstance(field, forms.ChoiceField)
    words = sorted((f"{label_of(key)} {key}", key) for key in keys)
    field.choices = [(key, text) for text, key in words]


def _is_newest(case: RulePack) -> bool:
    last = pack_actions.newest(case.family)
    return case.status == RulePack.Status.PUBLISHED and last is not None and last.pk == case.pk


def _is_draft(case: RulePack) -> bool:
    return case.status == RulePack.Status.DRAFT


def _publish_effect(case: RulePack) -> str:
    last = pack_actions.newest(case.family)
    told = f"，{last.pk} 到前一天为止" if last else ""
    n = sum(1 for _ in changes(case, business_date()))
    return f"签后 {case.pk} 从 {case.effective_from} 起施行{told}；与现行规则有 {n} 项不同。发布后不能再改。"


ACTS = {
    "draft": Act(
        lambda pk, data, by: pack_actions.draft_version(pk, by=by, **data),
        lambda case: f"抄写 {case.pk} 的全部规则成一份草稿，改好、回测、提交，第二人复核后才生效。现行规则不变。",
        form=DraftForm, icon="edit", label="起草新版本", permission="core.draft_rulepack", when=_is_newest,
        done="草稿已建立，在规则包列表里打开它",
    ),
    "draft_local": Act(
        lambda pk, data, by: pack_actions.draft_local(pk, by=by, **data),
        lambda case: f"为下级地区新建一份草稿，只写与 {case.pk} 不同的项，其余照它执行。",
        form=LocalForm, icon="plus", label="为下级地区起草", permission="core.draft_local_rulepack", when=_is_newest,
        done="草稿已建立，在规则包列表里打开它",
    ),
    "set_rule": Act(
        lambda pk, data, by: pack_actions.set_rule(
            pk, data["key"], data["value"], unit=data["unit"], basis=data["basis"], tag=data["tag"], by=by
        ),
        lambda case: "写进草稿；同名的项被替换。现行规则不变。",
        form=RuleForm, icon="edit", label="写入一项", permission="core.draft_rulepack", when=_is_draft,
        done="已写入草稿",
    ),
    "drop_rule": Act(
        lambda pk, data, by: pack_actions.drop_rule(pk, data["key"], by=by),
        lambda case: "从草稿删去；发布后这一项按继承的规则执行。",
        form=DropForm, icon="x", label="删去一项", permission="core.draft_rulepack", when=_is_draft, done="已删去",
    ),
    "date_draft": Act(
        lambda pk, data, by: pack_actions.date_draft(pk, by=by, **data),
        lambda case: f"现在的施行日是 {case.effective_from}。",
        form=DraftForm, icon="calendar", label="改施行日", permission="core.draft_rulepack", when=_is_draft,
        done="已改",
    ),
    "propose": Act(
        lambda pk, data, by: pack_actions.propose_pack(pk, by=by),
        lambda case: f"内容按摘要固定，交第二人复核。{_publish_effect(case)}",
        icon="send", done="已提交，等第二人复核",
    ),
    "revise": Act(
        lambda pk, data, by: pack_actions.revise_pack(pk, by=by),
        lambda case: "回到草稿，可以修改；改完要重新提交。",
        icon="back", done="已撤回，可以修改",
    ),
    "publish": Act(
        lambda pk, data, by: pack_actions.publish_pack(pk, by=by), _publish_effect, icon="check", done="已发布",
    ),
    "reject": Act(
        lambda pk, data, by: pack_actions.reject_pack(pk, data["reason"], by=by),
        lambda case: "退回后这份草稿作废，现行规则不变；起草人可以另起一份。",
        form=ReasonForm, icon="back", done="已退回",
    ),
}  # fmt: skip


@admin.register(RulePack)
class RulePackAdmin(CaseAdmin):
    """The rules of a region, version by version, figure by figure with the article."""

    lifecycle = RULE_PACK_LIFECYCLE
    acts = ACTS
    list_help = "期限和比例按地区、按施行日取值；标「待核」的数字要先核对法条再用于执法。"
    list_display = ("id", "status_", "region_", "effective_from", "effective_to", "rules_", "unsure", "note")
    list_filter = ("status", "region_code")
    search_fields = ("id__icontains", "note__icontains")
    ordering = ("id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RulePack]:
        """With the number of rules, and of those to be checked."""
        rows = RulePack.objects.visible_to(Actor.of(request)).order_by("id")
        return rows.annotate(n=Count("rules"), open=Count("rules", filter=~Q(rules__tag=SURE)))

    def prepare(self, rows: list[Any]) -> None:
        """The names of the regions of a page, at once."""
        names = dict(Region.objects.filter(pk__in={row.region_code for row in rows}).values_list("pk", "name"))
        for row in rows:
            row.region_name = "全国" if row.region_code == NATION else names.get(row.region_code, row.region_code)

    @column("状态", order="status")
    def status_(self, row: RulePack) -> SafeString:
        """Icon and word."""
        return state_of(row, "officer")

    @column("地区", order="region_code")
    def region_(self, row: Any) -> str:
        """By name."""
        return str(row.region_name)

    @column("规则", num=True)
    def rules_(self, row: Any) -> int:
        """How many figures."""
        return int(row.n)

    @column("待核", num=True)
    def unsure(self, row: Any) -> Any:
        """How many are not settled."""
        return state("warn", "alert", f"{row.open} 条待核") if row.open else "—"

    def lead(self, case: RulePack) -> str:
        """Where and when it applies."""
        end = f"至 {case.effective_to}" if case.effective_to else "起"
        note = f" · {case.note}" if case.note else ""
        return f"{region_words(case.region_code)} · {case.effective_from} {end}{note}"

    def panels(self, case: RulePack, by: Actor) -> list[Panel]:
        """What is different, then each figure."""
        rows = [
            (
                format_html('{}<small class="num d-block">{}</small>', label_of(rule.key), rule.key),
                say(rule.key, rule.value, rule.unit),
                rule.base or "—",
                rule.basis or "—",
                tag_state(rule.tag),
            )
            for rule in case.rules.order_by("key")
        ]
        figures = table("规则", ("规则项", "值", "基数", "依据", "确定程度"), rows, empty="还没有写入规则")
        if case.status == RulePack.Status.PUBLISHED:
            return [figures]
        return [self._difference(case), figures]

    def _difference(self, case: RulePack) -> Panel:
        today = business_date()
        rows: list[tuple[Any, ...]] = [
            (label_of(key), say(key, now.value, now.unit) if now else "没有规定", say(key, then.value, then.unit),
             then.basis)
            for key, now, then in changes(case, today)
        ]  # fmt: skip
        rows += [(label_of(key), say(key, gone.value, gone.unit), "删去，按继承", "—")
                 for key, gone in sorted(dropped(case, today).items())]  # fmt: skip
        return table(
            "与现行规则不同的项", ("规则项", "现在", "改成", "依据"), rows, empty="和现行规则一样",
            url=self.url_of("backtest", case.pk), link="用现有数据回测",
        )  # fmt: skip

    def side(self, case: RulePack, by: Actor) -> list[Panel]:
        """Who drafted and signed, and the other versions."""
        signed: list[Any] = [
            ("起草人", case.drafted_by.name if case.drafted_by else "随系统发布"),
            ("提交人", case.proposed_by.name if case.proposed_by else "", cn_datetime(case.proposed_at)),
            ("复核人", case.decided_by.name if case.decided_by else "", cn_datetime(case.decided_at)),
            ("复核意见", case.decision),
            ("内容摘要", case.proposal_hash[:16]),
            ("两人规则", "起草、提交和复核不得是同一人。"),
        ]
        versions = [
            (link(self.url_of("change", row.pk), row.pk), f"{row.get_status_display()} {row.effective_from}")
            for row in RulePack.objects.filter(family=case.family).exclude(pk=case.pk).order_by("-effective_from")
        ]
        found = [facts("签署", signed, as_list=True)]
        return [*found, facts("其他版本", versions, as_list=True)] if versions else found

    def get_urls(self) -> list[URLPattern]:
        """The back-test of a draft, and its list."""
        wrap, label = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/backtest/", wrap(self.back_test_view), name=f"{label}_backtest"),
            path("<path:object_id>/backtest.csv", wrap(self.back_test_csv), name=f"{label}_backtest_csv"),
            *super().get_urls(),
        ]

    def _tested(self, request: HttpRequest, object_id: str) -> tuple[RulePack, list[Tested]]:
        case = self.case_of(request, object_id)
        return case, back_test(case, business_date(), by=Actor.of(request))

    def back_test_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who would break each changed figure on today's data."""
        case, tested = self._tested(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"回测 {case.pk}",
            "case": case,
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("change", case.pk),
            "csv_url": self.url_of("backtest_csv", case.pk),
            "today": business_date(),
            "tested": [_shown(one) for one in tested],
            "merchants": len({finding.merchant_id for one in tested for finding in one.findings}),
        }
        return TemplateResponse(request, "admin/back_test.html", context)

    def back_test_csv(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Every finding, one line each."""
        case, tested = self._tested(request, object_id)
        heads = ("规则项", "键", "商家", "公示编号", "什么", "现状", "限度", "超出")
        return export_table(request, f"backtest-{case.pk}", heads, (row for one in tested for row in _csv_rows(one)))


def _shown(one: Tested) -> dict[str, Any]:
    kind = spec.kind if (spec := spec_of(one.key)) else ""
    return {
        "label": label_of(one.key),
        "key": one.key,
        "now": say(one.key, one.now.value, one.now.unit) if one.now else "没有规定",
        "then": say(one.key, one.then.value, one.then.unit),
        "testable": one.testable,
        "n": len(one.findings),
        "now_n": one.now_breaking,
        "rows": [(finding, *amount_words(finding, kind)) for finding in one.findings[:SHOWN_FINDINGS]],
        "more": max(0, len(one.findings) - SHOWN_FINDINGS),
    }


def _csv_rows(one: Tested) -> list[tuple[Any, ...]]:
    spec = spec_of(one.key)
    shown = plain_yuan if spec and spec.kind == "fen" else int
    return [
        (label_of(one.key), one.key, f.merchant, f.code, f.what, shown(f.figure), shown(f.limit), shown(f.excess))
        for f in one.findings
    ]
