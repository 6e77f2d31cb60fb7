"""The yearly post-evaluation for regulators: the list, the case with its points, and several confirmed at once."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from core.actors import Actor
from core.api.once import principal_of
from core.case_admin import Act, CaseAdmin, ReasonForm, put_on_form
from core.case_lists import column
from core.case_panels import Panel, facts, link, table
from core.errors import Invalid, PortalError
from core.idempotency import fingerprint, once
from core.permissions import may
from core.templatetags.portal_ui import cn_date, cn_datetime, state_of
from prepaid.admin.rows import case_url
from trust_units import actions as trust
from trust_units.models import EVALUATION_LIFECYCLE, Outcome, PostEvaluation

ROWS = 100
PLACES = ("unit__merchant", "unit__store", "unit__mall", "unit__region")
EFFECTS = {
    "CONSOLIDATE": "有效期续到明年年底",
    "UPGRADE": "续到明年年底，并提升星级",
    "RECTIFY": "转入预警库，标识当即失效；整改合格后再续期",
    "ELIMINATE": "提出移除：转入预警库，商家有 5 个工作日陈述，之后另行决定",
    "NEW": "今年新入库的，有效期续到明年年底",
}


class ConfirmForm(ReasonForm):
    """Into which batch, with how many stars, and why."""

    outcome = forms.ChoiceField(label="归入", choices=Outcome.choices, error_messages={"required": "选归入哪一批"})
    stars = forms.IntegerField(label="星级", min_value=0, max_value=5, help_text="归入提升的填 1 到 5")
    field_order = ("outcome", "stars", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        first = {"outcome": case.outcome, "stars": case.stars} if case is not None else {}
        super().__init__(*args, case=case, initial=first, **kwargs)


def _confirm(pk: int, data: dict[str, Any], by: Actor) -> PostEvaluation:
    return trust.confirm_evaluation(pk, data["reason"], by=by, outcome=data["outcome"], stars=data["stars"])


@admin.register(PostEvaluation)
class PostEvaluationAdmin(CaseAdmin):
    """One unit's year in points; who confirms may judge otherwise, with a reason."""

    lifecycle = EVALUATION_LIFECYCLE
    list_display = ("unit_", "outcome_", "status_", "points", "year")
    list_filter = ("status", "outcome", "year", "unit__unit_type")
    list_select_related = PLACES
    search_fields = ("unit__merchant__brand_name__icontains",)
    code_fields = ("unit__code",)
    list_help = "每年 12 月 1 日按当年监管信息计分；由人确认，才续期、升星、预警或提出移除。"
    empty_text = "没有年度后评价。"
    export_columns = (
        ("单位", lambda row: row.unit.sign_name),
        ("年度", lambda row: row.year),
        ("得分", lambda row: row.points),
        ("归入", lambda row: row.get_outcome_display()),
        ("状态", lambda row: row.get_status_display()),
        ("确认时间", lambda row: row.decided_at),
    )
    acts = {
        "confirm": Act(
            _confirm,
            lambda case: f"计分归入「{case.get_outcome_display()}」：{EFFECTS[case.outcome]}。改归别的，按改后的办。",
            form=ConfirmForm, done="已确认",
        ),
        "accept": Act(
            lambda pk, data, by: trust.accept_rectified(pk, data["reason"], by=by),
            lambda case: f"解除预警，有效期续到 {case.year + 1} 年年底。", form=ReasonForm, label="整改合格",
            permission="trust_units.confirm_evaluation", done="已续期",
            when=lambda case: case.status == "CONFIRMED" and case.outcome == "RECTIFY"
            and case.unit.status == "WARNING",
        ),
    }  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """The stock pages and the confirmation of several."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_several"
        return [path("several/", self.admin_site.admin_view(self.several), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With the way to the confirmation of several."""
        tools = [{"url": self.url_of("several"), "icon": "check", "text": "批量确认"}]
        return super().changelist_view(request, {"list_tools": tools, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[PostEvaluation]:
        """With the unit and who decided."""
        return super().get_queryset(request).select_related(*PLACES, "decided_by")

    @column("单位", order="id")
    def unit_(self, row: PostEvaluation) -> str:
        """Its sign."""
        return row.unit.sign_name

    @column("归入", order="outcome")
    def outcome_(self, row: PostEvaluation) -> str:
        """One of the five batches."""
        return row.get_outcome_display()

    @column("状态", order="status")
    def status_(self, row: PostEvaluation) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    def heading(self, case: PostEvaluation) -> str:
        """Unit and year."""
        return f"{case.unit.sign_name} {case.year} 年后评价"

    def lead(self, case: PostEvaluation) -> str:
        """The sum."""
        return f"{case.points} 分 · {case.get_outcome_display()}"

    def panels(self, case: PostEvaluation, by: Actor) -> list[Panel]:
        """Each part of the points, what stands on record, what was decided."""
        rows = [(words, f"{points:+d}") for words, points in case.reasons]
        noted = case.unit.facts.filter(happened_on__year=case.year)[:20]
        known = [
            (one.get_kind_display(), one.text, cn_date(one.happened_on), "已消除" if one.cleared_on else "")
            for one in noted
        ]
        decided = [
            ("归入", case.get_outcome_display()),
            ("理由", case.reason),
            ("确认人", case.decided_by.name if case.decided_by else ""),
            ("确认时间", cn_datetime(case.decided_at) if case.decided_at else ""),
        ]
        return [
            table("得分", ("项目", "分"), rows, note="合计不低于 0、不高于 100；分值是规则包里的建议值"),
            table("当年的监管信息", ("事实", "说明", "日期", "状态"), known, empty="当年没有"),
            *([facts("决定", decided)] if case.decided_by_id else []),
        ]

    def side(self, case: PostEvaluation, by: Actor) -> list[Panel]:
        """Where else to look."""
        shop = link(case_url(case.unit.merchant), case.unit.merchant.brand_name) if case.unit.merchant else ""
        pairs = [
            ("商家", shop),
            ("所在库", case.unit.get_status_display()),
            ("星级", str(case.unit.stars)),
            ("有效期至", cn_date(case.unit.valid_until) if case.unit.valid_until else ""),
        ]
        return [facts("单位", pairs, as_list=True)]

    @method_decorator(require_http_methods(["GET", "POST"]))
    def several(self, request: HttpRequest) -> HttpResponse:
        """Those of one batch that wait; ticked ones are confirmed as proposed after a preview, with one reason."""
        return _several(self, request)


def _several(page: PostEvaluationAdmin, request: HttpRequest) -> HttpResponse:
    by = Actor.of(request)
    outcome = request.GET.get("outcome", Outcome.CONSOLIDATE)
    outcome = outcome if outcome in Outcome.values else Outcome.CONSOLIDATE
    wait = PostEvaluation.objects.visible_to(by).to_confirm().select_related(*PLACES)
    wanted = [int(pk) for pk in request.POST.getlist("pk") if pk.isdigit() and len(pk) < 18]
    posted = request.method == "POST"
    chosen = list(wait.filter(pk__in=wanted[: ROWS + 1])) if posted else []
    confirming = posted and request.POST.get("step") == "confirm"
    form, status = ReasonForm(request.POST if confirming else None), 200
    if confirming and form.is_valid():
        try:
            return _confirm_several(page, request, wanted, form.cleaned_data["reason"], by)
        except PortalError as error:
            put_on_form(form, error)
            status = error.status
    elif confirming:
        status = 400
    if posted and not chosen and not confirming:
        messages.warning(request, "先勾选要确认的单位。")
    rows = list(wait.filter(outcome=outcome).order_by("pk")[: ROWS + 1])
    context = {
        **page.admin_site.each_context(request),
        "title": "批量确认后评价",
        "page_url": page.url_of("several"),
        "list_url": page.url_of("changelist"),
        "outcomes": Outcome.choices,
        "outcome": outcome,
        "rows": [(row, page.url_of("change", row.pk)) for row in rows[:ROWS]],
        "more": len(rows) > ROWS,
        "may_confirm": any(may(by, "trust_units.confirm_evaluation", row) for row in rows[:1]),
        "chosen": chosen,
        "effects": [(Outcome(code).label, n, EFFECTS[code]) for code, n in Counter(r.outcome for r in chosen).items()],
        "form": form,
        "key": request.POST.get("key") or uuid.uuid4(),
    }
    return TemplateResponse(request, "admin/trust_evaluations.html", context, status=status)


def _confirm_several(
    page: PostEvaluationAdmin, request: HttpRequest, wanted: list[int], reason: str, by: Actor
) -> HttpResponse:
    key = request.POST.get("key", "")
    if len(key) < 8:
        raise Invalid("页面不完整，请刷新后再办")
    print_ = fingerprint("POST", request.path, {"pk": wanted, "reason": reason})
    work = lambda: (200, len(trust.confirm_evaluations(wanted, reason, by=by)))  # noqa: E731
    outcome = once(principal_of(by), key[:128], print_, work)
    said = "已经确认过了，没有重复办理。" if outcome.replayed else f"已确认 {len(set(wanted))} 家。"
    messages.success(request, said)
    return redirect(page.url_of("several"))
