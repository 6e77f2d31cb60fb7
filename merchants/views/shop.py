"""The shop about itself: what the public sees, its stores, its staff, and what changed when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import NotAllowed, NotFound, PortalError
from core.models import AuditEvent, Membership, Role, User
from core.models.people import MERCHANT_ROLES
from core.money import yuan
from core.transactions import durably
from merchants import actions
from merchants.forms import PinForm, StaffForm
from merchants.models import Merchant, Restriction, Store
from merchants.views.desk import SHOP, STAFF, STORE, Desk, for_shop, my_shops, own, page_of, put_errors, shop_page
from merchants.views.join import store_form

VERBS = {
    "merchant.register": "建立登记",
    "merchant.change": "修改资料",
    "merchant.attach_licence": "上传营业执照",
    "merchant.save_store": "保存门店",
    "merchant.submit": "提交审核",
    "merchant.auto_check": "自动核对",
    "merchant.approve": "审核通过",
    "merchant.send_back": "退回补正",
    "merchant.restrict": "限制新发卡",
    "merchant.lift_restriction": "解除限制",
    "merchant.say_mall": "填写所在商场",
    "merchant.confirm_tenant": "商场确认租户",
    "merchant.disown_tenant": "商场移出租户",
    "merchant.close_store": "门店停业",
    "merchant.hire": "添加店员",
    "merchant.dismiss": "店员离职",
    "merchant.set_price": "调整价目",
    "merchant.drop_price": "删去价目",
    "merchant.unmask": "监管人员查看完整信息",
}
FIELDS = {
    "kind": "主体类型",
    "legal_name": "营业执照名称",
    "brand_name": "店招",
    "industry_id": "行业",
    "region_id": "辖区",
    "licensed_on": "执照成立日期",
    "legal_rep": "法定代表人或经营者",
    "contact_phone": "负责人手机",
    "name": "门店名称",
    "address": "地址",
    "lease_end": "租约到期",
    "license_holder": "执照持有人",
    "actual_operator": "实际经营者",
    "is_open": "营业",
}


@require_http_methods(["GET", "POST"])
def choose_shop(request: HttpRequest) -> HttpResponse:
    """Who works for several shops says which one this is."""
    shops = list(my_shops(request))
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "portal:merchant_todo"
    if request.method == "POST":
        chosen = next((shop for shop in shops if str(shop.pk) == request.POST.get("shop")), None)
        if chosen is None:
            raise NotFound
        request.session[SHOP] = chosen.pk
        for key in (STAFF, STORE):
            request.session.pop(key, None)
        return redirect(target)
    return render(request, "merchants/choose_shop.html", {"shops": shops, "next": target})


@for_shop(unapproved=True)
@require_GET
def profile(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is public about the shop, its stores, what limits it, and every change."""
    merchant = desk.merchant
    events, before = page_of(
        AuditEvent.objects.filter(object_type=Merchant._meta.label, object_id=str(merchant.pk)), request
    )
    people = User.objects.in_bulk([event.actor_id for event in events if event.actor_kind == 1 and event.actor_id])
    context = {
        "stores": list(Store.objects.filter(merchant=merchant).select_related("region", "mall")),
        "restrictions": list(Restriction.objects.filter(merchant=merchant)),
        "events": [_told(event, people) for event in events],
        "before": before,
    }
    return shop_page(request, desk, "merchants/console_profile.html", context)


def _told(event: AuditEvent, people: dict[Any, User]) -> dict[str, Any]:
    """One line of the history in words; officers appear by their office, not by name."""
    facts = event.facts
    parts = [
        f"{FIELDS.get(name, name)}：{_shown(old)} → {_shown(new)}"
        for name, (old, new) in (facts.get("changes") or {}).items()
    ]
    parts += [str(facts[name]) for name in ("reason", "item") if facts.get(name)]
    if facts.get("price_fen"):
        parts.append(f"¥{yuan(facts['price_fen'])}")
    parts += [str(text) for text in facts.get("reasons") or []]
    person = people.get(event.actor_id) if event.actor_kind == 1 else None
    officer = event.verb.split(".")[1] in ("approve", "send_back", "restrict", "lift_restriction", "unmask")
    who = "市场监管部门" if officer else (person.name or person.masked_phone) if person else "系统"
    return {"title": VERBS.get(event.verb, event.verb), "at": event.at, "text": "；".join(parts), "who": who}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（空）" if value in (None, "") else str(value)


@for_shop()
@require_http_methods(["GET", "POST"])
def store(request: HttpRequest, desk: Desk, store_id: int | None = None) -> HttpResponse:
    """Add a store or change one."""
    if not desk.is_owner:
        raise NotAllowed("只有负责人能改门店资料")
    found = (
        own(Store.objects.filter(merchant=desk.merchant).select_related("region"), pk=store_id) if store_id else None
    )
    context = store_form(request, desk.merchant, found, by=desk.by)
    if context is None:
        messages.success(request, "门店资料已保存，改动记入变更记录")
        return redirect("merchants:console_profile")
    return shop_page(request, desk, "merchants/console_store.html", context)


def _team(desk: Desk) -> list[Membership]:
    rows = Membership.objects.in_force(timezone.localdate()).filter(
        merchant_id=desk.merchant.pk, role__in=MERCHANT_ROLES
    )
    return list(rows.select_related("user").order_by("role", "pk"))


@for_shop()
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Who works here; hire somebody."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            durably(lambda: actions.hire(desk.merchant.pk, given["phone"], given["name"], by=desk.by, pin=given["pin"]))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"{given['name']} 已成为店员，用手机号和验证码登录")
            return redirect("merchants:staff")
    return shop_page(request, desk, "merchants/staff.html", {"team": _team(desk), "form": form})


@for_shop()
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def staff_pin(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """Set somebody's PIN: the boss anybody's, everybody their own."""
    member = next((one for one in _team(desk) if one.pk == pk), None)
    if member is None:
        raise NotFound
    if not (desk.is_owner or (desk.by.user and member.user_id == desk.by.user.pk)):
        raise NotAllowed("只能改自己的口令")
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            durably(lambda: actions.set_counter_pin(desk.merchant.pk, member.pk, form.cleaned_data["pin"], by=desk.by))
        except PortalError as error:
            put_errors(form, error)
        else:
            messages.success(request, f"{member.user.name or member.user.masked_phone} 的收银口令已更新")
            return redirect("merchants:staff")
    return shop_page(request, desk, "merchants/staff_pin.html", {"member": member, "form": form})


@for_shop()
@require_http_methods(["GET", "POST"])
def dismiss(request: HttpRequest, desk: Desk, pk: int) -> HttpResponse:
    """End somebody's work here, after asking once more."""
    member = next((one for one in _team(desk) if one.pk == pk and one.role == Role.MERCHANT_STAFF), None)
    if member is None:
        raise NotFound
    name = member.user.name or member.user.masked_phone
    if request.method == "POST":
        durably(lambda: actions.dismiss(desk.merchant.pk, pk, by=desk.by))
        messages.success(request, f"{name} 已离职，口令和登录权限已停用")
        return redirect("merchants:staff")
    return shop_page(request, desk, "merchants/dismiss.html", {"member": member, "name": name})
