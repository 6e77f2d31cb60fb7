"""Two shops that know nothing of each other, with one of everything, and everybody who might call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.utils import timezone

from core import actions as core
from core import uploads
from core.actors import Actor
from core.calendar import business_date
from core.models import AuditEvent, Membership, OutboxEvent, Role, RulePack, StoredFile, User
from core.views import DEVICE_COOKIE
from merchants import actions as merchants
from merchants.models import Merchant, RegisterEntry, RegisterImport, Restriction, Store
from prepaid import actions as prepaid
from prepaid.models import (
    Assignment,
    BankFile,
    ClosingNotice,
    Contract,
    CustodianNotice,
    DailyEquation,
    FilingReport,
    Freeze,
    HolderNotice,
    PaymentOrder,
    Plan,
    PriceItem,
    ReconciliationCase,
    Refund,
    RunOff,
    SuspenseItem,
    Visit,
)
from tests.api.caller import Caller, client_of
from tests.cast import (
    CITY,
    DISTRICT,
    OTHER_CITY,
    STREET,
    make_plan,
    officer,
    open_contract,
    person,
    shop,
)
from tests.security.check_world import check_rows
from tests.security.complaint_world import complaint_rows
from tests.security.custody_world import custody_rows
from tests.security.declaration_world import declaration_rows
from tests.security.legacy_world import legacy_rows
from tests.security.mall_world import mall_rows
from tests.security.report_world import report_rows
from tests.security.risk_world import link_rows, risk_rows
from tests.security.ways_world import department_officer


@dataclass
class Belongings:
    """What hangs on one shop."""

    letter: str
    owner: User
    clerk: User
    consumer: User
    merchant: Merchant
    store: Store
    plan: Plan
    price: PriceItem
    contract: Contract
    order: PaymentOrder
    visit: Visit
    refund: Refund
    freeze: Freeze
    assignment: Assignment
    restriction: Restriction
    file: StoredFile


@dataclass
class World:
    """Both shops, the officers, and a caller for each member of the cast."""

    a: Belongings
    b: Belongings
    outbox: OutboxEvent
    line: AuditEvent
    pack: RulePack
    entry: RegisterEntry
    register: RegisterImport
    notice: CustodianNotice
    suspense: SuspenseItem
    mismatch: ReconciliationCase
    equation: DailyEquation
    bank_file: BankFile
    users: dict[str, User]
    callers: dict[str, Caller]

    def of(self, letter: str) -> Belongings:
        """Shop A's or shop B's."""
        return self.a if letter == "A" else self.b

    def shown_code(self, own: Belongings) -> str:
        """A fresh code that the shop's customer shows at the counter."""
        return prepaid.show_code(own.contract.pk, by=Actor.of_user(own.consumer)).code


def statement_day() -> tuple[ReconciliationCase, DailyEquation, BankFile]:
    """A day of the custodian's statement that was refused, and what is open of it."""
    on = business_date()
    figures = dict.fromkeys(
        ("sum_fen", "ledger_fen", "bank_only_fen", "ours_only_fen", "cards_off", "locked_fen", "short_count",
         "clearing_fen", "suspense_fen", "line_count", "matched_count"), 0,
    )  # fmt: skip
    return (
        ReconciliationCase.objects.create(kind=ReconciliationCase.Kind.BALANCE, on=on, difference_fen=1),
        DailyEquation.objects.create(on=on, **figures),
        BankFile.objects.create(
            sha256="0" * 64, name="bank.csv", path="bank/none", size=1, status="REFUSED", error="空"
        ),
    )


def build() -> World:
    """Make it all through the real actions."""
    with connection.cursor() as cursor:
        # One transaction holds thousands of calls and the pauses between; the limits are for one call.
        cursor.execute("SET LOCAL transaction_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
    chief = officer("13900000024", "何志强", Role.CITY, CITY)
    users = {
        "district_officer": officer("13900000021", "陈立", Role.COUNTY_REVIEWER_A, DISTRICT),
        "other_officer": officer("13900000023", "赵远", Role.COUNTY_REVIEWER_A, OTHER_CITY),
        "city_chief": chief,
        "auditor": officer("13900000025", "吴审", Role.AUDITOR, DISTRICT),
        "sysadmin": person("13900000026", "系统员"),
    }
    Membership.objects.create(user=users["sysadmin"], role=Role.SYSADMIN)
    proposer = officer("13900000022", "李静", Role.COUNTY_REVIEWER_B, DISTRICT)
    a = belongings("A", person("13900000001", "周桂芬"), proposer)
    b = belongings("B", person("13900000002", "林悦"), proposer)
    link_rows(a.merchant, b.merchant)
    for own, other in ((a, b), (b, a)):
        old_store_closed(own, other, proposer)
        declaration_rows(own.store, own.consumer, proposer)
        check_rows(own.store, proposer)
    users["mall_manager"] = person("13900000028", "顾岚")
    mall_rows(a.store, a.consumer, proposer, users["mall_manager"])
    mall_rows(b.store, b.consumer, proposer)
    users["department_officer"] = department_officer()
    users |= {
        "consumer": a.consumer, "second_consumer": b.consumer,
        "clerk_a": a.clerk, "owner_a": a.owner, "clerk_b": b.clerk, "owner_b": b.owner,
    }  # fmt: skip
    callers = {"anonymous": Caller(), **{name: Caller(user) for name, user in users.items()}}
    for name, user in users.items():
        # Pages about one's own money want a device that proved the phone.
        callers[name].client.cookies[DEVICE_COOKIE] = core.trust_device(user.pk, "test")
    callers["client_a"] = client_of(a.merchant)
    event = OutboxEvent.objects.create(
        topic="core.send_sms", key="dead", state=OutboxEvent.State.DEAD, next_at=timezone.now()
    )
    line, pack, notice = AuditEvent.objects.latest("pk"), RulePack.objects.first(), CustodianNotice.objects.first()
    assert pack and notice
    register = RegisterImport.objects.create(title="名录.csv")
    entry = RegisterEntry.objects.create(uscc="", legal_name="示范区路人店", digest="0" * 32)
    suspense = SuspenseItem.objects.create(bank_ref="lost-1", amount_fen=100, reason="没有这个订单")
    return World(a, b, event, line, pack, entry, register, notice, suspense, *statement_day(), users, callers)


def belongings(letter: str, consumer: User, proposer: User) -> Belongings:
    """One shop with a card, a visit that waits, a refund that waits, an order that waits."""
    digit = "1" if letter == "A" else "2"
    owner, clerk = person(f"1390000001{digit}", f"店主{letter}"), person(f"1390000003{digit}", f"店员{letter}")
    merchant = shop(letter, owner, STREET)
    Membership.objects.create(user=clerk, role=Role.MERCHANT_STAFF, merchant_id=merchant.pk)
    boss, guest, first = Actor.of_user(owner), Actor.of_user(consumer), Actor.of_user(proposer)
    store, plan = merchant.stores.get(), make_plan(merchant)
    price = prepaid.set_price(merchant.pk, "洗头", 3_000, by=boss)
    card, second, third = (open_contract(plan, consumer) for _ in range(3))
    visit = prepaid.request_visit(card.pk, store.pk, "洗剪吹", face_fen=6_000, by=boss)
    prepaid.report_visit(second.pk, store.pk, "烫发", face_fen=6_000, by=guest)
    refund = prepaid.request_refund(second.pk, Refund.Cause.CONSUMER, by=guest)
    order = prepaid.order_top_up(third.pk, plan.pk, by=guest)
    restriction = Restriction.objects.create(merchant=merchant, source="抽查", reason="已整改", opened_by=proposer)
    freeze = prepaid.propose_freeze(merchant.pk, "涉嫌卷款跑路", by=first, contract_id=third.pk)
    handover = Assignment.objects.create(
        contract=second, kind=Assignment.Kind.TRANSFER, from_user=proposer, to_user=consumer, asked_by=proposer
    )
    upload = SimpleUploadedFile("licence.pdf", b"%PDF-1.4 licence", "application/pdf")
    file = uploads.store(upload, title="营业执照", by=boss)
    merchants.attach_licence(merchant.pk, file, by=boss)
    filed(merchant, boss, file)
    custody_rows(merchant, owner, visit, proposer)
    legacy_rows(merchant, owner, card)
    risk_rows(merchant)
    report_rows(merchant, consumer, proposer)
    complaint_rows(merchant, consumer, card)
    return Belongings(
        letter, owner, clerk, consumer, merchant, store, plan, price, card, order, visit, refund, freeze, handover,
        restriction, file,
    )  # fmt: skip


def old_store_closed(own: Belongings, other: Belongings, proposer: User) -> None:
    """A store that closed, whose cards the other shop was to take over; and an emergency somebody proposed."""
    gone = Store.objects.create(merchant=own.merchant, name="老店", region_id=STREET, address="旧路1号", is_open=False)
    notice = ClosingNotice.objects.create(
        merchant=own.merchant, store=gone, status="VERIFIED", reason="MOVE", closes_on=timezone.localdate(),
        successor=other.merchant, declared_by=own.owner, published_at=timezone.now(),
    )  # fmt: skip
    HolderNotice.objects.create(notice=notice, contract=own.contract)
    RunOff.objects.create(
        merchant=own.merchant, reason="店门紧闭三天", served_until=timezone.localdate(), proposed_by=proposer
    )


def filed(merchant: Merchant, boss: Actor, file: StoredFile) -> None:
    """A filing that waits for an officer, and a quarterly report that is due."""
    data = {"issuer_class": "INDIVIDUAL", "started_on": date(2026, 1, 1), "statement": "储值卡，店内通用"}
    prepaid.save_filing(merchant.pk, data, by=boss)
    prepaid.add_document(merchant.pk, "RULES", file, by=boss)
    prepaid.submit_filing(merchant.pk, by=boss)
    FilingReport.objects.create(
        merchant=merchant, quarter_end=date(2026, 9, 30), due_on=date(2026, 10, 28), figures={}, basis="第31条"
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    block = transaction.atomic()
    # Durable transactions may begin inside, as in a test case's own.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)
    assert not connection.needs_rollback
