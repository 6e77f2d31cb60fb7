"""The watch list: who comes on it, what officers decide, and what nobody else sees."""

import io
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from core.actors import SYSTEM
from core.calendar import business_date
from core.crypto import blind_index
from core.errors import Invalid, NotAllowed, TooMany, WrongState
from core.jobs import run_shard
from core.models import AuditEvent, Role, User
from merchants.actions import auto_check
from merchants.models import Merchant
from prepaid import actions as prepaid
from prepaid.actions.risk_scores import to_follow
from prepaid.models import (
    Contract,
    ListedEntry,
    ListedMerchant,
    ListImport,
    MerchantLink,
    PrivatePaymentReport,
    RiskScore,
    RiskWarning,
)
from prepaid.risk_reports import sales_by_staff
from tests.cast import OTHER_CITY, officer, shop
from tests.prepaid.scenes import days, forbidden, refused, unseen, verbs, who

pytestmark = pytest.mark.django_db
WHY = "已电话核实经营情况"


def scored(merchant: Merchant, level: str, points: int, on: date | None = None) -> RiskWarning | None:
    """The merchant with this score, and its place on the list put right."""
    RiskScore.objects.filter(merchant=merchant).update(is_latest=False)
    RiskScore.objects.create(merchant=merchant, on=on or business_date(), points=points, level=level, reasons=[
        {"code": "custody", "words": "存管缺 4.00 元", "figure": 100, "points": points, "basis": "建议值"}
    ])  # fmt: skip
    return prepaid.follow_score(merchant.pk, by=SYSTEM, on=on)


def test_amber_asks_red_proposes_and_an_officer_stops(
    contract: Contract, merchant_a: Merchant, district_officer: User, second_officer: User, owner_a: User
) -> None:
    assert prepaid.follow_score(merchant_a.pk, by=SYSTEM) is None
    row = scored(merchant_a, "AMBER", 40)
    assert row is not None and (row.status, row.level) == ("OPEN", "AMBER")
    assert prepaid.follow_score(merchant_a.pk, by=SYSTEM) == row
    prepaid.judge_warning(row.pk, "watch", WHY, by=who(district_officer))
    risen = scored(merchant_a, "RED", 70, days(1))
    assert risen is not None and (risen.pk, risen.status, risen.proposed_by) == (row.pk, "STOP_PROPOSED", None)
    assert merchant_a.status == "ACTIVE"
    unseen(lambda: prepaid.stop_for_risk(row.pk, by=who(owner_a)))
    stopped = prepaid.stop_for_risk(row.pk, by=who(district_officer))
    merchant_a.refresh_from_db()
    assert stopped.status == "STOPPED" and merchant_a.status == "RESTRICTED"
    # The public reads that sales are stopped, not the score.
    restriction = merchant_a.restrictions.get()
    assert restriction.source == "风险监测" and "70" not in restriction.reason and "存管" not in restriction.reason
    # The level falls: the stop stays until an officer lifts it.
    assert scored(merchant_a, "GREEN", 5, days(2)).status == "STOPPED"  # type: ignore[union-attr]
    prepaid.lift_risk_stop(row.pk, WHY, by=who(second_officer))
    merchant_a.refresh_from_db()
    assert merchant_a.status == "ACTIVE"
    assert verbs(row) == [
        "risk_warning.open", "risk_warning.watch", "risk_warning.rise", "risk_warning.stop", "risk_warning.level",
        "risk_warning.lift",
    ]  # fmt: skip


def test_dismissed_comes_back_only_when_the_level_rises(merchant_a: Merchant, district_officer: User) -> None:
    row = scored(merchant_a, "AMBER", 31)
    assert row is not None
    prepaid.judge_warning(row.pk, "dismiss", WHY, by=who(district_officer))
    assert scored(merchant_a, "AMBER", 58, days(1)).status == "DISMISSED"  # type: ignore[union-attr]
    assert scored(merchant_a, "RED", 61, days(2)).status == "STOP_PROPOSED"  # type: ignore[union-attr]
    prepaid.judge_warning(row.pk, "dismiss", WHY, by=who(district_officer))
    assert scored(merchant_a, "AMBER", 40, days(3)).status == "DISMISSED"  # type: ignore[union-attr]
    assert scored(merchant_a, "GREEN", 0, days(4)).status == "ENDED"  # type: ignore[union-attr]
    again = scored(merchant_a, "AMBER", 35, days(5))
    assert again is not None and again.pk != row.pk and again.status == "OPEN"


def test_an_officers_own_proposal_needs_another_officer(
    merchant_a: Merchant, district_officer: User, second_officer: User, other_officer: User, owner_a: User
) -> None:
    row = prepaid.propose_stop(merchant_a.pk, "多人反映店长失联", by=who(district_officer))
    assert (row.status, row.level) == ("STOP_PROPOSED", "GREEN")
    forbidden(lambda: prepaid.stop_for_risk(row.pk, by=who(district_officer)))
    for person in (other_officer, owner_a):
        unseen(lambda person=person: prepaid.stop_for_risk(row.pk, by=who(person)))  # type: ignore[misc]
    unseen(lambda: prepaid.propose_stop(merchant_a.pk, WHY, by=who(other_officer)))
    forbidden(lambda: prepaid.propose_stop(merchant_a.pk, WHY, by=who(owner_a)))
    assert prepaid.stop_for_risk(row.pk, by=who(second_officer)).confirmed_by == second_officer
    refused(WrongState, lambda: prepaid.judge_warning(row.pk, "dismiss", WHY, by=who(district_officer)))
    refused(Invalid, lambda: prepaid.judge_warning(row.pk, "stop", WHY, by=who(district_officer)))
    refused(Invalid, lambda: prepaid.lift_risk_stop(row.pk, " ", by=who(second_officer)))


def test_officers_of_the_region_see_it_and_nobody_else(
    merchant_a: Merchant, owner_a: User, consumer: User, other_officer: User, district_officer: User, auditor: User
) -> None:
    scored(merchant_a, "RED", 80)
    for person, n in ((owner_a, 0), (consumer, 0), (other_officer, 0), (district_officer, 1), (auditor, 1)):
        for model in (RiskScore, RiskWarning):
            assert model.objects.visible_to(who(person)).count() == n
    assert "风险" not in Client().get(f"/shops/{merchant_a.public_code}/").content.decode()


def test_the_job_opens_and_ends(merchant_a: Merchant, merchant_b: Merchant) -> None:
    file = ListImport.objects.create(title="x", source="x", as_of=business_date())
    for kind in ("ABNORMAL", "SERIOUS"):
        entry = ListedEntry.objects.create(
            kind=kind, uscc=merchant_a.uscc, name="x", listed_on=business_date(), file=file
        )
        ListedMerchant.objects.create(entry=entry, merchant=merchant_a)
    merchant_a.stores.update(lease_end=business_date())
    run_shard("prepaid.risk_scores", business_date(), 0)
    # 25 for the lists; the lease is silent, nothing is owed.
    assert RiskScore.objects.get().points == 25 and not RiskWarning.objects.exists()
    for n in range(3):
        PrivatePaymentReport.objects.create(merchant=merchant_a, reported_on=business_date(), reporter_idx=str(n))
    prepaid.score_merchants(business_date(), by=SYSTEM)
    assert [row.pk for row in to_follow()] == [merchant_a.pk]
    prepaid.follow_score(merchant_a.pk, by=SYSTEM)
    # 3 of 6: 2/5 of the way, 6 of 16. 31 is AMBER.
    assert RiskWarning.objects.get().level == "AMBER" and not to_follow().exists()
    Merchant.objects.filter(pk=merchant_a.pk).update(status="EXITED")
    assert [row.pk for row in to_follow()] == [merchant_a.pk]
    prepaid.follow_score(merchant_a.pk, by=SYSTEM)
    assert RiskWarning.objects.get().status == "ENDED" and not to_follow().exists()


def test_reports_of_private_payment(
    merchant_a: Merchant, merchant_b: Merchant, consumer: User, second_consumer: User, district_officer: User,
    second_officer: User, owner_a: User,
) -> None:  # fmt: skip
    row = prepaid.report_private_payment(merchant_a.pk, {"text": "扫店员微信"}, by=who(consumer))
    assert row.reporter == consumer and row.status == "RECEIVED"
    refused(TooMany, lambda: prepaid.report_private_payment(merchant_a.pk, {"anonymous": True}, by=who(consumer)))
    hidden = prepaid.report_private_payment(merchant_a.pk, {"anonymous": True}, by=who(second_consumer))
    assert hidden.reporter is None and hidden.reporter_idx != second_consumer.phone_idx
    line = AuditEvent.objects.get(object_type="prepaid.PrivatePaymentReport", object_id=str(hidden.pk))
    assert line.actor_id is None
    refused(Invalid, lambda: prepaid.report_private_payment(merchant_b.pk, {"amount_fen": 0}, by=who(consumer)))
    refused(Invalid, lambda: prepaid.report_private_payment(merchant_b.pk, {"happened_on": days(1)}, by=who(consumer)))
    with pytest.raises(NotAllowed):
        prepaid.report_private_payment(merchant_b.pk, {}, by=SYSTEM)
    assert not PrivatePaymentReport.objects.visible_to(who(owner_a)).exists()
    unseen(lambda: prepaid.confirm_private_payment(row.pk, "核实转账记录", by=who(owner_a)))
    prepaid.reject_private_payment(hidden.pk, "没有证据可以核实", by=who(district_officer))
    prepaid.confirm_private_payment(row.pk, "核实转账记录", by=who(district_officer))
    warning = RiskWarning.objects.get()
    assert (warning.status, warning.proposed_by) == ("STOP_PROPOSED", district_officer)
    forbidden(lambda: prepaid.stop_for_risk(warning.pk, by=who(district_officer)))
    assert prepaid.stop_for_risk(warning.pk, by=who(second_officer)).status == "STOPPED"
    refused(WrongState, lambda: prepaid.reject_private_payment(row.pk, "没有证据可以核实", by=who(district_officer)))


def test_a_phone_reports_three_shops_a_day(owner_a: User, consumer: User) -> None:
    shops = [shop(letter * 3, owner_a) for letter in "FGHJ"]
    for one in shops[:3]:
        prepaid.report_private_payment(one.pk, {"anonymous": True}, by=who(consumer))
    refused(TooMany, lambda: prepaid.report_private_payment(shops[3].pk, {}, by=who(consumer)))
    prepaid.report_private_payment(shops[3].pk, {}, by=who(consumer), on=days(1))


def test_a_phoenix_is_found_hinted_at_and_judged(
    merchant_a: Merchant, merchant_b: Merchant, district_officer: User
) -> None:
    Merchant.objects.filter(pk=merchant_a.pk).update(status="EXITED", contact_phone_idx=blind_index("phone", "1"))
    Merchant.objects.filter(pk=merchant_b.pk).update(status="SUBMITTED", contact_phone_idx=blind_index("phone", "1"))
    merchant_a.stores.update(address="中山路 1 号，２楼")
    merchant_b.stores.update(address="中山路1号2楼")
    checked = auto_check(merchant_b.pk, by=SYSTEM)
    assert checked.status == "UNDER_REVIEW"
    assert any("门店地址、手机号与「A造型」（已停业）相同" in doubt for doubt in checked.checks)
    assert prepaid.find_links(by=SYSTEM) == 1 and prepaid.find_links(by=SYSTEM) == 0
    row = MerchantLink.objects.get()
    assert (row.merchant, row.other, row.matches) == (merchant_b, merchant_a, ["address", "phone"])
    prepaid.dismiss_link(row.pk, "房东同一人，经营者不同", by=who(district_officer))
    prepaid.find_links(by=SYSTEM)
    assert MerchantLink.objects.get().status == "DISMISSED"
    prepaid.confirm_link(row.pk, "实际控制人相同", by=who(district_officer))
    refused(Invalid, lambda: prepaid.dismiss_link(row.pk, "", by=who(district_officer)))


def test_a_common_name_alone_is_no_link(merchant_a: Merchant, merchant_b: Merchant) -> None:
    Merchant.objects.filter(pk=merchant_a.pk).update(status="EXITED", legal_rep_idx="n")
    Merchant.objects.filter(pk=merchant_b.pk).update(legal_rep_idx="n")
    assert prepaid.find_links(by=SYSTEM) == 0


def test_staff_are_named_with_their_share(contract: Contract, merchant_a: Merchant, owner_a: User) -> None:
    (one,) = sales_by_staff(merchant_a.pk, business_date())
    assert (one.cards, one.paid_fen, one.share) == (1, 300_000, 100) and one.name


def test_the_pages_of_officers(
    merchant_a: Merchant, contract: Contract, district_officer: User, other_officer: User, owner_a: User,
    consumer: User, signed_in: Any, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    row = scored(merchant_a, "RED", 70)
    assert row is not None
    told = prepaid.report_private_payment(merchant_a.pk, {"text": "扫店员微信"}, by=who(consumer))
    mine, strange = signed_in(district_officer), signed_in(other_officer)
    for address in (
        "riskwarning/", f"riskwarning/{row.pk}/change/", f"riskwarning/{row.pk}/act/stop/", "riskscore/",
        "privatepaymentreport/", f"privatepaymentreport/{told.pk}/change/", "merchantlink/", "listedentry/",
        "listedmerchant/", "listimport/", "riskwarning/export.csv",
    ):  # fmt: skip
        assert mine.get(f"/admin/prepaid/{address}").status_code == 200, address
    assert strange.get(f"/admin/prepaid/riskwarning/{row.pk}/change/").status_code == 404
    assert "A造型" not in strange.get("/admin/prepaid/riskwarning/").content.decode()
    assert "高风险" in mine.get(f"/admin/merchants/merchant/{merchant_a.pk}/change/").content.decode()
    front = mine.get("/admin/").content.decode()
    assert "A造型 风险研判" in front and "停止新发卡" in front
    # More rows do not ask more.
    mine.get("/admin/prepaid/riskwarning/")
    for n, letter in enumerate("KLM"):
        scored(shop(letter * 3, owner_a), "AMBER", 40 + n)
    with django_assert_max_num_queries(12):
        mine.get("/admin/prepaid/riskwarning/")


def test_the_tap_on_the_page(
    merchant_a: Merchant, consumer: User, district_officer: User, signed_in: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    url = f"/shops/{merchant_a.public_code}/private-payment/"
    assert Client().get(url).status_code == 302
    client = signed_in(consumer)
    assert client.get(url).status_code == 200
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    photo = SimpleUploadedFile("code.png", out.getvalue(), "image/png")
    bad = client.post(url, {"key": "k" * 20, "photo": SimpleUploadedFile("a.png", b"<html>", "image/png")})
    assert bad.status_code == 400 and not PrivatePaymentReport.objects.exists()
    assert client.post(url, {"key": "l" * 20, "photo": photo, "anonymous": "on", "amount": "200"}).status_code == 302
    row = PrivatePaymentReport.objects.get()
    assert row.photo is not None and row.photo.uploaded_by is None and row.reporter is None
    assert row.amount_fen == 20_000
    assert signed_in(district_officer).get(f"/admin/files/{row.photo.pk}/").status_code == 200
    assert signed_in(officer("13900000099", "远", Role.COUNTY_REVIEWER_A, OTHER_CITY)).get(
        f"/admin/files/{row.photo.pk}/"
    ).status_code == 404  # fmt: skip
