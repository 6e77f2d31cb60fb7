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

    def refund(self, cause: str, *, fresh: bool) -> int:
        """What the law gives back."""
        if fresh:
            return self.paid
        if cause != "CONSUMER":
            return self.paid - self.floor(self.used)
        if self.list_price is not None:
            return max(0, self.paid - self.used * self.list_price)
        return max(0, self.paid - self.used)


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
    follow_up: int = 0
    owed: int = 0
    corrections: int = 0

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
            self.free(visit.hold - visit.amount)
        elif self.status == "ACTIVE" and not self.left and not any(lot.waiting for lot in self.lots):
            self.status = "COMPLETED"

    def cancel(self, visit: Visit) -> None:
        """Take a visit back."""
        visit.state = "CANCELLED"
        for lot, take in visit.parts:
            lot.waiting -= take
        if self.status == "REFUNDED":
            self.free(visit.hold)

    def free(self, fen: int) -> None:
        """After the refund: what a visit frees goes to the consumer as far as it is owed, else to the merchant."""
        if fen <= 0:
            return
        more = min(fen, self.owed, self.locked - self.held)
        self.owed -= more
        self.follow_up += more
        self.give(more)
        self.release_rest()

    def give(self, fen: int) -> None:
        """Take money for the consumer out of the lots that have it."""
        holds: dict[int, int] = {}
        for visit in self.visits.values():
            if visit.state in ("REQUESTED", "DISPUTED"):
                whole = sum(take for _, take in visit.parts)
                for lot, take in visit.parts:
                    holds[id(lot)] = holds.get(id(lot), 0) + -(-visit.hold * take // whole)
        for lot in self.lots:
            take = max(0, min(fen, lot.paid - lot.released - lot.refunded - holds.get(id(lot), 0)))
            lot.refunded += take
            fen -= take

    def release_rest(self) -> None:
        """The merchant's part of a card that is over; nothing while it is frozen."""
        if not self.frozen:
            self.rest += self.locked - self.held

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

    def refund(self, cause: str) -> tuple[int, int]:
        """End the card for a cause: (owed by law, taken out now)."""
        total, wanted = 0, []
        for lot in self.lots:
            untouched = lot.fresh and not lot.used and not lot.waiting
            if lot.refunded or (cause == "COOLING_OFF" and not untouched):
                continue
            law = lot.refund(cause, fresh=untouched)
            total += law
            wanted.append((lot, law))
        return total, self._take(cause, total, wanted)

    def _take(self, cause: str, total: int, wanted: list[tuple[Lot, int]]) -> int:
        shares: dict[int, int] = {}
        for visit in self.visits.values():
            if visit.state in ("REQUESTED", "DISPUTED"):
                whole = sum(take for _, take in visit.parts)
                for lot, take in visit.parts:
                    shares[id(lot)] = shares.get(id(lot), 0) + -(-visit.hold * take // whole)
        able = [(lot, max(0, min(law, lot.paid - lot.released - shares.get(id(lot), 0)))) for lot, law in wanted]
        now = left = min(sum(fen for _, fen in able), self.locked - self.held)
        for lot, fen in able:
            take = min(fen, left)
            lot.refunded += take
            left -= take
        if cause == "COOLING_OFF" and any(not lot.refunded for lot in self.lots):
            return now
        if self.status != "COMPLETED":
            self.status, self.owed = "REFUNDED", total - now
            self.release_rest()
        return now
