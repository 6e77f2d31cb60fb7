"""The whole journey of prepaid money in browsers of 360 px: owner, consumer and two officers, and a real bank.

Nothing but the daily job and the dispatcher's round is called from here; everything else is pressed on pages.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from PIL import Image
from playwright.sync_api import Page

from core import outbox
from core.jobs import run_day
from core.models import AuditEvent, User
from core.money import yuan
from merchants.models import Merchant, RegisterEntry
from prepaid import ledger
from prepaid.models import AccountKind, Contract, Instalment, LedgerAccount, Refund, Visit
from prepaid.statements import statement
from tests.cast import PASSWORD, fresh
from tests.prepaid import oracle
from tests.screen import until
from tests.stories.seat import Seat

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

USCC, OWNER, CONSUMER = "92330199MA2KQX012N", "13900000011", "13900000001"
PRICES = {"洗剪吹": "60", "染发": "300", "头皮护理": "120"}


@dataclass
class Cast:
    """Four people, each at a browser of their own, and the picture of the licence."""

    owner: Seat
    consumer: Seat
    officer: Seat
    second: Seat
    licence: Path


@pytest.fixture
def people(
    page_at: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    bank: str,
    district_officer: User,
    second_officer: User,
    tmp_path: Path,
) -> Cast:
    """Nobody but the officers is known yet; the licence authority's register has the shop."""
    RegisterEntry.objects.create(uscc=USCC, legal_name="示范区静香美容店", brand_name="静香", digest="a" * 32)
    Image.new("RGB", (640, 480), "white").save(tmp_path / "licence.png")
    looked_at: set[str] = set()
    owner, consumer, officer, second = (Seat(page_at(360), axe, looked_at) for _ in range(4))
    return Cast(owner, consumer, officer, second, tmp_path / "licence.png")


def rounds(done: Callable[[], bool]) -> None:
    """Let the dispatcher go round until something has come about."""

    def look() -> bool:
        outbox.dispatch(run_here=True)
        return done()

    until(look)


def test_the_journey_of_prepaid_money_at_360_px(people: Cast) -> None:
    merchant = register(people.owner, people.licence)
    approve(people.officer, merchant)
    publish(people.owner)
    card = sell_and_pay(people, "三千储值卡", "确认支付")
    assert fresh(card).locked_fen == 300_000
    visit_thrice(people, card)
    term = sell_and_pay(people, "年卡", "用随后销户的账户支付（退款会打不进去）")
    release_a_period(people.consumer, term)
    refund_twice(people, term)
    freeze(people, merchant, card)
    the_books_agree(people.consumer, merchant, card, term)
    the_trail_tells_it(card, term)


def register(owner: Seat, licence: Path) -> Merchant:
    """The five steps of ``/join/``, each on its page, with the picture and the code."""
    owner.open("/join/")
    owner.follow("用手机验证码登录，开始登记")
    owner.sign_in_by_phone(OWNER)
    owner.fill(uscc=USCC)
    owner.press("核对，下一步")
    owner.sees("已从登记名录带出")
    owner.page.get_by_label("行业").select_option(index=1)
    owner.fill(licensed_on="2021-03-08")
    owner.press("保存，下一步")
    owner.fill(legal_rep="许静")
    owner.press("保存，下一步")
    owner.leave_by(owner.page.locator("a.chip").first)
    owner.fill(address="安澜路8号", lease_end=(date.today() + timedelta(days=800)).isoformat())
    owner.press("保存门店")
    owner.follow("就这些，下一步")
    owner.page.locator("input[type=file]").set_input_files(licence)
    owner.press("上传，下一步")
    owner.press("发验证码")
    owner.fill(code=owner.code())
    owner.press("提交审核")
    merchant = Merchant.objects.get(uscc=USCC)
    rounds(lambda: Merchant.objects.get(pk=merchant.pk).status == Merchant.Status.UNDER_REVIEW)
    assert Merchant.objects.get(pk=merchant.pk).checks == []
    return merchant


def enter(seat: Seat, phone: str) -> None:
    """An officer signs in to the workbench."""
    seat.open("/admin/")
    seat.fill(username=phone, password=PASSWORD)
    seat.press("登录")


def approve(officer: Seat, merchant: Merchant) -> None:
    """From the workbench to the queue to the case, whose licence can be seen, to the answer."""
    enter(officer, "13900000021")
    officer.follow("入驻审核")
    officer.follow("静香")
    assert officer.page.locator("img[alt*=营业执照]").evaluate("one => one.naturalWidth") == 640
    officer.follow("通过")
    officer.sees("自动核对没有疑点")
    officer.press("通过")
    officer.sees("已通过，商家会收到短信")
    assert Merchant.objects.get(pk=merchant.pk).status == Merchant.Status.ACTIVE


def publish(owner: Seat) -> None:
    """A price list, a card of stored value with a gift, and a card paid month by month."""
    owner.page.reload()
    owner.follow("进入商家端")
    owner.follow("套餐")
    for name, price in PRICES.items():
        owner.fill(name=name, price_fen=price)
        owner.press("保存这一项")
    words = {"description": "店内项目通用", "refund_terms": "依法退款"}
    owner.follow("新套餐")
    owner.choose("储值卡")
    owner.fill(name="三千储值卡", price_fen="3000", bonus_fen="600", **words)
    owner.press("保存，下一步发布")
    owner.press("确认发布")
    owner.follow("新套餐")
    owner.choose("按期服务")
    owner.fill(name="年卡", price_fen="2376", periods="12", **words)
    owner.press("保存，下一步发布")
    owner.press("确认发布")
    owner.sees("「年卡」已发布，可以开卡了")


def sell_and_pay(people: Cast, plan: str, button: str) -> Contract:
    """The shop types a phone; the consumer reads, signs, and pays on the bank's own page."""
    owner, consumer = people.owner, people.consumer
    owner.follow("合同", exact=True)
    owner.follow("开卡")
    owner.follow(plan)
    owner.fill(phone=CONSUMER, name="周桂芬")
    owner.press("开单，给顾客看二维码")
    owner.sees("请顾客扫码签约")
    consumer.open("/my/")
    if "/sign-in" in consumer.page.url:
        consumer.follow("消费者：手机验证码")
        consumer.sign_in_by_phone(CONSUMER)
    consumer.sees("周桂芬，您好")
    consumer.follow("看条款，再签约")
    consumer.press("条款看清了，签约")
    consumer.press("下一步，去银行")
    consumer.follow("去银行付")
    if button != "确认支付":
        consumer.page.get_by_text("演练", exact=True).click()
    consumer.leave_by(consumer.page.get_by_role("button", name=button))
    contract = Contract.objects.latest("pk")
    until(lambda: fresh(contract).status == Contract.Status.ACTIVE)
    consumer.open(f"/my/contracts/{contract.code}/")
    consumer.sees("使用中")
    return contract


def charge(owner: Seat, typed: str, item: str) -> Visit:
    """Three taps at the till."""
    owner.follow("收银台", exact=True)
    owner.fill(q=typed)
    owner.press("找卡")
    owner.leave_by(owner.page.locator(".pricegrid").get_by_role("link", name=item))
    owner.press(f"扣 {PRICES[item]} 元")
    return Visit.objects.latest("pk")


def visit_thrice(people: Cast, card: Contract) -> None:
    """One confirmed by a shown code, one disputed, one confirmed on the phone and then corrected by half."""
    owner, consumer = people.owner, people.consumer
    consumer.follow("出示付款码")
    consumer.press("生成付款码")
    first = charge(owner, consumer.page.locator(".bigfield").inner_text(), "洗剪吹")
    owner.sees("已确认")
    assert (first.status, first.amount_fen) == (Visit.Status.CONFIRMED, 5_000)
    charge(owner, CONSUMER[-4:], "染发")
    owner.sees("等 周** 在手机上确认")
    consumer.open("/my/")
    consumer.press("不对，我没消费")
    consumer.sees("暂留 ¥250.00，先不付给商家")
    third = charge(owner, CONSUMER[-4:], "头皮护理")
    consumer.open("/my/")
    consumer.press("是我消费的")
    consumer.sees("已确认「头皮护理」，付给商家 ¥100.00")
    owner.follow("全部")
    owner.follow("头皮护理")
    owner.fill(face="60", reason="只做了一半")
    owner.press("确认退回")
    owner.sees("已更正，退回的已经在顾客卡里", "¥50.00")
    assert Visit.objects.get(pk=third.pk).corrected_fen == 5_000
    now = fresh(card)
    assert (now.locked_fen, now.held_fen, now.released_fen) == (290_000, 25_000, 10_000)


def release_a_period(consumer: Seat, term: Contract) -> None:
    """The daily job of the day on which the first month has been served, as ``./run manage job`` runs it."""
    assert term.account_id is not None
    due = Instalment.objects.of_account(term.account_id).earliest("no")
    results = run_day("prepaid.period_release", due.due_on, allow_future=settings.DEPLOY != "prod")
    assert sum(result["amount_fen"] for result in results) == 19_800
    consumer.open(f"/my/contracts/{term.code}/")
    consumer.sees("第 1 期，付给商家", "¥2,178.00")


def refund_twice(people: Cast, term: Contract) -> None:
    """The shop agrees; the bank cannot pay to the closed account; to another it can."""
    owner, consumer = people.owner, people.consumer
    consumer.follow("我要退款")
    consumer.choose("商家的原因")
    consumer.press("算一算")
    consumer.sees("应退给您", "¥2,178.00")
    consumer.press("申请退款 ¥2,178.00")
    owner.follow("退款")
    owner.follow("周**")
    owner.follow("同意退 ¥2,178.00")
    owner.press("确认同意")
    owner.sees("已同意，2,178.00 元由银行退给顾客")
    refund = Refund.objects.get(contract=term)

    def came_to(status: Refund.Status) -> Callable[[], bool]:
        return lambda: Refund.objects.get(pk=refund.pk).status == status

    rounds(came_to(Refund.Status.PAYOUT_FAILED))
    consumer.open(f"/my/refunds/{refund.code}/")
    consumer.sees("没打进去：账户已销户", "¥2,178.00 还在存管银行")
    consumer.follow("换账户")
    consumer.fill(account="6222 0200 0000 1234 567")
    consumer.press("打到这个账户 ¥2,178.00")
    rounds(came_to(Refund.Status.PAID))
    consumer.open(f"/my/refunds/{refund.code}/")
    consumer.sees("已退到账 ¥2,178.00")


def freeze(people: Cast, merchant: Merchant, card: Contract) -> None:
    """One officer proposes on the dossier, another signs at the workbench; the consumer and the shop see it."""
    people.officer.follow("工作台")
    people.officer.open(f"/admin/merchants/merchant/{merchant.pk}/change/")
    people.officer.follow("提出冻结")
    people.officer.sees("锁定 ¥2,900.00 停止划拨给商家")
    people.officer.fill(reason="店门紧闭三天，多人反映联系不上")
    people.officer.press("提出冻结")
    people.officer.sees("已提出，等第二人复核")
    enter(people.second, "13900000022")
    people.second.follow("看后签")
    people.second.press("复核同意冻结")
    people.second.sees("已复核同意，冻结生效", "¥2,900.00")
    people.consumer.open(f"/my/contracts/{card.code}/")
    people.consumer.sees("暂停付给商家，您的钱还在", "锁定的 ¥2,900.00 商家拿不走", "2 次，面值 120.00")
    people.owner.open(f"/console/contracts/{card.code}/")
    people.owner.sees("资金暂停划拨")


def amounts(column: str, seat: Seat) -> list[int]:
    """The figures of one column of the statement on the page, in fen."""
    cells = seat.page.locator(f'td[data-th="{column}"]').all_inner_texts()
    return [round(float(text.translate(str.maketrans("−-", "--", "¥, +\n"))) * 100) for text in cells]


def the_books_agree(consumer: Seat, merchant: Merchant, card: Contract, term: Contract) -> None:
    """Page, statement and ledger say the same to the fen; verifiers and the independent oracle find nothing."""
    for contract, moved in (
        (card, [5_000, -10_000, -5_000, 300_000]),
        (term, [-217_800, -19_800, 237_600]),
    ):
        lines = statement(fresh(contract))
        assert [line.signed_fen for line in lines] == moved
        assert lines[0].balance_fen == sum(moved) == fresh(contract).locked_fen
        consumer.open(f"/my/contracts/{contract.code}/")
        assert amounts("金额", consumer) == moved
        assert amounts("还锁定", consumer) == [line.balance_fen for line in lines]
    consumer.open("/my/")
    consumer.sees(f"一共锁定 ¥{yuan(290_000)}")
    payable = LedgerAccount.objects.get(kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant.pk)
    assert ledger.balance(payable.pk) == 10_000 + 19_800
    with connection.cursor() as cursor:
        for check in ("ledger_verify", "audit_verify"):
            cursor.execute(f"SELECT * FROM {check}()")
            assert cursor.fetchall() == [], check
    assert oracle.check(os.environ["DATABASE_RO_URL"]) == []


def verbs(*objects: Contract | Visit | Refund) -> list[str]:
    """What the audit says happened to these, in order."""
    found: list[AuditEvent] = []
    for one in objects:
        found += AuditEvent.objects.filter(object_type=one._meta.label, object_id=str(one.pk))
    return [event.verb for event in sorted(found, key=lambda event: event.pk)]


def the_trail_tells_it(card: Contract, term: Contract) -> None:
    """Each step stands in the audit once, in its order."""
    sold = ["contract.offer", "contract.sign", "contract.order_payment", "contract.lock"]
    first = ["contract.show_code", "visit.request", "visit.confirm"]
    then = ["visit.request", "visit.dispute", "visit.request", "visit.confirm", "visit.correct"]
    assert verbs(card, *card.visits.all()) == [*sold, *first, *then]
    asked = ["refund.request", "refund.agree", "contract.refund"]
    assert verbs(term, *term.refunds.all()) == [
        *sold, *asked, "refund.bounce", "refund.change_account", "refund.arrive",
    ]  # fmt: skip
    freezes = AuditEvent.objects.filter(object_type="prepaid.Freeze").order_by("pk")
    assert list(freezes.values_list("verb", flat=True)) == ["freeze.propose", "freeze.approve"]
    assert len(set(freezes.values_list("actor_id", flat=True))) == 2
