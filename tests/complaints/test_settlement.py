"""A settlement is money: out of the locked money in the same transaction, once, never more than is there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import settlements as settling
from complaints.models import Complaint, Settlement
from core.errors import Invalid, PortalError, WrongState
from core.locking import lock_in_order
from core.models import User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.models import Contract, Payout, Plan, Refund, RefundShortfall
from tests.cast import fresh, make_plan, open_contract
from tests.complaints.case_scenes import complaint_of, in_mediation
from tests.prepaid.scenes import (
    ask,
    at_once,
    books,
    consume,
    days,
    forbidden,
    ledger_is_whole,
    oracle_is_content,
    payable,
    refused,
    term_card,
    unmoved,
    unseen,
    who,
)

TERMS = "画室退还十八课时，双方再无争议"
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def card(merchant_a: Merchant, consumer: User) -> Contract:
    """3,000 paid three weeks ago, 250 of it released."""
    contract = open_contract(make_plan(merchant_a), consumer, on=days(-21))
    consume(contract, 30_000)
    return fresh(contract)


@pytest.fixture
def case(card: Contract, consumer: User, district_officer: User) -> Complaint:
    return mediated(card, consumer, district_officer)


def mediated(card: Contract, consumer: User, officer: User) -> Complaint:
    now = timezone.now()
    row = complaint_of(card.merchant, consumer, received=now - timedelta(days=2), contract=card)
    return in_mediation(row, officer, now - timedelta(days=1))


def settle(case: Complaint, fen: int, officer: User, **more: object) -> Settlement:
    return complaints.settle(case.pk, TERMS, fen, by=who(officer), **more)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_agreed_sum_leaves_the_locked_money_at_once(
    case: Complaint, card: Contract, district_officer: User, consumer: User
) -> None:
    assert card.locked_fen == 275_000
    earned = payable(card.merchant)
    settlement = settle(case, 216_000, district_officer)
    refund, contract = settlement.refund, fresh(card)
    assert refund is not None and (refund.status, refund.amount_fen, refund.total_fen) == ("PAYING", 216_000, 216_000)
    assert (contract.status, contract.locked_fen, contract.refunded_fen) == ("REFUNDED", 0, 216_000)
    # What stays locked is the shop's: 2,750 - 2,160.
    assert payable(card.merchant) - earned == 59_000
    row = Complaint.objects.get(pk=case.pk)
    assert (row.status, row.recovered_fen) == ("AGREED", 216_000) and TERMS in row.reply
    books(card)
    ledger_is_whole()
    # It is not over before the money has arrived.
    complaints.notify(case.pk, by=who(district_officer))
    refused(WrongState, lambda: complaints.close(case.pk, 3, by=who(district_officer)), "没有到账")
    payout = Payout.objects.get(refund=refund)
    from core.actors import CUSTODIAN

    prepaid.receive(notice_paid(payout), by=CUSTODIAN)
    assert complaints.close(case.pk, 3, by=who(consumer)).status == "CLOSED"


def notice_paid(payout: Payout):  # type: ignore[no-untyped-def]
    from prepaid.custodian import Notice

    return Notice("payout.paid", f"bank-{payout.payout_no}", payout.payout_no, payout.amount_fen, "", at=None)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_more_than_is_locked_is_refused_and_nothing_is_half_done(
    case: Complaint, card: Contract, district_officer: User
) -> None:
    with unmoved(card):
        error = refused(Invalid, lambda: settle(case, 300_000, district_officer))
    assert "锁定的钱只有 ¥2,750.00" in error.fields["amount_fen"] and "¥250.00" in error.fields["amount_fen"]
    assert not Settlement.objects.exists() and not Refund.objects.exists()
    assert Complaint.objects.get(pk=case.pk).status == "MEDIATING"


@pytest.mark.django_db
def test_the_shop_pays_the_rest_itself_and_must_show_it(
    case: Complaint, card: Contract, district_officer: User
) -> None:
    settlement = settle(case, 300_000, district_officer, direct_fen=25_000)
    assert (settlement.escrow_fen, settlement.direct_fen) == (275_000, 25_000)
    assert fresh(card).refunded_fen == 275_000
    claim = RefundShortfall.objects.get()
    assert (claim.refund, claim.amount_fen, claim.settled_at) == (settlement.refund, 25_000, None)
    Refund.objects.filter(pk=settlement.refund_id).update(status="PAID")
    complaints.notify(case.pk, by=who(district_officer))
    refused(WrongState, lambda: complaints.close(case.pk, 3, by=who(district_officer)), "付款凭证")
    complaints.prove_payment(case.pk, SimpleUploadedFile("付款.pdf", PDF), by=who(district_officer))
    claim.refresh_from_db()
    assert claim.settled_at is not None
    assert complaints.close(case.pk, 3, by=who(district_officer)).status == "CLOSED"
    books(card)


@pytest.mark.django_db
def test_a_disputed_refund_is_settled_by_the_agreement(
    card: Contract, consumer: User, district_officer: User, owner_a: User
) -> None:
    refund = prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer))
    prepaid.refuse_refund(refund.pk, "已经用了很多次", by=who(owner_a))
    case = Complaint.objects.get()
    assert (case.refund, case.contract, case.cause, case.claim_fen) == (refund, card, "REFUND", refund.total_fen)
    # Once: the news comes again, or a complaint is open already.
    assert complaints.open_refund_complaint(refund.pk, by=who(consumer)) == case
    case = in_mediation(case, district_officer, timezone.now())
    settlement = settle(case, 200_000, district_officer)
    assert settlement.refund == refund and Refund.objects.count() == 1
    refund.refresh_from_db()
    assert (refund.status, refund.amount_fen) == ("PAYING", 200_000)
    books(card)
    ledger_is_whole()


@pytest.mark.django_db
def test_an_open_complaint_takes_the_dispute_and_no_second_one_is_opened(
    card: Contract, consumer: User, owner_a: User
) -> None:
    case = complaint_of(card.merchant, consumer, received=timezone.now(), contract=card)
    refund = prepaid.request_refund(card.pk, "CONSUMER", by=who(consumer))
    prepaid.refuse_refund(refund.pk, "已经用了很多次", by=who(owner_a))
    assert Complaint.objects.get().pk == case.pk and Complaint.objects.get().refund == refund


@pytest.mark.django_db
def test_visits_that_wait_are_settled_first(case: Complaint, card: Contract, district_officer: User) -> None:
    visit = ask(card, 6_000)
    with unmoved(card):
        refused(WrongState, lambda: settle(case, 100_000, district_officer), "先了结")
    prepaid.withdraw_visit(visit.pk, by=who(card.merchant.registered_by))
    settle(case, 100_000, district_officer)
    books(card)


@pytest.mark.django_db
def test_a_card_by_the_week_stops_with_the_agreement(
    merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    card = term_card(merchant_a, consumer, Plan.Kind.PER_PERIOD)
    settle(mediated(card, consumer, district_officer), 100_000, district_officer)
    assert fresh(card).locked_fen == 0 and fresh(card).status == "REFUNDED"
    assert prepaid.release_due(days(400), 0, 1)["released"] == 0
    books(card)
    ledger_is_whole()


@pytest.mark.django_db
def test_without_a_contract_the_shop_pays_all(merchant_a: Merchant, consumer: User, district_officer: User) -> None:
    now = timezone.now()
    case = in_mediation(complaint_of(merchant_a, consumer, received=now), district_officer, now)
    refused(Invalid, lambda: settle(case, 20_000, district_officer, at_once=True))
    refused(Invalid, lambda: settle(case, 20_000, district_officer, direct_fen=20_000))
    late = {"perform_by": date(2020, 1, 1)}
    refused(Invalid, lambda: settle(case, 20_000, district_officer, direct_fen=20_000, **late))
    settlement = settle(case, 20_000, district_officer, direct_fen=20_000, at_once=True)
    assert settlement.refund is None and not settlement.needs_document


@pytest.mark.django_db
def test_only_officers_of_the_region_settle(
    case: Complaint, district_officer: User, other_officer: User, owner_a: User, consumer: User
) -> None:
    unseen(lambda: settle(case, 100, other_officer))
    forbidden(lambda: settle(case, 100, owner_a))
    forbidden(lambda: settle(case, 100, consumer))
    settle(case, 100_000, district_officer)
    refused(WrongState, lambda: settle(case, 100_000, district_officer))
    assert Settlement.objects.count() == 1


@pytest.mark.django_db
def test_locks_go_merchant_contract_complaint(
    case: Complaint, district_officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def noted(*wanted):  # type: ignore[no-untyped-def]
        order.extend(model.__name__ for model, _ in wanted)
        return lock_in_order(*wanted)

    monkeypatch.setattr(settling, "lock_in_order", noted)
    settle(case, 100_000, district_officer)
    assert order == ["Merchant", "Contract", "Complaint"]


@pytest.mark.django_db(transaction=True)
def test_two_officers_settle_at_once_and_one_wins(
    case: Complaint, card: Contract, district_officer: User, second_officer: User
) -> None:
    answers = at_once(
        lambda: settle(case, 216_000, district_officer),
        lambda: settle(case, 200_000, second_officer),
    )
    assert sum(not isinstance(answer, PortalError) for answer in answers) == 1
    assert Settlement.objects.count() == Refund.objects.count() == 1
    books(card)
    oracle_is_content()


@pytest.mark.django_db(transaction=True)
def test_two_officers_decide_at_once_and_one_wins(
    merchant_a: Merchant, consumer: User, district_officer: User, second_officer: User
) -> None:
    from core.actors import SYSTEM

    case = complaint_of(merchant_a, consumer, received=timezone.now())
    complaints.assign("complaint", case.pk, district_officer.pk, by=SYSTEM)
    answers = at_once(
        lambda: complaints.accept(case.pk, by=who(district_officer)),
        lambda: complaints.refuse(case.pk, 4, "已超过三年期限", by=who(second_officer)),
    )
    assert sum(not isinstance(answer, PortalError) for answer in answers) == 1
    assert Complaint.objects.get(pk=case.pk).status in ("ACCEPTED", "NOT_ACCEPTED")
