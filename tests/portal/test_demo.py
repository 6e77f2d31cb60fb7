"""The demo district: exact figures, real money, scenes that any start day shows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from complaints.incident_reports import figures_of as incident_figures
from complaints.models import (
    AgendaPack,
    Clock,
    Complaint,
    ConsumerWarning,
    Incident,
    MallTicket,
    MediationAssignment,
    OdrEnrolment,
    ProactiveTask,
    SupervisionNotice,
    ViolationReport,
    WhistleCall,
)
from core.actors import CUSTODIAN, Actor
from core.calendar import business_date, working_days_between
from core.identifiers import clean_uscc
from core.jobs import JOBS
from core.models import AuditEvent, User
from merchants import actions as merchants
from merchants.models import Mall, Merchant
from portal.demo.district import LISTED, LOCKED_FEN
from portal.demo.people import CAST, PASSWORD, STAFF_PIN
from portal.reports import overview
from portal.sandbox.book import Book
from portal.sandbox.statement import as_camt
from prepaid import actions as prepaid
from prepaid.actions.contracts import digest_of
from prepaid.custodian import Notice, SandboxCustodian
from prepaid.mall_reports import score_of, tenants_of
from prepaid.models import (
    Contract,
    CustodianNotice,
    CustodyAccount,
    DailyEquation,
    Filing,
    Freeze,
    Instalment,
    PayoutAccount,
    Plan,
    ReconciliationCase,
    Refund,
    Settlement,
    Transfer,
    Visit,
)
from prepaid.offer_figures import figures_of
from tests.prepaid import oracle
from trust_units import draws
from trust_units.actions.draws import list_of
from trust_units.models import Draw, FeedbackSlip, TrustUnit

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module", autouse=True)
def logins(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The district, seeded once for this module and gone after it; the file of sample sign-ins."""
    path = tmp_path_factory.mktemp("demo") / "sample_logins.json"
    with django_db_blocker.unblock():
        call_command("seed_demo", logins=path, verbosity=0)
    yield path
    with django_db_blocker.unblock():
        django_db_setup.renew()


def card(phone: str, shop: str) -> Contract:
    """The first card somebody holds in a shop."""
    held = Contract.objects.with_money().filter(holder=User.objects.by_phone(phone), merchant__brand_name=shop)
    found = held.order_by("pk").first()
    assert found is not None
    return found


def test_figures_are_exact() -> None:
    figures = overview()
    assert (figures.locked_fen, figures.merchants) == (LOCKED_FEN, LISTED) == (3_106_100_000, 428)
    assert figures.refunds_this_month > 0


def test_a_dozen_merchants_are_in_other_states() -> None:
    listed = Merchant.objects.public()
    others = Merchant.objects.exclude(pk__in=listed)
    counted = dict(others.order_by().values_list("status").annotate(models.Count("pk")))
    assert counted == {"DRAFT": 2, "SUBMITTED": 1, "UNDER_REVIEW": 6, "RETURNED": 3}
    assert listed.filter(status="RESTRICTED").count() == 1
    assert {bool(merchant.checks) for merchant in others.filter(status="UNDER_REVIEW")} == {True, False}


def test_there_are_few_movements_and_the_ledger_is_whole() -> None:
    assert Transfer.objects.count() <= 3_000
    assert oracle.check(os.environ["DATABASE_RO_URL"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_verify() UNION ALL SELECT problem, 0, 0, '' FROM audit_verify()")
        assert cursor.fetchall() == []


def test_licences_are_valid_and_names_differ() -> None:
    rows = list(Merchant.objects.values_list("uscc", "brand_name"))
    assert all(clean_uscc(uscc) == uscc for uscc, _ in rows)
    assert len({uscc for uscc, _ in rows}) == len({brand for _, brand in rows}) == len(rows)


def test_the_noodle_house_lost_its_mark_this_morning() -> None:
    unit = TrustUnit.objects.get(merchant__brand_name="老街口面馆")
    removal = unit.removals.get()
    assert (unit.status, unit.stars, removal.status) == ("REMOVED", 3, "APPEALED")
    assert Client().get(f"/mark/{unit.code}.json").json()["reason"] == "营业执照已注销"
    assert FeedbackSlip.objects.get(status="ISSUED").unit.status == "WARNING"
    draw = Draw.objects.exclude(drawn_at=None).get()
    quotas, units = draws.read(list_of(draw))
    assert draw.sample == draws.sample(bytes.fromhex(draw.seed), quotas, units)


def test_the_counter() -> None:
    salon = card("13900000001", "青禾造型")
    assert (salon.locked_fen, salon.held_fen, salon.available_fen) == (275_000, 35_000, 240_000)
    assert salon.released_fen == 25_000
    states = list(salon.visits.order_by("requested_at").values_list("status", flat=True))
    assert states == ["CONFIRMED"] * 3 + ["REQUESTED", "DISPUTED", "REQUESTED"]
    today, silent = business_date(), salon.visits.filter(status="REQUESTED").earliest("requested_at")
    assert working_days_between(today, silent.confirm_due_on) == 8
    assert Contract.objects.held_by(salon.holder).count() == 3


def test_the_yoga_year_pays_198_after_a_week() -> None:
    yoga = card("13900000001", "清和瑜伽")
    schedule = Instalment.objects.of_account(yoga.account_id or 0)
    assert (yoga.paid_fen, yoga.locked_fen) == (237_600, 158_400)
    assert schedule.filter(state=Instalment.State.RELEASED).count() == 4
    following = schedule.filter(state=Instalment.State.DUE).earliest("due_on")
    assert following.amount_fen == 19_800
    assert following.due_on > business_date() + timedelta(days=7)


def test_the_closed_gym_waits_for_a_second_signature() -> None:
    gym = card("13900000001", "跃岚健身")
    assert gym.is_frozen
    assert gym.merchant.status == Merchant.Status.RESTRICTED
    assert Refund.objects.get(contract=gym).status == Refund.Status.DISPUTED
    signed = {freeze.contract_id: freeze.status for freeze in Freeze.objects.filter(merchant=gym.merchant)}
    assert signed == {gym.pk: "IN_FORCE", None: "PROPOSED"}
    cards = Contract.objects.filter(merchant=gym.merchant)
    assert cards.count() == 214
    assert cards.aggregate(sum=models.Sum("account__row_balance_fen"))["sum"] == 39_140_000


def test_the_mall_must_announce_its_bakery_in_a_week() -> None:
    mall = Mall.objects.get()
    assert score_of(mall.measures.all()) == (7, 10)
    assert mall.measures.waiting().count() == 1
    found = {row.store.merchant.brand_name: row for row in tenants_of(mall, business_date())}
    bakery = found["禾木烘焙"]
    assert (bakery.cards, bakery.locked_fen) == (1_126, 20_370_000)
    assert (bakery.notice_by, bakery.is_due) == (business_date() + timedelta(days=7), True)
    assert found["青禾造型"].is_due is False
    manager = User.objects.by_phone("13900000028")
    assert manager is not None and manager.access.malls() == {mall.pk}
    served = Visit.objects.get(contract__merchant=mall.operator)
    assert (served.merchant.brand_name, served.amount_fen) == ("禾木烘焙", 1_800)


def test_the_gym_has_37_complaints_of_32_people() -> None:
    found = Complaint.objects.filter(merchant__brand_name="跃岚健身")
    by_source = dict(found.order_by().values_list("channel").annotate(models.Count("pk")))
    assert by_source == {"PLATFORM_12315": 22, "HOTLINE_12345": 11, "MALL": 4}
    assert found.values("complainant__phone_idx").distinct().count() == 32
    cases = found.filter(merged_into=None)
    assert {row.handler.name if row.handler else "" for row in cases.select_related("handler")} == {"陈立"}
    assert cases.count() == 32
    assert sum(case.receipts.count() for case in cases) == 37
    assert not cases.filter(contract=None).exists()
    assert Complaint.objects.get(refund__contract=card("13900000001", "跃岚健身")).channel == "PLATFORM_12315"


def test_the_gym_is_one_incident_with_a_leader_a_register_and_a_page() -> None:
    incident = Incident.objects.get()
    figures = incident_figures(incident)
    assert (incident.leader.name, figures.complaints, figures.complainants) == ("何志强", 32, 32)
    assert (figures.claims, figures.waiting, figures.locked_fen, figures.unlocked_fen) == (5, 3, 39_140_000, 9_460_000)
    assert incident.entries.public().count() == 2
    assert ProactiveTask.objects.get(incident=incident).people == 32


def test_the_mediator_has_a_case_on_day_59_of_60() -> None:
    mediator = User.objects.by_phone("13900000029")
    assert mediator is not None
    case = MediationAssignment.objects.get(mediator=mediator, status="IN_PROGRESS").complaint
    clock = Clock.objects.running().get(complaint=case, code=Clock.Code.MEDIATE)
    assert case.respondent == "小象画室"
    assert business_date() - clock.started_on == timedelta(days=59)
    assert clock.due_on > business_date()


def test_no_page_of_the_desk_is_empty() -> None:
    assert set(Complaint.objects.values_list("status", flat=True)) == set(Complaint.Status.values)
    states = set(ViolationReport.objects.values_list("status", flat=True))
    assert states == {"REGISTERED", "VERIFYING", "INVESTIGATING", "NOT_FILED", "PUBLISHED"}
    assert ConsumerWarning.objects.get().status == "PUBLISHED"
    assert SupervisionNotice.objects.get().status == "ISSUED"
    late = Clock.objects.running().filter(due_at__lt=timezone.now())
    assert [str(clock) for clock in late] == []


def test_a_shop_sees_what_the_badge_was_worth() -> None:
    today = business_date()
    found = figures_of(Merchant.objects.get(brand_name="禾木烘焙"), today - timedelta(days=29), today)
    assert found.before is not None
    assert (found.before.percent, found.after.percent) == ("25.0%", "35.0%")


def test_accounts_settlements_and_filings_are_on_record() -> None:
    assert PayoutAccount.objects.filter(status="IN_USE").count() == CustodyAccount.objects.count() == 3
    assert set(Settlement.objects.values_list("status", flat=True)) == {"PAID"}
    # Full escrow exempts all but the gym, whose old cards are not locked and which no rule makes file.
    assert Filing.objects.filter(status="EXEMPT_ESCROW").count() == LISTED - 1


def test_the_drawing_school_owes_a_refund() -> None:
    lessons = card("13900000002", "小象画室")
    refund = Refund.objects.get(contract=lessons)
    assert (lessons.paid_fen, lessons.released_fen) == (480_000, 132_000)
    assert (refund.total_fen, refund.amount_fen) == (348_000, 348_000)
    assert refund.requested_on == business_date() - timedelta(days=2)
    second = Contract.objects.filter(holder=lessons.holder).latest("pk")
    assert second.lots.get().cooling_off_until > business_date()


class BankBook(SandboxCustodian):
    """The sandbox bank's daily file, straight from the book that the seeding left."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.book = Book(str(path))

    def statement(self, on: date, into: BinaryIO, form: str = "camt") -> None:
        with self.book.day(on) as day:
            for part in as_camt(day):
                into.write(part)


def test_a_week_of_daily_jobs_leaves_the_sum(
    logins: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    bank = BankBook(logins.with_name("sandbox.sqlite3"))
    monkeypatch.setattr("prepaid.actions.reconciliation.custodian", lambda: bank)
    with connection.cursor() as cursor:
        # Eight days of jobs run in the one transaction of this test; the limit is for one call.
        cursor.execute("SET LOCAL transaction_timeout = 0")
    moved = Transfer.objects.count()
    for day in range(8):
        for job in JOBS.values():
            for shard in range(job.shards):
                job.run(business_date() + timedelta(days=day), shard)
    assert overview().locked_fen == LOCKED_FEN
    assert Transfer.objects.count() == moved
    assert not Visit.objects.filter(status=Visit.Status.AUTO_CONFIRMED).exists()
    days = DailyEquation.objects.all()
    assert [(day.unexplained_fen, day.sum_fen, day.cards_off) for day in days] == [(0, 0, 0)] * 8
    assert not ReconciliationCase.objects.exists()


def facts(row: models.Model, *own: str) -> dict[str, Any]:
    """All columns of a row but those that only name it."""
    skipped = {"id", *own}
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in skipped}


def traces(contract: Contract) -> dict[str, Any]:
    """Everything a paid contract leaves, apart from who, which number and what time of day."""
    lot, order = contract.lots.get(), contract.orders.get()
    paid = Transfer.objects.of_account(contract.account_id or 0).get(kind=1)
    lines = AuditEvent.objects.filter(object_type="prepaid.Contract", object_id=str(contract.pk)).order_by("seq")[:4]
    who = ("code", "holder_id", "payer_id", "account_id", "offered_at", "signed_at", "terms", "terms_hash")
    notice = CustodianNotice.objects.get(number=order.order_no)
    assert contract.terms_hash == digest_of(contract.terms)
    assert notice.bank_ref == order.bank_ref
    assert paid.ref_id == lot.pk
    return {
        "contract": facts(contract, *who),
        "terms": contract.terms | {"offered_on": ""},
        "lot": facts(lot, "contract_id"),
        "order": facts(order, "contract_id", "order_no", "bank_ref", "created_at", "paid_at", "terms"),
        "terms of the payment": order.terms == contract.terms,
        "notice": facts(notice, "bank_ref", "number", "received_at"),
        "money": facts(paid, "posted_at", "credit_id", "ref_id", "hash"),
        "instalments": [
            (row.no, row.due_on, row.amount_fen, row.payee_account_id)
            for row in Instalment.objects.of_account(contract.account_id or 0)
        ],
        "audit": [(line.verb, line.actor_kind, sorted(line.facts)) for line in lines],
        "signatures": [(row.party, row.terms_hash == contract.terms_hash) for row in contract.signatures.all()],
        "stamps": [type(value) for value in (contract.signed_at, order.paid_at, contract.closed_at)],
    }


@pytest.mark.parametrize("kind", Plan.Kind.values)
def test_a_seeded_contract_is_what_the_actions_make(kind: str) -> None:
    fillers = Contract.objects.with_money().filter(kind=kind, visits=None, refunds=None, merchant__status="ACTIVE")
    seeded = fillers.order_by("-pk").first()
    assert seeded is not None
    holder = Actor.of_user(User.objects.enrol("13911112222", "毕小双"))
    shop = Actor.of_user(seeded.merchant.registered_by)
    twin = prepaid.offer(seeded.plan_id, seeded.store_id, "13911112222", by=shop)
    prepaid.sign(twin.pk, by=holder, terms_hash=twin.terms_hash)
    order = prepaid.order_payment(twin.pk, by=holder)
    day = seeded.lots.get().paid_on
    signed_at = seeded.signed_at
    assert signed_at is not None
    notice = Notice("order.paid", "twin", order.order_no, order.amount_fen, "6222****0001", signed_at)
    prepaid.receive(notice, by=CUSTODIAN, on=day)
    assert traces(seeded) == traces(Contract.objects.get(pk=twin.pk))


def test_sample_people_can_sign_in(logins: Path) -> None:
    people = json.loads(logins.read_text())
    assert logins.stat().st_mode & 0o77 == 0
    assert [(person["phone"], person["password"]) for person in people] == [(part.phone, PASSWORD) for part in CAST]
    for person in people:
        user = User.objects.by_phone(person["phone"])
        assert user is not None
        assert user.check_password(PASSWORD)
    shop = Merchant.objects.get(brand_name="青禾造型")
    assert merchants.staff_by_pin(shop.pk, STAFF_PIN).user == User.objects.by_phone("13900000013")


def test_a_database_in_use_is_refused() -> None:
    with pytest.raises(CommandError, match="已经有数据"):
        call_command("seed_demo", verbosity=0)


def test_the_ways_of_working_stand_in_the_district() -> None:
    today = business_date()
    ticket = MallTicket.objects.unanswered().get(text__contains="禾木烘焙")
    assert timezone.localtime(ticket.due_at).strftime("%Y-%m-%d %H:%M") == f"{today} 15:20"
    call = WhistleCall.objects.get()
    assert (call.department, call.whistle.complaint.merchant and call.whistle.complaint.merchant.brand_name) == (
        "文化旅游局", "小象画室",
    )  # fmt: skip
    assert set(OdrEnrolment.objects.values_list("status", flat=True)) == {"ACTIVE", "ENROLLED", "CANDIDATE"}
    look = AgendaPack.objects.get(kind="DAILY_LOOK")
    assert look.content["sections"][0]["rows"]
