"""The run-off of a shop whose people are gone: the waterfall by hand, two pairs of signatures, paid to the last fen."""

from collections.abc import Iterator

import pytest

from core.actors import CUSTODIAN, Actor
from core.errors import Invalid, WrongState
from core.models import OutboxEvent, SmsMessage, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid import unlocked
from prepaid.actions.payouts import payout_failed, payout_paid
from prepaid.closing_reports import outstanding, run_off_progress
from prepaid.models import ClosingNotice, Contract, Freeze, HolderNotice, Payout, Refund, RefundShortfall, RunOff
from prepaid.models.run_offs import RunOffClaim
from prepaid.run_off import Claim, digest_of, totals, waterfall
from tests.cast import fresh, make_plan, open_contract, person
from tests.prepaid.scenes import (
    ask,
    books,
    consume,
    count_card,
    days,
    forbidden,
    ledger_is_whole,
    payable,
    refused,
    term_card,
    unseen,
    verbs,
    who,
)  # fmt: skip

REASON = "店门紧闭三天，电话停机，房东证实搬离"


def test_each_claim_is_paid_from_its_own_lock_first_and_nobody_pays_for_another() -> None:
    shares = waterfall(
        [
            Claim("contract:1", 250_000, free_fen=250_000),
            Claim("contract:2", 100_000, free_fen=60_000, held_fen=30_000),
            Claim("contract:3", 84_616, free_fen=84_620),
            Claim("contract:4", 0, free_fen=500),
            Claim("legacy:7", 94_600),
        ]
    )
    assert [(s.pays_fen, s.waits_fen, s.shortfall_fen) for s in shares] == [
        (250_000, 0, 0),
        (60_000, 30_000, 10_000),
        (84_616, 0, 0),
        (0, 0, 0),
        (0, 0, 94_600),
    ]
    sums = totals(shares)
    assert (sums.claims, sums.entitled_fen, sums.pays_fen, sums.waits_fen, sums.shortfall_fen) == (
        5, 529_216, 394_616, 30_000, 104_600,
    )  # fmt: skip
    assert sums.surplus_fen == 504
    assert sums.entitled_fen == sums.pays_fen + sums.waits_fen + sums.shortfall_fen
    assert waterfall([]) == [] and totals([]).entitled_fen == 0
    with pytest.raises(ValueError, match="negative"):
        waterfall([Claim("contract:1", -1)])


def test_a_plan_is_known_by_every_fen_and_line_of_it() -> None:
    heading, row = {"run_off": "A"}, {"source": "contract:1", "pays_fen": 1, "lines": [{"article": "第15条"}]}
    signed = digest_of(heading, [row])
    assert signed == digest_of(heading, [dict(reversed(row.items()))])
    for other in ({**row, "pays_fen": 2}, {**row, "lines": []}, {**row, "source": "contract:2"}):
        assert digest_of(heading, [other]) != signed
    assert digest_of({"run_off": "B"}, [row]) != signed != digest_of(heading, [row, row])


@pytest.fixture
def proposed(contract: Contract, district_officer: User) -> RunOff:
    return prepaid.propose_run_off(contract.merchant_id, REASON, days(0), by=who(district_officer))


@pytest.fixture
def legacy() -> Iterator[None]:
    """Another area knows of one old card of 946.00 that was never locked."""
    source = unlocked.Unlocked("SELECT 7::bigint, 94600::bigint", lambda merchant, on: [Claim("legacy:7", 94_600)])
    unlocked.SOURCES.append(source)
    yield
    unlocked.SOURCES.remove(source)


def counted(run_off: RunOff) -> RunOff:
    prepaid.count_claims(run_off.pk)
    return RunOff.objects.get(pk=run_off.pk)


@pytest.mark.django_db
def test_two_officers_of_the_district_freeze_and_holders_are_told(
    proposed: RunOff, contract: Contract, district_officer: User, second_officer: User, other_officer: User,
    owner_a: User, auditor: User, merchant_a: Merchant,
) -> None:  # fmt: skip
    propose = prepaid.propose_run_off
    unseen(lambda: propose(merchant_a.pk, REASON, days(0), by=who(other_officer)))
    for other in (owner_a, auditor):
        forbidden(lambda other=other: propose(merchant_a.pk, REASON, days(0), by=who(other)))  # type: ignore[misc]
    refused(WrongState, lambda: propose(merchant_a.pk, REASON, days(0), by=who(second_officer)))
    tomorrow = refused(Invalid, lambda: propose(merchant_a.pk, REASON, days(1), by=who(district_officer)))
    assert "served_until" in tomorrow.fields
    forbidden(lambda: prepaid.approve_run_off(proposed.pk, by=who(district_officer)))
    unseen(lambda: prepaid.approve_run_off(proposed.pk, by=who(owner_a)))
    prepaid.propose_freeze(merchant_a.pk, "涉嫌卷款跑路", by=who(second_officer))
    run_off = prepaid.approve_run_off(proposed.pk, by=who(second_officer))
    merchant_a.refresh_from_db()
    freeze = Freeze.objects.get()
    assert (run_off.status, merchant_a.status, freeze.status) == ("OPEN", "EMERGENCY", "IN_FORCE")
    assert {freeze.proposed_by, freeze.approved_by} == {district_officer, second_officer}
    assert run_off.closing is not None and run_off.closing.status == "EMERGENCY"
    assert OutboxEvent.objects.filter(topic__in=["prepaid.tell_holders", "prepaid.count_claims"]).count() == 2
    prepaid.tell_holders(run_off.closing.pk)
    text = SmsMessage.objects.filter(user=contract.holder).latest("pk").text
    assert "监管部门正在保全资金" in text and "3,000.00" in text
    assert verbs(run_off) == ["run_off.propose", "run_off.approve"]


@pytest.mark.django_db
def test_a_published_closing_turns_into_an_emergency(
    contract: Contract, owner_a: User, district_officer: User, second_officer: User
) -> None:
    notice = prepaid.declare_closing(contract.merchant_id, "LOSS", days(40), by=who(owner_a))
    prepaid.publish_closing(notice.pk, by=who(owner_a))
    row = prepaid.propose_run_off(contract.merchant_id, REASON, days(-3), by=who(district_officer))
    run_off = prepaid.approve_run_off(row.pk, by=who(second_officer))
    assert run_off.closing == ClosingNotice.objects.get()
    assert (run_off.closing.status, run_off.closing.closes_on) == ("EMERGENCY", days(-3))


@pytest.mark.django_db
def test_the_whole_way_to_the_last_fen(
    proposed: RunOff, contract: Contract, merchant_a: Merchant, second_consumer: User, district_officer: User,
    second_officer: User, legacy: None,
) -> None:  # fmt: skip
    consume(contract, fen=60_000)
    lessons = count_card(merchant_a, second_consumer)
    consume(lessons, times=2)
    disputed = open_contract(contract.plan, person("13900000066", "王顾客"))
    visit = ask(disputed, fen=36_000)
    prepaid.dispute_visit(visit.pk, "没有去", by=who(disputed.holder))
    monthly = term_card(merchant_a, person("13900000067", "李期限"))
    prepaid.report_visit(monthly.pk, monthly.store_id, "签到", by=who(monthly.holder))
    first, second = who(district_officer), who(second_officer)
    run_off = counted(prepaid.approve_run_off(proposed.pk, by=second))
    plan = {c.source: (c.entitled_fen, c.pays_fen, c.waits_fen, c.shortfall_fen) for c in run_off.claims.all()}
    assert plan == {
        f"contract:{contract.pk}": (250_000, 250_000, 0, 0),
        f"contract:{lessons.pk}": (84_616, 84_616, 0, 0),
        f"contract:{disputed.pk}": (300_000, 270_000, 30_000, 0),
        f"contract:{monthly.pk}": (237_600, 237_600, 0, 0),
        "legacy:7": (94_600, 0, 0, 94_600),
    }
    assert str(RunOffClaim.objects.get(source="legacy:7")) == "预付款（没有锁定）"
    assert prepaid.count_claims(run_off.pk) == 0
    earned = payable(merchant_a)
    run_off = signed_and_paid(run_off, first, second)
    the_rest_arrives(run_off, contract, visit.pk, first)
    prepaid.pay_run_off(run_off.pk)
    run_off.refresh_from_db()
    assert run_off.status == "DONE" and payable(merchant_a) == earned
    for one, refunded in ((contract, 250_000), (lessons, 84_616), (disputed, 300_000), (monthly, 237_600)):
        assert fresh(one).refunded_fen == refunded
        books(one)
    assert run_off.closing is not None
    left = outstanding(run_off.closing, days(1))
    assert (left.on_the_way_fen, left.unlocked_fen) == (0, 94_600)
    assert not RefundShortfall.objects.exists()
    notice = prepaid.verify_closing(run_off.closing.pk, "老卡债权移交破产程序登记", by=first, on=days(1))
    assert notice.status == "VERIFIED"
    ledger_is_whole()


def signed_and_paid(run_off: RunOff, first: Actor, second: Actor) -> RunOff:
    """The plan is signed by the other of the two, as it was handed in; the bank pays three payouts, one comes back."""
    run_off = prepaid.plan_run_off(run_off.pk, by=first)
    forbidden(lambda: prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=first))
    refused(WrongState, lambda: prepaid.approve_run_off_plan(run_off.pk, "0" * 64, by=second))
    run_off = prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=second)
    assert prepaid.pay_run_off(run_off.pk) == {"ordered": 4, "refused": 0}
    assert prepaid.pay_run_off(run_off.pk) == {"ordered": 0, "refused": 0}
    bounced, *rest = Payout.objects.order_by("pk")
    payout_failed(bounced.payout_no, "bank-x", "账户已注销", by=CUSTODIAN)
    for payout in rest:
        payout_paid(payout.payout_no, f"ref-{payout.pk}", by=CUSTODIAN)
    figures = run_off_progress(run_off)
    assert (figures["claims"], figures["ordered"], figures["arrived"], figures["bounced"]) == (5, 4, 3, 1)
    assert figures["pays"] == 250_000 + 84_616 + 270_000 + 237_600
    assert figures["shortfall"] == 94_600
    return run_off


def the_rest_arrives(run_off: RunOff, contract: Contract, visit_id: int, officer: Actor) -> None:
    """The bounced payout goes to another account, and the disputed visit is decided for the consumer."""
    refund = Refund.objects.get(contract=contract)
    assert all(line["article"] for line in refund.lines)
    name = contract.holder.name
    prepaid.change_payout_account(refund.pk, "6222020200000000001", name, by=who(contract.holder))
    payout_paid(Payout.objects.latest("pk").payout_no, "ref-again", by=CUSTODIAN)
    prepaid.reject_visit(visit_id, "商家失联，不能证明有这次消费", by=officer)
    follow_up = Payout.objects.latest("pk")
    assert follow_up.amount_fen == 30_000
    payout_paid(follow_up.payout_no, "ref-follow", by=CUSTODIAN)


@pytest.mark.django_db
def test_a_fen_changed_after_the_signature_is_refused_before_and_after(
    proposed: RunOff, contract: Contract, district_officer: User, second_officer: User
) -> None:
    first, second = who(district_officer), who(second_officer)
    run_off = prepaid.approve_run_off(proposed.pk, by=second)
    refused(WrongState, lambda: prepaid.plan_run_off(run_off.pk, by=first))
    run_off = prepaid.plan_run_off(counted(run_off).pk, by=first)
    change = RunOffClaim.objects.filter(run_off=run_off)
    change.update(entitled_fen=300_001, shortfall_fen=1)
    error = refused(WrongState, lambda: prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=second))
    assert error.code == "plan_changed"
    change.update(entitled_fen=300_000, shortfall_fen=0)
    run_off = prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=second)
    change.update(entitled_fen=299_999, pays_fen=299_999)
    assert refused(WrongState, lambda: prepaid.pay_run_off(run_off.pk)).code == "plan_changed"
    assert not Refund.objects.exists()
    change.update(entitled_fen=300_000, pays_fen=300_000)
    assert prepaid.pay_run_off(run_off.pk)["ordered"] == 1


@pytest.mark.django_db
def test_a_plan_sent_back_is_counted_anew_and_rejections_need_a_reason(
    proposed: RunOff, contract: Contract, district_officer: User, second_officer: User, merchant_b: Merchant
) -> None:
    first, second = who(district_officer), who(second_officer)
    other = prepaid.propose_run_off(merchant_b.pk, REASON, days(0), by=first)
    refused(Invalid, lambda: prepaid.reject_run_off(other.pk, " 不 ", by=second))
    assert prepaid.reject_run_off(other.pk, "商家已经联系上了", by=second).status == "REJECTED"
    run_off = prepaid.plan_run_off(counted(prepaid.approve_run_off(proposed.pk, by=second)).pk, by=first)
    prepaid.reject_run_off_plan(run_off.pk, "有一笔争议先处理", by=second)
    run_off.refresh_from_db()
    assert (run_off.status, run_off.plan_hash, run_off.claims.count()) == ("OPEN", "", 0)
    assert counted(run_off).claims.count() == 1


@pytest.mark.django_db
def test_a_holder_who_is_quicker_is_paid_once(
    proposed: RunOff, contract: Contract, district_officer: User, second_officer: User
) -> None:
    first, second = who(district_officer), who(second_officer)
    run_off = counted(prepaid.approve_run_off(proposed.pk, by=second))
    assert run_off.closing is not None
    prepaid.tell_holders(run_off.closing.pk)
    run_off = prepaid.plan_run_off(run_off.pk, by=first)
    own = prepaid.request_refund(contract.pk, "MERCHANT", by=who(contract.holder))
    assert (own.status, own.amount_fen) == ("PAYING", 300_000)
    prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=second)
    prepaid.pay_run_off(run_off.pk)
    assert RunOffClaim.objects.get().refund == own and Refund.objects.count() == 1
    assert HolderNotice.objects.get().settled_at is not None


@pytest.mark.django_db
def test_a_card_that_ended_without_a_refund_holds_nobody_else_up(
    proposed: RunOff, contract: Contract, second_consumer: User, district_officer: User, second_officer: User
) -> None:
    first, second = who(district_officer), who(second_officer)
    other = open_contract(contract.plan, second_consumer)
    run_off = prepaid.plan_run_off(counted(prepaid.approve_run_off(proposed.pk, by=second)).pk, by=first)
    prepaid.approve_run_off_plan(run_off.pk, run_off.plan_hash, by=second)
    Contract.objects.filter(pk=contract.pk).update(status="COMPLETED")
    assert prepaid.pay_run_off(run_off.pk) == {"ordered": 1, "refused": 1}
    assert "没有退款可付" in RunOffClaim.objects.get(contract=contract).trouble
    assert RunOffClaim.objects.get(contract=other).refund is not None


@pytest.mark.django_db
def test_an_unlimited_card_counts_only_to_the_last_day_of_service(
    merchant_a: Merchant, second_consumer: User, district_officer: User, second_officer: User
) -> None:
    plan = make_plan(merchant_a, "UNLIMITED_TERM", every="DAY", periods=100, price_fen=100_000)
    card = open_contract(plan, second_consumer, on=days(-30))
    prepaid.report_visit(card.pk, card.store_id, "签到", by=who(second_consumer), on=days(-30))
    row = prepaid.propose_run_off(merchant_a.pk, REASON, days(-10), by=who(district_officer))
    run_off = counted(prepaid.approve_run_off(row.pk, by=who(second_officer)))
    claim = run_off.claims.get()
    # A hundred days for 1,000; served twenty days of it (法释〔2025〕4号第22条).
    assert (claim.entitled_fen, claim.pays_fen) == (80_000, 80_000)
