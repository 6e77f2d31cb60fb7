"""What the template tags write: money, clocks, bars, states, masks, links, forms."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from core import clocks
from core.calendar import Calendar, add_natural_days, add_working_days, published_calendar
from core.looks import STATE_LOOKS, look_up
from core.templatetags import portal_ui as ui
from merchants.models import Merchant
from portal.patterns import WHY, SampleForm

pytestmark = pytest.mark.urls("tests.portal.ui_urls")
NOW = datetime(2026, 10, 8, 9, 30, tzinfo=clocks.CHINA)


def page(source: str, **context: object) -> str:
    """A template as a page would render it."""
    request = RequestFactory().get("/portal/shops/", {"q": "理发", "cursor": "abc"})
    return engines["django"].from_string("{% load portal_ui %}" + source).render(context, request)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page believes it is the first working day after the holiday."""
    monkeypatch.setattr(ui.timezone, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(123456, "1,234.56"), (0, "0.00"), (-5, "−0.05"), (3106100000, "31,061,000.00"), (None, "")],
)
def test_yuan_has_two_decimals_and_a_true_minus(fen: int | None, text: str) -> None:
    assert ui.yuan(fen) == text


def test_the_minus_stands_before_the_sign_of_the_currency() -> None:
    assert ui.money(123456) == '<span class="money">¥1,234<small>.56</small></span>'
    assert ui.money(-60000) == '<span class="money">−¥600<small>.00</small></span>'
    assert "—" in ui.money(None)


def test_every_icon_named_by_a_state_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "portal/static/portal/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    assert {look.icon for look in STATE_LOOKS.values()} <= drawn


def test_every_state_speaks_to_each_audience() -> None:
    for key, look in STATE_LOOKS.items():
        assert all(look.words(audience) for audience in ("consumer", "merchant", "officer")), key
        assert look.kind in {"locked", "hold", "released", "refunded", "ok", "warn", "danger"}, key


def test_a_row_is_shown_by_its_model_and_status() -> None:
    class Redemption:
        class _meta:
            model_name = "redemption"

        status = "REQUESTED"

    assert "等您确认这次消费" in ui.state_of(Redemption())
    assert "待消费者确认" in ui.state_of(Redemption(), "officer")
    assert "待顾客确认" in ui.state_of(Redemption(), "merchant")
    assert "is-danger" in ui.state_of("contract.ACTIVE", "consumer", "FROZEN")
    assert look_up("contract", "NEW_ONE").kind == "released"


@pytest.mark.parametrize(
    ("due", "options", "expected"),
    [
        (date(2026, 10, 28), {"unit": "workday", "left": 15}, ("", "还剩 15 个工作日", "10月28日 24:00 前")),
        (
            date(2026, 10, 12),
            {"unit": "workday", "left": 3},
            ("soon", "还剩 3 个工作日", "10月12日 24:00 前"),
        ),
        (date(2026, 10, 11), {"then": "打款"}, ("soon", "还剩 3 天", "10月11日 24:00 前打款")),
        (date(2026, 10, 12), {}, ("", "还剩 4 天", "10月12日 24:00 前")),
        (date(2026, 10, 8), {"left": 0, "after": "就算确认"}, ("soon", "今晚 24:00 到期", "就算确认")),
        (date(2026, 9, 28), {"unit": "workday", "left": -2}, ("late", "逾期 2 个工作日", "9月28日 到期")),
        (date(2027, 1, 3), {"left": 87}, ("", "还剩 87 天", "2027年1月3日 24:00 前")),
        (datetime(2026, 10, 8, 15, 20), {"unit": "hour"}, ("soon", "还剩 5 小时", "今天 15:20 前")),
        (datetime(2026, 10, 8, 11, 10), {"unit": "hour"}, ("soon", "还剩 1 小时 40 分", "今天 11:10 前")),
        (
            datetime(2026, 10, 13),
            {"unit": "workday", "left": 3},
            ("soon", "还剩 3 个工作日", "10月12日 24:00 前"),
        ),
        (datetime(2026, 10, 8, 9, 0), {"unit": "hour"}, ("late", "已逾期", "10月8日 09:00 到期")),
        (date(2026, 10, 12), {"unit": "workday"}, ("", "10月12日 24:00 前", "")),
    ],
)
def test_a_clock_says_what_is_left_and_until_when(
    due: date, options: dict[str, object], expected: tuple[str, str, str]
) -> None:
    face = clocks.face(due, NOW, **options)  # type: ignore[arg-type]
    assert (face.level, face.left, face.until) == expected


def test_a_clock_in_another_zone_is_read_in_china() -> None:
    due = datetime(2026, 10, 12, 16, 0, tzinfo=UTC)
    assert clocks.face(due, NOW.astimezone(UTC), unit="day").until == "10月12日 24:00 前"


def test_the_calendar_numbers_what_counts_and_names_what_does_not() -> None:
    cells = {cell.label: cell for cell in clocks.calendar(WHY, NOW.date())}
    assert (cells["24"].css, cells["24"].under) == ("start", "收到")
    assert cells["28"].under == "第1天"
    assert cells["25"].under == cells["10/1"].under == "休"
    assert cells["11"].under == "不算"
    assert (cells["10"].over, cells["10"].under) == ("班", "第6天")
    assert (cells["8"].css, cells["8"].over) == ("n today", "今天")
    assert (cells["12"].css, cells["12"].under) == ("due", "第7天")
    assert len(clocks.calendar(WHY, NOW.date())) % 7 == 0


def test_the_explanation_of_a_counted_deadline_is_the_calendar_s_own() -> None:
    deadline = add_working_days(date(2026, 9, 24), 7, using=published_calendar())
    why = clocks.why(deadline, law="第十五条")
    assert why.due == deadline.due and why.sentence == deadline.explain()
    assert [cell.under for cell in clocks.calendar(why, NOW.date()) if cell.css == "due"] == ["第7天"]


def test_a_day_moved_off_a_holiday_is_the_one_that_is_due() -> None:
    closed = {date(2026, 10, n): (False, "国庆节") for n in range(1, 8)}
    deadline = add_natural_days(
        date(2026, 9, 20), 12, roll="statutory_holiday", using=Calendar(closed, date(2026, 12, 31))
    )
    why = clocks.why(deadline)
    assert why.due == date(2026, 10, 8) and why.unit == "天"
    assert [cell.label for cell in clocks.calendar(why, NOW.date()) if cell.css == "due"] == ["8"]


def test_too_long_a_time_has_a_sentence_but_no_calendar() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(1, 200)]
    assert clocks.calendar(clocks.Why(date(2026, 1, 1), days, "二百天"), NOW.date()) == []


def test_a_clock_opens_to_its_reasons(today: None) -> None:
    html = page('{% clock due "workday" 3 why then="答复" %}', due=date(2026, 10, 12), why=WHY)
    assert '<details class="clock soon">' in html and "怎么算的" in html
    assert "第7个工作日期满，10月12日 24:00 前到期" in html and "规则版本 2026-04-15" in html
    assert "已暂停" in page('{% clock due stopped="等检测结果，时间不计" %}', due=date(2026, 10, 12))


def test_the_money_bar_keeps_its_order_and_says_it_in_one_sentence() -> None:
    html = page('{% moneybar 300000 240000 35000 25000 0 held_note="待确认 100，有异议 250" %}')
    assert 'aria-label="共 3,000.00 元：可用 2,400.00 元，暂留 350.00 元，' in html
    assert '已付给商家 250.00 元，已退给您 0.00 元"' in html
    assert '<rect class="m-locked" x="0.00%" width="80.00%" height="100%"/>' in html
    assert '<rect class="m-hold" x="80.00%" width="11.67%" height="100%"/>' in html
    assert '<line x1="91.67%" x2="91.67%" y1="0" y2="7"/>' in html
    assert "¥2,750<small>.00</small>" in html and "共付 ¥3,000.00" in html
    assert re.findall(r'<li class="is-(\w+)">', html) == ["locked", "hold", "released"]


def test_only_what_was_released_is_named_when_it_is_nothing() -> None:
    html = page('{% moneybar 300000 300000 audience="officer" %}')
    assert re.findall(r'<li class="is-(\w+)">', html) == ["locked", "released"]
    assert "预付款已锁定" in html and "已划拨经营者" in html


def test_a_bar_without_money_draws_no_brace_and_does_not_divide_by_zero() -> None:
    html = page("{% moneybar 0 0 %}")
    assert "<line" not in html and "<rect" not in html


def test_an_unlocked_card_has_an_empty_track() -> None:
    html = page("{% moneybar_unlocked 128000 %}")
    assert "老卡余额 1,280.00 元，没有锁定" in html and "<rect" not in html and "brace" not in html


def test_dates_name_the_year_only_when_it_is_another(today: None) -> None:
    assert ui.cn_date(date(2026, 10, 12)) == "10月12日"
    assert ui.cn_date(date(2027, 1, 3)) == "2027年1月3日"
    assert ui.cn_datetime(datetime(2026, 9, 28, 1, 12, tzinfo=UTC)) == "9月28日 09:12"
    assert ui.cn_datetime(NOW) == "今天 09:30"
    assert page("{{ at|cn_datetime }}", at=datetime(2026, 9, 27, 18, 0, tzinfo=UTC)) == "9月28日 02:00"
    assert 'datetime="2026-10-08T09:30+08:00"' in ui.moment(NOW)


def test_personal_data_is_masked() -> None:
    assert ui.mask_phone("13812346688") == ui.mask_phone("+8613812346688") == "138****6688"
    assert ui.mask_phone("0571-88990000") == "****0000"
    assert [ui.mask_name(name) for name in ("周桂芬", "沈丽", "欧阳小小", "")] == ["周**", "沈*", "欧**", ""]


def test_filters_stay_in_the_address() -> None:
    assert page("{% querystring_with cursor=None sort='name' %}") == "?q=%E7%90%86%E5%8F%91&amp;sort=name"
    assert page("{% querystring_with q='' cursor=None %}") == "?"


def test_a_door_is_marked_when_one_stands_behind_it_and_absent_when_not_built() -> None:
    assert 'aria-current="page"' in page('{% nav_link "portal:shops" "查放心店" %}')
    assert 'aria-current="page"' not in page('{% nav_link "portal:home" "首页" "home" %}')
    assert page('{% nav_link "nowhere:yet" "我要投诉" %}').strip() == ""


def test_each_error_is_said_on_top_and_at_its_field() -> None:
    html = str(SampleForm({"amount": "", "paid_on": "昨天", "reason": "moved"}))
    assert "有 3 处要改" in html and 'role="alert"' in html
    assert '<a href="#id_amount">填您付了多少</a>' in html and '<a href="#id_agree">' in html
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in html and 'id="id_amount_error"' in html
    assert html.count('aria-invalid="true"') == 3 and '<div class="affix invalid">' in html


def test_an_error_in_a_group_of_choices_leads_to_its_first_choice() -> None:
    html = str(SampleForm({"amount": "1", "paid_on": "2026-10-08", "agree": "on"}))
    assert '<a href="#id_reason_0">选一个原因</a>' in html and 'id="id_reason_0"' in html


@pytest.mark.parametrize(
    "name", ["base", "base_merchant", "base_print", "403", "404", "errors/conflict", "errors/busy"]
)
def test_no_frame_carries_inline_style_or_script(name: str) -> None:
    html = render_to_string(f"{name}.html", request=RequestFactory().get("/"))
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


@pytest.mark.parametrize("name", ["400", "500", "403_csrf"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    assert "12315" in render_to_string(f"{name}.html")


@pytest.mark.urls("config.urls")
@pytest.mark.django_db
def test_the_shop_s_own_doors_are_all_there(merchant_a: Merchant) -> None:
    context = {"desk": SimpleNamespace(is_open=True, merchant=merchant_a), "merchant": merchant_a}
    html = render_to_string("base_merchant.html", context, request=RequestFactory().get("/console/counter/"))
    for door in ("待办", "收银台", "合同", "退款", "套餐", "结算", "店铺"):
        assert f"{door}</a>" in html
    assert html.count('aria-current="page"') == 1


def test_theme_and_size_come_from_the_visitor_s_cookies() -> None:
    request = RequestFactory().get("/")
    request.COOKIES.update(theme="dark", size="large")
    html = render_to_string("base.html", request=request)
    assert 'data-bs-theme="dark" data-size="large"' in html and 'name="to" value="light"' in html
