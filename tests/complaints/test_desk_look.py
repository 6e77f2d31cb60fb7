"""The telephone desk and the consumer's answers in a browser: saved while one types, clean for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from complaints import actions as complaints
from complaints.actions import calls
from complaints.actions.calls import CallKind, Filing, Typed
from complaints.models import CallDraft, Complaint
from core.models import Membership, Role, User
from merchants.models import Merchant
from tests.cast import DISTRICT, officer, person
from tests.prepaid.scenes import who

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_desk_saves_by_itself_and_looks_right(
    page_at: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], Path],
    consumer: User, merchant_a: Merchant, district_officer: User,
) -> None:  # fmt: skip
    desk = officer("13900000031", "孙丽", Role.DISPATCHER, DISTRICT)
    row = known_caller(desk, consumer, merchant_a, district_officer)
    page = page_at(360, user=desk)
    page.goto("/admin/complaints/desk/")
    page.get_by_label("来电号码").fill(consumer.phone.removeprefix("+86"))
    page.get_by_role("button", name="接听").click()
    page.get_by_label("什么事").fill("催问退款，说再不退就到所里来")
    expect(page.get_by_text("已保存")).to_be_visible()
    assert CallDraft.objects.open().get().story.startswith("催问退款")
    page.get_by_label("谁：姓名").fill("周桂芬")
    page.get_by_role("button", name="登记").click()
    page.get_by_role("heading", name="登记来电", level=1).wait_for()
    draft = CallDraft.objects.open().get()
    assert draft.name == "周桂芬", "the button saves what the script has not saved yet"
    here = f"/admin/complaints/desk/{draft.pk}/"
    paths = {"desk": "/admin/complaints/desk/", "call": here, "file": f"{here}file/"}
    wrong: list[Any] = []
    for width, theme in ((360, "light"), (1280, "dark")):
        page = page_at(width, theme=theme, user=desk)
        for name, path in paths.items():
            page.goto(path)
            wrong += axe(page)
            shot(page, f"telephone-{name}-{width}")
        own = page_at(width, theme=theme, user=consumer)
        own.goto(f"/my/complaints/{row.code}/")
        wrong += axe(own)
        shot(own, f"consumer-delegation-{width}")
    assert wrong == []


def known_caller(desk: User, consumer: User, shop: Merchant, handler: User) -> Complaint:
    """Somebody with a complaint given to people's mediation, who threatened once."""
    call = calls.start_call(consumer.phone, by=who(desk))
    typed = Typed(name=consumer.name, phone=consumer.phone, shop="A造型", story="年卡没用完，店里说不能退")
    calls.save_call(call.pk, typed, version=0, by=who(desk))
    filing = Filing(kind=CallKind.COMPLAINT, merchant_id=shop.pk, cause="REFUND", claim="退余款", abuse="说要来堵门")
    row = Complaint.objects.get(receipts__intake=calls.file_call(call.pk, filing, by=who(desk)))
    mediator = person("13900000041", "方敏")
    Membership.objects.create(user=mediator, role=Role.MEDIATOR)
    complaints.assign("complaint", row.pk, handler.pk, by=who(desk))
    complaints.accept(row.pk, by=who(handler))
    complaints.propose_delegation(row.pk, "示范区消费纠纷人民调解委员会", mediator.pk, by=who(handler))
    return row
