"""The regulator's case page and queue, the shop's inbox, the mediator's desk: what each reads and may press."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints import actions as complaints
from complaints.hints import Facts, hints
from complaints.models import Complaint, MaliceFlag, MediationAssignment, Party
from core.errors import Invalid, WrongState
from core.models import AuditEvent, Membership, Role, User
from merchants.models import Merchant
from prepaid.models import Contract
from tests.cast import fresh, person
from tests.complaints.case_scenes import REASON, accepted, assigned, complaint_of, in_mediation
from tests.pages.admin_desk import SignIn, act_url, change_url, press, text_of
from tests.prepaid.scenes import forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
LIST = "/admin/complaints/complaint/"
PDF = b"%PDF-1.4\n%%EOF"


@pytest.fixture
def case(contract: Contract, consumer: User, district_officer: User) -> Complaint:
    """Assigned today, about a card with 3,000 locked."""
    now = timezone.now()
    return assigned(complaint_of(contract.merchant, consumer, received=now, contract=contract), district_officer, now)


@pytest.fixture
def desk(district_officer: User, signed_in: SignIn) -> Client:
    return signed_in(district_officer)


@pytest.fixture
def mediator(db: None) -> User:
    user = person("13900000041", "方敏")
    Membership.objects.create(user=user, role=Role.MEDIATOR)
    return user


def test_the_case_page_says_all_and_masks_the_person(case: Complaint, desk: Client, consumer: User) -> None:
    html = desk.get(change_url(case)).content.decode()
    text = text_of(desk.get(change_url(case)))
    assert "A造型 退款难" in text and case.code_grouped in text and "33-" in text
    assert consumer.name not in html and consumer.phone[-8:] not in html and "周**" in text
    assert "¥3,000" in text and "受理决定" in text and "怎么算的" in text and "CN.COMPLAINT.121" in text
    for button in ("受理", "不予受理", "限期提供身份证明", "记一次联系", "查看完整信息（须填理由）"):
        assert button in text
    assert "达成调解协议" not in text and "终止调解" not in text
    assert "第17条提示" in text and "只作提示" in text


def test_accepting_says_until_when_first_and_happens_once(case: Complaint, desk: Client) -> None:
    assert "60 日" in text_of(desk.get(act_url(case, "accept")))
    assert press(desk, case, "accept").status_code == 302
    case.refresh_from_db()
    assert case.status == "ACCEPTED"
    assert desk.get(act_url(case, "accept")).status_code == 302
    answer = press(desk, case, "refuse", ground="4", reason=REASON)
    assert answer.status_code in (302, 409) and Complaint.objects.get(pk=case.pk).status == "ACCEPTED"


def test_a_refusal_without_a_ground_keeps_what_was_typed(case: Complaint, desk: Client) -> None:
    answer = press(desk, case, "refuse", reason="已经超过三年")
    assert answer.status_code == 400 and "已经超过三年" in answer.content.decode()
    assert press(desk, case, "refuse", ground="4", reason="已经超过三年").status_code == 302
    assert "第39条" in text_of(desk.get(change_url(case)))


def test_the_whole_way_by_buttons_moves_the_money(
    case: Complaint, contract: Contract, desk: Client, district_officer: User
) -> None:
    press(desk, case, "accept")
    for party in Party.values:
        assert press(desk, case, "consent", party=party, note="电话同意").status_code == 302
    when = (timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert press(desk, case, "mediate", when=when, place="调解室").status_code == 302
    page = text_of(desk.get(act_url(case, "agree")))
    assert "锁定 ¥3,000.00" in page
    over = press(desk, case, "agree", terms="退还余款再无争议", amount_fen="4000")
    assert over.status_code == 400 and "超出 ¥1,000.00" in text_of(over) and fresh(contract).locked_fen == 300_000
    assert press(desk, case, "agree", terms="退还余款再无争议", amount_fen="2160").status_code == 302
    assert fresh(contract).refunded_fen == 216_000
    text = text_of(desk.get(change_url(case)))
    assert "调解协议" in text and "¥2,160" in text and "应当制作（文书九）" in text


def test_the_unmasking_asks_a_purpose_and_is_written_down(case: Complaint, desk: Client, consumer: User) -> None:
    assert desk.post(act_url(case, "unmask"), {"purpose": "看"}).status_code == 400
    answer = desk.post(act_url(case, "unmask"), {"purpose": "电话核实诉求"})
    assert consumer.name in answer.content.decode() and "no-store" in answer["Cache-Control"]
    line = AuditEvent.objects.filter(verb="complaint.unmask").get()
    assert line.facts["purpose"] == "电话核实诉求" and consumer.name not in str(line.facts)


def test_strangers_find_nothing_and_watchers_press_nothing(
    case: Complaint, signed_in: SignIn, other_officer: User, auditor: User, consumer: User
) -> None:
    stranger = signed_in(other_officer)
    assert stranger.get(change_url(case)).status_code == 404
    assert case.code_grouped not in text_of(stranger.get(f"{LIST}?scope=all"))
    watcher = signed_in(auditor)
    text = text_of(watcher.get(change_url(case)))
    assert "这个状态下没有您要办的事" in text and "第17条提示" not in text
    assert signed_in(consumer).get(change_url(case)).status_code == 302


def test_the_queue_is_ones_own_first_and_asks_the_database_a_fixed_number_of_times(
    case: Complaint, desk: Client, merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    assert case.code_grouped in text_of(desk.get(LIST))
    assert case.code_grouped not in text_of(desk.get(f"{LIST}?scope=free"))
    free = complaint_of(merchant_a, consumer, received=timezone.now())
    assert free.code_grouped in text_of(desk.get(f"{LIST}?scope=free"))
    assert case.code_grouped in text_of(desk.get(f"{LIST}?scope=open&due=soon&status__exact=ASSIGNED"))
    assert case.code_grouped not in text_of(desk.get(f"{LIST}?due=late"))
    assert case.code_grouped in text_of(desk.get(f"{LIST}?scope=all&place=330199001&q={case.code[:6]}"))
    source = case.receipts.get().intake.source_no
    assert case.code_grouped in text_of(desk.get(f"{LIST}?q={source}"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(LIST)
    for _ in range(4):
        row = complaint_of(merchant_a, consumer, received=timezone.now())
        assigned(row, district_officer, timezone.now())
    with CaptureQueriesContext(connection) as many:
        desk.get(LIST)
    assert len(many) <= len(few)
    export = desk.get(f"{LIST}export.csv?scope=all")
    csv = b"".join(export.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert case.code in csv and consumer.name not in csv and consumer.phone[-8:] not in csv


# The shop


def shop_url(row: Complaint, step: str = "") -> str:
    name = "complaints:shop_complaint_step" if step else "complaints:shop_complaint"
    return reverse(name, args=[row.code, step] if step else [row.code])


def send(client: Client, url: str, **data: Any) -> Any:
    return client.post(url, {"key": f"key-{timezone.now().timestamp()}", **data})


def test_the_shop_reads_it_once_it_is_told_and_answers(
    case: Complaint, signed_in: SignIn, owner_a: User, clerk_b: User, consumer: User, district_officer: User
) -> None:
    shop = signed_in(owner_a)
    assert shop.get(shop_url(case)).status_code == 404
    complaints.accept(case.pk, by=who(district_officer))
    page = shop.get(shop_url(case))
    assert consumer.name not in page.content.decode() and "周**" in text_of(page) and "调解" in text_of(page)
    assert "第17条" not in text_of(page)
    assert "答复投诉" in text_of(shop.get(reverse("portal:merchant_todo")))
    assert "等您答复" in text_of(shop.get(reverse("complaints:shop_complaints")))
    assert send(shop, shop_url(case, "answer"), reply="同").status_code == 400
    assert send(shop, shop_url(case, "answer"), reply="愿意按合同退余款").status_code == 302
    assert send(shop, shop_url(case, "mediate")).status_code == 302
    assert Complaint.objects.get(pk=case.pk).merchant_reply == "愿意按合同退余款"
    assert "等您答复" not in text_of(shop.get(reverse("complaints:shop_complaints")))
    assert signed_in(clerk_b).get(shop_url(case)).status_code == 404


def test_the_inbox_asks_a_fixed_number_of_times(
    case: Complaint, signed_in: SignIn, owner_a: User, merchant_a: Merchant, consumer: User, district_officer: User
) -> None:
    shop, url = signed_in(owner_a), reverse("complaints:shop_complaints")
    complaints.accept(case.pk, by=who(district_officer))
    shop.get(url)
    with CaptureQueriesContext(connection) as few:
        shop.get(url)
    for _ in range(3):
        accepted(complaint_of(merchant_a, consumer, received=timezone.now()), district_officer, timezone.now())
    with CaptureQueriesContext(connection) as many:
        shop.get(url)
    assert len(many) == len(few)


def test_malice_is_judged_by_an_officer_and_seen_by_nobody_else(
    case: Complaint, signed_in: SignIn, owner_a: User, clerk_a: User, consumer: User, desk: Client,
    district_officer: User, auditor: User,
) -> None:  # fmt: skip
    complaints.accept(case.pk, by=who(district_officer))
    forbidden(lambda: complaints.flag_malice(case.pk, REASON, SimpleUploadedFile("a.pdf", PDF), by=who(clerk_a)))
    bad = SimpleUploadedFile("a.pdf", b"MZ not a pdf")
    refused(Invalid, lambda: complaints.flag_malice(case.pk, REASON, bad, by=who(owner_a)))
    shop = signed_in(owner_a)
    assert (
        send(shop, shop_url(case, "malice"), reason="同一人多次敲诈", file=SimpleUploadedFile("a.pdf", PDF)).status_code
        == 302
    )
    flag = MaliceFlag.objects.get()
    again = SimpleUploadedFile("a.pdf", PDF)
    refused(WrongState, lambda: complaints.flag_malice(case.pk, REASON, again, by=who(owner_a)))
    assert not MaliceFlag.objects.visible_to(who(consumer)).exists()
    assert "敲诈" not in text_of(signed_in(auditor).get(change_url(case)))
    assert "敲诈" in text_of(desk.get(change_url(case)))
    unseen(lambda: complaints.judge_malice(flag.pk, REASON, uphold=True, by=who(consumer)))
    proof = reverse("admin:stored_file", args=[flag.evidence_id])
    assert desk.get(proof).status_code == 200
    case.complainant.user = district_officer
    case.complainant.save(update_fields=["user"])
    assert desk.get(proof).status_code == 404
    case.complainant.user = consumer
    case.complainant.save(update_fields=["user"])
    assert press(desk, case, "judge_malice", verdict="reject", finding="证据不足以认定").status_code == 302
    assert MaliceFlag.objects.get().status == "REJECTED" and Complaint.objects.get(pk=case.pk).status == "ACCEPTED"


def test_hints_only_speak_of_what_is_conspicuous() -> None:
    plain = Facts(1, 1, 1, 1, True, 2, 0)
    assert hints(plain, many=5, shared=3) == []
    odd = Facts(6, 5, 4, 5, False, 0, 1)
    assert [one.basis[:7] for one in hints(odd, many=5, shared=3)] == [
        "第17条第1项", "第17条第2项", "第17条第3项", "第17条第4项", "第17条第5项",
    ]  # fmt: skip


# People's mediation


def test_both_agree_then_the_mediator_reports_and_the_officer_pays(
    case: Complaint, contract: Contract, mediator: User, signed_in: SignIn, consumer: User, owner_a: User,
    desk: Client, district_officer: User,
) -> None:  # fmt: skip
    by = who(district_officer)
    complaints.accept(case.pk, by=by)
    refused(Invalid, lambda: complaints.propose_delegation(case.pk, "示范区调委会", consumer.pk, by=by))
    row = complaints.propose_delegation(case.pk, "示范区调委会", mediator.pk, by=by)
    table = signed_in(mediator)
    own = reverse("complaints:mediator_assignment", args=[row.pk])
    assert table.get(own).status_code == 404
    complaints.consent_to_delegation(row.pk, by=who(consumer))
    complaints.consent_to_delegation(row.pk, by=who(owner_a))
    page = table.get(own)
    assert page.status_code == 200 and consumer.name not in page.content.decode() and "周**" in text_of(page)
    assert "退款难" in text_of(table.get(reverse("complaints:mediator")))
    step = {name: reverse("complaints:mediator_step", args=[row.pk, name]) for name in ("begin", "agree", "fail")}
    assert send(table, step["begin"]).status_code == 302
    assert Complaint.objects.get(pk=case.pk).status == "MEDIATING"
    assert send(table, step["agree"], outcome="退十五课时再无争议", agreed_fen="1800").status_code == 302
    row = MediationAssignment.objects.get()
    assert (row.status, row.agreed_fen) == ("AGREED", 180_000) and fresh(contract).refunded_fen == 0
    html = desk.get(act_url(case, "agree")).content.decode()
    assert "退十五课时再无争议" in html and "1800.00" in html
    complaints.settle(case.pk, row.outcome, 180_000, by=by)
    assert fresh(contract).refunded_fen == 180_000
    assert press(desk, case, "confirm_delegation", number="(2026)浙0199司确1号", on="2026-10-12").status_code == 302
    assert verbs(row)[-1] == "mediation_assignment.confirm"
    assert signed_in(consumer).get(reverse("complaints:mediator")).status_code == 403


def test_a_mediator_with_an_interest_is_not_taken(
    case: Complaint, mediator: User, merchant_a: Merchant, district_officer: User, consumer: User
) -> None:
    by = who(district_officer)
    complaints.accept(case.pk, by=by)
    Membership.objects.create(user=mediator, role=Role.MERCHANT_STAFF, merchant_id=merchant_a.pk)
    error = refused(Invalid, lambda: complaints.propose_delegation(case.pk, "示范区调委会", mediator.pk, by=by))
    assert "回避" in error.fields["mediator"]
    Membership.objects.create(user=consumer, role=Role.MEDIATOR)
    error = refused(Invalid, lambda: complaints.propose_delegation(case.pk, "示范区调委会", consumer.pk, by=by))
    assert "回避" in error.fields["mediator"]


def test_one_no_and_there_is_no_delegation(
    case: Complaint, mediator: User, district_officer: User, owner_a: User, consumer: User
) -> None:
    in_mediation_case = in_mediation(
        complaint_of(case.merchant, consumer, received=timezone.now()),
        district_officer,
        timezone.now(),  # type: ignore[arg-type]
    )
    row = complaints.propose_delegation(in_mediation_case.pk, "示范区调委会", mediator.pk, by=who(district_officer))
    complaints.consent_to_delegation(row.pk, by=who(owner_a), agrees=False)
    refused(WrongState, lambda: complaints.consent_to_delegation(row.pk, by=who(consumer)))
    assert MediationAssignment.objects.get().status == "DECLINED"
