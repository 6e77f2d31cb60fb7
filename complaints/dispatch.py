"""Whose matter it is (总局令第121号第13、14、33、41条) and which officer takes it. Pure: facts in, value out.

Regions are paths as core.models.Region has them (``33/3301/330108/330108001/``); a bureau is that of a county.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

COUNTY_STEPS = 3


class Kind(StrEnum):
    """What the respondent is, where it matters for jurisdiction."""

    SHOP = "SHOP"
    PLATFORM = "PLATFORM"
    IN_PLATFORM = "IN_PLATFORM"


@dataclass(frozen=True)
class Respondent:
    """Where a respondent is to be found; an empty path is not known."""

    kind: Kind = Kind.SHOP
    domicile: str = ""
    # The places where it really does business; of a complaint about one store, that store's comes first.
    business: tuple[str, ...] = ()
    # A shop inside a platform: the address it made public and where it is found, and the platform's domicile.
    publicised: str = ""
    platform_domicile: str = ""


@dataclass(frozen=True)
class Competence:
    """One bureau that has power, why, and by which article."""

    county: str
    ground: str
    article: str


def county_of(path: str) -> str:
    """The county in which a region lies; the path itself where it is wider than a county."""
    return "".join(f"{step}/" for step in _steps(path)[:COUNTY_STEPS])


def competent(respondent: Respondent) -> list[Competence]:
    """The bureaus that have power over a complaint, the nearest ground first (第13条); empty if no place is known."""
    match respondent.kind:
        case Kind.PLATFORM:
            places = [(respondent.domicile, "平台经营者住所地", "第13条第2款")]
        case Kind.IN_PLATFORM if respondent.publicised:
            places = [
                (respondent.publicised, "平台内经营者公示的经营地址", "第13条第3款"),
                (respondent.platform_domicile, "平台经营者住所地", "第13条第3款"),
            ]
        case Kind.IN_PLATFORM:
            places = [(respondent.platform_domicile, "没有公示地址或者无法联系，平台经营者住所地", "第13条第3款")]
        case _:
            places = [(path, "实际经营地", "第13条第1款") for path in respondent.business]
            places.append((respondent.domicile, "住所地", "第13条第1款"))
    return _each_county(places)


def competent_for_report(acted_at: str, respondent: Respondent) -> list[Competence]:
    """The bureaus that have power over a report: where the act took place, on the net as for complaints (第28条)."""
    if respondent.kind is Kind.SHOP:
        return _each_county([(acted_at, "违法行为发生地", "第28条")]) or competent(respondent)
    return competent(respondent)


def first_receiver(found: Sequence[Competence], received: Iterable[str]) -> Competence | None:
    """Of several that have power, the one that received it first (第14条); else the one with the nearest ground.

    ``received`` are the regions that received it, the earliest first.
    """
    by_county = {one.county: one for one in found}
    for path in received:
        if county_of(path) in by_county:
            return by_county[county_of(path)]
    return found[0] if found else None


class Way(StrEnum):
    """What a bureau that holds a matter does with it."""

    KEEP = "KEEP"
    ROUTE = "ROUTE"
    SEND_BACK = "SEND_BACK"


@dataclass(frozen=True)
class Decision:
    """What to do, with whom, and why."""

    way: Way
    to: str
    reason: str


def decide(
    holder: str, found: Sequence[Competence], *, received: Iterable[str] = (), routed_from: str = ""
) -> Decision:
    """What the bureau that holds a matter must do.

    One without power routes it to the one that has it; one to which it was routed may only send it back to where it
    came from, never on to a third (第41条).
    """
    here = county_of(holder)
    first = first_receiver(found, received or [holder])
    mine = next((one for one in found if one.county == here), None)
    if first is None:
        return Decision(Way.KEEP, here, "还不知道这家店归哪里管，先由收到的单位核实地址")
    if routed_from:
        if mine:
            return Decision(Way.KEEP, here, f"{mine.ground}（{mine.article}）")
        return Decision(Way.SEND_BACK, county_of(routed_from), "没有处理权限，退回分送单位，不得自行移送（第41条）")
    if first.county == here:
        return Decision(Way.KEEP, here, f"{first.ground}（{first.article}）")
    return Decision(Way.ROUTE, first.county, f"{first.ground}（{first.article}），分送有权处理的部门（第41条）")


def common_superior(paths: Sequence[str]) -> str:
    """The region whose bureau settles a dispute between these (第33条): their lowest common ancestor.

    Never one of the two themselves; empty for the national administration.
    """
    ways = [_steps(path) for path in paths]
    shared: list[str] = []
    for steps in zip(*ways, strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    if any(len(shared) == len(way) for way in ways):
        shared = shared[:-1]
    return "".join(f"{step}/" for step in shared)


@dataclass(frozen=True)
class Candidate:
    """An officer who might take a matter: how much they have open, and when they were last given one."""

    id: int
    open_matters: int = 0
    # Open matters of people whose calls were marked as abusive: they go round (officer wellbeing).
    abusive: int = 0
    last_given: float = 0.0
    # Who stands in while this one is on leave.
    delegate: int | None = None
    is_party: bool = False
    # Was lately threatened or abused by a caller: spared another such matter while a colleague can take it.
    resting: bool = False


@dataclass(frozen=True)
class Choice:
    """Who takes it; ``for_id`` is the officer on leave for whom they stand in; ``over_cap`` when nobody had room."""

    officer: int
    for_id: int | None = None
    over_cap: bool = False


def choose(
    candidates: Iterable[Candidate],
    cap: int,
    *,
    stand_ins: Iterable[Candidate] = (),
    abusive: bool = False,
    abusive_cap: int = 0,
) -> Choice | None:
    """The officer with the fewest open matters, among equals whoever waits longest; None if nobody may.

    Parties never. Above the cap nobody is chosen while another has room. A matter of an abusive caller goes to the one
    with the fewest of these, and to nobody who has as many as ``abusive_cap``, or rests, while another can take it.
    An officer on leave is asked through the delegate, whose own load counts (``stand_ins``: those not asked otherwise).
    """
    known = {one.id: one for one in candidates}
    others = {one.id: one for one in stand_ins}
    loads: dict[int, tuple[Candidate, int | None]] = {}
    # Those who are here first: a colleague's delegate is weighed once, in their own name.
    for one in sorted(known.values(), key=lambda one: one.delegate is not None):
        taker = one.delegate or one.id
        acting = known.get(taker) or others.get(taker) or one
        if not one.is_party and not acting.is_party:
            loads.setdefault(taker, (acting, one.id if one.delegate else None))
    if not loads:
        return None

    def rank(taker: int) -> tuple[bool, bool, int, int, float, int]:
        load = loads[taker][0]
        tired = abusive and (load.resting or (bool(abusive_cap) and load.abusive >= abusive_cap))
        return (
            load.open_matters >= cap, tired, load.abusive if abusive else 0, load.open_matters, load.last_given, taker
        )  # fmt: skip

    taker = min(loads, key=rank)
    return Choice(taker, loads[taker][1], loads[taker][0].open_matters >= cap)


def next_owner(levels: Sequence[str], people: Mapping[str, Sequence[int]], level: str) -> tuple[str, int] | None:
    """Who owns a matter taken to ``level``: the first of that level's people, else of the next one up, else down.

    Never a level without a name; None only where no level has anybody.
    """
    at = levels.index(level)
    for one in (*levels[at:], *reversed(levels[:at])):
        if people.get(one):
            return one, people[one][0]
    return None


def _each_county(places: Iterable[tuple[str, str, str]]) -> list[Competence]:
    found: dict[str, Competence] = {}
    for path, ground, article in places:
        if path:
            found.setdefault(county_of(path), Competence(county_of(path), ground, article))
    return list(found.values())


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step]
