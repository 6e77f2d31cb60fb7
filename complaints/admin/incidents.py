"""Incidents for officers: one shop's many complaints accepted in bulk, its claims, its page for everybody."""

from __future__ import annotations

import uuid
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from complaints import actions as complaints
from complaints.actions.dispatching import MOST_AT_ONCE
from complaints.actions.incidents import joinable
from complaints.admin.incident_words import claim_rows, count_words
from complaints.admin.new_pages import kept
from complaints.claim_list import HEADERS, NewClaim
from complaints.forms import incidents as forms
from complaints.incident_reports import figures_of, run_off_of
from complaints.models import Incident
from complaints.models.incidents import INCIDENT_LIFECYCLE
from core.actors import Actor
from core.api.once import principal_of
from core.case_admin import Act, CaseAdmin, ReasonForm, put_on_form
from core.case_lists import column
from core.case_panels import CaseClock, Panel, day_clock, facts, link, table
from core.csv_export import export_table
from core.errors import Invalid, PortalError
from core.idempotency import fingerprint, once
from core.identifiers import clean_phone
from core.money import yuan
from core.permissions import may, require
from core.templatetags.portal_ui import cn_date, money, state, state_of
from core.transactions import durably
from prepaid.admin.rows import case_url
from prepaid.models import RunOff

SHOWN = 50


def _enter(pk: int, data: dict[str, Any], by: Actor) -> Any:
    claim = NewClaim(
        name=data["name"].strip(), phone=clean_phone(data["phone"]), claimed_fen=data["amount_fen"],
        card_name=data["card"].strip(), card_code=data["code"], note=data["note"],
    )  # fmt: skip
    return complaints.enter_claim(pk, claim, by=by, evidence=kept(data, "债权凭证", by))


def _note(pk: int, data: dict[str, Any], by: Actor) -> Any:
    told = {name: data[name] for name in ("public", "tell", "next_step", "next_on")}
    return complaints.note_progress(pk, data["text"], by=by, **told)


def _told(case: Incident) -> str:
    found = figures_of(case)
    return (
        f"勾选短信告知的，{found.complainants} 位投诉人、{found.claimants} 位债权人每人一条，不带链接；"
        "公开页面不显示任何人的姓名和电话。"
    )


def _has_named(case: Incident) -> bool:
    return case.representatives.filter(status="NAMED").exists()


def _has_living(case: Incident) -> bool:
    return case.representatives.exclude(status="ENDED").exists()


@admin.register(Incident)
class IncidentAdmin(CaseAdmin):
    """One shop and everybody who lost by it; opened on the merchant's dossier."""

    lifecycle = INCIDENT_LIFECYCLE
    list_help = "在「一企一档」里立项；一家店同时只有一件，各件投诉的期限照旧。"
    list_display = ("shop", "status_", "leader_", "cases", "claims_", "next_on", "opened_on")
    list_filter = ("status", "opened_on")
    list_select_related = ("merchant__region", "leader")
    search_fields = ("merchant__brand_name__icontains", "merchant__uscc__iexact", "leader__name")
    code_fields = ("code",)
    ordering = ("-id",)
    empty_text = "没有群体事件。"
    export_columns = (
        ("编号", lambda row: row.code),
        ("商家", lambda row: row.merchant.brand_name),
        ("状态", lambda row: row.get_status_display()),
        ("包案负责人", lambda row: row.leader.name),
        ("立项日", lambda row: row.opened_on),
        ("投诉", lambda row: row.complaints_n),
        ("债权", lambda row: row.claims_n),
        ("下一步日期", lambda row: row.next_on),
        ("办结日", lambda row: row.closed_on),
    )
    acts = {
        "join": Act(
            lambda pk, data, by: complaints.join_incident(pk, by=by),
            lambda case: f"{len(joinable(case))} 件还没有并入的投诉统一办理，各件的编号和期限不变。",
            label="并入新来的投诉", icon="plus", permission="complaints.run_incident", done="已并入",
            when=lambda case: case.status != "CLOSED" and bool(joinable(case)),
        ),
        "note": Act(
            _note, _told, form=forms.EntryForm, label="写进展、告知", icon="chat", done="已记录",
            permission="complaints.run_incident", when=lambda case: case.status != "CLOSED",
        ),
        "claim": Act(
            _enter, lambda case: "替来人登记一笔债权，由另一名监管人员核对。同一人同一张卡只登记一次。",
            form=forms.ClaimForm, label="登记债权", icon="plus", permission="complaints.run_incident",
            when=lambda case: case.status == "OPEN", done="已登记，等另一名监管人员核对",
        ),
        "confirm": Act(
            lambda pk, data, by: complaints.confirm_representative(int(data["representative"]), by=by),
            lambda case: "要本人愿意、够人数同意才能确认；代表人最多两名。", form=forms.RepresentativeForm,
            label="确认代表人", icon="users", permission="complaints.run_incident", when=_has_named, done="已确认",
        ),
        "end": Act(
            lambda pk, data, by: complaints.end_representative(int(data["representative"]), data["reason"], by=by),
            lambda case: "不再代表其他债权人，本人的债权不变。", form=forms.EndForm, label="代表人退出", icon="x",
            permission="complaints.run_incident", when=_has_living, done="已记录", caution=True,
        ),
        "lead": Act(
            lambda pk, data, by: complaints.lead_incident(pk, int(data["leader"]), data["reason"], by=by),
            lambda case: f"现在的负责人是 {case.leader.name}；公开页面随即显示新的负责人。",
            form=forms.ChangeLeaderForm, label="更换包案负责人", icon="user", permission="complaints.head_incident",
            when=lambda case: case.status != "CLOSED", done="已更换",
        ),
        "settle": Act(
            lambda pk, data, by: complaints.settle_incident(pk, by=by),
            lambda case: f"截止登记，{count_words(case)}；锁定的钱按失联清退方案退，未锁定的另行追偿。",
            icon="bank", done="已转入清偿",
        ),
        "reopen": Act(
            lambda pk, data, by: complaints.reopen_incident(pk, data["reason"], by=by),
            lambda case: "又可以登记债权。", form=ReasonForm, icon="back", done="已恢复登记",
        ),
        "close": Act(
            lambda pk, data, by: complaints.close_incident(pk, data["outcome"], by=by),
            lambda case: f"办结后不能再登记、再退：{count_words(case)}。", form=forms.OutcomeForm, icon="doc",
            done="已办结",
        ),
    }  # fmt: skip

    def get_urls(self) -> list[URLPattern]:
        """Accepting in bulk and the list of claims come before the stock pages."""
        wrap, name = self.admin_site.admin_view, "complaints_incident"
        return [
            path("<path:object_id>/accept/", wrap(self.accept_view), name=f"{name}_accept"),
            path("<path:object_id>/import/", wrap(self.import_view), name=f"{name}_import"),
            path("<path:object_id>/template.csv", wrap(require_GET(self.template_view)), name=f"{name}_template"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        """With shop, leader and how many."""
        standing = Q(claims__status__in=["OPEN", "ACCEPTED"])
        rows = super().get_queryset(request).select_related("merchant__region", "leader", "opened_by")
        return rows.annotate(
            complaints_n=Count("complaints", distinct=True), claims_n=Count("claims", filter=standing, distinct=True)
        )

    @column("群体事件", order="id")
    def shop(self, row: Incident) -> str:
        """The shop."""
        return row.merchant.brand_name

    def second_line(self, row: Incident) -> str:
        """Where."""
        return row.region.name

    @column("状态", order="status")
    def status_(self, row: Incident) -> SafeString:
        """In the words of officers."""
        return state_of(row, "officer")

    @column("包案负责人")
    def leader_(self, row: Incident) -> str:
        """In full: a leader is never a secret."""
        return row.leader.name

    @column("投诉", order="complaints_n", num=True)
    def cases(self, row: Incident) -> int:
        """How many complaints."""
        return int(row.complaints_n)  # type: ignore[attr-defined]

    @column("债权", order="claims_n", num=True)
    def claims_(self, row: Incident) -> int:
        """How many claims stand."""
        return int(row.claims_n)  # type: ignore[attr-defined]

    def heading(self, case: Incident) -> str:
        """The shop."""
        return str(case)

    def lead(self, case: Incident) -> str:
        """Who leads it since when."""
        return f"包案负责人 {case.leader.name} · {cn_date(case.opened_on)} 立项 · {case.summary}"

    def clocks(self, case: Incident) -> list[CaseClock]:
        """The next date that everybody was told."""
        return [day_clock(case.next_step, case.next_on)] if case.next_on else []

    def panels(self, case: Incident, by: Actor) -> list[Panel]:
        """The complaints, the register, the run-off, who speaks for the claimants, what was done."""
        return [
            self._figures(case),
            self._complaints(case, by),
            self._claims(case, by),
            *self._run_off(case),
            self._representatives(case),
            table(
                "进展", ("日期", "进展", "公开", "短信"),
                [
                    (cn_date(row.on), row.text, "公开" if row.is_public else "内部", row.told or "—")
                    for row in case.entries.all()[:SHOWN]
                ],
                numeric=(3,), empty="还没有写进展",
            ),
        ]  # fmt: skip

    def side(self, case: Incident, by: Actor) -> list[Panel]:
        """The page for everybody, the shop, the list."""
        pairs = [
            ("公开进度页", link(reverse("complaints:incident", args=[case.code]), case.code_grouped)),
            ("商家", link(case_url(case.merchant), "一企一档")),
            ("立项人", case.opened_by.name),
        ]
        if case.status != "CLOSED" and may(by, "complaints.accept_incident", case):
            pairs.append(("投诉", link(self.url_of("accept", case.pk), "批量受理")))
        if case.status == "OPEN" and may(by, "complaints.run_incident", case):
            pairs.append(("债权", link(self.url_of("import", case.pk), "导入债权清单")))
        return [facts("相关", pairs, as_list=True)]

    def _figures(self, case: Incident) -> Panel:
        found = figures_of(case)
        return facts("数字", [
            ("投诉", f"{found.complaints} 件，{found.complainants} 人", f"已办结 {found.closed_complaints} 件"),
            ("登记债权", f"{found.claims} 笔，{found.claimants} 人", f"待核对 {found.waiting} 笔"),
            ("申报和核定", money(found.claimed_fen), f"已核定 ¥{yuan(found.allowed_fen)}"),
            ("全店锁定", money(found.locked_fen), "按失联清退方案退回"),
            ("全店未锁定", money(found.unlocked_fen), "老卡和核对过的平台外的卡"),
            ("已退回", money(found.paid_fen), f"核定还没退 ¥{yuan(found.open_fen)}"),
            ("办结情况", case.outcome),
        ])  # fmt: skip

    def _complaints(self, case: Incident, by: Actor) -> Panel:
        rows = case.complaints.select_related("handler").order_by("decided_at", "id")
        cells = [
            (
                link(case_url(row), row.code_grouped, row.get_channel_display()), state_of(row, "officer"),
                cn_date(row.received_at), row.handler.name if row.handler else "待分派",
            )
            for row in rows[:MOST_AT_ONCE]
        ]  # fmt: skip
        waiting = case.complaints.open().filter(decided_at=None).count()
        more: dict[str, Any] = {}
        if waiting and case.status != "CLOSED" and may(by, "complaints.accept_incident", case):
            more = {"url": self.url_of("accept", case.pk), "link": f"批量受理（{waiting} 件待定）"}
        return table("投诉", ("投诉", "状态", "收到", "承办人"), cells, empty="没有投诉", **more)

    def _claims(self, case: Incident, by: Actor) -> Panel:
        url = f"{reverse('admin:complaints_incidentclaim_changelist')}?incident__id__exact={case.pk}"
        return claim_rows(case, SHOWN, url)

    def _run_off(self, case: Incident) -> list[Panel]:
        found = run_off_of(case)
        if found is None:
            waiting = RunOff.objects.filter(merchant=case.merchant_id, status="PROPOSED").first()
            if waiting is None:
                return []
            return [facts("失联清退", [("现在", link(case_url(waiting), "等第二人复核冻结"))])]
        run_off, sums = found
        return [facts("失联清退（锁定的钱）", [
            ("现在", link(case_url(run_off), run_off.get_status_display())),
            ("依法应退", money(sums["entitled"]), f"{sums['people']} 人，{sums['claims']} 笔"),
            ("从锁定的钱退", money(sums["pays"])),
            ("已到账", money(sums["arrived_fen"]), f"{sums['arrived']} 笔"),
            ("缺口", money(sums["shortfall"]), f"含未锁定 ¥{yuan(sums['unlocked'])}"),
        ])]  # fmt: skip

    def _representatives(self, case: Incident) -> Panel:
        rows = case.representatives.exclude(status="ENDED").select_related(
            "claim__claimant", "incident__merchant__region"
        )
        cells = []
        for row in rows:
            chosen, needed = complaints.supporters(row)
            willing = state("ok", "check", "愿意") if row.willing_at else state("hold", "hold", "还没有答复")
            who = link(case_url(row.claim), row, row.claim.code_grouped)
            cells.append((who, state_of(row, "officer"), willing, f"{chosen} / {needed}"))
        return table(
            "债权人代表", ("代表人", "状态", "本人", "同意人数"), cells, numeric=(3,),
            empty="还没有推选；在债权页上「推选为代表人」", note="债权人自己推选，最多两名（第12条）",
        )  # fmt: skip

    # Pages

    def accept_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What accepting would do, case by case; then do it, and say what was refused."""
        case, by = self.case_of(request, object_id), Actor.of(request)
        result: dict[str, Any] = {}
        problem, status = "", 200
        if request.method == "POST":
            try:
                result = self._accepted(request, case, by)
            except PortalError as error:
                if error.status in (401, 403, 404):
                    raise
                problem, status = error.message, error.status
        plan = complaints.propose_acceptance(case.pk, by=by)
        context = {
            **self._frame(request, case, "批量受理"),
            "plan": [(one, case_url(one.complaint), state_of(one.complaint, "officer")) for one in plan],
            "ready": [one for one in plan if not one.problem],
            "left_out": sum(bool(one.problem) for one in plan),
            "result": result,
            "problem": problem,
            "key": uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/complaints/incident_accept.html", context, status=status)

    def _accepted(self, request: HttpRequest, case: Incident, by: Actor) -> dict[str, Any]:
        rows = [row.partition("|") for row in request.POST.getlist("row")]
        key = request.POST.get("key", "")
        if len(key) < 8 or not all(pk.isdecimal() and len(pk) < 19 for pk, _, _ in rows):
            raise Invalid("页面不完整，请重新预览")
        wanted = [(int(pk), stood) for pk, _, stood in rows]

        def work() -> tuple[int, Any]:
            found = complaints.accept_incident(case.pk, wanted, by=by)
            return 200, {"done": list(found.done), "refused": [list(pair) for pair in found.refused]}

        body = {"rows": sorted(request.POST.getlist("row"))}
        outcome = once(principal_of(by), key[:128], fingerprint("POST", request.path, body), work)
        found: dict[str, Any] = outcome.reference
        return found

    def import_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a list, take it in, say which lines did not come in and why."""
        case, by = self.case_of(request, object_id), Actor.of(request)
        require(by, "complaints.run_incident", case)
        form = forms.ListForm(request.POST or None, request.FILES or None)
        result = None
        if request.method == "POST" and form.is_valid():
            try:
                result = _imported(case.pk, form.cleaned_data["file"], by)
            except PortalError as error:
                put_on_form(form, error)
        context = {**self._frame(request, case, "导入债权清单"), "form": form, "result": result}
        context["template_url"] = self.url_of("template", case.pk)
        return TemplateResponse(
            request, "admin/complaints/incident_import.html", context, status=400 if form.errors else 200
        )

    def template_view(self, request: HttpRequest, object_id: str) -> Any:
        """An empty list with the right headings."""
        self.case_of(request, object_id)
        return export_table(request, "zhaiquan", [names[0] for names in HEADERS.values()], [])

    def _frame(self, request: HttpRequest, case: Incident, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request), "title": title, "case_title": self.heading(case),
            "opts": self.opts, "list_url": self.url_of("changelist"), "back_url": self.url_of("change", case.pk),
        }  # fmt: skip


def _imported(pk: int, sent: Any, by: Actor) -> complaints.Imported:
    """The upload lies on disk while it is read, and not a moment longer: it holds names and phones in the clear."""
    with NamedTemporaryFile(prefix="claims-") as copy:
        for chunk in sent.chunks():
            copy.write(chunk)
        copy.flush()
        return durably(lambda: complaints.import_claims(pk, Path(copy.name), by=by))
