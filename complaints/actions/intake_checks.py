"""What a coming-in must have before anything is written, and what is looked up for it (第10、28条)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from complaints.actions.intake_data import Kind, NewIntake
from complaints.actions.parties import Agent, Party, clean_contact, phone_index
from complaints.models import Cause, Channel
from core.actors import Actor, ActorKind
from core.clocks import CHINA, local
from core.crypto import blind_index
from core.errors import Invalid, NotAllowed, NotFound
from core.identifiers import is_storable
from core.models import Region, User
from core.money import MAX_FEN
from merchants.models import LISTED, Merchant, Store
from prepaid.models import Contract

TEXT_LENGTH, FACTS_LENGTH, CLAIM_LENGTH, LEAST_WORDS = 4000, 4000, 500, 5
MAX_FILES = 9
# Whom one may name by number: what the public knows, or knew before it closed.
ONCE_PUBLIC = (*LISTED, Merchant.Status.EXITED)
# The rules of 令20号 begin here; nothing older can be counted.
FIRST_DAY = date(2020, 1, 1)
EARLIEST = date(1990, 1, 1)
AHEAD = timedelta(minutes=5)
# Where people file themselves: they prove their phone and give name and address.
SELF_SERVICE = (Channel.WEB, Channel.API)
CHANNELS, CAUSES = frozenset(Channel.values), frozenset(Cause.values)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """A coming-in, checked and looked up."""

    received_at: datetime
    text: str
    facts: str
    report_facts: str
    claim: str
    happened_at: str
    party: Party
    reporter: Party
    agent: Agent | None
    others: Sequence[Party]
    user_id: int | None
    merchant: Merchant | None
    # Where it does business: the store named, else every one that is open.
    shops: Sequence[Region]
    store_id: int | None
    contract_id: int | None
    respondent_name: str
    respondent_address: str
    # The place that received it.
    region: Region
    phone_idx: str
    fingerprint: str
    # To which number, and account, the code is sent; nobody for a report without a name.
    told: tuple[str, User | None] | None

    @property
    def respondent(self) -> str:
        """The name people know."""
        return self.merchant.brand_name if self.merchant else self.respondent_name


@dataclass
class Places:
    """Merchants, stores, contracts, regions and accounts that the rows name, read in one statement each."""

    contracts: dict[int, Contract] = field(default_factory=dict)
    stores: dict[int, Store] = field(default_factory=dict)
    merchants: dict[int, Merchant] = field(default_factory=dict)
    shops: dict[int, list[Region]] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    # Whether the caller may enter what came by a channel about a place, as far as it was asked.
    may_enter: dict[tuple[str, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[NewIntake], *, by: Actor) -> Places:
        """Read what the rows need. Contracts only among the caller's own."""
        found = cls()
        if by.user and any(row.contract_id for row in rows):
            found.contracts = _own_contracts(rows, by.user)
        if stores := {row.store_id for row in rows if row.store_id and not row.contract_id}:
            known = Store.objects.filter(pk__in=stores, merchant__status__in=ONCE_PUBLIC)
            found.stores = {row.pk: row for row in known.select_related("region", "merchant__region")}
        if merchants := {row.merchant_id for row in rows if row.merchant_id and not (row.contract_id or row.store_id)}:
            known_merchants = Merchant.objects.filter(pk__in=merchants, status__in=ONCE_PUBLIC)
            found.merchants = {row.pk: row for row in known_merchants.select_related("region")}
        # Where people file themselves the bureau of the shop receives it, whatever other places it has.
        if desks := {row.merchant_id for row in rows if row.channel not in SELF_SERVICE} & found.merchants.keys():
            for store in Store.objects.filter(merchant__in=desks, is_open=True).select_related("region"):
                found.shops.setdefault(store.merchant_id, []).append(store.region)
        if regions := {row.region_code for row in rows if row.region_code}:
            found.regions = Region.objects.in_bulk(regions)
        if phones := {phone_index(_phone(row)) for row in rows if row.channel not in SELF_SERVICE} - {""}:
            found.users = dict(User.objects.filter(phone_idx__in=phones).values_list("phone_idx", "pk"))
        return found


def _own_contracts(rows: Sequence[NewIntake], user: User) -> dict[int, Contract]:
    wanted = [row.contract_id for row in rows if row.contract_id]
    own = Contract.objects.held_by(user).filter(pk__in=wanted)
    return {row.pk: row for row in own.select_related("merchant__region", "store__region")}


def _phone(data: NewIntake) -> str:
    try:
        return clean_contact(data.party.phone, landline=True) if data.party.phone else ""
    except Invalid:
        return ""


def checked(data: NewIntake, places: Places, now: datetime, *, by: Actor) -> Facts:
    """The coming-in as it is written down. Raises Invalid (all fields at once), NotFound, NotAllowed."""
    _may_come_by(data, by)
    wrong: dict[str, str] = {}
    received_at = _received(data, now, wrong)
    _words(data, local(received_at).date(), wrong)
    party = _person(data, by, wrong)
    merchant, store_id, contract_id, shops = _respondent(data, places, wrong)
    region = _received_in(data, places, merchant, shops)
    if region is None:
        wrong["region"] = "选店在哪个区县"
    others = _others(data, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    assert region is not None
    user, index = by.user if data.channel in SELF_SERVICE else None, phone_index(party.phone)
    hidden = data.anonymous and data.kinds == {Kind.REPORT}
    happened = f"（{data.happened_on:%Y-%m-%d} 发生）" if data.happened_on else ""
    # The agent reports in the own name; the one who is spoken for only complains.
    reporter = Party(name=data.agent.name, phone=data.agent.phone) if data.agent else party
    return Facts(
        received_at=received_at,
        text=data.text.strip(),
        facts=happened + data.text.strip(),
        report_facts=happened + (data.report_text.strip() or data.text.strip()),
        claim=data.claim.strip(),
        happened_at=data.happened_at.strip()[:200],
        party=party,
        reporter=reporter,
        agent=data.agent,
        others=others,
        user_id=user.pk if user else places.users.get(index),
        merchant=merchant,
        shops=shops,
        store_id=store_id,
        contract_id=contract_id,
        respondent_name="" if merchant else data.respondent_name.strip(),
        respondent_address="" if merchant else data.respondent_address.strip(),
        region=region,
        phone_idx="" if hidden else index,
        fingerprint=_fingerprint(data, party, merchant, by),
        told=None if hidden else _told(party, user),
    )


def _told(party: Party, user: User | None) -> tuple[str, User | None] | None:
    """Where a message can go: the account that files, else a mobile number."""
    if user is not None:
        return user.phone, user
    return (party.phone, None) if party.phone.startswith("+") else None


def _may_come_by(data: NewIntake, by: Actor) -> None:
    """People file for themselves by the page or the API; a client of a merchant never does."""
    if data.channel in SELF_SERVICE and (by.user is None or by.kind is not ActorKind.USER):
        raise NotAllowed
    if data.channel not in CHANNELS or data.cause not in CAUSES:
        raise Invalid(fields={"channel": "没有这个来源或者事由"})
    if not data.kinds:
        raise Invalid(fields={"kinds": "选投诉、举报，还是两样都要"})
    if data.anonymous and data.kinds != {Kind.REPORT}:
        raise Invalid(fields={"anonymous": "只有举报可以匿名；投诉要有真实姓名和电话（第10条）"})


def _received(data: NewIntake, now: datetime, wrong: dict[str, str]) -> datetime:
    if data.received_at is None:
        return now
    if data.received_at > now + AHEAD:
        wrong["received_at"] = "收到时间不能晚于现在"
        return now
    if data.received_at.astimezone(CHINA).date() < FIRST_DAY:
        wrong["received_at"] = "收到时间太早，请核对年份"
        return now
    return min(data.received_at, now)


def _words(data: NewIntake, today: date, wrong: dict[str, str]) -> None:
    """What was said, what is asked for, and when it happened."""
    limits = {"text": TEXT_LENGTH, "report_text": FACTS_LENGTH - 20, "claim": CLAIM_LENGTH, "happened_at": 200,
              "respondent_name": 100, "respondent_address": 200, "source_no": 64}  # fmt: skip
    for name, most in limits.items():
        text = getattr(data, name)
        if len(text) > most:
            wrong[name] = f"最多 {most} 个字"
        elif not is_storable(text):
            wrong[name] = "内容里有无法保存的字符，请删去后重试"
    if len(data.text.strip()) < LEAST_WORDS:
        wrong.setdefault("text", "写清什么时候、发生了什么")
    if Kind.COMPLAINT in data.kinds and data.channel in SELF_SERVICE and len(data.claim.strip()) < 2:
        wrong.setdefault("claim", "写明您要商家做什么，例如退款多少（第10条）")
    if data.claim_fen is not None and not 0 <= data.claim_fen <= MAX_FEN:
        wrong["claim_fen"] = "金额不能小于 0，也不能过大"
    if data.happened_on and not EARLIEST <= data.happened_on <= today:
        wrong["happened_on"] = "日期不能晚于今天，也不能太早"
    if len(data.files) > MAX_FILES:
        wrong["files"] = f"最多 {MAX_FILES} 个文件"


def _person(data: NewIntake, by: Actor, wrong: dict[str, str]) -> Party:
    """Who it comes from. A person who files for themselves has proved the phone by signing in."""
    party, own = data.party, data.channel in SELF_SERVICE
    for name in ("name", "address"):
        if not is_storable(getattr(party, name)):
            wrong[name] = "内容里有无法保存的字符，请删去后重试"
    if data.anonymous:
        return Party()
    phone = party.phone
    if own and data.agent is None:
        assert by.user is not None
        phone = by.user.phone
    needs = Kind.COMPLAINT in data.kinds or (own and Kind.REPORT in data.kinds)
    if phone:
        try:
            phone = clean_contact(phone, landline=not own)
        except Invalid as error:
            wrong |= error.fields
    elif needs:
        wrong["phone"] = "请填手机号"
    if needs and not party.name.strip():
        wrong["name"] = "填真实姓名（第10条）"
    if own and Kind.COMPLAINT in data.kinds and not party.address.strip():
        wrong["address"] = "填您的联系地址（第10条）"
    if data.agent is not None and data.agent.proof is None:
        wrong["proof"] = "请上传本人签字的授权委托书（第11条）"
    return Party(name=party.name.strip(), phone=phone, address=party.address.strip())


def _others(data: NewIntake, wrong: dict[str, str]) -> list[Party]:
    """Those who complain together with the first (第12条)."""
    found = []
    for one in data.others:
        try:
            phone = clean_contact(one.phone, landline=False)
        except Invalid:
            wrong["joint"] = "共同投诉人每人都要填姓名和 11 位手机号"
            continue
        if not one.name.strip() or not is_storable(one.name + one.address):
            wrong["joint"] = "共同投诉人每人都要填姓名和 11 位手机号"
        found.append(
            Party(name=one.name.strip(), phone=phone, address=one.address, is_representative=one.is_representative)
        )
    return found


def _respondent(
    data: NewIntake, places: Places, wrong: dict[str, str]
) -> tuple[Merchant | None, int | None, int | None, Sequence[Region]]:
    """Merchant, store, contract and where the shop does business; nothing but a name for one the portal has not."""
    if data.contract_id:
        contract = places.contracts.get(data.contract_id)
        if contract is None:
            raise NotFound
        return contract.merchant, contract.store_id, contract.pk, [contract.store.region]
    if data.store_id:
        store = places.stores.get(data.store_id)
        if store is None or data.merchant_id not in (None, store.merchant_id):
            raise NotFound
        return store.merchant, store.pk, None, [store.region]
    if data.merchant_id:
        merchant = places.merchants.get(data.merchant_id)
        if merchant is None:
            raise NotFound
        return merchant, None, None, places.shops.get(merchant.pk, ())
    asks = data.kinds & {Kind.COMPLAINT, Kind.REPORT}
    if asks and not data.respondent_name.strip():
        wrong["respondent_name"] = "填店名或者公司名"
    if asks and data.channel in SELF_SERVICE and not data.respondent_address.strip():
        wrong["respondent_address"] = "填店的地址，写到路和门牌；网店写网址"
    return None, None, None, ()


def _received_in(data: NewIntake, places: Places, merchant: Merchant | None, shops: Sequence[Region]) -> Region | None:
    """The place whose bureau received it: the one a desk names; of what people file themselves the shop's own."""
    chosen = places.regions.get(data.region_code)
    if merchant is None or (chosen is not None and data.channel not in SELF_SERVICE):
        return chosen
    return shops[0] if data.contract_id or data.store_id else merchant.region


def _fingerprint(data: NewIntake, party: Party, merchant: Merchant | None, by: Actor) -> str:
    """The same person, shop and words: a keyed hash that leads to nobody."""
    who = party.phone or (f"user {by.id}" if data.channel in SELF_SERVICE else "")
    shop = str(merchant.pk) if merchant else data.respondent_name
    said = "\x1f".join([who, shop, *sorted(data.kinds), data.text.strip(), data.claim.strip()])
    return hashlib.sha256(blind_index("intake", said).encode()).hexdigest()
