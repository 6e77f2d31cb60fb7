"""A shop registers itself: five steps, saved one by one, sent back and mended, with a clock on the bureau."""

import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from core.actors import SYSTEM
from core.models import PhoneCode, User
from merchants import actions
from merchants.forms import uscc_problem
from merchants.models import Merchant, RegisterEntry
from tests.cast import STREET, person

pytestmark = pytest.mark.django_db
CODE = "92330199MA2KQX012N"
SignIn = Callable[[User], Client]


@pytest.fixture
def boss(db: None) -> User:
    return person("13900000031", "许静")


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "JPEG")
    return SimpleUploadedFile("执照.jpg", out.getvalue(), "image/jpeg")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


LICENCE = {
    "legal_name": "示范区静香美容店",
    "brand_name": "静香",
    "kind": "INDIVIDUAL",
    "industry": "1",
    "licensed_on": "2021-03-08",
}
STORE = {"name": "静香总店", "address": "安澜路8号", "lease_end": "2029-05-01", "is_open": "on"}


def begin(browser: Client) -> Merchant:
    browser.post(f"{reverse('merchants:join_new')}?uscc={CODE}", LICENCE)
    return Merchant.objects.get()


def fill(browser: Client) -> Merchant:
    """Everything but the last step."""
    merchant = begin(browser)
    browser.post(
        reverse("merchants:join_person", args=[merchant.pk]), {"legal_rep": "许静", "contact_phone": "13900000031"}
    )
    browser.post(f"{reverse('merchants:join_store_new', args=[merchant.pk])}?street={STREET}", STORE)
    browser.post(reverse("merchants:join_photo", args=[merchant.pk]), {"file": photo()})
    return merchant


def hand_in(browser: Client, merchant: Merchant) -> object:
    browser.post(reverse("merchants:join_send_code", args=[merchant.pk]))
    page = text(browser.get(reverse("merchants:join_submit", args=[merchant.pk])))
    found = re.search(r"验证码是 <b class=\"num\">(\d{6})</b>", page)
    assert found
    return browser.post(reverse("merchants:join_submit", args=[merchant.pk]), {"code": found[1]})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "填营业执照上的"),
        ("92330199MA2KQX01", "现在是 16 位"),
        ("92330199MA2KQX012345", "删去 2 位"),
        ("92330199MA2KQXXO12", "第 16 位是「O」"),
        ("9233019XMA2KQX0123", "行政区划"),
        ("A2330199MA2KQX0123", "91、92 或 93"),
        ("92330199MA2KQXX-12", "第 16 位是「-」"),
        ("92330199MA2KQX0210", "校验位"),
    ],
)
def test_the_wrong_digit_is_named(code: str, said: str) -> None:
    assert said in uscc_problem(code)


def test_a_good_code_has_no_problem() -> None:
    assert uscc_problem(f" {CODE.lower()} ") == ""


def test_everybody_may_read_what_joining_takes_but_only_a_person_begins() -> None:
    browser = Client()
    page = text(browser.get(reverse("merchants:join")))
    assert "用手机验证码登录" in page and reverse("core:sign_in_phone") in page
    assert browser.get(reverse("merchants:join_new")).status_code == 302


def test_the_register_fills_the_form(boss: User, signed_in: SignIn) -> None:
    RegisterEntry.objects.create(
        uscc=CODE, legal_name="示范区静香美容店", brand_name="静香", industry_code=1, digest="a" * 32
    )
    browser = signed_in(boss)
    page = text(browser.get(reverse("merchants:join_new"), {"uscc": CODE}))
    assert "已从登记名录带出" in page and 'value="示范区静香美容店"' in page and 'value="静香"' in page
    assert "名录里是：示范区静香美容店" in text(browser.get(reverse("merchants:check_uscc"), {"uscc": CODE}))
    assert "校验位" in text(browser.get(reverse("merchants:check_uscc"), {"uscc": CODE[:-1] + "9"}))


def test_an_old_licence_is_found_by_its_exact_name(boss: User, signed_in: SignIn) -> None:
    RegisterEntry.objects.create(legal_name="示范区老号茶馆", industry_code=2, digest="b" * 32)
    page = text(signed_in(boss).get(reverse("merchants:join_new"), {"uscc": CODE, "name": "示范区老号茶馆"}))
    assert 'value="示范区老号茶馆"' in page


def test_from_licence_to_the_bureau(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    merchant = fill(browser)
    merchant.refresh_from_db()
    # The county of the licence gives way to the street of the first store.
    assert (merchant.region_id, merchant.legal_rep, merchant.licence_file is not None) == (STREET, "许静", True)
    page = text(browser.get(reverse("merchants:join_submit", args=[merchant.pk])))
    assert "许*" in page and "139****0031" in page and "安澜路8号" in page
    assert hand_in(browser, merchant)["Location"] == reverse("merchants:join_status", args=[merchant.pk])  # type: ignore[index]
    merchant.refresh_from_db()
    assert merchant.status == Merchant.Status.SUBMITTED and merchant.review_due_at
    page = text(browser.get(reverse("merchants:join_status", args=[merchant.pk])))
    assert "审核中" in page and merchant.review_clock in page
    # What is handed in waits: no step opens.
    assert browser.get(reverse("merchants:join_licence", args=[merchant.pk])).status_code == 302


def test_a_wrong_code_stays_counted(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    merchant = fill(browser)
    browser.post(reverse("merchants:join_send_code", args=[merchant.pk]))
    response = browser.post(reverse("merchants:join_submit", args=[merchant.pk]), {"code": "abcdef"})
    assert response.status_code == 400 and "验证码不对" in text(response)
    assert PhoneCode.objects.get(purpose="register").attempts == 1


def test_what_is_missing_leads_to_its_step(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    merchant = begin(browser)
    page = text(browser.get(reverse("merchants:join_submit", args=[merchant.pk])))
    assert "还差 4 处" in page
    assert f'href="{reverse("merchants:join_photo", args=[merchant.pk])}">上传营业执照照片' in page
    assert "6 位验证码" not in page


def test_work_is_kept_and_gone_on_with(boss: User, signed_in: SignIn) -> None:
    begin(signed_in(boss))
    browser = signed_in(boss)
    assert "静香" in text(browser.get(reverse("merchants:join")))
    response = browser.get(reverse("merchants:join_new"), {"uscc": CODE})
    assert response["Location"] == reverse("merchants:join_licence", args=[Merchant.objects.get().pk])


def test_a_return_names_its_step_and_is_mended(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    merchant = fill(browser)
    hand_in(browser, merchant)
    actions.auto_check(merchant.pk, by=SYSTEM)
    actions.send_back(merchant.pk, ["执照照片不清楚，请重拍", "门店地址写到门牌"], by=SYSTEM)
    page = text(browser.get(reverse("merchants:join_status", args=[merchant.pk])))
    assert f'href="{reverse("merchants:join_photo", args=[merchant.pk])}">执照照片不清楚' in page
    assert f'href="{reverse("merchants:join_stores", args=[merchant.pk])}">门店地址写到门牌' in page
    assert "执照照片不清楚" in text(browser.get(reverse("merchants:join_person", args=[merchant.pk])))
    hand_in(browser, merchant)
    merchant.refresh_from_db()
    assert (merchant.status, merchant.return_reasons) == (Merchant.Status.SUBMITTED, [])


def test_a_wrong_file_is_refused_on_the_form(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    merchant = begin(browser)
    wrong = SimpleUploadedFile("执照.jpg", b"MZ not a picture", "image/jpeg")
    response = browser.post(reverse("merchants:join_photo", args=[merchant.pk]), {"file": wrong})
    assert response.status_code == 400 and "看不出是图片或 PDF" in text(response)


def test_a_street_is_found_by_name_or_step_by_step(boss: User, signed_in: SignIn) -> None:
    browser = signed_in(boss)
    url = reverse("merchants:join_store_new", args=[begin(browser).pk])
    assert f"?street={STREET}" in text(browser.get(url))
    assert "?in=33" in text(browser.get(url, {"in": ""}))
    page = text(browser.get(url, {"words": "浦沿"}))
    assert "?street=330108003" in page and "浙江省 杭州市 滨江区" in page
    assert "没有这个地名" in text(browser.get(url, {"words": "没有的地方"}))


def test_a_registration_is_nobody_elses(boss: User, owner_b: User, signed_in: SignIn) -> None:
    merchant = begin(signed_in(boss))
    stranger = signed_in(owner_b)
    for name in ("join_status", "join_licence", "join_person", "join_submit", "join_photo"):
        assert stranger.get(reverse(f"merchants:{name}", args=[merchant.pk])).status_code == 404
