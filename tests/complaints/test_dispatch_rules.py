"""Whose matter it is, and who takes it: plain values in, plain values out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.dispatch import (
    Candidate,
    Choice,
    Kind,
    Respondent,
    Way,
    choose,
    common_superior,
    competent,
    competent_for_report,
    county_of,
    decide,
    first_receiver,
    next_owner,
)

BINJIANG, SHANGCHENG = "33/3301/330108/", "33/3301/330102/"
YINZHOU, HAIDIAN = "33/3302/330212/", "11/1101/110108/"
STREET = f"{BINJIANG}330108001/"
LEVELS = ("STATION", "COUNTY", "CITY", "LEADER")


def counties(respondent: Respondent) -> list[str]:
    return [one.county for one in competent(respondent)]


@pytest.mark.parametrize(
    ("respondent", "expected"),
    [
        # 第13条第1款: where it really does business, or its domicile.
        (Respondent(business=(STREET,), domicile=SHANGCHENG), [BINJIANG, SHANGCHENG]),
        (Respondent(business=(STREET, f"{BINJIANG}330108002/"), domicile=BINJIANG), [BINJIANG]),
        (Respondent(domicile=YINZHOU), [YINZHOU]),
        (Respondent(), []),
        # A platform operator: its domicile only, wherever it has offices.
        (Respondent(Kind.PLATFORM, domicile=BINJIANG, business=(HAIDIAN,)), [BINJIANG]),
        # A shop inside a platform: the address it made public, or the platform's domicile.
        (Respondent(Kind.IN_PLATFORM, publicised=YINZHOU, platform_domicile=BINJIANG), [YINZHOU, BINJIANG]),
        (Respondent(Kind.IN_PLATFORM, platform_domicile=BINJIANG), [BINJIANG]),
        # Its own domicile gives no power by itself.
        (Respondent(Kind.IN_PLATFORM, domicile=HAIDIAN, platform_domicile=BINJIANG), [BINJIANG]),
    ],
)
def test_competent_bureaus(respondent: Respondent, expected: list[str]) -> None:
    assert counties(respondent) == expected


def test_a_report_goes_where_the_act_took_place() -> None:
    shop = Respondent(business=(STREET,), domicile=SHANGCHENG)
    assert [one.county for one in competent_for_report(YINZHOU, shop)] == [YINZHOU]
    assert [one.county for one in competent_for_report("", shop)] == [BINJIANG, SHANGCHENG]
    platform = Respondent(Kind.PLATFORM, domicile=BINJIANG)
    assert [one.county for one in competent_for_report(YINZHOU, platform)] == [BINJIANG]


def test_of_several_the_first_receiver_keeps_it() -> None:
    found = competent(Respondent(business=(STREET,), domicile=SHANGCHENG))
    received = [HAIDIAN, f"{SHANGCHENG}330102001/", STREET]
    first = first_receiver(found, received)
    assert first is not None and first.county == SHANGCHENG
    nearest = first_receiver(found, [HAIDIAN])
    assert nearest is not None and nearest.county == BINJIANG
    assert first_receiver([], [HAIDIAN]) is None


@pytest.mark.parametrize(
    ("holder", "more", "way", "to"),
    [
        (STREET, {}, Way.KEEP, BINJIANG),
        (HAIDIAN, {}, Way.ROUTE, BINJIANG),
        # Both have power, the other received it first.
        (STREET, {"received": [SHANGCHENG, STREET]}, Way.ROUTE, SHANGCHENG),
        # Routed: kept if one has power, even where the other might; else back, never on.
        (STREET, {"routed_from": HAIDIAN}, Way.KEEP, BINJIANG),
        (YINZHOU, {"routed_from": HAIDIAN}, Way.SEND_BACK, HAIDIAN),
    ],
)
def test_what_the_holder_must_do(holder: str, more: dict[str, Any], way: Way, to: str) -> None:
    found = competent(Respondent(business=(STREET,), domicile=SHANGCHENG))
    decision = decide(holder, found, **more)
    assert (decision.way, decision.to) == (way, to) and decision.reason


def test_an_unknown_place_stays_with_the_receiver() -> None:
    assert decide(HAIDIAN, []).way is Way.KEEP


@pytest.mark.parametrize(
    ("paths", "superior"),
    [
        ([BINJIANG, SHANGCHENG], "33/3301/"),
        ([STREET, SHANGCHENG], "33/3301/"),
        ([BINJIANG, YINZHOU], "33/"),
        ([BINJIANG, SHANGCHENG, YINZHOU], "33/"),
        ([BINJIANG, HAIDIAN], ""),
        # A county against its own street: the city, not the county itself.
        ([BINJIANG, STREET], "33/3301/"),
    ],
)
def test_a_dispute_goes_to_the_common_superior(paths: list[str], superior: str) -> None:
    assert common_superior(paths) == superior
    assert common_superior(paths[::-1]) == superior


def test_the_county_of_a_path() -> None:
    assert county_of(STREET) == county_of(BINJIANG) == BINJIANG
    assert county_of("33/3301/") == "33/3301/"


def test_the_least_loaded_takes_it_and_equals_take_turns() -> None:
    assert choose([Candidate(1, 3), Candidate(2, 1), Candidate(3, 2)], cap=10) == Choice(2)
    assert choose([Candidate(1, 1, last_given=9.0), Candidate(2, 1, last_given=5.0)], cap=10) == Choice(2)
    assert choose([], cap=10) is None


def test_the_cap_is_kept_while_somebody_has_room() -> None:
    assert choose([Candidate(1, 10), Candidate(2, 10)], cap=10) == Choice(1, over_cap=True)
    assert choose([Candidate(1, 10), Candidate(2, 9, last_given=99.0)], cap=10) == Choice(2)


def test_a_party_never_takes_it() -> None:
    assert choose([Candidate(1, 0, is_party=True), Candidate(2, 9)], cap=10) == Choice(2)
    assert choose([Candidate(1, 0, is_party=True)], cap=10) is None
    # Nor does a delegate who is one.
    assert choose([Candidate(1, 0, delegate=2), Candidate(2, 0, is_party=True)], cap=10) is None


def test_abusive_callers_go_round() -> None:
    tired, fresh = Candidate(1, 0, abusive=3), Candidate(2, 8, abusive=1)
    assert choose([tired, fresh], cap=10, abusive=True, abusive_cap=3) == Choice(2)
    assert choose([tired, fresh], cap=10) == Choice(1)


def test_on_leave_the_delegate_takes_it() -> None:
    assert choose([Candidate(1, 0, delegate=7), Candidate(2, 5)], cap=10) == Choice(7, for_id=1)
    # A delegate of the same station is weighed with their own load, and once.
    assert choose([Candidate(1, 0, delegate=2), Candidate(2, 5), Candidate(3, 4)], cap=10) == Choice(3)
    assert choose([Candidate(1, 0, delegate=2), Candidate(2, 3), Candidate(3, 4)], cap=10) == Choice(2)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 12), st.booleans(),
)  # fmt: skip
def test_nobody_over_the_cap_while_another_is_under(rows: list[tuple[int, int, bool]], cap: int, abusive: bool) -> None:
    candidates = [Candidate(n, load, hurt, is_party=party) for n, (load, hurt, party) in enumerate(rows, 1)]
    free = [one for one in candidates if not one.is_party]
    found = choose(candidates, cap, abusive=abusive, abusive_cap=2)
    assert (found is None) == (not free)
    if found:
        chosen = next(one for one in candidates if one.id == found.officer)
        assert not chosen.is_party
        assert chosen.open_matters < cap or all(one.open_matters >= cap for one in free)


def test_no_level_without_a_name() -> None:
    people: dict[str, list[int]] = {"STATION": [1], "CITY": [5], "LEADER": []}
    assert next_owner(LEVELS, people, "STATION") == ("STATION", 1)
    assert next_owner(LEVELS, people, "COUNTY") == ("CITY", 5)
    # Nobody at the top: the nearest below.
    assert next_owner(LEVELS, people, "LEADER") == ("CITY", 5)
    assert next_owner(LEVELS, {}, "COUNTY") is None
