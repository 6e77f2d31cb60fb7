"""Identifiers people type: unified social credit codes, phones, public codes."""

import re
import secrets

import phonenumbers
from stdnum.cn import ric as _ric
from stdnum.cn import uscc as _uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from core.errors import Invalid

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: read over the phone and typed without doubt. 18 letters, 4.17 bits each.
PUBLIC_ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
PUBLIC_LENGTH = 16
_PLAIN_PHONE = re.compile(r"(?:\+86)?(1\d{10})", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold it: NUL and lone surrogates would be a 500."""
    return _UNSTORABLE.search(text) is None


def clean_uscc(text: str) -> str:
    """The 18-character 统一社会信用代码 in capitals (GB 32100-2015). Raises Invalid, naming the kind of error."""
    compact = "".join(text.split()).upper()
    try:
        return str(_uscc.validate(compact))
    except InvalidChecksum as error:
        raise Invalid(fields={"uscc": "统一社会信用代码的校验位不对，请对照营业执照逐位核对"}) from error
    except ValidationError as error:
        raise Invalid(fields={"uscc": "统一社会信用代码是 18 位数字和大写字母（没有 I、O、S、V、Z）"}) from error


def clean_phone(text: str) -> str:
    """A mainland mobile number in E.164 (``+8613800001234``). Raises Invalid."""
    compact = "".join(text.split())
    # As nearly everybody writes it; the library, which knows every way of writing, is slow.
    if plain := _PLAIN_PHONE.fullmatch(compact):
        return f"+86{plain[1]}"
    try:
        number = phonenumbers.parse(compact, "CN")
    except phonenumbers.NumberParseException as error:
        raise Invalid(fields={"phone": "请填 11 位手机号"}) from error
    national = str(number.national_number)
    if number.country_code != 86 or len(national) != 11 or not national.startswith("1"):
        raise Invalid(fields={"phone": "请填 11 位手机号"})
    return f"+86{national}"


def clean_id_number(text: str) -> str:
    """An 18-character identity number with its check digit (GB 11643). Raises Invalid."""
    try:
        return str(_ric.validate("".join(text.split()).upper()))
    except ValidationError as error:
        raise Invalid(fields={"id_number": "身份证号是 18 位，请逐位核对"}) from error


def public_code() -> str:
    """A random code of 16 characters (72 bits), shown in groups of four; it cannot be guessed or counted up."""
    letters, number = len(PUBLIC_ALPHABET), secrets.randbelow(len(PUBLIC_ALPHABET) ** PUBLIC_LENGTH)
    return "".join(PUBLIC_ALPHABET[number // letters**n % letters] for n in range(PUBLIC_LENGTH))


def grouped(code: str) -> str:
    """``ABCD-EFGH-…`` as people read it."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def clean_public_code(text: str) -> str:
    """What was typed, without spaces and dashes, in capitals."""
    return "".join(ch for ch in text[: 4 * PUBLIC_LENGTH].upper() if ch.isalnum())[:PUBLIC_LENGTH]


def masked_phone(e164: str) -> str:
    """``138****1234``."""
    national = e164.removeprefix("+86")
    return f"{national[:3]}****{national[-4:]}" if len(national) == 11 else "****"


def masked_name(name: str) -> str:
    """The family name and stars: 王小明 becomes ``王**``."""
    return f"{name[:1]}**" if name else ""
