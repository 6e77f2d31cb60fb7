"""Versions of rule packs: drafted, back-tested, signed by two, without gap or overlap, and never changed again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from core import pack_actions
from core.actors import Actor
from core.calendar import business_date
from core.errors import Invalid, NotAllowed, WrongState
from core.models import Role, Rule, RulePack, User
from core.pack_schema import check, parse, say, spec_of
from core.reference import load_reference
from core.rule_packs import every_rule, forget_rules, rule, shipped_packs
from tests.cast import CITY, DISTRICT, officer

pytestmark = pytest.mark.django_db
NEXT_YEAR = date(date.today().year + 1, 1, 1)
HANGZHOU = "CN-3301.2025"


@pytest.fixture(autouse=True)
def fresh_rules() -> Iterator[None]:
    forget_rules()
    yield
    forget_rules()


@pytest.fixture
def drafter(city_chief: User) -> Actor:
    return Actor.of_user(city_chief)


@pytest.fixture
def signer() -> Actor:
    return Actor.of_user(officer("13900000028", "孙立新", Role.CITY, CITY))


def proposed(drafter: Actor, base: str = HANGZHOU, start: date = NEXT_YEAR) -> RulePack:
    """A draft of the next version with one changed figure, handed in."""
    pack = pack_actions.draft_version(base, start, by=drafter, note="试行期满")
    pack_actions.set_rule(
        pack.pk, "refund.pay.days", "3", unit="natural_day", basis="市局通知 第2条", tag="P", by=drafter
    )
    return pack_actions.propose_pack(pack.pk, by=drafter)


@pytest.mark.parametrize("pack", shipped_packs(), ids=lambda pack: pack.id)
def test_every_shipped_figure_fits_its_schema_and_names_its_article(pack: object) -> None:
    for key, value in pack.rules.items():  # type: ignore[attr-defined]
        assert check(key, value.value, value.unit) == "", key
        assert value.basis, key
        assert "None" not in say(key, value.value, value.unit)


def test_shipped_versions_follow_each_other() -> None:
    families: dict[str, list[object]] = {}
    for pack in shipped_packs():
        families.setdefault(pack.family, []).append(pack)
    for versions in families.values():
        ordered = sorted(versions, key=lambda pack: pack.effective_from)  # type: ignore[attr-defined]
        for before, after in pairwise(ordered):
            assert before.effective_to + timedelta(days=1) == after.effective_from  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("cap.named", "5,000", 500_000),
        ("custody.ratio.GROUP", "35%", "0.35"),
        ("custody.ratio.GROUP", "0.4", "0.40"),
        ("balance_cap.new_entity", "200%", "2.00"),
        ("refund.pay.days", "5", 5),
        ("contract.written", "是", True),
        ("issue.forbidden_if", "列入经营异常名录、正在办理注销", ["abnormal_list", "deregistering"]),
    ],
)
def test_what_officers_type_is_read(key: str, typed: str, value: object) -> None:
    assert parse(key, typed) == value


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("cap.named", "很多"), ("cap.named", "-1"), ("cap.named", "0"), ("custody.ratio.GROUP", "140%"),
        ("custody.ratio.GROUP", "1e99999"), ("custody.ratio.GROUP", "NaN"), ("refund.pay.days", "0"),
        ("refund.pay.days", "5.5"), ("refund.pay.days", "9" * 30), ("contract.written", "也许"),
        ("cap.exempt_if", "看情况"), ("nobody.knows", "1"), ("counting", "{}"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_what_to_do(key: str, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(key, typed)
    assert all(len(text) > 5 for text in refused.value.fields.values())


def test_a_version_is_drafted_signed_by_another_and_ends_the_one_before(drafter: Actor, signer: Actor) -> None:
    pack = proposed(drafter)
    assert pack.status == "PROPOSED" and rule("refund.pay.days", DISTRICT, NEXT_YEAR).value == 5
    with pytest.raises(NotAllowed):
        pack_actions.publish_pack(pack.pk, by=drafter)
    pack_actions.publish_pack(pack.pk, by=signer)
    forget_rules()
    before = RulePack.objects.get(pk=HANGZHOU)
    assert before.effective_to == NEXT_YEAR - timedelta(days=1)
    assert rule("refund.pay.days", DISTRICT, NEXT_YEAR - timedelta(days=1)).value == 5
    now = rule("refund.pay.days", DISTRICT, NEXT_YEAR)
    assert (now.value, now.pack_id, now.tag) == (3, pack.pk, "P")
    assert rule("cap.exempt_if", DISTRICT, NEXT_YEAR).pack_id == pack.pk, "figures that were not touched are copied"
    assert rule("refund.pay.days", "330203", NEXT_YEAR).value == 5, "another city keeps the province's"


def test_what_was_changed_after_the_proposal_is_not_signed(drafter: Actor, signer: Actor) -> None:
    pack = proposed(drafter)
    with pytest.raises(WrongState, match="不能修改"):
        pack_actions.set_rule(pack.pk, "refund.pay.days", "30", unit="natural_day", basis="x", by=drafter)
    Rule.objects.filter(pack=pack, key="refund.pay.days").update(value=30)
    with pytest.raises(WrongState, match="改过"):
        pack_actions.publish_pack(pack.pk, by=signer)
    assert RulePack.objects.get(pk=HANGZHOU).effective_to is None
    pack_actions.revise_pack(pack.pk, by=drafter)
    pack_actions.propose_pack(pack.pk, by=drafter)
    assert pack_actions.publish_pack(pack.pk, by=signer).status == "PUBLISHED"


def test_overlap_and_gap_are_refused(drafter: Actor, signer: Actor) -> None:
    with pytest.raises(Invalid, match="按提示") as refused:
        pack_actions.draft_version(HANGZHOU, date(2025, 12, 1), by=drafter)
    assert "重叠" in refused.value.fields["effective_from"]
    pack = pack_actions.draft_version(HANGZHOU, business_date(), by=drafter)
    with pytest.raises(WrongState, match="溯及既往"):
        pack_actions.propose_pack(pack.pk, by=drafter)
    with pytest.raises(WrongState, match="起草或待复核"):
        pack_actions.draft_version(HANGZHOU, NEXT_YEAR, by=drafter)


def test_the_database_refuses_overlap_and_gap() -> None:
    def insert(start: date) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            RulePack.objects.filter(pk=HANGZHOU).update(effective_to=date(2026, 12, 31))
            RulePack.objects.create(
                id="CN-3301.x", family="CN-3301", status="PUBLISHED", region_code="3301", effective_from=start
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    for start in (date(2027, 1, 2), date(2026, 12, 31)):
        with pytest.raises(DatabaseError, match="overlap or leave a gap"):
            insert(start)
    insert(date(2027, 1, 1))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_rule SET value = '99' WHERE pack_id = 'CN.2025'",
        "DELETE FROM core_rule WHERE pack_id = 'CN.2025'",
        """INSERT INTO core_rule (pack_id, key, value, unit, base, basis, tag, conditions)
           VALUES ('CN.2025', 'x', '1', '', '', '', 'T', '{}')""",
        "UPDATE core_rulepack SET effective_from = '2020-01-01' WHERE id = 'CN.2025'",
        "UPDATE core_rulepack SET status = 'DRAFT' WHERE id = 'CN.2025'",
    ],
)
def test_what_is_published_stands(statement: str) -> None:
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_loading_the_shipped_file_again_keeps_what_officers_published(drafter: Actor, signer: Actor) -> None:
    pack_actions.publish_pack(proposed(drafter).pk, by=signer)
    assert load_reference(connection)["packs"] == load_reference(connection)["rules"] == 0
    assert RulePack.objects.get(pk=HANGZHOU).effective_to == NEXT_YEAR - timedelta(days=1)


def test_only_officers_of_the_place_draft_and_the_drafter_never_signs(
    drafter: Actor, district_officer: User, second_officer: User, other_officer: User, auditor: User, consumer: User
) -> None:
    for user in (district_officer, other_officer, auditor):
        with pytest.raises(NotAllowed):
            pack_actions.draft_version(HANGZHOU, NEXT_YEAR, by=Actor.of_user(user))
    with pytest.raises(NotAllowed):
        pack_actions.draft_version(HANGZHOU, NEXT_YEAR, by=Actor.of_user(consumer))
    local = pack_actions.draft_local(HANGZHOU, DISTRICT, NEXT_YEAR, by=Actor.of_user(district_officer))
    pack_actions.set_rule(local.pk, "exit.notice_days", "60", unit="natural_day", basis="区局办法 第3条",
                          by=Actor.of_user(district_officer))  # fmt: skip
    pack_actions.propose_pack(local.pk, by=Actor.of_user(district_officer))
    with pytest.raises(NotAllowed):
        pack_actions.publish_pack(local.pk, by=Actor.of_user(district_officer))
    pack_actions.publish_pack(local.pk, by=Actor.of_user(second_officer))
    forget_rules()
    assert rule("exit.notice_days", "330199001", NEXT_YEAR).value == 60
    assert rule("exit.notice_days", "330108", NEXT_YEAR).value == 30


def test_an_exemption_of_the_province_stands_beside_the_citys() -> None:
    found = [one.value for one in every_rule("cap.exempt_if", DISTRICT, NEXT_YEAR)]
    assert found == ["escrow_full_coverage", "third_party_platform_and_consumer_instruction"]


def test_rejected_with_a_reason(drafter: Actor, signer: Actor) -> None:
    pack = proposed(drafter)
    with pytest.raises(Invalid):
        pack_actions.reject_pack(pack.pk, "不行", by=signer)
    assert pack_actions.reject_pack(pack.pk, "没有上位法依据", by=signer).status == "REJECTED"
    assert pack_actions.draft_version(HANGZHOU, NEXT_YEAR, by=drafter).pk == "CN-3301.v3"


def test_the_public_page_and_api_say_the_same(client: Client) -> None:
    page = client.get("/rules/", {"region": "3301", "on": "2026-06-01"})
    text = page.content.decode()
    assert page.status_code == 200 and "退款付款期限" in text and "待核" in text and "浙江省实施消法办法 第11条" in text
    answer = client.get("/api/v1/rules", {"region": "3301", "on": "2026-06-01"}).json()
    by_key = {row["key"]: row for row in answer["rules"]}
    assert by_key["refund.pay.days"]["value"] == 5 and by_key["refund.pay.days"]["pack"] == "CN-33.2017"
    assert by_key["cap.named"]["text"] == "5,000.00 元" and by_key["cap.named"]["tag"] == "P"
    assert client.get("/rules/", {"region": "999"}).status_code == 400
    assert client.get("/rules/", {"on": "soon"}).status_code == 400
    assert client.get("/api/v1/rules", {"region": "x"}).status_code == 400
    assert client.get("/api/v1/rules", {"on": "2026-02-30"}).status_code == 400


def test_specs_say_one_thing_each() -> None:
    assert spec_of("custody.ratio.GROUP") is not None and spec_of("custody.ratio.") is None
