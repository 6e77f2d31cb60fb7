"""Two at once: one version is published, one filing accepted, one row made."""

from __future__ import annotations

from datetime import date

import pytest

from core import pack_actions
from core.actors import SYSTEM, Actor
from core.calendar import business_date
from core.errors import PortalError
from core.models import Role, RulePack, User
from core.rule_packs import forget_rules
from prepaid import actions as prepaid
from prepaid.models import Filing
from tests.cast import CITY, make_plan, officer, open_contract, shop
from tests.prepaid.scenes import at_once, who

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_signers_publish_one_version(city_chief: User) -> None:
    drafter = Actor.of_user(city_chief)
    signers = [Actor.of_user(officer(f"1390000006{n}", "孙立新", Role.CITY, CITY)) for n in range(2)]
    pack = pack_actions.draft_version("CN-3301.2025", date(2099, 1, 1), by=drafter)
    pack_actions.propose_pack(pack.pk, by=drafter)
    answers = at_once(*(lambda by=by: pack_actions.publish_pack(pack.pk, by=by) for by in signers))  # type: ignore[misc]
    forget_rules()
    assert sum(isinstance(answer, PortalError) for answer in answers) == 1, answers
    assert RulePack.objects.get(pk="CN-3301.2025").effective_to == date(2098, 12, 31)


def test_one_filing_however_often_it_is_decided_or_accepted(owner_a: User, consumer: User) -> None:
    forget_rules()
    merchant = shop("A", owner_a, "330203001")
    open_contract(make_plan(merchant), consumer)
    today = business_date()
    boss = who(owner_a)
    decide = lambda: prepaid.decide_filing(merchant.pk, by=SYSTEM, on=today)  # noqa: E731  called by three threads
    save = lambda: prepaid.save_filing(merchant.pk, {"statement": "储值卡"}, by=boss)  # noqa: E731
    assert not [answer for answer in at_once(decide, save, decide) if isinstance(answer, Exception)]
    filing = Filing.objects.get(merchant=merchant)
    Filing.objects.update(status="FILED", filed_on=today, filed_by=owner_a)
    keepers = [who(officer(f"1390000007{n}", "赵远", Role.COUNTY_REVIEWER_A, "3302")) for n in range(2)]
    answers = at_once(*(lambda by=by: prepaid.accept_filing(filing.pk, by=by) for by in keepers))  # type: ignore[misc]
    assert sum(isinstance(answer, PortalError) for answer in answers) == 1
