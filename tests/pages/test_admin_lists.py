"""The regulators' lists, search, files, machinery and delegation."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core.actors import Actor
from core.case_panels import VERB_WORDS
from core.csv_export import plain_yuan, safe_cell
from core.models import AuditEvent, Delegation, JobRun, OutboxEvent, Role, StoredFile, User
from core.uploads import store
from merchants import actions as merchants
from merchants.models import Merchant
from portal import workbench
from prepaid.models import Contract, Freeze, SuspenseItem, Visit
from tests.cast import OTHER_CITY, PASSWORD, officer, pay
from tests.pages.admin_desk import SignIn, act_url, change_url, text_of

pytestmark = pytest.mark.django_db


def test_search_finds_by_name_code_and_phone(
    signed_in: SignIn, district_officer: User, auditor: User, other_officer: User, contract: Contract
) -> None:
    client, url = signed_in(district_officer), reverse("admin:search")
    for term in ("A造型", contract.merchant.uscc, str(contract), contract.code[:6], "13900000001"):
        assert "A造型" in text_of(client.get(url, {"q": term})).replace(f"查找「{term}」", ""), term
    assert "按手机号查找要有办案权限" in text_of(signed_in(auditor).get(url, {"q": "13900000001"}))
    assert "没有找到" in text_of(signed_in(other_officer).get(url, {"q": contract.code}))


def test_lists_search_by_phone_only_for_those_who_may(
    signed_in: SignIn, district_officer: User, auditor: User, contract: Contract
) -> None:
    url = reverse("admin:prepaid_contract_changelist")
    for term, who, count in (
        ("13900000001", district_officer, 1),
        ("13900000001", auditor, 0),
        (str(contract)[:9], auditor, 1),
        ("A造型", auditor, 1),
        ("没有这家", auditor, 0),
    ):
        assert signed_in(who).get(url, {"q": term}).context["cl"].result_count == count, (term, who)


def test_the_filtered_list_is_exported_without_formulas(
    signed_in: SignIn, district_officer: User, contract: Contract
) -> None:
    Merchant.objects.filter(pk=contract.merchant_id).update(brand_name="=cmd|calc")
    client, url = signed_in(district_officer), reverse("admin:prepaid_contract_export")
    lines = b"".join(client.get(url, {"status__exact": "ACTIVE"})).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=cmd|calc" in lines[1] and ",3000.00,3000.00,0.00," in lines[1]
    assert len(b"".join(client.get(url, {"status__exact": "PAUSED"})).decode().splitlines()) == 1


def test_cells_that_look_like_formulas_are_defused() -> None:
    assert [safe_cell(text) for text in ("=1", "+1", "-1", "@a", "\t=1", " =1", "＝1")] == [
        "'=1", "'+1", "'-1", "'@a", "'\t=1", "' =1", "'＝1",
    ]  # fmt: skip
    assert safe_cell(plain_yuan(-123456)) == "-1234.56"


def test_the_locked_board_adds_up_and_is_cut_by_region(
    signed_in: SignIn, district_officer: User, other_officer: User, disputed: Visit
) -> None:
    page = signed_in(district_officer).get(reverse("admin:locked_board"))
    assert page.context["totals"] == {"locked_fen": 300_000, "held_fen": 25_000, "contracts": 1}
    csv = b"".join(signed_in(district_officer).get(reverse("admin:locked_csv"), {"by": "industry"})).decode()
    assert ",3000.00,250.00,1,100.0%" in csv
    far = signed_in(other_officer).get(reverse("admin:locked_board"))
    assert far.context["totals"]["locked_fen"] == 0


def test_the_statement_of_a_card_shows_each_movement(
    signed_in: SignIn, district_officer: User, contract: Contract
) -> None:
    text = text_of(signed_in(district_officer).get(reverse("admin:account_statement", args=[contract.account_id])))
    assert "预付到账" in text and "¥3,000.00" in text and "存管专户" in text


def test_unmatched_money_is_seen_by_those_who_oversee(
    signed_in: SignIn, city_chief: User, district_officer: User, contract: Contract
) -> None:
    pay(contract.orders.get(), ref="twice")
    SuspenseItem.objects.create(bank_ref="nobody", order_no="XXXX", amount_fen=1_00, reason="没有这个订单")
    url = reverse("admin:prepaid_suspenseitem_changelist")
    mine = text_of(signed_in(district_officer).get(url))
    assert "nobody" not in mine
    assert "nobody" in text_of(signed_in(city_chief).get(url))


def test_every_page_obeys_the_content_security_policy(
    signed_in: SignIn, sysadmin: User, district_officer: User, disputed: Visit, proposed: Freeze, waiting: Merchant
) -> None:
    client, keeper = signed_in(district_officer), signed_in(sysadmin)
    names = ("index", "search", "due", "second", "delegation", "locked_board", "password_change",
             "merchants_merchant_review")  # fmt: skip
    pages = [client.get(reverse(f"admin:{name}")) for name in names]
    pages += [
        client.get(change_url(row)) for row in (disputed, disputed.contract, disputed.merchant, proposed, waiting)
    ]
    pages += [client.get(act_url(disputed, "uphold")), client.get(reverse("admin:search"), {"q": "造型"})]
    pages += [keeper.get(reverse("admin:operations")), Client().get(reverse("admin:login"))]
    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200, page.request["PATH_INFO"]
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html), page.request
        assert all(src.startswith("/") for src in re.findall(r'<script[^>]*src="([^"]+)"', html))


def test_history_is_the_case_with_every_line(signed_in: SignIn, auditor: User, contract: Contract) -> None:
    url = reverse("admin:prepaid_contract_history", args=[contract.pk])
    page = signed_in(auditor).get(url, follow=True)
    assert page.status_code == 200 and "预付款已锁定" in text_of(page) and "存管银行" in text_of(page)


def test_nothing_can_be_added_changed_or_deleted(signed_in: SignIn, city_chief: User, contract: Contract) -> None:
    client = signed_in(city_chief)
    assert client.get(reverse("admin:prepaid_contract_add")).status_code == 404
    assert client.get(reverse("admin:prepaid_contract_delete", args=[contract.pk])).status_code == 404
    before = Contract.objects.values().get(pk=contract.pk)
    client.post(change_url(contract), {"status": "REFUNDED", "_save": "1"})
    assert Contract.objects.values().get(pk=contract.pk) == before


def test_every_audit_line_has_words() -> None:
    recorded = set()
    for app in ("core", "merchants", "prepaid", "complaints", "portal"):
        for source in (Path(__file__).parents[2] / app).rglob("*.py"):
            recorded |= set(re.findall(r'\brecord\(\s*"([a-z_.]+)"', source.read_text(encoding="utf-8")))
    assert recorded - set(VERB_WORDS) == set()


def test_officers_sign_in_by_phone_and_merchants_are_refused(district_officer: User, owner_a: User) -> None:
    client, url = Client(), reverse("admin:login")
    assert "手机号" in text_of(client.get(url))
    refused = client.post(url, {"username": "13900000011", "password": PASSWORD, "next": "/admin/"})
    assert refused.status_code == 200 and "Location" not in refused
    entered = client.post(url, {"username": "13900000021", "password": PASSWORD, "next": "/admin/"})
    assert entered.status_code == 302 and entered["Location"] == "/admin/"
    assert "陈立" in text_of(client.get("/admin/"))


def test_the_licence_is_shown_to_those_who_see_the_merchant(
    signed_in: SignIn,
    district_officer: User,
    other_officer: User,
    owner_a: User,
    merchant_a: Merchant,
    settings: Any,
    tmp_path: Path,
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")
    file = store(SimpleUploadedFile("licence.png", picture.getvalue()), title="执照", by=Actor.of_user(owner_a))
    merchants.attach_licence(merchant_a.pk, file, by=Actor.of_user(owner_a))
    url = reverse("admin:stored_file", args=[file.pk])
    client = signed_in(district_officer)
    assert url in client.get(change_url(merchant_a)).content.decode()
    shown = client.get(url)
    assert shown.status_code == 200 and shown["Content-Type"] == "image/jpeg"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert signed_in(other_officer).get(url).status_code == 404
    StoredFile.objects.filter(pk=file.pk).update(media_type="text/html")
    assert "attachment" in client.get(url)["Content-Disposition"]


def test_only_the_keeper_replays_and_runs(
    signed_in: SignIn, sysadmin: User, auditor: User, district_officer: User
) -> None:
    event = OutboxEvent.objects.create(
        topic="core.send_sms", key="k:1", state="DEAD", next_at=timezone.now(), error="TimeoutError"
    )
    url, replay, run = (reverse(f"admin:operations{name}") for name in ("", "_replay", "_run"))
    assert signed_in(district_officer).get(url).status_code == 403
    watcher = text_of(signed_in(auditor).get(url))
    assert "TimeoutError" in watcher and "手工运行" not in watcher
    assert signed_in(auditor).post(replay, {"event": event.pk}).status_code == 403
    assert signed_in(auditor).post(run, {"job": "prepaid.auto_agree", "on": "2026-01-05"}).status_code == 403
    keeper = signed_in(sysadmin)
    assert keeper.post(replay, {"event": "no-uuid"}).status_code == 404
    assert keeper.post(replay, {"event": event.pk}).status_code == 302
    event.refresh_from_db()
    assert event.state == "NEW"


@pytest.mark.django_db(transaction=True)
def test_a_job_is_run_by_hand_and_leaves_a_line(signed_in: SignIn, sysadmin: User) -> None:
    keeper = signed_in(sysadmin)
    bad = keeper.post(reverse("admin:operations_run"), {"job": "prepaid.auto_agree", "on": "昨天"})
    assert bad.status_code == 400 and "日期写成" in text_of(bad)
    ran = keeper.post(reverse("admin:operations_run"), {"job": "prepaid.auto_agree", "on": "2026-01-05"})
    assert ran.status_code == 302
    assert JobRun.objects.get(job="prepaid.auto_agree").state == "DONE"
    assert AuditEvent.objects.filter(verb="job.run_by_hand").count() == 1
    assert "逾期退款自动同意" in text_of(keeper.get(reverse("admin:operations")))


def test_a_job_stuck_for_a_day_raises_the_alarm(signed_in: SignIn, sysadmin: User, district_officer: User) -> None:
    today = timezone.localdate()
    late = JobRun.objects.create(
        job="prepaid.reconcile", business_date=today - timedelta(days=3), state="FAILED", error="TimeoutError: 银行"
    )
    JobRun.objects.create(job="prepaid.gone_from_the_code", business_date=late.business_date, state="FAILED")
    JobRun.objects.create(job="prepaid.seal", business_date=today, state="FAILED", error="封账失败")
    keeper = signed_in(sysadmin)
    page = text_of(keeper.get(reverse("admin:operations")))
    assert "存管日终对账 从" in page and "已停 1 天" in page and "TimeoutError: 银行" in page
    assert "gone_from_the_code" not in page and "每日封账 从" not in page, "today's may still be tried again"
    assert workbench.counts(Actor.of_user(sysadmin))["overdue_jobs"] == 1
    assert "overdue_jobs" not in workbench.counts(Actor.of_user(district_officer))
    late.state = "DONE"
    late.save()
    assert "存管日终对账 从" not in text_of(keeper.get(reverse("admin:operations")))


def test_work_is_handed_to_a_colleague_while_away(
    signed_in: SignIn, district_officer: User, second_officer: User, other_officer: User
) -> None:
    client, url = signed_in(district_officer), reverse("admin:delegation")
    page = text_of(client.get(url))
    assert "李静" in page and "赵远" not in page
    dates = {"valid_from": "2026-01-05", "valid_to": "2026-01-01"}
    late = client.post(url, {"to_user": second_officer.pk, "reason": "休假", **dates})
    assert late.status_code == 400 and "休假" in late.content.decode()
    today = timezone.localdate()
    given = {"valid_from": today, "valid_to": today + timedelta(days=3)}
    assert client.post(url, {"to_user": other_officer.pk, "reason": "休假", **given}).status_code == 400
    assert client.post(url, {"to_user": second_officer.pk, "reason": "休假", **given}).status_code == 302
    assert Delegation.objects.get().to_user == second_officer
    assert "陈立 → 我" in text_of(signed_in(second_officer).get(url))


def test_rules_that_are_not_settled_say_so(signed_in: SignIn, district_officer: User) -> None:
    client = signed_in(district_officer)
    assert "条待核" in text_of(client.get(reverse("admin:core_rulepack_changelist")))
    assert "待核（" in text_of(client.get(reverse("admin:core_rulepack_change", args=["CN-3301.2025"])))
    days = text_of(client.get(reverse("admin:core_calendarday_changelist")))
    assert "未公布，按周末推算" in days


def test_the_audit_log_is_cut_to_the_auditors_regions(
    signed_in: SignIn, auditor: User, district_officer: User, contract: Contract
) -> None:
    url = reverse("admin:core_auditevent_changelist")
    assert signed_in(district_officer).get(url).status_code == 403
    page = signed_in(auditor).get(url, {"object": "prepaid.Contract"})
    assert page.context["cl"].result_count >= 3
    far = officer("13900000091", "外审", Role.AUDITOR, OTHER_CITY)
    assert signed_in(far).get(url, {"object": "prepaid.Contract"}).context["cl"].result_count == 0
    line = AuditEvent.objects.filter(object_type="prepaid.Contract").latest("id")
    assert "校验值" in text_of(signed_in(auditor).get(change_url(line)))
    assert signed_in(far).get(change_url(line)).status_code == 404
