"""The custodian's callback: signed or refused, taken once, and always answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from standardwebhooks import Webhook

from core.actors import Actor
from core.models import User
from prepaid import actions as prepaid
from prepaid.models import Contract, CustodianNotice, PaymentOrder, Plan, SuspenseItem
from tests.cast import fresh, open_contract

pytestmark = pytest.mark.django_db
ADDRESS = "/custodian/callback/"


def told(number: str, amount_fen: int, *, ref: str = "ref-1", at: datetime | None = None, **changed: Any) -> Any:
    body = json.dumps({
        "type": "order.paid", "bank_ref": ref, "order_no": number, "amount_fen": amount_fen,
        "payer_account": "acct_1_1234", "at": "2026-03-01T10:00:00+08:00", "reason": "", **changed,
    })  # fmt: skip
    now = at or datetime.now(UTC)
    headers = {
        "webhook-id": ref,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(settings.CUSTODIAN_SECRET).sign(ref, now, body),
    }
    return Client().post(ADDRESS, body, content_type="application/json", headers=headers)


@pytest.fixture
def order(plan: Plan, consumer: User) -> PaymentOrder:
    store = plan.merchant.stores.get()
    contract = prepaid.offer(plan.pk, store.pk, consumer.phone, by=Actor.of_user(plan.merchant.registered_by))
    prepaid.sign(contract.pk, by=Actor.of_user(consumer), terms_hash=contract.terms_hash)
    return prepaid.order_payment(contract.pk, by=Actor.of_user(consumer))


def test_a_signed_notice_locks_the_money_once(order: PaymentOrder) -> None:
    answers = [told(order.order_no, order.amount_fen) for _ in range(3)]
    assert [(a.status_code, a.json()["outcome"]) for a in answers] == [(200, "已锁定")] * 3
    assert fresh(order.contract).locked_fen == order.amount_fen
    assert CustodianNotice.objects.count() == 1


@pytest.mark.parametrize(("order_no", "amount"), [("unknown", 5_000), ("", 5_000), ("the one", 1)])
def test_money_without_a_home_is_taken_and_parked(order: PaymentOrder, order_no: str, amount: int) -> None:
    answer = told(order.order_no if order_no == "the one" else order_no, amount)
    assert (answer.status_code, answer.json()["outcome"][:3]) == (200, "转待查")
    assert SuspenseItem.objects.get().amount_fen == amount
    assert fresh(order.contract).locked_fen == 0


def test_a_forged_stale_or_wrongly_wrapped_notice_does_nothing(order: PaymentOrder) -> None:
    body = json.dumps({"type": "order.paid", "order_no": order.order_no, "amount_fen": order.amount_fen})
    answers = [
        Client().post(ADDRESS, body, content_type="application/json"),
        Client().post(ADDRESS, {"a": "b"}),
        Client().post(ADDRESS, {"a": "b"}, headers={"webhook-id": "x"}),
        Client().post(ADDRESS, b"\xff", content_type="application/json"),
        told(order.order_no, order.amount_fen, at=datetime.now(UTC) - timedelta(seconds=310)),
        told(order.order_no, order.amount_fen, at=datetime.now(UTC) + timedelta(seconds=310)),
        told(order.order_no, -1),
        told(order.order_no, 2**63),
        told(order.order_no, True),  # type: ignore[arg-type]
        told(order.order_no, order.amount_fen, order_no="\x00"),
        told(order.order_no, order.amount_fen, bank_ref="\x00"),
        told(order.order_no, order.amount_fen, payer_account="\ud800"),
        told(order.order_no, order.amount_fen, payer_account=7),
    ]
    assert [answer.status_code for answer in answers] == [401] * 7 + [400] + [401] + [400] * 4
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert (CustodianNotice.objects.count(), fresh(order.contract).locked_fen) == (0, 0)
    assert Client().get(ADDRESS).status_code == 405


def test_a_notice_for_a_payout_we_never_sent_changes_nothing(contract: Contract) -> None:
    answer = told("", 5_000, type="payout.paid", payout_no="nothing")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "没有这笔划付")
    assert fresh(contract).locked_fen == 300_000


def test_two_contracts_do_not_share_an_order(plan: Plan, order: PaymentOrder, second_consumer: User) -> None:
    other = open_contract(plan, second_consumer)
    told(order.order_no, order.amount_fen, ref="ref-9")
    assert (fresh(other).locked_fen, fresh(order.contract).locked_fen) == (300_000, 300_000)
