"""From declaration to the pool: who may do what, what the pre-screen says, and what publicity holds up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from core.actors import SYSTEM, Actor
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.jobs import run_shard
from core.models import AuditEvent, Membership, OutboxEvent, Role, User
from merchants.models import Mall, Merchant, RegisterEntry
from tests.cast import STREET, officer, person
from tests.trust_units.scenes import picture
from trust_units import actions as trust
from trust_units import screening
from trust_units.criteria import criteria_for
from trust_units.declaration_jobs import screen
from trust_units.models import CriteriaSet, Declaration, Objection, TrustUnit, UnitType

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 21)


def registered(merchant: Merchant) -> None:
    """The licence authority knows the shop by the same name."""
    RegisterEntry.objects.create(
        uscc=merchant.uscc, legal_name=merchant.legal_name, digest=merchant.uscc.rjust(32, "0")
    )


def filled(merchant: Merchant, owner: User, unit_type: str = UnitType.COMMITMENT) -> Declaration:
    """A declaration with everything answered yes, evidence where it is asked for, ready to hand in."""
    by = Actor.of_user(owner)
    store = merchant.stores.get()
    made = trust.start_declaration(store, unit_type, by=by, on=TODAY)
    for answer in made.answers.all():
        proof = picture(owner) if answer.needs_evidence else None
        trust.answer_criterion(made.pk, answer.criterion, met=True, statement="都做到", evidence=proof, by=by)
    trust.promise(made.pk, "明码标价，七天内无理由退款，投诉当天答复", by=by)
    return made


def in_publicity(merchant: Merchant, owner: User, first: User, second: User) -> Declaration:
    """A declaration that both reviews passed."""
    registered(merchant)
    made = trust.declare(filled(merchant, owner).pk, by=Actor.of_user(owner))
    trust.screen_declaration(made.pk, by=SYSTEM, on=TODAY)
    visit(made, first, second)
    trust.review_business(made.pk, "材料齐全，同意", by=Actor.of_user(first), on=TODAY)
    return trust.review_general(made.pk, "核查属实，同意", by=Actor.of_user(second), on=TODAY)


def again(made: Declaration) -> Declaration:
    """As it stands now."""
    return Declaration.objects.get(pk=made.pk)


def visit(made: Declaration, first: User, second: User) -> Declaration:
    checklist = dict.fromkeys(made.answers.values_list("criterion", flat=True), True)
    return trust.record_visit(
        made.pk, second, "与申报一致", [picture(first)], by=Actor.of_user(first), checklist=checklist,
        position=(120.21, 30.21),
    )  # fmt: skip


def test_from_declaration_to_the_pool(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User, consumer: User
) -> None:
    registered(merchant_a)
    made = filled(merchant_a, owner_a)
    assert made.answers.count() == 17, "八有八无 and one of the trade"
    made = trust.declare(made.pk, by=Actor.of_user(owner_a))
    promised = OutboxEvent.objects.get(topic="trust_units.screen")
    screen(promised.payload)
    assert again(made).status == "SITE_CHECK", again(made).screening
    assert visit(made, district_officer, second_officer).status == "BUSINESS_REVIEW"
    trust.review_business(made.pk, "材料齐全，同意", by=Actor.of_user(district_officer), on=TODAY)
    with pytest.raises(NotAllowed):
        trust.review_general(made.pk, "一个人审两次", by=Actor.of_user(district_officer), on=TODAY)
    made = trust.review_general(made.pk, "核查属实，同意", by=Actor.of_user(second_officer), on=TODAY)
    assert (made.status, made.public_until) == ("PUBLICITY", date(2026, 9, 28))
    assert run_shard("trust_units.grant", date(2026, 9, 28), 0) == {"granted": 0, "waiting_for_objections": 0}
    assert run_shard("trust_units.grant", date(2026, 9, 29), 0) == {"granted": 1, "waiting_for_objections": 0}
    unit = TrustUnit.objects.get()
    assert (unit.status, unit.granted_on, unit.valid_until) == ("INCUBATION", date(2026, 9, 29), date(2026, 12, 31))
    assert (unit.lng, unit.lat, unit.promise[:4]) == (120.21, 30.21, "明码标价")
    verbs = set(AuditEvent.objects.filter(object_type="trust_units.Declaration").values_list("verb", flat=True))
    assert verbs >= {"declaration.declare", "declaration.screen", "declaration.visit", "declaration.grant"}
    with pytest.raises(WrongState, match="已经是放心消费单位"):
        trust.start_declaration(merchant_a.stores.get(), UnitType.COMMITMENT, by=Actor.of_user(owner_a))


def test_a_doubt_goes_to_a_person_and_never_refuses(
    merchant_a: Merchant, owner_a: User, district_officer: User
) -> None:
    made = filled(merchant_a, owner_a)
    no_price = made.answers.get(criterion="have_prices")
    trust.answer_criterion(made.pk, no_price.criterion, met=False, by=Actor.of_user(owner_a))
    trust.declare(made.pk, by=Actor.of_user(owner_a))
    made = trust.screen_declaration(made.pk, by=SYSTEM, on=TODAY)
    assert made.status == "MANUAL_QUEUE"
    assert [words for words in made.doubts if "明码标价" in words and "没有做到" in words]
    assert "登记名录里没有，或名称不一致" in made.doubts
    assert trust.screen_declaration(made.pk, by=SYSTEM).screened_at == made.screened_at, "once a round"
    with pytest.raises(Invalid):
        trust.admit_declaration(made.pk, "可", by=Actor.of_user(district_officer))
    assert trust.admit_declaration(made.pk, "已当面核实", by=Actor.of_user(district_officer)).status == "SITE_CHECK"


def test_the_shop_may_ask_for_a_person(merchant_a: Merchant, owner_a: User, district_officer: User) -> None:
    registered(merchant_a)
    made = trust.declare(filled(merchant_a, owner_a).pk, by=Actor.of_user(owner_a))
    assert trust.ask_for_person(made.pk, by=Actor.of_user(owner_a)).status == "MANUAL_QUEUE"
    trust.return_declaration(made.pk, "缺价目表照片", by=Actor.of_user(district_officer))
    made = trust.declare(made.pk, by=Actor.of_user(owner_a))
    assert trust.screen_declaration(made.pk, by=SYSTEM, on=TODAY).status == "MANUAL_QUEUE", "as asked for"


def test_what_is_not_filled_in_is_named(merchant_a: Merchant, owner_a: User) -> None:
    by = Actor.of_user(owner_a)
    made = trust.start_declaration(merchant_a.stores.get(), UnitType.COMMITMENT, by=by)
    with pytest.raises(Invalid) as refused:
        trust.declare(made.pk, by=by)
    assert {"have_licence", "no_fakes", "promise"} <= set(refused.value.fields)
    assert again(made).status == "DRAFT"
    with pytest.raises(NotFound):
        trust.answer_criterion(made.pk, "nothing", met=True, by=by)
    with pytest.raises(WrongState, match="已经有一份申报"):
        trust.start_declaration(merchant_a.stores.get(), UnitType.COMMITMENT, by=by)
    with pytest.raises(Invalid):
        trust.start_declaration(merchant_a.stores.get(), UnitType.DISTRICT, by=by)


def test_strangers_and_staff(
    merchant_a: Merchant, owner_a: User, clerk_a: User, owner_b: User, other_officer: User, district_officer: User
) -> None:
    store = merchant_a.stores.get()
    for stranger in (clerk_a, owner_b, other_officer):
        with pytest.raises((NotAllowed, NotFound)):
            trust.start_declaration(store, UnitType.COMMITMENT, by=Actor.of_user(stranger))
    helped = trust.start_declaration(store, UnitType.COMMITMENT, by=Actor.of_user(district_officer))
    assert helped.assisted_by == district_officer
    trust.promise(helped.pk, "由所里的人帮着填写的承诺", by=Actor.of_user(district_officer))
    with pytest.raises(NotAllowed):
        trust.declare(helped.pk, by=Actor.of_user(district_officer))


def test_a_visit_needs_two_officers_and_a_picture(
    merchant_a: Merchant, owner_a: User, district_officer: User, other_officer: User
) -> None:
    registered(merchant_a)
    made = trust.declare(filled(merchant_a, owner_a).pk, by=Actor.of_user(owner_a))
    trust.screen_declaration(made.pk, by=SYSTEM, on=TODAY)
    with pytest.raises(Invalid) as refused:
        trust.record_visit(
            made.pk, other_officer, "与申报一致", [], by=Actor.of_user(district_officer), checklist={},
            position=(200.0, 0.0),
        )  # fmt: skip
    assert set(refused.value.fields) == {"second_officer", "photos", "position", "checklist"}


def test_two_reviewers_are_two_people_for_the_database_too(
    merchant_a: Merchant, owner_a: User, district_officer: User
) -> None:
    made = filled(merchant_a, owner_a)
    with pytest.raises(IntegrityError):
        Declaration.objects.filter(pk=made.pk).update(
            business_reviewer=district_officer, general_reviewer=district_officer
        )


def test_an_objection_holds_up_the_pool_until_it_is_answered(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User, consumer: User
) -> None:
    made = in_publicity(merchant_a, owner_a, district_officer, second_officer)
    after = date(2026, 9, 29)
    objection = trust.object_to(made.code, "价目表和收的不一样", by=Actor.of_user(consumer), on=TODAY)
    with pytest.raises(WrongState, match="已经提过"):
        trust.object_to(made.code, "再说一遍还是不一样", by=Actor.of_user(consumer), on=TODAY)
    with pytest.raises(WrongState, match="公示已经结束"):
        trust.object_to(made.code, "公示以后才来说", by=Actor.of_user(owner_a), on=after)
    assert not Objection.objects.visible_to(Actor.of_user(owner_a)).exists(), "the shop never learns who"
    assert run_shard("trust_units.grant", after, 0) == {"granted": 0, "waiting_for_objections": 1}
    with pytest.raises((NotAllowed, NotFound)):
        trust.answer_objection(objection.pk, "不是您能答复的", by=Actor.of_user(consumer), uphold=False)
    trust.answer_objection(objection.pk, "当面核对价目表，没有出入", by=Actor.of_user(second_officer), uphold=False)
    assert trust.grant_after_publicity(made.pk, by=SYSTEM, on=after) is True


def test_an_objection_that_holds_ends_it(
    merchant_a: Merchant, owner_a: User, district_officer: User, second_officer: User, consumer: User
) -> None:
    made = in_publicity(merchant_a, owner_a, district_officer, second_officer)
    objection = trust.object_to(made.code, "收过我的钱不给退", by=Actor.of_user(consumer), on=TODAY)
    trust.answer_objection(objection.pk, "查实拒绝给顾客退款", by=Actor.of_user(second_officer), uphold=True)
    assert again(made).status == "REFUSED" and "公示异议成立" in again(made).reason
    assert TrustUnit.objects.get().status == "SELECTION"


def test_a_mall_declares_a_trusted_district(district_officer: User) -> None:
    keeper = person("13900000071", "商场经理")
    mall = Mall.objects.create(
        name="江南里", region_id=STREET, address="江南里1号", registered_by=district_officer,
        company_name="江南里商管", company_uscc="91330199MA2TEST019",
    )  # fmt: skip
    Membership.objects.create(user=keeper, role=Role.MALL_MANAGER, mall_id=mall.pk)
    made = trust.start_declaration(mall, UnitType.DISTRICT, by=Actor.of_user(keeper))
    assert made.unit.mall == mall and "district_desk" in made.answers.values_list("criterion", flat=True)


def test_criteria_come_from_the_newest_published_version(
    district_officer: User, second_officer: User, merchant_a: Merchant, owner_a: User
) -> None:
    row = {"code": "have_all", "kind": "HAVE", "text": "什么都有", "evidence": False}
    content = {"common": [row], "by_type": {}, "by_industry": {}}
    tomorrow = date.today() + timedelta(days=1)
    with pytest.raises(Invalid):
        trust.draft_criteria({"common": []}, "改得更严一些", tomorrow, by=Actor.of_user(district_officer))
    draft = trust.draft_criteria(content, "改得更严一些", tomorrow, by=Actor.of_user(district_officer))
    with pytest.raises(NotAllowed):
        trust.decide_criteria(draft.pk, "自己发布自己", by=Actor.of_user(district_officer), publish=True)
    before = filled(merchant_a, owner_a)
    trust.decide_criteria(draft.pk, "同意发布新版", by=Actor.of_user(second_officer), publish=True)
    assert [one.code for one in criteria_for("COMMITMENT", 1, tomorrow).items] == ["have_all"]
    assert len(criteria_for("COMMITMENT", 1, date.today()).items) == 17
    assert before.answers.count() == 17, "what began before keeps its criteria"
    assert CriteriaSet.objects.in_force(tomorrow).get() == draft


@pytest.mark.parametrize(
    ("complaints", "visits", "ok"), [(2, 0, True), (3, 0, False), (5, 1000, True), (6, 1000, False)]
)
def test_complaints_are_weighed_against_visits(complaints: int, visits: int, ok: bool) -> None:
    known = screening.Background(True, date(2020, 1, 1), True, True, (), complaints, visits, False, False, ())
    found = {reason.code: reason for reason in screening.screen([], known, TODAY)}
    assert found["complaints"].ok is ok
    assert str(complaints) in found["complaints"].words


def test_officers_see_it_once_it_is_handed_in(merchant_a: Merchant, owner_a: User) -> None:
    near = Actor.of_user(officer("13900000072", "本所", Role.STATION_OFFICER, STREET))
    made = filled(merchant_a, owner_a)
    assert not Declaration.objects.visible_to(near).exists(), "a draft is the shop's own"
    trust.declare(made.pk, by=Actor.of_user(owner_a))
    assert Declaration.objects.visible_to(near).get() == made
