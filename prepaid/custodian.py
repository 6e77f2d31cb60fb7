"""The one seam to the custodian bank: orders, payouts, statements, and what the bank tells us by callback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote
from uuid import uuid4

import requests
from django.conf import settings
from django.utils.module_loading import import_string
from standardwebhooks import Webhook, WebhookVerificationError

from core.errors import Invalid, KeyReused, NotFound, PortalError, Unavailable
from core.money import MAX_FEN

TIMEOUT = (3, 10)
BACKENDS = {"sandbox": "prepaid.custodian.SandboxCustodian"}


class BadSignature(PortalError):
    """The callback is not from the custodian, was changed on the way, or is more than 300 seconds old."""

    status, code, message = 401, "bad_signature", "回调的签名无效或已过期"


class CustodianUnreachable(Unavailable):
    """The bank did not answer. Whether it acted is unknown: ask again with the same number."""

    code, message = "custodian_unreachable", "存管银行暂时没有响应，款项没有丢失，请稍后再看结果"


class CustodianRefused(PortalError):
    """The bank answered that it will not do this."""

    status, code, message = 502, "custodian_refused", "存管银行没有受理这笔业务，请联系平台工作人员"


@dataclass(frozen=True)
class BankOrder:
    """A payment the bank expects or has taken. ``state``: CREATED, PAID, CANCELLED."""

    order_no: str
    bank_order: str
    state: str
    amount_fen: int
    pay_url: str
    paid_fen: int | None = None
    bank_ref: str = ""
    payer_account: str = ""


@dataclass(frozen=True)
class BankPayout:
    """Money the bank pays out for us. ``state``: ACCEPTED, PAID, FAILED (with a ``reason``)."""

    payout_no: str
    bank_ref: str
    state: str
    amount_fen: int
    reason: str = ""


@dataclass(frozen=True)
class Notice:
    """One verified callback. By ``bank_ref``, the bank's own reference, a repeat is known for ever.

    ``kind``: order.paid, order.cancelled, payout.paid, payout.failed. ``number`` is our own.
    """

    kind: str
    bank_ref: str
    number: str
    amount_fen: int
    payer_account: str
    at: datetime
    reason: str = ""


class Custodian(Protocol):
    """What the portal asks of a custodian. Every create is idempotent by our own number."""

    def create_order(
        self,
        order_no: str,
        amount_fen: int,
        *,
        subject: str,
        notify_url: str,
        return_url: str,
        payer_hint: str = "",
    ) -> BankOrder:
        """Open a payment order; the consumer pays at ``pay_url``. Raises KeyReused for another amount."""

    def query_order(self, order_no: str) -> BankOrder:
        """What became of an order, for when a callback is missing. Raises NotFound."""

    def cancel_order(self, order_no: str) -> BankOrder:
        """Take no more money for an order; one that was paid stays paid. Raises NotFound."""

    def create_payout(
        self, payout_no: str, amount_fen: int, *, payee_account: str, payee_name: str, notify_url: str
    ) -> BankPayout:
        """Ask for a payout; the outcome comes as a callback. Raises KeyReused for other contents."""

    def query_payout(self, payout_no: str) -> BankPayout:
        """What became of a payout. Raises NotFound."""

    def statement(self, on: date, into: BinaryIO, form: str = "camt") -> None:
        """Write the daily file of one Shanghai day to ``into``, as it comes. Raises CustodianUnreachable half-way too:
        what was written until then is worth nothing."""

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The callback, once its signature and age are proven.

        Raises BadSignature, and Invalid for values that no table can hold: a bank that signs nonsense hears so.
        """


def custodian() -> Custodian:
    """The custodian of this installation: ``sandbox``, or the dotted path of a class."""
    return _backend(settings.CUSTODIAN_BACKEND)


@cache
def _backend(name: str) -> Custodian:
    found: Custodian = import_string(BACKENDS.get(name, name))()
    return found


class SandboxCustodian:
    """The sandbox bank over HTTP. Both directions are signed with the shared secret (Standard Webhooks)."""

    def __init__(self, url: str = "", secret: str = "") -> None:
        self.url = (url or settings.CUSTODIAN_URL).rstrip("/")
        self.webhook = Webhook(secret or settings.CUSTODIAN_SECRET)

    def create_order(
        self,
        order_no: str,
        amount_fen: int,
        *,
        subject: str,
        notify_url: str,
        return_url: str,
        payer_hint: str = "",
    ) -> BankOrder:
        """See Custodian."""
        body = {"order_no": order_no, "amount_fen": amount_fen, "subject": subject, "payer_hint": payer_hint}
        return _order(self._json("POST", "/orders", {**body, "notify_url": notify_url, "return_url": return_url}))

    def query_order(self, order_no: str) -> BankOrder:
        """See Custodian."""
        return _order(self._json("GET", f"/orders/{quote(order_no, safe='')}"))

    def cancel_order(self, order_no: str) -> BankOrder:
        """See Custodian."""
        return _order(self._json("POST", f"/orders/{quote(order_no, safe='')}/cancel"))

    def create_payout(
        self, payout_no: str, amount_fen: int, *, payee_account: str, payee_name: str, notify_url: str
    ) -> BankPayout:
        """See Custodian."""
        body = {"payout_no": payout_no, "amount_fen": amount_fen, "payee_account": payee_account}
        return _payout(self._json("POST", "/payouts", {**body, "payee_name": payee_name, "notify_url": notify_url}))

    def query_payout(self, payout_no: str) -> BankPayout:
        """See Custodian."""
        return _payout(self._json("GET", f"/payouts/{quote(payout_no, safe='')}"))

    def statement(self, on: date, into: BinaryIO, form: str = "camt") -> None:
        """See Custodian. ``form`` is camt, csv (UTF-8) or gbk."""
        try:
            with self._send("GET", f"/statement?date={on.isoformat()}&form={form}", stream=True) as answer:
                for chunk in answer.iter_content(1 << 16):
                    into.write(chunk)
        except requests.RequestException as error:
            raise CustodianUnreachable from error

    def verify_callback(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """See Custodian. A signature older or newer than 300 seconds is a replay."""
        try:
            data = self.webhook.verify(body, dict(headers))
            number = data["order_no"] if data["type"].startswith("order.") else data["payout_no"]
            if type(data["amount_fen"]) is not int or data["amount_fen"] <= 0:
                raise ValueError("amount")
            at = datetime.fromisoformat(data["at"])
            texts = (data["type"], data["bank_ref"], number, data["payer_account"], data["reason"])
        except (WebhookVerificationError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadSignature from error
        kind, bank_ref, number, payer_account, reason = (_storable(*one) for one in zip(texts, LONGEST, strict=True))
        if data["amount_fen"] > MAX_FEN:
            raise Invalid("回调的金额超出范围")
        return Notice(kind, bank_ref, number, data["amount_fen"], payer_account, at, reason)

    def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = self._send(method, path, body).json()
        return answer

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, stream: bool = False
    ) -> requests.Response:
        """One signed request; the signature covers method and path. Raises the errors of this module."""
        text = "" if body is None else json.dumps(body, ensure_ascii=False)
        now, message_id = datetime.now(UTC), uuid4().hex
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self.webhook.sign(message_id, now, f"{method} {path}\n{text}"),
        }
        try:
            answer = requests.request(
                method,
                self.url + path,
                data=text.encode(),
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=stream,
            )
        except requests.RequestException as error:
            raise CustodianUnreachable from error
        if answer.status_code >= 500:
            raise CustodianUnreachable
        if answer.status_code == 404:
            raise NotFound
        if answer.status_code == 409:
            raise KeyReused("这个单号在存管银行已用于内容不同的业务")
        if not answer.ok:
            raise CustodianRefused
        return answer


# Of a callback: its type, the bank's reference, our number, the payer's account, the reason.
LONGEST = (20, 64, 40, 500, 500)


def _storable(text: Any, longest: int) -> str:
    """The text of a callback, if a table can hold it. Raises Invalid."""
    if not isinstance(text, str) or len(text) > longest or not text.isprintable():
        raise Invalid("回调的内容不合格式")
    return text


def _order(data: Mapping[str, Any]) -> BankOrder:
    return BankOrder(
        data["order_no"],
        data["bank_order"],
        data["state"],
        data["amount_fen"],
        data["pay_url"],
        data["paid_fen"],
        data["bank_ref"] or "",
        data["payer_account"],
    )


def _payout(data: Mapping[str, Any]) -> BankPayout:
    return BankPayout(data["payout_no"], data["bank_ref"], data["state"], data["amount_fen"], data["reason"])
