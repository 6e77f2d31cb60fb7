"""24-hour mall tickets: the mall answers in its console; the customer writes, reads, and says whether it is solved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from complaints import actions as complaints
from complaints.models import MallTicket
from complaints.models.mall_tickets import MALL_TICKET_LIFECYCLE
from core.actors import Actor
from core.errors import NotFound
from core.identifiers import clean_public_code
from merchants.models import Mall
from merchants.views.desk import own, page_of
from prepaid.views.consumer import person
from prepaid.views.malls import for_mall
from prepaid.views.posting import fresh_key, opened_status, try_once

MINE = {"nav_current": "complaints:start"}
AT_THE_MALL = {"nav_current": "complaints:mall_tickets"}
DONE = {
    "solve": "已办结，谢谢。",
    "reopen": "已退回商场，24 小时内再答复您。",
    "complain": "已转为投诉，由市场监管部门办理。",
}


class WordsForm(forms.Form):
    """One text of at least five letters; what it is called the page says."""

    text = forms.CharField(
        min_length=5, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明", "min_length": "至少写 5 个字"},
    )  # fmt: skip

    def __init__(self, *args: Any, label: str, help_text: str = "", longest: int = 1000, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, help_text
        self.fields["text"].widget.attrs["maxlength"] = longest


@for_mall
@require_GET
def mall_tickets(request: HttpRequest, mall: Mall) -> HttpResponse:
    """What customers and officers ask of the mall: what waits, the most urgent first, then the rest."""
    rows = MallTicket.objects.filter(mall=mall).select_related("store")
    waiting = list(rows.unanswered()[:100])
    done, following = page_of(rows.exclude(status=MallTicket.Status.OPEN), request)
    late = sum(row.is_late for row in waiting)
    context = {"mall": mall, "waiting": waiting, "late": late, "rows": done, "next": following, "now": timezone.now()}
    return _mall_page(request, mall, "mall_tickets", context)


@for_mall
@require_http_methods(["GET", "POST"])
def mall_ticket(request: HttpRequest, mall: Mall, code: str) -> HttpResponse:
    """One of them, with the form to answer it."""
    rows = MallTicket.objects.filter(mall=mall).select_related("store", "complaint", "escalated_to", "consumer")
    row = own(rows, code=clean_public_code(code))
    form = WordsForm(request.POST or None, label="您的答复", help_text="写明怎么处理的，顾客会看到")
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if try_once(request, form, lambda by: complaints.respond_mall_ticket(row.pk, text, by=by).pk):
            messages.success(request, "已答复，顾客会收到短信。")
            return redirect("complaints:mall_tickets")
    return _mall_page(request, mall, "mall_ticket", {"row": row, "form": form, "key": fresh_key()})


def _mall_page(request: HttpRequest, mall: Mall, name: str, context: dict[str, Any]) -> HttpResponse:
    malls = list(Mall.objects.filter(pk__in=request.user.access.malls()))  # type: ignore[union-attr]
    given = {**AT_THE_MALL, "mall": mall, "malls": malls, **context}
    return render(request, f"complaints/mall/{name}.html", given, status=opened_status(context.get("form")))


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Tell a mall what is wrong in one of its stores; ``?store=`` names it."""
    mall = Mall.objects.filter(public_code=clean_public_code(code)).first()
    if mall is None:
        raise NotFound
    asked = request.GET.get("store", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    store = mall.stores.filter(pk=number, tenant_since__isnull=False).first()
    form = WordsForm(request.POST or None, label="什么事，要商场做什么", help_text="例如：租户不退余款，请商场协调")
    if request.method == "POST" and form.is_valid():
        text, at = form.cleaned_data["text"], store.pk if store else None
        made = try_once(request, form, lambda by: complaints.open_mall_ticket(mall.pk, text, store_id=at, by=by).pk)
        if made is not None:
            messages.success(request, "已交给商场，24 小时内答复您（节假日照算）。")
            return redirect("complaints:my_mall_ticket", MallTicket.objects.get(pk=made).code)
    context = {**MINE, "mall": mall, "store": store, "form": form, "key": fresh_key()}
    return render(request, "complaints/mall/write.html", context, status=opened_status(form))


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The tickets one has written."""
    rows = MallTicket.objects.filter(consumer=person(request)).select_related("mall", "store")
    found, following = page_of(rows, request)
    return render(request, "complaints/mall/mine.html", {**MINE, "rows": found, "next": following})


def _own_ticket(request: HttpRequest, code: str) -> MallTicket:
    rows = MallTicket.objects.select_related("mall", "store", "complaint").filter(consumer=person(request))
    return own(rows, code=clean_public_code(code))


@require_GET
def my_ticket(request: HttpRequest, code: str) -> HttpResponse:
    """One ticket of one's own: what the mall said, and what one can do."""
    return _ticket_page(request, _own_ticket(request, code), _reason_form(None))


@require_http_methods(["POST"])
def my_ticket_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Solved, not solved, or on to the bureau."""
    row = _own_ticket(request, code)
    if step not in DONE:
        raise NotFound
    form = _reason_form(request.POST) if step == "reopen" else forms.Form(request.POST)
    if form.is_valid():
        acts = {
            "solve": lambda by: complaints.solve_mall_ticket(row.pk, by=by).pk,
            "reopen": lambda by: complaints.reopen_mall_ticket(row.pk, form.cleaned_data["text"], by=by).pk,
            "complain": lambda by: complaints.complain_of_ticket(row.pk, by=by).pk,
        }
        if try_once(request, form, acts[step]) is not None:
            messages.success(request, DONE[step])
            return redirect("complaints:my_mall_ticket", row.code)
    return _ticket_page(request, row, form if step == "reopen" else _reason_form(None), refused=form)


def _reason_form(data: Any) -> WordsForm:
    return WordsForm(data, label="哪里没有解决", longest=300)


def _ticket_page(
    request: HttpRequest, row: MallTicket, form: forms.Form, *, refused: forms.Form | None = None
) -> HttpResponse:
    context = {
        **MINE, "row": row, "form": form, "key": fresh_key(), "refused": refused, "now": timezone.now(),
        "allowed": MALL_TICKET_LIFECYCLE.allowed(row, Actor.of(request)),
    }  # fmt: skip
    return render(request, "complaints/mall/mine_one.html", context, status=opened_status(refused))
