"""The consumer's pages about cards sold before the shop joined: is the balance right, was this me, my money back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from core.actors import Actor
from core.errors import NotFound
from core.identifiers import clean_public_code
from core.money import yuan
from prepaid import actions as prepaid
from prepaid.actions.legacy_cards import rest_of
from prepaid.forms.legacy_cards import RestForm
from prepaid.models import LegacyCard, LegacyUse
from prepaid.models.legacy_cards import LEGACY_CARD_LIFECYCLE, LEGACY_USE_LIFECYCLE
from prepaid.views.consumer import person
from prepaid.views.device import on_known_device
from prepaid.views.posting import act_once, fresh_key, opened_status, try_once


class Ask(NamedTuple):
    """One step: what the page says before, after, and the action."""

    effect: Callable[[LegacyCard], str]
    done: str
    act: Callable[..., Any]
    icon: str = "check"


ASKS = {
    "confirm": Ask(
        lambda card: f"您确认{card}还剩{rest_of(card)}。这笔钱还在店里，没有锁定；以后每次消费都要您确认才扣。",
        "已确认。店里每次扣卡都会先问您。",
        prepaid.confirm_legacy_card,
    ),
    "deny": Ask(
        lambda card: f"{card}不再记在您名下，{rest_of(card)}也和您无关。店里会收到提醒，重新核对手机号。",
        "已告诉店里：这不是您的卡。",
        prepaid.deny_legacy_card,
        "x",
    ),
    "ask_refund": Ask(
        lambda card: (
            f"请店里直接退您 {yuan(card.left_fen)} 元。这笔钱没有锁定，要由店里付；您说收到了才算办结。"
            "退款期间这张卡先不用，您可以随时撤回。"
        ),
        "已告诉店里退款。",
        prepaid.ask_legacy_refund,
        "back",
    ),
    "withdraw_refund": Ask(
        lambda card: f"不退了，{rest_of(card)}接着用。", "已撤回，卡接着用。", prepaid.withdraw_legacy_refund, "x"
    ),
    "take_refund": Ask(
        lambda card: f"您确认已经收到店里退的 {yuan(card.left_fen)} 元，这张卡就结束了。没收到请不要点。",
        "已办结。",
        prepaid.take_legacy_refund,
    ),
    "stop_move": Ask(
        lambda card: f"{rest_of(card)}先不存进银行，留在店里，卡照用。",
        "已停止，卡照用。",
        prepaid.stop_legacy_move,
        "x",
    ),
}
USE_ASKS = {
    "confirm": (prepaid.confirm_legacy_use, "已确认，扣好了。"),
    "refuse": (prepaid.refuse_legacy_use, "没有扣，已告诉店里核对。"),
}


def my_legacy_cards(request: HttpRequest) -> Any:
    """The reader's own old cards, the newest first."""
    rows = LegacyCard.objects.visible_to(Actor.of(request)).filter(holder=person(request))
    return rows.select_related("merchant__region", "holder", "contract")


def my_legacy_card(request: HttpRequest, code: str) -> LegacyCard:
    """The old card with this code among the reader's own. Raises NotFound."""
    card: LegacyCard | None = my_legacy_cards(request).filter(code=clean_public_code(code)).first()
    if card is None:
        raise NotFound
    return card


def _page(request: HttpRequest, name: str, card: LegacyCard, form: Any = None, **more: Any) -> HttpResponse:
    context = {
        "nav_current": "prepaid:my_prepaid",
        "card": card,
        "rest": rest_of(card),
        "form": form,
        "key": request.POST.get("key") or fresh_key(),
        **more,
    }
    return render(request, f"prepaid/legacy/{name}.html", context, status=opened_status(form))


@require_GET
def legacy_card(request: HttpRequest, code: str) -> HttpResponse:
    """One old card: what is left and where the money is, every visit, and what can be done."""
    card = my_legacy_card(request, code)
    uses = list(LegacyUse.objects.filter(card=card).select_related("store")[:50])
    return _page(
        request,
        "card",
        card,
        uses=[use for use in uses if use.status != LegacyUse.Status.REQUESTED],
        waiting=[use for use in uses if use.status == LegacyUse.Status.REQUESTED],
        steps=LEGACY_CARD_LIFECYCLE.allowed(card, Actor.of(request)),
    )


@require_http_methods(["GET", "POST"])
@on_known_device
def legacy_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Ask once more with the effect in figures, then do it."""
    card = my_legacy_card(request, code)
    ask = ASKS.get(step)
    if ask is None:
        raise NotFound
    if request.method == "POST":
        act_once(request, lambda by: ask.act(card.pk, by=by).pk)
        messages.success(request, ask.done)
        return redirect("prepaid:legacy_card", card.code)
    if step not in LEGACY_CARD_LIFECYCLE.allowed(card, Actor.of(request)):
        return redirect("prepaid:legacy_card", card.code)
    row = LEGACY_CARD_LIFECYCLE.steps[step]
    return _page(
        request, "step", card, title=row.label, caution=row.caution, effect=ask.effect(card), icon=ask.icon, step=step
    )


@require_http_methods(["GET", "POST"])
@on_known_device
def legacy_dispute(request: HttpRequest, code: str) -> HttpResponse:
    """「余额不对」: what the consumer knows, beside what the shop says."""
    card = my_legacy_card(request, code)
    form = RestForm(card, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        times = given.get("times") or 0

        def work(by: Actor) -> int:
            return prepaid.dispute_legacy_card(card.pk, given["fen"], given["remark"], by=by, times=times).pk

        if try_once(request, form, work):
            messages.success(request, "已记下您说的余额，店里和市场监管所都能看到。")
            return redirect("prepaid:legacy_card", card.code)
    if request.method == "GET" and card.status != LegacyCard.Status.UNCONFIRMED:
        return redirect("prepaid:legacy_card", card.code)
    return _page(request, "dispute", card, form)


@require_http_methods(["GET", "POST"])
@on_known_device
def legacy_use(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """「是我消费的」 or 「不对，我没消费」 about one visit on an old card."""
    rows = LegacyUse.objects.filter(card__in=my_legacy_cards(request).values("pk"), code=clean_public_code(code))
    use = rows.select_related("card__merchant", "store").first()
    if use is None or step not in USE_ASKS:
        raise NotFound
    act, done = USE_ASKS[step]
    if request.method == "POST":
        act_once(request, lambda by: act(use.pk, by=by).pk)
        messages.success(request, done)
        return redirect("prepaid:legacy_card", use.card.code)
    if use.status != LegacyUse.Status.REQUESTED:
        return redirect("prepaid:legacy_card", use.card.code)
    return _page(request, "use", use.card, use=use, step=step, title=LEGACY_USE_LIFECYCLE.steps[step].label)
