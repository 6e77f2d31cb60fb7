"""Facts come in from where they are true, hard ones remove on the day, marks die with them, slips run their course."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from core import outbox
from core.actors import SYSTEM, Actor
from core.calendar import add_working_days, business_date
from core.errors import Invalid, NotAllowed, NotFound, WrongState
from core.models import OutboxEvent, Role, User
from merchants.actions import leave_by_steps
from merchants.models import Merchant, RegisterEntry, Store
from prepaid.models import ListedEntry, ListImport
from tests.cast import STREET, officer, shop
from tests.trust_units.scenes import granted
from trust_units import actions as trust
from trust_units.actions import daily, removals
from trust_units.models import FeedbackSlip, PoolStay, Removal, SpotCheck, SupervisionFact, TrustUnit

CHECK_MARK = Path(settings.BASE_DIR) / "docs" / "verify" / "check_mark.py"
HERE = {"lng": 120.2, "lat": 30.2}


def photo(name: str = "a.png") -> SimpleUploadedFile:
    """A small picture."""
    data = BytesIO()
    Image.new("RGB", (8, 8), "white").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


def end_licence(merchant: Merchant, state: str = "CANCELLED") -> RegisterEntry:
    return RegisterEntry.objects.create(
        uscc=merchant.uscc, legal_name=merchant.legal_name, state=state, digest=f"{state}{merchant.pk}"
    )


@pytest.fixture
def station(db: None) -> User:
    return officer("13900000061", "所员", Role.STATION_OFFICER, STREET)


@pytest.fixture
def unit(merchant_a: Merchant) -> TrustUnit:
    return granted(merchant_a, stars=3)


def status(unit: TrustUnit) -> str:
    return str(TrustUnit.objects.get(pk=unit.pk).status)


@pytest.mark.django_db
def test_the_feed_follows_the_truth(unit: TrustUnit, merchant_a: Merchant, merchant_b: Merchant) -> None:
    """Noted once, cleared with its cause, raised again when the cause comes back; not what an officer cleared."""
    other, today = granted(merchant_b), business_date()
    file = ListImport.objects.create(kind="ABNORMAL", title="名录", as_of=today)
    listed = ListedEntry.objects.create(
        kind="ABNORMAL", uscc=merchant_a.uscc, name="A", listed_on=today, reason="通过登记的住所无法联系", file=file
    )
    Store.objects.filter(merchant=merchant_b).update(lease_end=today + timedelta(days=20))
    assert trust.refresh_facts(by=SYSTEM, on=today) == {"noted": 2, "cleared": 0}
    assert trust.refresh_facts(by=SYSTEM, on=today) == {"noted": 0, "cleared": 0}
    assert unit.facts.get().kind == "ABNORMAL_LIST" and "无法联系" in unit.facts.get().text
    assert other.facts.get().kind == "LICENCE_EXPIRING"
    listed.removed_on = today
    listed.save()
    assert trust.refresh_facts(by=SYSTEM, on=today, merchant_id=merchant_b.pk) == {"noted": 0, "cleared": 0}
    assert trust.refresh_facts(by=SYSTEM, on=today) == {"noted": 0, "cleared": 1}
    ListedEntry.objects.update(removed_on=None)
    assert trust.refresh_facts(by=SYSTEM, on=today)["noted"] == 1
    trust.clear_fact(unit.facts.get().pk, by=Actor.of_user(officer("13900000071", "核实", Role.LEADER, "330199")))
    assert trust.refresh_facts(by=SYSTEM, on=today) == {"noted": 0, "cleared": 0}
    end_licence(merchant_a)
    assert trust.refresh_facts(by=SYSTEM, on=today)["noted"] == 1
    RegisterEntry.objects.create(uscc=merchant_a.uscc, legal_name="A", digest="again")
    assert trust.refresh_facts(by=SYSTEM, on=today)["cleared"] == 1, "the newest line of the register counts"
    with pytest.raises((NotAllowed, NotFound)):
        trust.refresh_facts(by=Actor.of_user(merchant_a.registered_by), on=today)


@pytest.mark.django_db(transaction=True)
def test_removed_on_the_day_with_its_reason(
    unit: TrustUnit, merchant_b: Merchant, owner_a: User, district_officer: User, tmp_path: Path
) -> None:
    """The job removes; page, JSON, plaque and search are dead in the same second; an appeal that holds restores."""
    warned, today = granted(merchant_b), business_date()
    Store.objects.filter(merchant=merchant_b).update(lease_end=today + timedelta(days=9))
    mark = Client().get(f"/mark/{unit.code}.json")
    assert mark["Cache-Control"] == "no-store" and mark.json()["verdict"] == "GOOD" and mark.json()["stars"] == 3
    assert checked(tmp_path, mark.content) == 0
    assert checked(tmp_path, mark.content.replace(b'"stars": 3', b'"stars": 5')) == 1
    assert found_in_search(unit)

    end_licence(unit.merchant, "REVOKED")  # type: ignore[arg-type]
    result = daily.feed_remove_warn(by=SYSTEM, on=today)
    assert (result["removed"], result["warned"]) == (1, 1) and status(warned) == "WARNING"
    assert daily.feed_remove_warn(by=SYSTEM, on=today)["removed"] == 0
    removal = Removal.objects.get()
    assert removal.reason == "营业执照已被吊销" and removal.removed_by is None
    told = Client().get(f"/mark/{unit.code}.json").json()
    assert told["verdict"] == "REMOVED" and told["reason"] == "营业执照已被吊销" and told["stars"] == 0
    assert told["version"] > mark.json()["version"] and not found_in_search(unit)
    page = Client().get(f"/mark/{unit.code}/").content.decode()
    assert "这块牌子已经作废" in page and "营业执照已被吊销" in page
    assert "营业执照已被吊销" in Client().get("/transparency/removals/").content.decode()

    owner, other = Actor.of_user(owner_a), Actor.of_user(district_officer)
    trust.appeal_removal(removal.pk, "登记机关录入有误，执照仍然有效", by=owner, upload=photo())
    trust.decide_appeal(removal.pk, "经核实执照有效，登记录入有误", by=other, revoke=True)
    assert status(unit) == "STAR"
    assert daily.feed_remove_warn(by=SYSTEM, on=today)["removed"] == 0, "what was found untrue removes nobody again"
    assert Client().get(f"/mark/{unit.code}.json").json()["verdict"] == "GOOD"
    assert Client().get("/mark/3333333333333333.json").status_code == 404


def checked(folder: Path, body: bytes) -> int:
    """What the offline script says of a saved mark."""
    (folder / "mark.json").write_bytes(body)
    given = [sys.executable, "-I", str(CHECK_MARK), str(folder / "mark.json")]
    return subprocess.run(given, capture_output=True, check=False, env={"PYTHONIOENCODING": "utf-8"}).returncode


def found_in_search(unit: TrustUnit) -> bool:
    """Whether the search knows it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM unit_search WHERE unit_id = %s", [unit.pk])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_a_kill_in_the_middle(owner_a: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each unit is removed once; after a worker died in between, the next one removes the rest."""
    shops = [shop(f"{n:03d}", owner_a) for n in range(6)]
    for one in shops:
        granted(one)
        end_licence(one)
    today, real = business_date(), removals._removed
    calls: list[int] = []

    def dies(removal: Removal, *rest: object) -> Removal:
        calls.append(1)
        done = real(removal, *rest)  # type: ignore[arg-type]
        if len(calls) == 3:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(removals, "_removed", dies)
    with pytest.raises(KeyboardInterrupt):
        daily.feed_remove_warn(by=SYSTEM, on=today)
    assert TrustUnit.objects.filter(status="REMOVED").count() == 2 == Removal.objects.count()
    monkeypatch.setattr(removals, "_removed", real)

    both, errors = Barrier(2), []

    def work() -> None:
        try:
            both.wait()
            daily.remove_standing(by=SYSTEM, on=today)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and Removal.objects.count() == 6 == TrustUnit.objects.filter(status="REMOVED").count()
    assert PoolStay.objects.filter(pool="REMOVED", left_on=None).count() == 6


@pytest.mark.django_db
def test_a_vanished_shop_does_not_wait_for_the_morning(unit: TrustUnit, merchant_a: Merchant) -> None:
    leave_by_steps(merchant_a.pk, "enter_emergency", by=SYSTEM)
    assert unit.facts.get().kind == "CLOSED" and status(unit) == "STAR"
    event = OutboxEvent.objects.get(topic="trust_units.remove_unit")
    daily.remove_standing(by=SYSTEM, on=business_date(), unit_id=event.payload["unit_id"])
    assert status(unit) == "REMOVED" and outbox.TOPICS["trust_units.remove_unit"].own_transaction


@pytest.mark.django_db
def test_a_finding_runs_to_its_end(
    unit: TrustUnit, owner_a: User, station: User, district_officer: User, second_officer: User, city_chief: User
) -> None:
    """Slip, signature, evidence, another officer's look with position and picture, closing by yet another, restored."""
    today = business_date()
    campaign = trust.start_campaign(
        {"mode": "CAMPAIGN", "title": "餐饮明码标价检查", "region": "330199", "due_on": today},
        by=Actor.of_user(city_chief),
    )
    check = campaign.checks.get(store=unit.store)
    assert check.unit == unit
    found = [{"code": "PRICE", "text": "没有明码标价"}]
    trust.record_check(check.pk, "find", findings=found, by=Actor.of_user(station))
    slip = FeedbackSlip.objects.get()
    assert status(unit) == "WARNING" and slip.due_on == add_working_days(today, 2).due
    with pytest.raises(WrongState):
        trust.record_check(check.pk, "pass", by=Actor.of_user(station))

    owner = Actor.of_user(owner_a)
    slip = trust.acknowledge_slip(slip.pk, by=owner)
    assert slip.due_on == add_working_days(today, 10).due
    slip = trust.extend_slip(slip.pk, "价签要定制，晚几天到", by=Actor.of_user(district_officer))
    with pytest.raises(WrongState):
        trust.extend_slip(slip.pk, "再延长一次可以吗", by=Actor.of_user(district_officer))
    with pytest.raises(Invalid):
        trust.submit_evidence(slip.pk, "价签都已摆好", [], by=owner)
    slip = trust.submit_evidence(slip.pk, "价签都已摆好", [photo()], by=owner)
    assert slip.due_on == add_working_days(today, 5).due
    for wrong in (owner, Actor.of_user(station)):
        with pytest.raises((NotAllowed, NotFound)):
            trust.verify_slip(slip.pk, "现场已看过", [photo()], good=True, by=wrong, **HERE)
    checker = Actor.of_user(district_officer)
    with pytest.raises(Invalid):
        trust.verify_slip(slip.pk, "现场已看过", [photo()], good=True, by=checker, lng=None, lat=None)
    trust.verify_slip(slip.pk, "还有两样没有价签", [photo()], good=False, by=checker, **HERE)
    trust.submit_evidence(slip.pk, "剩下两样也已补上", [photo()], by=owner)
    trust.verify_slip(slip.pk, "现场价签齐全", [photo()], good=True, by=checker, **HERE)
    with pytest.raises(NotAllowed):
        trust.close_slip(slip.pk, by=checker)
    trust.close_slip(slip.pk, by=Actor.of_user(second_officer))
    assert status(unit) == "STAR" and slip.photos.count() == 4


@pytest.mark.django_db
def test_late_twice_proposes_removal(unit: TrustUnit, owner_a: User, station: User, city_chief: User) -> None:
    today = business_date()
    campaign = trust.start_campaign(
        {"mode": "CAMPAIGN", "title": "节前市场检查", "region": "330199", "due_on": today}, by=Actor.of_user(city_chief)
    )
    check = campaign.checks.get(store=unit.store)
    trust.record_check(check.pk, "find", findings=[{"code": "A", "text": "货架脏乱"}], by=Actor.of_user(station))
    slip = trust.acknowledge_slip(FeedbackSlip.objects.get().pk, by=Actor.of_user(owner_a))
    assert slip.due_on is not None
    daily.sweep_slips(by=SYSTEM, on=slip.due_on)
    assert FeedbackSlip.objects.get().lapses == 0, "the last day is still in time"
    late = slip.due_on + timedelta(days=1)
    daily.sweep_slips(by=SYSTEM, on=late)
    daily.sweep_slips(by=SYSTEM, on=late)
    slip = FeedbackSlip.objects.get()
    assert slip.lapses == 1 and slip.due_on == add_working_days(late, 5).due
    assert slip.due_on is not None
    daily.sweep_slips(by=SYSTEM, on=slip.due_on + timedelta(days=1))
    assert FeedbackSlip.objects.get().status == "PROPOSED"
    assert Removal.objects.get().status == "PROPOSED" and status(unit) == "WARNING"


@pytest.mark.django_db
def test_crossed_and_covert(
    unit: TrustUnit, merchant_b: Merchant, owner_a: User, station: User, district_officer: User, other_officer: User,
    city_chief: User,
) -> None:  # fmt: skip
    """Only a stranger crosses; a covert check is unknown to the shop until published, then refusal removes."""
    chief, stranger = Actor.of_user(city_chief), Actor.of_user(other_officer)
    given = {"title": "交叉检查一组", "region": "330199", "due_on": business_date()}
    crossed = trust.start_campaign({**given, "mode": "CROSS"}, by=chief)
    check = crossed.checks.get(store=unit.store)
    assert crossed.size == 2, "over all merchants, not only units"
    with pytest.raises(NotAllowed):
        trust.record_check(check.pk, "pass", by=Actor.of_user(station))
    with pytest.raises(Invalid):
        trust.assign_check(check.pk, district_officer.pk, by=chief)
    assert not SpotCheck.objects.visible_to(stranger).exists()
    trust.assign_check(check.pk, other_officer.pk, by=chief)
    trust.record_check(check.pk, "pass", by=stranger)

    covert = trust.start_campaign({**given, "title": "暗访第一组", "mode": "MYSTERY"}, by=chief)
    check = covert.checks.get(store=unit.store)
    trust.assign_check(check.pk, other_officer.pk, by=chief)
    trust.record_check(check.pk, "refuse", by=stranger, note="店员不让看后厨")
    owner = Actor.of_user(owner_a)
    assert not SpotCheck.objects.visible_to(owner).filter(mode="MYSTERY").exists()
    assert not SupervisionFact.objects.exists()
    SpotCheck.objects.filter(pk=check.pk).update(checked_at=timezone.now() - timedelta(days=2))
    daily.sweep_slips(by=SYSTEM, on=business_date())
    assert SpotCheck.objects.visible_to(owner).filter(mode="MYSTERY").exists()
    assert daily.feed_remove_warn(by=SYSTEM, on=business_date())["removed"] == 1 and status(unit) == "REMOVED"


@pytest.mark.django_db
def test_a_sweep_looks_for_the_same_elsewhere(unit: TrustUnit, merchant_b: Merchant, station: User) -> None:
    like, today = granted(merchant_b), business_date()
    by = Actor.of_user(station)
    check = SpotCheck.objects.create(
        mode="SWEEP", day=today, unit=unit, merchant=unit.merchant, store=unit.store, region=unit.region
    )
    with pytest.raises(WrongState):
        trust.sweep_check(check.pk, today, by=by)
    trust.record_check(check.pk, "find", findings=[{"code": "A", "text": "没有明码标价"}], by=by)
    swept = trust.sweep_check(check.pk, today + timedelta(days=7), by=by)
    assert [one.unit for one in swept.checks.all()] == [like] and swept.checks.get().because_of == check
