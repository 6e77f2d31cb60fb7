"""The reference data as loaded into the database."""

from __future__ import annotations

import time
from datetime import date

import pytest
from django.db import connection

from core.calendar import add_working_days, business_date, calendar, forget_calendar, published_calendar
from core.errors import NotFound
from core.models import CalendarDay, Industry, Region, Rule
from core.reference import load_reference
from core.rule_packs import forget_rules, resolve, rule, rules, shipped_packs

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def loaded() -> None:
    load_reference(connection)


def test_a_second_run_changes_nothing_and_is_quick() -> None:
    began = time.monotonic()
    assert set(load_reference(connection).values()) == {0}
    assert time.monotonic() - began < 2


def test_a_changed_row_is_mended() -> None:
    Region.objects.filter(code="330108").update(name="别处")
    assert load_reference(connection)["regions"] == 1
    assert Region.objects.get(code="330108").name == "滨江区"


def test_regions_form_a_tree() -> None:
    assert Region.objects.filter(path__startswith="33/3301/").count() > 200
    paths = set(Region.objects.values_list("path", flat=True))
    assert all(path.rsplit("/", 2)[0] + "/" in paths for path in paths if path.count("/") > 1)
    assert set(Region.objects.filter(is_demo=True).values_list("path", "level")) > {("33/3301/330199/", 3)}
    assert Region.objects.filter(is_demo=True).count() == 5


def test_industries_have_words() -> None:
    assert Industry.objects.count() == 37
    assert "美发" in Industry.objects.get(code=1).keywords
    assert Industry.objects.get(code=37).keywords == []


def test_the_table_gives_the_published_calendar() -> None:
    forget_calendar()
    assert calendar() == published_calendar()
    assert calendar() is calendar()
    assert add_working_days(date(2026, 9, 24), 7).due == date(2026, 10, 12)


def test_years_to_come_are_marked_as_not_published() -> None:
    new_year, workday = CalendarDay.objects.filter(day__in=[date(2027, 1, 1), date(2027, 1, 4)]).order_by("day")
    assert (new_year.is_working, new_year.holiday, new_year.published) == (False, "元旦", False)
    assert (workday.is_working, workday.published) == (True, False)


def test_a_year_published_by_hand_is_kept() -> None:
    CalendarDay.objects.filter(day=date(2027, 1, 4)).update(is_working=False, holiday="元旦", published=True)
    load_reference(connection)
    assert not CalendarDay.objects.get(day=date(2027, 1, 4)).is_working


def test_rules_come_from_the_tables_with_one_query(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    forget_rules()
    on = date(2026, 6, 1)
    with django_assert_num_queries(1):
        assert rule("refund.pay.days", "330108001", on).value == 5
        assert rule("mediate", "330108001", on).unit == "natural_day"
    assert rules("330108001", on) == resolve(shipped_packs(), "330108001", on)
    with pytest.raises(NotFound, match=r"no\.such"):
        rule("no.such", "CN", on)


def test_a_local_pack_is_left_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.shipping_rules', 'on', true)")
    Rule.objects.filter(key="mediate", pack_id="CN.COMPLAINT.121").update(value=90)
    assert load_reference(connection)["rules"] == 1


def test_business_date_is_a_day_in_shanghai() -> None:
    assert isinstance(business_date(), date)
