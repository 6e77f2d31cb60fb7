"""The regulators' pages of a case: a stock ModelAdmin that only reads, and buttons that POST to actions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from core.actors import Actor
from core.api.once import principal_of
from core.case_lists import ReadOnlyAdmin
from core.case_panels import ALL_EVENTS, SHOWN_EVENTS, CaseClock, Panel, timeline
from core.errors import Invalid, NotFound, PortalError
from core.idempotency import fingerprint, once
from core.lifecycle import Lifecycle
from core.permissions import may
from core.templatetags.portal_ui import state_of
from core.transactions import durably


class CaseForm(forms.Form):
    """What a step asks for; nothing, unless a subclass says so. It knows its case."""

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case


class ReasonForm(CaseForm):
    """Why; the reason goes into the audit and the case."""

    reason = forms.CharField(
        label="理由",
        help_text="至少 5 个字，写进办理记录，当事人能看到",
        min_length=5,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明理由，至少 5 个字", "min_length": "理由至少写 5 个字"},
    )


class PurposeForm(CaseForm):
    """Why personal data are looked at."""

    purpose = forms.CharField(
        label="查看的用途",
        help_text="写进办理记录，如「电话核实退款争议」",
        min_length=4,
        max_length=200,
        error_messages={"required": "写明用途，至少 4 个字", "min_length": "用途至少写 4 个字"},
    )


def _always(case: Any) -> bool:
    return True


@dataclass(frozen=True)
class Act:
    """One button. Named like a step of the lifecycle it takes label, caution and permission from there.

    ``run(pk, data, by)`` calls the action; ``effect(case)`` says beforehand, in figures, what will happen.
    With ``shows`` the answer is shown once and kept nowhere.
    """

    run: Callable[[Any, dict[str, Any], Actor], Any]
    effect: Callable[[Any], str]
    done: str = "已办理"
    form: type[CaseForm] = CaseForm
    icon: str = "check"
    label: str = ""
    permission: str = ""
    when: Callable[[Any], bool] = _always
    caution: bool = False
    shows: bool = False


@dataclass(frozen=True)
class Button:
    """A step that the officer may take now."""

    name: str
    label: str
    icon: str
    caution: bool
    url: str


def put_on_form(form: forms.Form, error: PortalError) -> None:
    """Show an action's refusal beside the fields it is about; nothing typed is lost."""
    placed = False
    for name, text in error.fields.items():
        if name in form.fields:
            form.add_error(name, text)
            placed = True
    if not placed:
        form.add_error(None, "；".join(error.fields.values()) or error.message)


class CaseAdmin(ReadOnlyAdmin):
    """A read-only list whose rows open as cases, with a button for each step the officer may take."""

    lifecycle: ClassVar[Lifecycle | None] = None
    acts: ClassVar[dict[str, Act]] = {}
    # What a subclass says about its cases.

    def heading(self, case: Any) -> str:
        """The title of a case."""
        return str(case)

    def lead(self, case: Any) -> Any:
        """One line under the title."""
        return ""

    def states(self, case: Any) -> list[SafeString]:
        """The state, icon and word, on the right of the title."""
        return [state_of(case, "officer")] if self.lifecycle else []

    def clocks(self, case: Any) -> list[CaseClock]:
        """The clocks that run on a case."""
        return []

    def panels(self, case: Any, by: Actor) -> list[Panel]:
        """The boxes of the page."""
        return []

    def side(self, case: Any, by: Actor) -> list[Panel]:
        """The boxes under the buttons."""
        return []

    def audited(self, case: Any) -> list[tuple[str, Any]]:
        """The objects whose audit lines make the timeline."""
        return [(case._meta.label, case.pk)]

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """The stock pages, and each case's steps."""
        wrap, label = self.admin_site.admin_view, f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<path:object_id>/act/<str:name>/", wrap(self.act_view), name=f"{label}_act"),
            *super().get_urls(),
        ]

    def case_of(self, request: HttpRequest, object_id: str) -> Any:
        """The case, if the officer may see it. Raises NotFound."""
        case = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        if case is None or not self.opens_case:
            raise NotFound
        return case

    def buttons(self, case: Any, by: Actor) -> list[Button]:
        """Exactly the steps that ``by`` may take now."""
        steps = self.lifecycle.steps if self.lifecycle else {}
        allowed = self.lifecycle.allowed(case, by) if self.lifecycle else []
        found = []
        for name, act in self.acts.items():
            free = name in allowed if name in steps else act.when(case) and may(by, act.permission, case)
            if free:
                found.append(
                    Button(
                        name, self.act_label(name), act.icon, self._cautious(name), self.url_of("act", case.pk, name)
                    )
                )
        return found

    def act_label(self, name: str) -> str:
        """What the button says."""
        step = self.lifecycle.steps.get(name) if self.lifecycle else None
        return self.acts[name].label or (step.label if step else name)

    def _cautious(self, name: str) -> bool:
        step = self.lifecycle.steps.get(name) if self.lifecycle else None
        return self.acts[name].caution or bool(step and step.caution)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The case page."""
        case, by = self.case_of(request, object_id), Actor.of(request)
        whole = request.GET.get("records") == "all"
        context = {
            **self.admin_site.each_context(request),
            "title": self.heading(case),
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "case": case,
            "lead": self.lead(case),
            "states": self.states(case),
            "clocks": self.clocks(case),
            "panels": self.panels(case, by),
            "side": self.side(case, by),
            "buttons": self.buttons(case, by),
            "has_acts": bool(self.acts),
            "events": timeline(self.audited(case), limit=ALL_EVENTS if whole else SHOWN_EVENTS),
            "shown_events": SHOWN_EVENTS,
            "all_events": whole,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/case.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Every line of the audit, on the case page."""
        self.case_of(request, object_id)
        return redirect(f"{self.url_of('change', object_id)}?records=all#records")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is no such page."""
        raise Http404

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is no such page."""
        raise Http404

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Ask once more, with the effect in figures; then call the action."""
        case, by = self.case_of(request, object_id), Actor.of(request)
        act = self.acts.get(name)
        if act is None:
            raise NotFound
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = act.form(*posted, case=case)
        if request.method == "POST":
            if form.is_valid():
                try:
                    return self._run(request, case, name, form, by)
                except PortalError as error:
                    put_on_form(form, error)
                    return self._ask(request, case, name, form, status=error.status)
            return self._ask(request, case, name, form, status=400)
        if name not in {button.name for button in self.buttons(case, by)}:
            messages.warning(request, f"现在不能{self.act_label(name)}：状态已变，或不在您的权限内。")
            return redirect(self.url_of("change", case.pk))
        return self._ask(request, case, name, form)

    def _run(self, request: HttpRequest, case: Any, name: str, form: CaseForm, by: Actor) -> HttpResponse:
        act, data = self.acts[name], form.cleaned_data
        if act.shows:
            return self._show(request, case, name, durably(lambda: act.run(case.pk, data, by)))
        key = request.POST.get("key", "")
        if len(key) < 8:
            raise Invalid("页面不完整，请刷新后再办")
        body = {field: value for field, value in request.POST.items() if field != "csrfmiddlewaretoken"}

        def work() -> tuple[int, Any]:
            act.run(case.pk, data, by)
            return 200, None

        outcome = once(principal_of(by), key[:128], fingerprint("POST", request.path, body), work)
        messages.success(request, "这一步已经办过了，没有重复办理。" if outcome.replayed else act.done)
        return redirect(self.url_of("change", case.pk))

    def _ask(self, request: HttpRequest, case: Any, name: str, form: CaseForm, status: int = 200) -> HttpResponse:
        act = self.acts[name]
        context = {
            **self.admin_site.each_context(request),
            "title": self.act_label(name),
            "case_title": self.heading(case),
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("change", case.pk),
            "states": self.states(case),
            "effect": act.effect(case),
            "icon": act.icon,
            "caution": self._cautious(name),
            "form": form,
            "key": request.POST.get("key") or uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/act.html", context, status=status)

    def _show(self, request: HttpRequest, case: Any, name: str, answer: Iterable[Sequence[Any]]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": self.act_label(name),
            "case_title": self.heading(case),
            "opts": self.opts,
            "list_url": self.url_of("changelist"),
            "back_url": self.url_of("change", case.pk),
            "facts": answer,
        }
        response = TemplateResponse(request, "admin/shown_once.html", context)
        response["Cache-Control"] = "no-store"
        return response
