"""The bank's doors: a signed JSON API for the portal, and the payment page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urljoin, urlsplit

from standardwebhooks import Webhook, WebhookVerificationError

from portal.sandbox.book import Book, Conflict
from portal.sandbox.pages import done_page, missing_page, pay_page
from portal.sandbox.statement import FORMS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Row = dict[str, Any]
LARGEST_BODY = 64 * 1024
CSS = (Path(__file__).parent / "pay.css").read_text("utf-8")
ORDER_SHOWN = ["order_no", "bank_order", "state", "amount_fen", "paid_fen", "bank_ref", "payer_account", "at"]
PAYOUT_SHOWN = ["payout_no", "bank_ref", "state", "amount_fen", "reason", "at"]
DRILLS = ("wrong_amount", "closed_account", "twice", "late", "lost", "reversed")


class Refused(Exception):
    """The request cannot be served; carries the status and a stable code."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(frozen=True)
class Request:
    """What a handler needs of a WSGI request."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str]
    base_url: str


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    body: str
    content_type: str = "application/json; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    headers: dict[str, str] = field(default_factory=dict)
    stream: Iterator[bytes] | None = None


class Bank:
    """The WSGI application. Relative addresses in a request are taken as the portal's own."""

    def __init__(self, book: Book, secret: str, portal_url: str) -> None:
        self.book = book
        self.webhook = Webhook(secret)
        self.portal_url = portal_url
        self.routes: list[tuple[str, re.Pattern[str], Callable[..., Answer]]] = [
            ("GET", re.compile(r"/healthz"), self.healthz),
            ("GET", re.compile(r"/pay\.css"), self.css),
            ("GET", re.compile(r"/pay/([0-9a-f]{32})"), self.show_payment),
            ("POST", re.compile(r"/pay/([0-9a-f]{32})"), self.take_payment),
            ("POST", re.compile(r"/orders"), self.signed(self.create_order)),
            ("GET", re.compile(r"/orders/([\w.:-]{1,64})"), self.signed(self.show_order)),
            ("POST", re.compile(r"/orders/([\w.:-]{1,64})/cancel"), self.signed(self.cancel_order)),
            ("POST", re.compile(r"/payouts"), self.signed(self.create_payout)),
            ("GET", re.compile(r"/payouts/([\w.:-]{1,64})"), self.signed(self.show_payout)),
            ("GET", re.compile(r"/statement"), self.signed(self.statement)),
        ]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request, one answer; a refusal is JSON with a code."""
        try:
            answer = self.serve(_read(environ))
        except Refused as refusal:
            answer = Answer(json.dumps({"error": refusal.code}), status=refusal.status)
        body = answer.body.encode()
        headers = {
            "Content-Type": answer.content_type,
            **({} if answer.stream else {"Content-Length": str(len(body))}),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Content-Security-Policy": _policy(),
            **answer.headers,
        }
        start_response(f"{answer.status.value} {answer.status.phrase}", list(headers.items()))
        return answer.stream or [body]

    def serve(self, request: Request) -> Answer:
        """Find the handler. Raises Refused."""
        for method, pattern, handle in self.routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                return handle(request, *match.groups())
        raise Refused(HTTPStatus.NOT_FOUND, "not_found")

    def signed(self, handle: Callable[..., Answer]) -> Callable[..., Answer]:
        """Only the portal may: the signature covers method and path too, so it fits no other request."""

        def checked(request: Request, *args: str) -> Answer:
            target = f"{request.path}?{request.query}" if request.query else request.path
            try:
                text = f"{request.method} {target}\n{request.body.decode()}"
                self.webhook.verify(text, request.headers, json_parse=False)
            except (WebhookVerificationError, ValueError) as error:
                raise Refused(HTTPStatus.UNAUTHORIZED, "bad_signature") from error
            return handle(request, *args)

        return checked

    def healthz(self, request: Request) -> Answer:
        """For the launcher, to know that the bank is open."""
        return Answer("ok", "text/plain; charset=utf-8")

    def css(self, request: Request) -> Answer:
        """The only style sheet."""
        return Answer(CSS, "text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    def show_payment(self, request: Request, bank_order: str) -> Answer:
        """The page on which the payer confirms."""
        order = self.book.order_at_bank(bank_order)
        if order is None:
            return _html(missing_page(), status=HTTPStatus.NOT_FOUND)
        page = pay_page(order) if order["state"] == "CREATED" else done_page(order)
        return _html(page, return_url=order["return_url"])

    def take_payment(self, request: Request, bank_order: str) -> Answer:
        """Carry out what was pressed, then send the payer back to the portal."""
        order = self.book.order_at_bank(bank_order)
        if order is None:
            return _html(missing_page(), status=HTTPStatus.NOT_FOUND)
        pressed = parse_qs(request.body.decode("ascii", "replace")).get("do", [""])[0]
        if pressed == "cancel":
            self.book.cancel(bank_order)
        elif pressed == "pay" or pressed in DRILLS:
            self.book.pay(bank_order, pressed if pressed in DRILLS else "")
        else:
            raise Refused(HTTPStatus.BAD_REQUEST, "unknown_button")
        back = order["return_url"]
        return _html("", status=HTTPStatus.SEE_OTHER, return_url=back, location=back)

    def create_order(self, request: Request) -> Answer:
        """Open an order; the same number again gives the same order, with another amount 409."""
        data = _json(request, "order_no", "subject", "notify_url", "return_url")
        data.setdefault("payer_hint", "")
        for name in ("notify_url", "return_url"):
            data[name] = self._portal_address(data[name])
        return _json_answer(self._order(_unless_conflict(self.book.create_order, data), request))

    def show_order(self, request: Request, order_no: str) -> Answer:
        """What became of an order, for a portal that heard nothing."""
        return _json_answer(self._order(_found(self.book.order(order_no)), request))

    def cancel_order(self, request: Request, order_no: str) -> Answer:
        """Take no more money for an order; one that was paid stays paid."""
        self.book.cancel(_found(self.book.order(order_no))["bank_order"], "平台取消")
        return _json_answer(self._order(_found(self.book.order(order_no)), request))

    def create_payout(self, request: Request) -> Answer:
        """Accept a payout; the outcome follows as a callback about a second later."""
        data = _json(request, "payout_no", "payee_account", "payee_name", "notify_url")
        data["notify_url"] = self._portal_address(data["notify_url"])
        return _json_answer(_payout(_unless_conflict(self.book.create_payout, data)), HTTPStatus.ACCEPTED)

    def show_payout(self, request: Request, payout_no: str) -> Answer:
        """What became of a payout."""
        return _json_answer(_payout(_found(self.book.payout(payout_no))))

    def statement(self, request: Request) -> Answer:
        """The entries of one day with both balances, in one of ``FORMS``; camt.053 unless asked otherwise."""
        query = parse_qs(request.query)
        try:
            on = date.fromisoformat(query["date"][0])
            write, content_type = FORMS[query.get("form", ["camt"])[0]]
        except (KeyError, ValueError) as error:
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_date_or_form") from error

        def lines() -> Iterator[bytes]:
            with self.book.day(on) as day:
                yield from write(day)

        return Answer("", content_type, stream=lines())

    def _order(self, order: Row, request: Request) -> Row:
        pay_url = f"{request.base_url}/pay/{order['bank_order']}"
        return {name: order[name] for name in ORDER_SHOWN} | {"pay_url": pay_url}

    def _portal_address(self, url: str) -> str:
        address = urljoin(self.portal_url, url)
        if urlsplit(address).scheme not in ("http", "https"):
            raise Refused(HTTPStatus.BAD_REQUEST, "bad_url")
        return address


def _payout(payout: Row) -> Row:
    return {name: payout[name] for name in PAYOUT_SHOWN}


def _read(environ: WSGIEnvironment) -> Request:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_length") from error
    if not 0 <= length <= LARGEST_BODY:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        environ["REQUEST_METHOD"],
        environ.get("PATH_INFO", "/"),
        environ.get("QUERY_STRING", ""),
        environ["wsgi.input"].read(length),
        {name: environ.get("HTTP_" + name.upper().replace("-", "_"), "") for name in names},
        f"{environ['wsgi.url_scheme']}://{host}",
    )


def _json(request: Request, *texts: str) -> Row:
    """The body with its text fields and a positive ``amount_fen`` checked. Raises Refused."""
    try:
        data = json.loads(request.body)
    except ValueError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_json") from error
    if not isinstance(data, dict) or not all(data.get(name) and type(data[name]) is str for name in texts):
        raise Refused(HTTPStatus.BAD_REQUEST, "missing_field")
    if type(data.get("amount_fen")) is not int or not 0 < data["amount_fen"] < 10**15:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad_amount")
    return data


def _unless_conflict(create: Callable[[Row], Row], data: Row) -> Row:
    try:
        return create(data)
    except Conflict as error:
        raise Refused(HTTPStatus.CONFLICT, "number_reused") from error


def _found(row: Row | None) -> Row:
    if row is None:
        raise Refused(HTTPStatus.NOT_FOUND, "not_found")
    return row


def _json_answer(data: Row, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    return Answer(json.dumps(data, ensure_ascii=False), status=status)


def _html(page: str, *, status: HTTPStatus = HTTPStatus.OK, return_url: str = "", location: str = "") -> Answer:
    """A page. Browsers hold the redirect after a form against form-action, so the policy names the portal."""
    headers = {"Content-Security-Policy": _policy(return_url)}
    if location:
        headers["Location"] = location
    return Answer(page, "text/html; charset=utf-8", status, headers)


def _policy(return_url: str = "") -> str:
    split = urlsplit(return_url)
    origin = f" {split.scheme}://{split.netloc}" if return_url else ""
    form = f"form-action 'self'{origin}"
    return f"default-src 'none'; style-src 'self'; {form}; base-uri 'none'; frame-ancestors 'none'"
