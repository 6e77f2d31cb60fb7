"""A closed shop with many victims: accepted in bulk, claims checked by two, chosen representatives, one public page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints.actions.incidents import joinable
from complaints.claim_list import NewClaim
from complaints.incident_reports import figures_of, run_off_of
from complaints.models import (
    Clock,
    Complainant,
    Complaint,
    Incident,
    IncidentClaim,
    IncidentRepresentative,
    IssuedDocument,
)
from core.errors import Invalid, WrongState
from core.models import AuditEvent, SmsMessage, User
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.run_offs import count_claims
from prepaid.models import Contract
from prepaid.unlocked import unlocked_claims
from tests.cast import OTHER_STREET, make_plan, open_contract, person, shop
from tests.complaints.case_scenes import assigned, clock_of, complaint_of
from tests.pages.admin_desk import text_of
from tests.prepaid.scenes import at_once, days, forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
WORDS = "三天前关门，门上没有通知，负责人联系不上"
WHY = "收据原件和转账记录一致"


def wrong(call: Callable[[], object], text: str = "") -> None:
    """Refused as invalid, with these words at some field."""
    error = refused(Invalid, call)
    assert text in "；".join([error.message, *error.fields.values()])


def ago(hours: int) -> datetime:
    return timezone.now() - timedelta(hours=hours)


@pytest.fixture
def victims(db: None) -> list[User]:
    return [person(f"1380000{n:04d}", f"受害{n}号") for n in range(4)]


@pytest.fixture
def incident(merchant_a: Merchant, victims: list[User], district_officer: User, city_chief: User) -> Incident:
    for n, victim in enumerate(victims):
        complaint_of(merchant_a, victim, received=ago(30 + n))
    return opened(merchant_a, district_officer, city_chief)


def opened(merchant: Merchant, officer: User, leader: User) -> Incident:
    return complaints.open_incident(
        merchant.pk, leader.pk, WORDS, by=who(officer), next_step="核对第一批债权", next_on=days(3)
    )


def outside(incident: Incident, victim: User, fen: int = 60_000, name: str = "金卡 001") -> IncidentClaim:
    return complaints.file_claim(incident.pk, card_name=name, claimed_fen=fen, by=who(victim))


def test_opened_once_with_a_named_leader_over_the_shops_open_complaints(
    incident: Incident, merchant_a: Merchant, merchant_b: Merchant, consumer: User, owner_a: User,
    district_officer: User, other_officer: User, auditor: User, city_chief: User,
) -> None:  # fmt: skip
    by = who(district_officer)
    assert (incident.leader, incident.complaints.count(), incident.status) == (city_chief, 4, "OPEN")
    refused(WrongState, lambda: opened(merchant_a, district_officer, city_chief), "已经有一件")
    wrong(lambda: opened(merchant_b, district_officer, other_officer), "辖区在岗")
    phone = "负责人电话 13812345678，找他退钱"
    wrong(lambda: complaints.open_incident(merchant_b.pk, city_chief.pk, phone, by=by), "手机号")
    forbidden(lambda: complaints.join_incident(incident.pk, by=who(auditor)))
    for stranger in (consumer, owner_a, other_officer):
        unseen(lambda stranger=stranger: complaints.join_incident(incident.pk, by=who(stranger)))  # type: ignore[misc]
        assert not Incident.objects.visible_to(who(stranger)).exists()
    refused(WrongState, lambda: complaints.join_incident(incident.pk, by=by), "没有新的")
    late = complaint_of(merchant_a, consumer, received=ago(1))
    assert [row.pk for row in joinable(incident)] == [late.pk]
    complaints.join_incident(incident.pk, by=by)
    complaints.leave_incident(late.pk, "说的是另一件事，单独办", by=by)
    assert incident.complaints.count() == 4
    assert verbs(incident) == ["incident.open", "incident.join", "incident.leave"]


def test_many_are_accepted_each_wholly_or_not_at_all(
    incident: Incident, merchant_a: Merchant, district_officer: User
) -> None:
    """Two can be accepted; one is nobody's yet; one is the officer's own; one changes between preview and click."""
    rows = list(incident.complaints.order_by("pk"))
    own = complaint_of(merchant_a, district_officer, received=ago(5), incident=incident)
    for row in rows[:3]:
        assigned(row, district_officer, ago(3))
    Complaint.objects.filter(pk=own.pk).update(status="ASSIGNED", handler=district_officer)
    by = who(district_officer)
    plan = complaints.propose_acceptance(incident.pk, by=by)
    problems = {one.complaint.pk: one.problem for one in plan}
    assert "当事人" in problems[own.pk]
    assert "先分派" in problems[rows[3].pk]
    ready = [(one.complaint.pk, one.stood) for one in plan if not one.problem]
    assert [pk for pk, _ in ready] == [row.pk for row in rows[:3]]
    due = next(one.mediate_by for one in plan if not one.problem)
    complaints.send_back(rows[2].pk, "请先核实被投诉人的地址", by=by)
    found = complaints.accept_incident(
        incident.pk, [*ready, (own.pk, f"ASSIGNED:{district_officer.pk}:{own.region_id}")], by=by
    )
    assert found.done == (rows[0].code_grouped, rows[1].code_grouped)
    reasons = dict(found.refused)
    assert "有变化" in reasons[rows[2].code_grouped]
    assert own.code_grouped in reasons
    for row in rows[:2]:
        now = Complaint.objects.get(pk=row.pk)
        assert (now.status, now.decided_by, now.merchant_told_at is not None) == ("ACCEPTED", district_officer, True)
        assert clock_of(row, Clock.Code.MEDIATE).due_on == due
        assert IssuedDocument.objects.get(complaint=row).kind == IssuedDocument.Kind.ACCEPTANCE
        assert {"complaint.accept", "complaint.issue_document"} <= set(verbs(row))
    for row in (rows[2], rows[3], own):
        now = Complaint.objects.get(pk=row.pk)
        assert now.decided_at is None
        assert not IssuedDocument.objects.filter(complaint=row).exists()
        assert not Clock.objects.filter(complaint=row, code=Clock.Code.MEDIATE).exists()
    assert AuditEvent.objects.get(verb="incident.accept").facts == {"accepted": 2, "refused": 2}
    elsewhere = complaint_of(shop("C9", person("13900000099", "别家"), OTHER_STREET), district_officer, received=ago(2))
    wrong(lambda: complaints.accept_incident(incident.pk, [(elsewhere.pk, "")], by=by), "不属于")


def test_claims_one_of_person_and_card_checked_by_another_and_owed_by_the_shop_everywhere(
    incident: Incident, contract: Contract, consumer: User, second_consumer: User, owner_a: User,
    district_officer: User, second_officer: User, other_officer: User, merchant_a: Merchant, merchant_b: Merchant,
) -> None:  # fmt: skip
    locked = complaints.file_claim(incident.pk, card_code=contract.code, claimed_fen=300_000, by=who(consumer))
    assert (locked.kind, locked.contract, locked.card_name) == ("CONTRACT", contract, contract.plan.name)
    again = {"card_code": contract.code, "claimed_fen": 1}
    wrong(lambda: complaints.file_claim(incident.pk, by=who(consumer), **again), "已经登记")
    wrong(lambda: complaints.file_claim(incident.pk, by=who(second_consumer), **again), "没有这个手机号")
    foreign = open_contract(make_plan(merchant_b), consumer)
    other = {"card_code": foreign.code, "claimed_fen": 1}
    wrong(lambda: complaints.file_claim(incident.pk, by=who(consumer), **other), "没有这个手机号")
    unseen(lambda: outside(incident, owner_a))
    for fen in (0, -5, 100_000_001):
        wrong(lambda fen=fen: outside(incident, consumer, fen), "金额")  # type: ignore[misc]
    card = outside(incident, consumer)
    wrong(lambda: outside(incident, consumer, name="金卡-001"), "已经登记")
    written = NewClaim(name="王芳", phone="+8613700000077", claimed_fen=80_000, card_name="银卡")
    entered = complaints.enter_claim(incident.pk, written, by=who(district_officer))
    unseen(lambda: complaints.enter_claim(incident.pk, written, by=who(consumer)))
    forbidden(lambda: complaints.check_claim(entered.pk, 80_000, WHY, by=who(district_officer)))
    unseen(lambda: complaints.check_claim(card.pk, 1, WHY, by=who(other_officer)))
    wrong(lambda: complaints.check_claim(card.pk, 60_001, WHY, by=who(district_officer)), "不超过申报")
    assert not list(unlocked_claims(merchant_a, days(0)))

    complaints.check_claim(card.pk, 50_000, WHY, by=who(district_officer))
    complaints.check_claim(entered.pk, 80_000, WHY, by=who(second_officer))
    complaints.check_claim(locked.pk, 250_000, WHY, by=who(district_officer))
    owed = {one.source: one.entitled_fen for one in unlocked_claims(merchant_a, days(0))}
    assert owed == {f"incident-claim:{card.pk}": 50_000, f"incident-claim:{entered.pk}": 80_000}
    complaints.note_repaid(card.pk, 20_000, "房东代付，收条在卷", by=who(district_officer))
    wrong(lambda: complaints.note_repaid(card.pk, 30_001, "房东代付", by=who(district_officer)))
    refused(WrongState, lambda: complaints.note_repaid(locked.pk, 1, "房东代付", by=who(district_officer)))
    refused(WrongState, lambda: complaints.recheck_claim(card.pk, "金额有误要重核", by=who(district_officer)))
    gone = complaints.withdraw_claim(outside(incident, consumer, name="次卡").pk, by=who(consumer))
    assert gone.status == "WITHDRAWN"
    figures = figures_of(incident)
    assert (figures.claims, figures.claimants, figures.waiting) == (3, 2, 0)
    assert (figures.allowed_fen, figures.paid_fen, figures.open_fen) == (380_000, 20_000, 360_000)
    assert (figures.locked_fen, figures.unlocked_fen) == (300_000, 110_000)
    assert set(IncidentClaim.objects.visible_to(who(consumer))) == {locked, card, gone}
    assert not IncidentClaim.objects.visible_to(who(owner_a)).exists()


def test_joined_to_the_run_off_that_counts_what_is_checked_later_and_ends_when_all_is_done(
    incident: Incident, contract: Contract, consumer: User, merchant_a: Merchant,
    district_officer: User, second_officer: User,
) -> None:  # fmt: skip
    card, by = outside(incident, consumer), who(district_officer)
    assert run_off_of(incident) is None
    run_off = prepaid.propose_run_off(merchant_a.pk, "店门紧闭三天，电话停机", days(-3), by=by)
    prepaid.approve_run_off(run_off.pk, by=who(second_officer))
    count_claims(run_off.pk)
    complaints.check_claim(card.pk, 50_000, WHY, by=by)
    refused(WrongState, lambda: prepaid.plan_run_off(run_off.pk, by=by), "还在核算")
    count_claims(run_off.pk)
    found = run_off_of(incident)
    assert found is not None
    sums = found[1]
    assert (sums["claims"], sums["entitled"], sums["pays"], sums["shortfall"]) == (2, 350_000, 300_000, 50_000)
    prepaid.plan_run_off(run_off.pk, by=by)

    late = outside(incident, consumer, name="次卡")
    refused(WrongState, lambda: complaints.settle_incident(incident.pk, by=by), "1 笔债权")
    complaints.refuse_claim(late.pk, "没有任何凭证，也联系不上本人", by=by)
    complaints.settle_incident(incident.pk, by=by)
    refused(WrongState, lambda: outside(incident, consumer, name="年卡"), "已经截止")
    refused(WrongState, lambda: complaints.close_incident(incident.pk, "全部退清", by=by), "4 件投诉")
    Complaint.objects.update(closed_at=timezone.now(), status="CLOSED")
    complaints.close_incident(incident.pk, "锁定的钱全部退清，未锁定的已移送", by=by)
    refused(WrongState, lambda: complaints.note_progress(incident.pk, "再写一条", by=by), "已经办结")
    assert verbs(incident)[-2:] == ["incident.settle", "incident.close"]


def test_a_list_comes_in_row_by_row(incident: Incident, contract: Contract, consumer: User, district_officer: User,
                                    tmp_path: Path) -> None:  # fmt: skip
    path, by = tmp_path / "list.csv", who(district_officer)
    lines = [
        "姓名,手机号,卡名或卡号,平台合同编号,金额（元）,备注",
        f"周桂芬,13900000001,,{contract.code},3000,",
        "王芳,13700000077,银卡,,800.50,收据在",
        "王芳,13700000077, 银 卡 ,,900,同一张",
        "李四,1370000,金卡,,800,",
        "赵五,13700000078,金卡,,=1+1,",
        "孙六,13700000079,金卡,,2000000,",
        ",13700000080,金卡,,20,",
        f"钱七,13700000081,,{contract.code},100,",
    ]
    path.write_text("\n".join(lines), encoding="gb18030")
    found = complaints.import_claims(incident.pk, path, by=by)
    assert (found.added, found.known) == (2, 1)
    assert [line for line, _ in found.errors] == [5, 6, 7, 8, 9]
    assert "没有这个手机号" in found.errors[-1][1]
    known = IncidentClaim.objects.get(contract=contract)
    assert (known.claimant.user, known.claimant.name) == (consumer, "周桂芬")
    assert complaints.import_claims(incident.pk, path, by=by).added == 0
    path.write_text("名字,电话\n甲,1", encoding="utf-8")
    wrong(lambda: complaints.import_claims(incident.pk, path, by=by), "还缺")
    assert incident.claims.count() == 2


def test_two_representatives_chosen_by_the_claimants(
    incident: Incident, victims: list[User], district_officer: User, consumer: User
) -> None:
    by = who(district_officer)
    claims = [outside(incident, victim) for victim in victims]
    outside(incident, victims[0], name="第二张卡")
    first = complaints.stand_for_claimants(claims[0].pk, by=who(victims[0]))
    second = complaints.name_representative(claims[1].pk, willing=False, by=by)
    unseen(lambda: complaints.stand_for_claimants(claims[2].pk, by=who(consumer)))
    refused(WrongState, lambda: complaints.confirm_representative(first.pk, by=by), "至少要 2 人")
    complaints.choose_representative(first.pk, claims[2].pk, by=who(victims[2]))
    complaints.choose_representative(first.pk, claims[2].pk, by=who(victims[2]))
    forbidden(lambda: complaints.choose_representative(first.pk, claims[2].pk, by=by))
    complaints.choose_representative(second.pk, claims[2].pk, "SIGNED", by=by)
    assert complaints.supporters(first) == (2, 2)
    assert complaints.confirm_representative(first.pk, by=by).status == "ACTING"
    refused(WrongState, lambda: complaints.confirm_representative(second.pk, by=by), "本人还没有同意")
    complaints.stand_for_claimants(claims[1].pk, by=who(victims[1]))
    complaints.confirm_representative(second.pk, by=by)
    third = complaints.stand_for_claimants(claims[3].pk, by=who(victims[3]))
    complaints.choose_representative(third.pk, claims[2].pk, "PHONE", by=by)
    refused(WrongState, lambda: complaints.confirm_representative(third.pk, by=by), "最多 2 名")
    complaints.end_representative(second.pk, "本人搬到外地", by=by)
    complaints.confirm_representative(third.pk, by=by)
    assert IncidentRepresentative.objects.filter(status="ACTING").count() == 2


def test_progress_is_told_to_everybody_once_and_names_nobody(
    incident: Incident, victims: list[User], consumer: User, district_officer: User, client: Client,
    signed_in: Callable[[User], Client], owner_a: User,
) -> None:  # fmt: skip
    by = who(district_officer)
    outside(incident, victims[0])
    outside(incident, consumer)
    for text in ("受害1号的钱已经退了", "请打 138-1234-5678 问进展", "身份证 33010119900307123X 的人"):
        wrong(lambda text=text: complaints.note_progress(incident.pk, text, by=by))  # type: ignore[misc]
    before = SmsMessage.objects.count()
    entry = complaints.note_progress(incident.pk, "已冻结专户，开始核对第一批债权", by=by, tell=True)
    assert entry.told == SmsMessage.objects.count() - before == 5
    complaints.note_progress(incident.pk, "受害1号已经来过，补了收据", by=by, public=False)
    for asker in (client, signed_in(owner_a)):
        page = asker.get(f"/incidents/{incident.code}/")
        text = page.content.decode()
        assert (page.status_code, "何志强" in text, "已冻结专户" in text) == (200, True, True)
        for victim in (*victims, consumer):
            assert victim.name not in text
            assert victim.phone[-8:] not in text
        assert "金卡" not in text
    assert "登记债权</a>" not in text, "the shop's own people are not offered it"
    shop_page = client.get(f"/shops/{incident.merchant.public_code}/").content.decode()
    assert f"/incidents/{incident.code}/" in shop_page
    matter = incident.complaints.get(complainant__user=victims[0])
    assert (
        f"/incidents/{incident.code}/" in signed_in(victims[0]).get(f"/my/complaints/{matter.code}/").content.decode()
    )
    assert client.get("/incidents/").status_code == 200


def test_the_pages_of_officers_and_claimants(
    incident: Incident, merchant_a: Merchant, victims: list[User], contract: Contract, consumer: User,
    district_officer: User, second_officer: User, signed_in: Callable[[User], Client],
    django_assert_max_num_queries: Any, tmp_path: Path,
) -> None:  # fmt: skip
    mine = signed_in(consumer)
    form = mine.get(f"/incidents/{incident.code}/claim/").content.decode()
    assert contract.plan.name in form
    body = {"card_code": "", "card_name": "", "amount_fen": "600", "key": "k" * 12}
    assert mine.post(f"/incidents/{incident.code}/claim/", body).status_code == 400
    answer = mine.post(f"/incidents/{incident.code}/claim/", body | {"card_name": "金卡"})
    claim = IncidentClaim.objects.get(card_name="金卡")
    assert answer.headers["Location"] == f"/my/claims/{claim.code}/"
    assert mine.get(f"/my/claims/{claim.code}/").status_code == 200
    mine.post(f"/my/claims/{claim.code}/stand/", {"key": "s" * 12})
    named = IncidentRepresentative.objects.get()
    assert signed_in(victims[0]).get(f"/my/claims/{claim.code}/").status_code == 404
    other = outside(incident, victims[0])
    choose = f"/my/claims/{other.code}/choose/?representative={named.pk}"
    assert signed_in(victims[0]).post(choose, {"key": "c" * 12}).status_code == 302

    desk, admin = signed_in(district_officer), "/admin/complaints"
    for row in incident.complaints.all():
        assigned(row, district_officer, ago(2))
    preview = desk.get(f"{admin}/incident/{incident.pk}/accept/")
    assert "受理 4 件" in text_of(preview)
    plan = complaints.propose_acceptance(incident.pk, by=who(district_officer))
    rows = [f"{one.complaint.pk}|{one.stood}" for one in plan]
    sent = {"row": rows, "key": "a" * 12}
    for _ in range(2):
        assert "已受理 4 件" in text_of(desk.post(f"{admin}/incident/{incident.pk}/accept/", sent))
    listed = tmp_path / "list.csv"
    listed.write_text("姓名,手机号,卡名,金额\n王芳,13700000077,银卡,80\n王,1,银卡,80", encoding="utf-8")
    with listed.open("rb") as file:
        assert "第 3 行" in text_of(desk.post(f"{admin}/incident/{incident.pk}/import/", {"file": file}))
    checked = desk.post(
        f"{admin}/incidentclaim/{claim.pk}/act/check/", {"allowed_fen": "500", "reason": WHY, "key": "h" * 12}
    )
    assert checked.status_code == 302
    with django_assert_max_num_queries(45):
        page = text_of(desk.get(f"{admin}/incident/{incident.pk}/change/"))
    assert "债权人代表" in page
    assert consumer.name not in page
    for name in ("incident", "incidentclaim"):
        desk.get(f"{admin}/{name}/")
        with django_assert_max_num_queries(14):
            assert desk.get(f"{admin}/{name}/").status_code == 200
    dossier = text_of(desk.get(f"/admin/merchants/merchant/{merchant_a.pk}/change/"))
    assert "群体事件" in dossier
    assert (
        reverse("admin:complaints_incident_change", args=[incident.pk]) in dossier or incident.code_grouped in dossier
    )


@pytest.mark.django_db(transaction=True)
def test_the_same_card_at_once_is_one_claim(
    merchant_a: Merchant, consumer: User, district_officer: User, city_chief: User
) -> None:
    complaint_of(merchant_a, consumer, received=ago(9))
    incident = opened(merchant_a, district_officer, city_chief)
    by = who(consumer)
    answers = at_once(*[lambda: complaints.file_claim(incident.pk, card_name="金卡", claimed_fen=100, by=by)] * 4)
    assert sum(isinstance(one, IncidentClaim) for one in answers) == 1
    assert IncidentClaim.objects.count() == 1
    assert Complainant.objects.filter(pk=IncidentClaim.objects.get().claimant_id).exists()
