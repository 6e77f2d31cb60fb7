"""A business joins: what it declares, the automatic check, the officer's decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import actions as core
from core import messages, outbox
from core.actors import SYSTEM, Actor
from core.audit import record
from core.calendar import calendar
from core.crypto import blind_index
from core.errors import Invalid, NotFound
from core.identifiers import clean_id_number, clean_phone, clean_uscc, masked_name
from core.models import Role, StoredFile
from core.permissions import require
from merchants.clocks import half_working_day
from merchants.likeness import hints
from merchants.models import LIFECYCLE, LISTED, Merchant, RegisterEntry, Store
from merchants.signals import merchant_approved, merchant_changed

FIELDS = ("kind", "legal_name", "brand_name", "industry_id", "region_id", "licensed_on")
STORE_FIELDS = ("name", "region_id", "address", "lease_end", "license_holder", "actual_operator", "is_open")


@transaction.atomic
def register(uscc: str, data: Mapping[str, Any], *, by: Actor) -> Merchant:
    """Open a draft for the business with this licence; the person becomes its boss.

    ``data`` holds ``FIELDS``, ``legal_rep``, ``contact_phone`` and, if told, ``id_number``. The same person asking
    again gets the draft back. Raises Invalid.
    """
    require(by, "merchants.register_merchant")
    assert by.user is not None
    code = clean_uscc(uscc)
    mine = Merchant.objects.filter(uscc=code, registered_by=by.user).first()
    if mine is not None:
        return change(mine.pk, data, by=by)
    merchant = Merchant(uscc=code, registered_by=by.user)
    _apply(merchant, data)
    merchant.save()
    core.grant_membership(by.user.pk, Role.MERCHANT_OWNER, merchant_id=merchant.pk, by=by)
    by.user.forget_access()
    record("merchant.register", merchant, by=by, uscc=code)
    return merchant


@transaction.atomic
def change(merchant_id: int, data: Mapping[str, Any], *, by: Actor) -> Merchant:
    """Change what the licence and the shop say; every change stays in the history."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.change_merchant", merchant)
    if merchant.status in (Merchant.Status.SUBMITTED, Merchant.Status.UNDER_REVIEW):
        raise Invalid("正在审核，不能修改；如需修改请等审核结果")
    changes = _apply(merchant, data)
    if changes:
        merchant.save()
        record("merchant.change", merchant, by=by, changes=changes)
        if merchant.status in LISTED:
            merchant_changed.send(Merchant, merchant_id=merchant.pk, changes=changes, by=by)
            merchant.refresh_from_db(fields=["status"])
    return merchant


def _apply(merchant: Merchant, data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set the given fields; returns what changed, personal ones masked."""
    changes: dict[str, list[Any]] = {}
    for field in FIELDS:
        if field in data and data[field] != getattr(merchant, field):
            changes[field] = [getattr(merchant, field), data[field]]
            setattr(merchant, field, data[field])
    if data.get("legal_rep") and data["legal_rep"] != merchant.legal_rep:
        changes["legal_rep"] = [masked_name(merchant.legal_rep), masked_name(data["legal_rep"])]
        merchant.legal_rep = data["legal_rep"]
        merchant.legal_rep_idx = blind_index("name", data["legal_rep"])
    if data.get("id_number"):
        index = blind_index("id", clean_id_number(data["id_number"]))
        if index != merchant.legal_rep_id_idx:
            changes["id_number"], merchant.legal_rep_id_idx = ["", "已登记"], index
    if data.get("contact_phone"):
        phone = clean_phone(data["contact_phone"])
        if phone != merchant.contact_phone:
            changes["contact_phone"] = ["****", phone[-4:]]
            merchant.contact_phone, merchant.contact_phone_idx = phone, blind_index("phone", phone)
    return changes


@transaction.atomic
def attach_licence(merchant_id: int, file: StoredFile, *, by: Actor) -> Merchant:
    """Put the scanned licence with the registration."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.change_merchant", merchant)
    merchant.licence_file = file
    merchant.save(update_fields=["licence_file"])
    record("merchant.attach_licence", merchant, by=by, sha256=file.sha256)
    return merchant


@transaction.atomic
def save_store(merchant_id: int, data: Mapping[str, Any], *, by: Actor, store_id: int | None = None) -> Store:
    """Add a store or change one. Raises NotFound for a store of somebody else."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.change_merchant", merchant)
    store = Store(merchant=merchant)
    if store_id is not None:
        found = Store.objects.filter(pk=store_id, merchant=merchant).first()
        if found is None:
            raise NotFound
        store = found
    changes = {f: [getattr(store, f), data[f]] for f in STORE_FIELDS if f in data and getattr(store, f) != data[f]}
    for field, (_, value) in changes.items():
        setattr(store, field, value)
    store.save()
    record("merchant.save_store", merchant, by=by, store=store.pk, changes=changes)
    return store


def missing(merchant: Merchant) -> dict[str, str]:
    """What a registration still lacks, field by field, in words that say what to do."""
    wanted = {
        "legal_name": "填营业执照上的名称",
        "brand_name": "填店招上的名字",
        "legal_rep": "填法定代表人或经营者姓名",
        "contact_phone": "填能收验证码的手机号",
        "licensed_on": "填执照上的成立日期",
        "licence_file": "上传营业执照照片",
    }
    found = {field: text for field, text in wanted.items() if not getattr(merchant, field)}
    stores = list(merchant.stores.all())
    if not stores:
        found["stores"] = "至少填一家门店"
    elif any(store.lease_end is None for store in stores):
        found["lease_end"] = "填每家门店的租约到期日；自有房产填产权到期日"
    return found


@transaction.atomic
def send_register_code(merchant_id: int, *, by: Actor) -> str:
    """Send the code that proves the contact phone of a registration; returns it for the demo's message page.

    Raises TooMany past six codes an hour.
    """
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.change_merchant", merchant)
    return core.send_phone_code(merchant.contact_phone, "register")


def submit(merchant_id: int, *, by: Actor, phone_code: str) -> Merchant:
    """Hand the registration in; the contact phone is proved by a code. Raises Invalid with what is missing.

    The code is checked outside the transaction of the change, so that a wrong try stays counted.
    """
    seen = Merchant.objects.visible_to(by).filter(pk=merchant_id).first()
    if seen is None:
        raise NotFound
    require(by, "merchants.change_merchant", seen)
    LIFECYCLE.check("submit", seen)
    lacks = missing(seen)
    if lacks:
        raise Invalid("还有内容没有填全", fields=lacks)
    core.check_phone_code(seen.contact_phone, "register", phone_code)
    return _submit(merchant_id, by=by)


@transaction.atomic
def _submit(merchant_id: int, *, by: Actor) -> Merchant:
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.change_merchant", merchant)
    LIFECYCLE.move("submit", merchant)
    merchant.submitted_at = timezone.now()
    merchant.review_due_at, merchant.review_clock = half_working_day(merchant.submitted_at, calendar())
    merchant.return_reasons = []
    merchant.save()
    record("merchant.submit", merchant, by=by)
    outbox.enqueue(
        "merchants.auto_check", f"{merchant.pk}:{merchant.submitted_at.isoformat()}", {"merchant": merchant.pk}
    )
    return merchant


@transaction.atomic
def auto_check(merchant_id: int, *, by: Actor) -> Merchant:
    """Compare with other merchants and the register; a hard duplicate goes back at once, doubts go to the officer."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.check_merchant", merchant)
    if merchant.status != Merchant.Status.SUBMITTED:
        return merchant
    others = Merchant.objects.exclude(pk=merchant.pk)
    if others.public().filter(uscc=merchant.uscc).exists():
        return _send_back(merchant, ["这个统一社会信用代码已有商家入驻，请与原登记人联系或到市场监管所办理"], by=by)
    merchant.checks = _doubts(merchant, others)
    LIFECYCLE.move("auto_check", merchant)
    merchant.save()
    record("merchant.auto_check", merchant, by=by, doubts=len(merchant.checks))
    return merchant


def _doubts(merchant: Merchant, others: Any) -> list[str]:
    """What the officer should look at twice."""
    doubts = hints(merchant.pk)
    addresses = list(merchant.stores.values_list("address", flat=True))
    if others.filter(stores__address__in=addresses).exists():
        doubts.append("门店地址与另一家已登记的商家相同")
    same_person = Q(contact_phone_idx=merchant.contact_phone_idx) | Q(legal_rep_idx=merchant.legal_rep_idx)
    if others.exclude(registered_by=merchant.registered_by_id).filter(same_person).exists():
        doubts.append("负责人姓名或手机号与另一家商家相同")
    entry = RegisterEntry.objects.filter(uscc=merchant.uscc).exclude(uscc="").first()
    if entry is None:
        doubts.append("登记名录里没有这个统一社会信用代码")
    elif entry.legal_name != merchant.legal_name:
        doubts.append(f"名称与登记名录不同（名录：{entry.legal_name}）")
    return doubts


@transaction.atomic
def approve(merchant_id: int, *, by: Actor) -> Merchant:
    """Admit the merchant; its information becomes public."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.review_merchant", merchant)
    LIFECYCLE.move("approve", merchant)
    if Merchant.objects.public().filter(uscc=merchant.uscc).exists():
        raise Invalid("这个统一社会信用代码已有商家入驻，不能再次通过")
    merchant.reviewed_at, merchant.reviewed_by = timezone.now(), by.user
    merchant.save()
    record("merchant.approve", merchant, by=by)
    _tell(merchant, f"{merchant.brand_name} 已通过审核，可以发布套餐了。", "approved")
    merchant_approved.send(Merchant, merchant_id=merchant.pk, by=by)
    return merchant


@transaction.atomic
def send_back(merchant_id: int, reasons: list[str], *, by: Actor) -> Merchant:
    """Return a registration with what to mend. Raises Invalid without a reason."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.review_merchant", merchant)
    reasons = [text.strip()[:200] for text in reasons if text.strip()]
    if not reasons:
        raise Invalid("退回要写明补什么", fields={"reasons": "写明要补什么，一行一条"})
    return _send_back(merchant, reasons, by=by)


def _send_back(merchant: Merchant, reasons: list[str], *, by: Actor) -> Merchant:
    LIFECYCLE.move("send_back", merchant)
    merchant.return_reasons, merchant.reviewed_by, merchant.reviewed_at = reasons, by.user, timezone.now()
    merchant.save()
    record("merchant.send_back", merchant, by=by, reasons=reasons)
    _tell(merchant, f"{merchant.brand_name} 的入驻申请需要补充材料，请登录查看。", "returned")
    return merchant


def _tell(merchant: Merchant, text: str, what: str) -> None:
    at = merchant.reviewed_at.isoformat() if merchant.reviewed_at else ""
    messages.text_user(merchant.registered_by, text, key=f"merchant:{merchant.pk}:{what}:{at}")


@transaction.atomic
def unmask(merchant_id: int, purpose: str, *, by: Actor) -> dict[str, str]:
    """Show an officer the personal data in full; the purpose goes into the audit (个人信息保护法第51条)."""
    merchant = Merchant.objects.locked(merchant_id)
    require(by, "merchants.unmask_merchant", merchant)
    purpose = core.purpose_of_unmask(purpose, by=by)
    record("merchant.unmask", merchant, by=by, purpose=purpose)
    return {"legal_rep": merchant.legal_rep, "contact_phone": merchant.contact_phone.removeprefix("+86")}


@outbox.handler("merchants.auto_check")
def check_from_outbox(payload: dict[str, Any]) -> None:
    """The automatic check that follows a submission."""
    auto_check(payload["merchant"], by=SYSTEM)
