"""Money, identifiers, personal fields and logs."""

import logging

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from core import crypto
from core.errors import Invalid
from core.identifiers import (
    PUBLIC_LENGTH,
    clean_phone,
    clean_public_code,
    clean_uscc,
    grouped,
    masked_name,
    masked_phone,
    public_code,
)
from core.logs import RedactPersonalData
from core.models import User
from core.money import MAX_FEN, parse_yuan, yuan


@given(st.integers(min_value=1, max_value=MAX_FEN))
def test_yuan_and_fen_are_one_amount(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize("text", ["", "0", "0.00", "-1", "1.234", "1e3", "NaN", "一百", "9" * 20, "1.2.3", " "])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_yuan(text)


def test_full_width_figures_and_signs_are_read() -> None:
    assert parse_yuan("￥１，２３４．５") == 123_450


def test_a_credit_code_with_a_wrong_digit_names_the_digit() -> None:
    assert clean_uscc(" 91330106673959654p ") == "91330106673959654P"
    with pytest.raises(Invalid) as wrong:
        clean_uscc("913301066739596541")
    assert "校验位" in wrong.value.fields["uscc"]
    with pytest.raises(Invalid) as short:
        clean_uscc("9133")
    assert "18 位" in short.value.fields["uscc"]


@pytest.mark.parametrize("text", ["13800001234", "+86 138 0000 1234", "138-0000-1234"])
def test_one_phone_has_one_form(text: str) -> None:
    assert clean_phone(text) == "+8613800001234"


@pytest.mark.parametrize("text", ["", "110", "0571-88888888", "+1 650 253 0000", "１３８"])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        clean_phone(text)


def test_public_codes_are_typed_without_doubt() -> None:
    code = public_code()
    assert len(code) == PUBLIC_LENGTH and clean_public_code(grouped(code).lower()) == code
    assert not set(code) & set("0O1IL2Z5S8BUV")


def test_masks() -> None:
    assert (masked_phone("+8613800001234"), masked_name("王小明")) == ("138****1234", "王**")


def test_a_personal_value_opens_only_in_its_own_row() -> None:
    one, other = User(), User()
    one.phone = "+8613800001234"
    assert one.phone == "+8613800001234" and "138" not in one.phone_ct
    other.phone_ct = one.phone_ct
    with pytest.raises(InvalidTag):
        _ = other.phone


def test_keys_can_be_rotated(settings: pytest.FixtureRequest) -> None:
    old = crypto.encrypt("秘密", "x")
    settings.PII_KEYS = "new:" + "D" * 43 + "=," + settings.PII_KEYS  # type: ignore[attr-defined]
    assert crypto.decrypt(old, "x") == "秘密"
    assert crypto.encrypt("秘密", "x").startswith("v1|new|")


def test_logs_lose_phones_and_database_values() -> None:
    record = logging.LogRecord("x", 20, "f", 1, "call %s", ("13800001234",), None)
    RedactPersonalData().filter(record)
    assert record.msg == "call [已隐去]"
    record = logging.LogRecord("x", 20, "f", 1, "bad\nDETAIL: Key (name)=(张三) exists", (), None)
    RedactPersonalData().filter(record)
    assert "张三" not in str(record.msg)
