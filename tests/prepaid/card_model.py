"""A card in plain integers: what the law and the plan say about lots, holds, visits, corrections and refunds.

Nothing of the project is used here: it is what the actions are compared with.
"""

from dataclasses import dataclass, field


@dataclass
class Lot:
    """One payment: money, what can be had for it (face in fen, or times), and what became of it.

    ``fresh``: inside its seven days.
    """

    paid: int
    units: int
    list_price: int | None = None
    fresh: bool = False
    used: int = 0
    waiting: int = 0
    released: int = 0
    refunded: int = 0

    @property
    def left(self) -> int:
        """Units that can still be spent."""
        return 0 if self.refunded else self.units - self.used - self.waiting

    def floor(self, units: int) -> int:
        """What so many units are worth in paid money, rounded down."""
        return self.paid * units // self.units

    def refund(self, cause: str, *, fresh: bool, upheld: bool = False) -> int:
        """What the law gives back; ``upheld``: as if all that waits had been used."""
        if fresh:
            return self.paid
        used = self.used + (self.waiting if upheld else 0)
        if cause != "CONSUMER":
            return self.paid - self.floor(used)
        if self.list_price is not None:
            return max(0, self.paid - used * self.list_price)
        return max(0, self.paid - used)


@dataclass
class Visit:
    """Units taken of lots, and the money held for them."""

    parts: list[tuple[Lot, int]]
    hold: int
    state: str = "REQUESTED"
    amounts: list[int] = field(default_factory=list)
    corrected: int = 0

    @property
    def amount(self) -> int:
        """What the merchant got for it."""
        return sum(self.amounts)


@dataclass
class Card:
    """One contract of stored value or times."""

    lots: list[Lot] = field(default_factory=list)
    visits: dict[int, Visit] = field(default_factory=dict)
    status: str = "SIGNED"
    frozen: bool = False
    rest: int = 0
    corrections: int = 0
    # How the card ended: for which cause, how many days of interest, its lots and whether each was fresh, and what
    # had been refunded before.
    ended: str = ""
    days: int = 0
    reached: list[tuple[Lot, bool]] = field(default_factory=list)
    before: int = 0
    disputed: bool = False

    @property
    def paid(self) -> int:
        """Everything paid in."""
        return sum(lot.paid for lot in self.lots)

    @property
    def released(self) -> int:
        """Everything the merchant got."""
        return sum(lot.released for lot in self.lots) + self.rest

    @property
    def refunded(self) -> int:
        """Everything taken out for the consumer."""
        return sum(lot.refunded for lot in self.lots)

    @property
    def locked(self) -> int:
        """What is left on the card."""
        return self.paid - self.released - self.refunded

    @property
    def held(self) -> int:
        """What visits claim that wait or are disputed."""
        return sum(v.hold for v in self.visits.values() if v.state in ("REQUESTED", "DISPUTED"))

    @property
    def left(self) -> int:
        """Units that can still be spent."""
        return sum(lot.left for lot in self.lots)

    def ask(self, number: int, units: int) -> Visit:
        """Take units of the oldest lots and hold their worth, rounded up."""
        parts, hold = [], 0
        for lot in self.lots:
            take = min(units, lot.left)
            if take:
                parts.append((lot, take))
                hold += min(-(-lot.paid * take // lot.units), lot.paid - lot.released - lot.refunded)
                units -= take
        assert units == 0
        hold = min(hold, self.locked - self.held)
        for lot, take in parts:
            lot.waiting += take
        self.visits[number] = Visit(parts, hold)
        return self.visits[number]

    def settle(self, visit: Visit, state: str) -> None:
        """Pay for a visit: the floor of all use of its lots, less what was paid for them."""
        free = visit.hold + self.locked - self.held
        for lot, take in visit.parts:
            lot.waiting -= take
            lot.used += take
            amount = min(max(0, lot.floor(lot.used) - lot.released), free, lot.paid - lot.released - lot.refunded)
            lot.released += amount
            free -= amount
            visit.amounts.append(amount)
        visit.state = state
        if self.status == "REFUNDED":
            self.free()
        elif self.status == "ACTIVE" and not self.left and not any(lot.waiting for lot in self.lots):
            self.status = "COMPLETED"

    def cancel(self, visit: Visit) -> None:
        """Take a visit back."""
        visit.state = "CANCELLED"
        for lot, take in visit.parts:
            lot.waiting -= take
        if self.status == "REFUNDED":
            self.free()

    def due_of(self, lot: Lot, *, fresh: bool, upheld: bool) -> int:
        """What the law gives of a lot: money that was released bears interest, of locked money no rate is known."""
        law = lot.refund(self.ended, fresh=fresh, upheld=upheld)
        bare = 0 if fresh else max(0, law - max(0, lot.paid - lot.released))
        rate = 15_000 if self.ended == "CONSUMER" else 30_000
        return law + -(-bare * rate * self.days // 360_000_000)

    def due(self, *, upheld: bool) -> int:
        """What the law gives the consumer in all, if what waits counts or if it falls away."""
        return sum(self.due_of(lot, fresh=fresh, upheld=upheld) for lot, fresh in self.reached)

    def free(self) -> None:
        """A visit was settled after the refund: the consumer gets what is sure now, the merchant what nobody claims."""
        if not self.disputed:
            self.give(min(self.due(upheld=True) - (self.refunded - self.before), self.locked - self.held))
            self.release_rest()

    def shares(self) -> dict[int, int]:
        """By lot, what visits hold that wait or are disputed."""
        holds: dict[int, int] = {}
        for visit in self.visits.values():
            if visit.state in ("REQUESTED", "DISPUTED"):
                whole, seen, given = sum(take for _, take in visit.parts), 0, 0
                for lot, take in visit.parts:
                    seen += take
                    share = -(-visit.hold * seen // whole) - given
                    given += share
                    holds[id(lot)] = holds.get(id(lot), 0) + share
        return holds

    def give(self, fen: int) -> None:
        """Take money for the consumer out of the lots: first what is due of each, then from whoever has some."""
        holds = self.shares()
        for lot, fresh in self.reached:
            due = self.due_of(lot, fresh=fresh, upheld=True)
            room = max(0, lot.paid - lot.released - holds.get(id(lot), 0))
            take = max(0, min(min(due, room) - lot.refunded, fen))
            lot.refunded += take
            fen -= take
        for lot in self.lots:
            take = max(0, min(fen, lot.paid - lot.released - lot.refunded - holds.get(id(lot), 0)))
            lot.refunded += take
            fen -= take

    def release_rest(self) -> None:
        """The merchant's part of a card that is over; nothing while it is frozen or in dispute."""
        if not self.frozen and not self.disputed:
            keep = self.due(upheld=False) - (self.refunded - self.before) - self.held if self.held else 0
            self.rest += max(0, self.locked - self.held - max(0, keep))

    def correct(self, visit: Visit, units: int) -> None:
        """Give units of a paid visit back, of its youngest lot first."""
        for (lot, had), paid in reversed(list(zip(visit.parts, visit.amounts, strict=True))):
            take = min(units, had)
            if not take:
                continue
            units -= take
            lot.used -= take
            back = min(max(0, lot.released - lot.floor(lot.used)), paid)
            lot.released -= back
            visit.corrected += back
        visit.state = "CORRECTED"
        self.corrections += 1
        if self.status == "COMPLETED":
            self.status = "ACTIVE"

    def refund(self, cause: str, days: int = 0) -> tuple[int, int]:
        """End the card for a cause: (owed by law, taken out now), less what was undisputed and is paid."""
        if not self.disputed:
            self.reach(cause, days)
        had = self.refunded - self.before
        total = self.due(upheld=False) - had
        now = max(0, min(self.due(upheld=True) - had, self.locked - self.held))
        self.give(now)
        self.disputed = False
        if cause == "COOLING_OFF" and any(not lot.refunded for lot in self.lots):
            return total, now
        if self.status != "COMPLETED":
            self.status = "REFUNDED"
            self.release_rest()
        return total, now

    def reach(self, cause: str, days: int = 0) -> None:
        """Which lots a refund takes in."""
        chosen = [(lot, lot.fresh and not lot.used and not lot.waiting) for lot in self.lots if not lot.refunded]
        self.reached = [pair for pair in chosen if cause != "COOLING_OFF" or pair[1]]
        self.ended, self.before, self.days = cause, self.refunded, days

    def give_undisputed(self, cause: str, fen: int) -> None:
        """The card ends with the part nobody disputes; the rest stays on it."""
        self.reach(cause)
        self.status, self.disputed = "REFUNDED", True
        self.give(fen)

    def settle_for_less(self) -> None:
        """The consumer lets the rest go: nothing more is due."""
        self.reached, self.disputed = [], False
        self.release_rest()
