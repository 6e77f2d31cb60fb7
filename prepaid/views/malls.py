"""The mall's own pages: its tenants, their leaving, locked doors, and the ten measures."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actors import Actor
from core.calendar import business_date
from core.errors import NotFound, PortalError
from core.transactions import durably
from core.uploads import store as keep_file
from merchants import actions as merchants
from merchants.models import Mall, MallMeasureCheck, Store
from merchants.views.desk import own
from prepaid import actions as prepaid
from prepaid.forms.malls import EvidenceForm, LockOutForm, TenantClosingForm
from prepaid.mall_reports import Tenant, score_of, tenants, tenants_of
from prepaid.models import ClosingNotice, LockOutReport
from prepaid.views.posting import act_once, fresh_key, opened_status, show_on, try_once

CHOSEN = "mall_chosen"
STEPS = {"publish": "发布停业公告", "withdraw": "撤回申报"}
View = Callable[..., HttpResponse]


def for_mall(view: View) -> View:
    """A page of the mall console: the view gets the mall after the request. Raises NotFound for everybody else.

    Who manages several chooses by ``?mall=``.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = Mall.objects.filter(pk__in=request.user.access.malls())  # type: ignore[union-attr]
        malls = list(mine.select_related("operator", "region"))
        if not malls:
            raise NotFound
        asked = request.GET.get("mall", "")
        if any(mall.public_code == asked for mall in malls):
            request.session[CHOSEN] = asked
        mall = next((one for one in malls if one.public_code == request.session.get(CHOSEN)), malls[0])
        return view(request, mall, *args, **kwargs)

    return page


def _page(request: HttpRequest, mall: Mall, name: str, context: dict[str, Any]) -> HttpResponse:
    malls = list(Mall.objects.filter(pk__in=request.user.access.malls()))  # type: ignore[union-attr]
    door = "prepaid:mall_measures" if name.startswith("measure") else "prepaid:mall"
    given = {"mall": mall, "malls": malls, "nav_current": door, **context}
    return render(request, f"prepaid/mall/{name}.html", given, status=opened_status(context.get("form")))


@for_mall
@require_GET
def home(request: HttpRequest, mall: Mall) -> HttpResponse:
    """The tenants with what is locked and when each must be announced, and how the measures stand."""
    today = business_date()
    found = tenants_of(mall, today)
    met, of = score_of(mall.measures.all())
    context = {
        "tenants": found,
        "due": [row for row in found if row.is_due and row.store.tenant_since],
        "unconfirmed": [row for row in found if not row.store.tenant_since],
        "locked_fen": sum(row.locked_fen for row in found),
        "cards": sum(row.cards for row in found),
        "notices": [row for row in found if row.notice],
        "met": met,
        "of": of,
        "today": today,
    }
    return _page(request, mall, "home", context)


def _tenant(mall: Mall, pk: int) -> Tenant:
    """One tenant with its figures. Raises NotFound."""
    store = own(Store.objects.filter(mall=mall), pk=pk)
    rows = Store.objects.filter(pk=store.pk).select_related("merchant", "merchant__industry", "mall")
    return tenants(rows, mall, business_date())[0]


@for_mall
@require_GET
def tenant(request: HttpRequest, mall: Mall, pk: int) -> HttpResponse:
    """One tenant: what is locked, its lease, its notice, what was reported, and what the mall can do."""
    row = _tenant(mall, pk)
    told = LockOutReport.objects.filter(store=row.store, mall=mall).order_by("-pk")[:10]
    return _page(request, mall, "tenant", {"row": row, "told": told, "key": fresh_key(), "today": business_date()})


@for_mall
@require_POST
def tenant_step(request: HttpRequest, mall: Mall, pk: int, step: str) -> HttpResponse:
    """Confirm a tenant, or say that it is none."""
    store = own(Store.objects.filter(mall=mall), pk=pk)
    acts = {"confirm": merchants.confirm_tenant, "disown": merchants.disown_tenant}
    if step not in acts:
        raise NotFound
    act_once(request, lambda by: acts[step](store.pk, by=by).pk)
    if step == "confirm":
        messages.success(request, f"已确认 {store.name} 是您的租户")
        return redirect("prepaid:mall_tenant", store.pk)
    messages.success(request, f"{store.name} 已移出租户，商家会收到短信")
    return redirect("prepaid:mall")


@for_mall
@require_http_methods(["GET", "POST"])
def lock_out(request: HttpRequest, mall: Mall, pk: int) -> HttpResponse:
    """The mall reports a locked door."""
    row = _tenant(mall, pk)
    form = LockOutForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and sent_lock_out(request, row.store, form):
        messages.success(request, "已报告，辖区监管人员会核查；查实失联的，两名监管人员签字后冻结并退款。")
        return redirect("prepaid:mall_tenant", row.store.pk)
    return _page(request, mall, "lock_out", {"row": row, "form": form})


def sent_lock_out(request: HttpRequest, store: Store, form: LockOutForm) -> bool:
    """Keep the photo and the report; what is refused stands on the form. Raises NotAllowed."""
    data, by = form.cleaned_data, Actor.of(request)
    try:
        photo = keep_file(data["photo"], title="锁门照片", by=by) if data["photo"] else None
        durably(lambda: prepaid.report_lock_out(store.pk, data["text"], seen_on=data["seen_on"], photo=photo, by=by))
    except PortalError as error:
        if error.status in (401, 403, 404):
            raise
        error.fields = {"photo" if name == "file" else name: text for name, text in error.fields.items()}
        show_on(form, error)
        return False
    return True


@for_mall
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, mall: Mall, pk: int) -> HttpResponse:
    """Declare that a tenant leaves; the next page shows the effect before it is public."""
    row = _tenant(mall, pk)
    form = TenantClosingForm(request.POST or None, initial={"closes_on": row.store.lease_end, "reason": "LEASE"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = try_once(
            request, form,
            lambda by: prepaid.declare_for_tenant(
                row.store.pk, given["reason"], given["closes_on"], note=given["note"], by=by
            ).pk,
        )  # fmt: skip
        if made is not None:
            return redirect("prepaid:mall_closing", ClosingNotice.objects.get(pk=made).code, "publish")
    return _page(request, mall, "declare", {"row": row, "form": form, "key": fresh_key()})


@for_mall
@require_http_methods(["GET", "POST"])
def closing_step(request: HttpRequest, mall: Mall, code: str, step: str) -> HttpResponse:
    """Ask once more with the effect in figures, then publish or take back."""
    if step not in STEPS:
        raise NotFound
    notice = own(ClosingNotice.objects.filter(mall=mall).select_related("merchant", "store"), code=code)
    if request.method == "POST":
        act = {"publish": prepaid.publish_closing, "withdraw": prepaid.withdraw_closing}[step]
        act_once(request, lambda by: act(notice.pk, by=by).pk)
        messages.success(request, "已公告，停止收款，正在通知每位持卡人" if step == "publish" else "已撤回申报")
        return redirect("prepaid:mall")
    if notice.status != ClosingNotice.Status.DECLARED:
        return redirect("prepaid:mall")
    context = {
        "notice": notice,
        "step": step,
        "title": STEPS[step],
        "effect": _effect(notice, step),
        "key": fresh_key(),
    }
    return _page(request, mall, "closing_step", context)


def _effect(notice: ClosingNotice, step: str) -> str:
    if step == "withdraw":
        return "这份申报还没有公告，撤回后租户照常营业。"
    live = notice.contracts().filter(status__in=["ACTIVE", "PAUSED"])
    people = live.values("holder").distinct().count()
    return (
        f"发布后马上停止收新的预付款；{people} 位持卡人、{live.count()} 张卡会收到短信，自己选退款或用到停业；"
        "到期没选的自动退款，不再经商家同意。发布后不能撤回。"
    )


@for_mall
@require_GET
def measures(request: HttpRequest, mall: Mall) -> HttpResponse:
    """The ten measures, each with its evidence and what the officer said."""
    rows = list(mall.measures.select_related("file"))
    met, of = score_of(rows)
    return _page(
        request, mall, "measures", {"rows": rows, "met": met, "of": of, "source": merchants.ten_measures()["source"]}
    )


@for_mall
@require_http_methods(["GET", "POST"])
def measure(request: HttpRequest, mall: Mall, code: str) -> HttpResponse:
    """Hand in the evidence for one measure."""
    row = own(MallMeasureCheck.objects.filter(mall=mall), code=code)
    form = EvidenceForm(request.POST or None, request.FILES or None, initial={"evidence": row.evidence})
    if request.method == "POST" and form.is_valid():
        by, given = Actor.of(request), form.cleaned_data
        try:
            file = keep_file(given["file"], title=f"{row.title}证据", by=by) if given["file"] else None
            durably(lambda: merchants.submit_measure(row.pk, given["evidence"], file=file, by=by))
        except PortalError as error:
            if error.status in (401, 403, 404):
                raise
            show_on(form, error)
        else:
            messages.success(request, "证据已提交，等市场监管所核查")
            return redirect("prepaid:mall_measures")
    return _page(request, mall, "measure", {"row": row, "form": form})
