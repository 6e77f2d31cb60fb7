"""Whose console it is and who stands at it: every console page begins here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode

from core.actors import Actor, ActorKind
from core.api.once import principal_of
from core.errors import Invalid, NotFound, PortalError
from core.idempotency import Outcome, fingerprint, once
from core.models import Membership, Role
from core.models.people import MERCHANT_ROLES
from merchants.models import LISTED, Merchant, Store

SHOP, STAFF, STORE = "desk_shop", "desk_staff", "desk_store"
PAGE = 20
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Desk:
    """One shop's console: the shop, the person serving, the store they stand in."""

    merchant: Merchant
    by: Actor
    stores: tuple[Store, ...]
    store: Store | None
    shops: int

    @property
    def is_owner(self) -> bool:
        """Whether the person serving is the boss; buttons of the boss are not drawn for others."""
        user = self.by.user
        return bool(user and self.merchant.pk in user.access.merchants(Role.MERCHANT_OWNER))

    @property
    def is_open(self) -> bool:
        """Whether the shop was approved, so that there is anything to run."""
        return self.merchant.status in LISTED


def counter_actor(request: HttpRequest, merchant_id: int) -> Actor:
    """Who serves: the member of staff who took over by PIN, else the person who signed in.

    A member of staff who has left since is out at once. The audit keeps the role ``counter``.
    """
    signed_in = Actor.of(request)
    chosen = request.session.get(STAFF)
    if chosen is None:
        return signed_in
    staff = Membership.objects.in_force(timezone.localdate()).filter(
        pk=chosen, merchant_id=merchant_id, role__in=MERCHANT_ROLES, user__is_active=True
    )
    membership = staff.select_related("user").first()
    if membership is None:
        del request.session[STAFF]
        return signed_in
    return Actor(
        ActorKind.USER,
        membership.user_id,
        membership.user,
        request_id=signed_in.request_id,
        ip=signed_in.ip,
        acting_role="counter",
    )


def my_shops(request: HttpRequest) -> QuerySet[Merchant]:
    """The merchants the signed-in person works for."""
    mine = request.user.access.merchants(*MERCHANT_ROLES)  # type: ignore[union-attr]
    return Merchant.objects.filter(pk__in=mine).select_related("industry", "region").order_by("pk")


def for_shop(*, unapproved: bool = False) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A console page: the view gets the ``Desk`` after the request.

    Who works for several shops chooses one first; who has none is led to registration; a shop that is not
    approved yet sees its registration, unless the page says it serves those too.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            shops = list(my_shops(request))
            if not shops:
                return redirect("merchants:join")
            merchant = _chosen(request, shops)
            if merchant is None:
                here = urlencode({"next": request.get_full_path()})
                return redirect(f"{resolve_url('merchants:choose_shop')}?{here}")
            if merchant.status not in LISTED and not unapproved:
                return redirect("merchants:join_status", merchant.pk)
            return view(request, _desk(request, merchant, len(shops)), *args, **kwargs)

        return page

    return decorate


def _chosen(request: HttpRequest, shops: list[Merchant]) -> Merchant | None:
    if len(shops) == 1:
        return shops[0]
    wanted = request.session.get(SHOP)
    return next((shop for shop in shops if shop.pk == wanted), None)


def _desk(request: HttpRequest, merchant: Merchant, shops: int) -> Desk:
    stores = tuple(Store.objects.filter(merchant=merchant, is_open=True))
    wanted = request.session.get(STORE)
    store = next((one for one in stores if one.pk == wanted), stores[0] if stores else None)
    return Desk(merchant, counter_actor(request, merchant.pk), stores, store, shops)


def shop_page(
    request: HttpRequest, desk: Desk, template: str, context: dict[str, Any] | None = None, *, status: int = 0
) -> HttpResponse:
    """A page in the shop's frame; a form in it with errors answers 400."""
    given = {"desk": desk, "merchant": desk.merchant, **(context or {})}
    form = given.get("form")
    return render(request, template, given, status=status or (400 if form is not None and form.errors else 200))


def own(rows: QuerySet[Row], **which: Any) -> Row:
    """The one row among those the caller may see. Raises NotFound."""
    row = rows.filter(**which).first()
    if row is None:
        raise NotFound
    return row


def page_of(rows: QuerySet[Row], request: HttpRequest, size: int = PAGE) -> tuple[list[Row], int | None]:
    """One page, newest first, and the id before which the next one begins (``?before=``)."""
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: size + 1])
    return found[:size], found[size - 1].pk if len(found) > size else None


def put_errors(form: forms.Form, error: PortalError) -> None:
    """Show a refusal on the form that caused it; nothing typed is lost."""
    for field, text in error.fields.items():
        form.add_error(field if field in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.message)


def once_by_form(request: HttpRequest, by: Actor, work: Callable[[], Any]) -> Outcome:
    """Do what the form asks once, however often it is sent: its hidden ``key`` tells repeats."""
    key = request.POST.get("key", "")
    if not (key.isascii() and key.isprintable() and 8 <= len(key) <= 128):
        raise Invalid("页面已过期，请返回重新打开再办")
    body = {name: values for name, values in request.POST.lists() if name not in ("key", "csrfmiddlewaretoken")}
    return once(principal_of(by), key, fingerprint("POST", request.path, body), lambda: (303, work()))
