"""Reading the orders of hotlines, platforms, malls and the press, row by row. No writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from complaints.actions.intake_checks import ONCE_PUBLIC
from complaints.actions.intake_data import Kind, NewIntake
from complaints.actions.parties import Party
from complaints.models import Cause, Channel
from core.clocks import CHINA
from core.errors import Invalid
from core.models import Region
from core.money import parse_yuan
from core.spreadsheets import UNREADABLE, Columns, Limits, named_rows
from merchants.models import Merchant

LIMITS = Limits(rows=20_000, unpacked_mb=20)
HEADERS = {
    "source_no": ("工单编号", "工单号", "来源编号", "登记编号", "编号", "单号"),
    "kind": ("类型", "工单类型", "诉求类型", "信息类型", "登记类型"),
    "text": ("内容", "诉求内容", "工单内容", "反映内容", "投诉内容", "问题描述", "事实"),
    "channel": ("来源", "来源渠道", "渠道"),
    "received_at": ("收到时间", "登记时间", "受理时间", "来电时间", "投诉时间"),
    "reply_due_at": ("答复期限", "办结时限", "要求办结时间", "截止时间", "反馈期限"),
    "name": ("姓名", "诉求人", "投诉人", "来电人", "市民姓名", "提供方姓名"),
    "phone": ("电话", "联系电话", "手机号", "来电号码", "提供方电话"),
    "address": ("住址", "联系地址", "诉求人地址"),
    "anonymous": ("匿名", "是否匿名"),
    "respondent_name": ("被投诉人", "被投诉举报人", "被投诉单位", "被诉主体", "商家", "店名", "企业名称", "涉事主体"),
    "uscc": ("统一社会信用代码", "社会信用代码", "信用代码"),
    "respondent_address": ("被投诉人地址", "商家地址", "企业地址", "店铺地址", "事发地址"),
    "region": ("管辖地", "区县", "所属区域", "行政区划", "街道"),
    "cause": ("事由", "问题分类", "诉求分类"),
    "claim": ("诉求", "投诉诉求", "请求"),
    "claim_yuan": ("诉求金额", "涉案金额", "涉及金额", "金额"),
}
COLUMNS = Columns(HEADERS, needed=[["source_no"], ["kind"], ["text"]])
KINDS = {
    "投诉": Kind.COMPLAINT, "举报": Kind.REPORT, "咨询": Kind.QUESTION, "求助": Kind.QUESTION, "建议": Kind.QUESTION,
    "信访": Kind.PETITION,
}  # fmt: skip
# By which channels orders come as a file, with what people call them.
CHANNELS: Mapping[str, Sequence[str]] = {
    Channel.PLATFORM_12315: ("12315平台", "全国12315平台", "12315"),
    Channel.HOTLINE_12315: ("12315热线", "12315电话"),
    Channel.HOTLINE_12345: ("12345热线", "12345"),
    Channel.MALL: ("商场",),
    Channel.MEDIA: ("媒体", "舆情"),
    Channel.MAIL: ("来信", "信件"),
    Channel.TRANSFER: ("其他部门移送", "移送"),
}
_CHANNEL_OF = {name: channel for channel, names in CHANNELS.items() for name in names}
_CAUSES = {label: cause for cause, label in Cause.choices}
_DAY = r"(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d\d)(\d\d))"
_MOMENT = re.compile(_DAY + r"(?:[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?", re.ASCII)
_YES = ("是", "匿名", "y", "yes", "1")


@dataclass
class Known:
    """Regions and merchants that rows name, so that a span of rows costs three statements."""

    default_region: str
    codes: set[str] = field(default_factory=set)
    named: dict[str, list[str]] = field(default_factory=dict)
    by_uscc: dict[str, int] = field(default_factory=dict)
    by_name: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[dict[str, str]], region: Region) -> Known:
        """What these rows need; places are looked for inside the region of the import alone."""
        found = cls(region.code)
        places = {row["region"] for row in rows if row.get("region")}
        if places:
            inside = Region.objects.filter(path__startswith=region.path)
            found.codes = set(inside.filter(pk__in=places).values_list("pk", flat=True))
            for code, name in inside.filter(name__in=places).values_list("pk", "name"):
                found.named.setdefault(name, []).append(code)
        public = Merchant.objects.filter(status__in=ONCE_PUBLIC)
        codes = {row["uscc"].upper() for row in rows if row.get("uscc")}
        found.by_uscc = dict(public.filter(uscc__in=codes).values_list("uscc", "pk")) if codes else {}
        names = {row["respondent_name"] for row in rows if row.get("respondent_name")}
        for pk, name in public.filter(legal_name__in=names).values_list("pk", "legal_name"):
            found.by_name.setdefault(name, []).append(pk)
        return found

    def region_of(self, text: str) -> str:
        """The code of a place, that of the import where the row says none. Raises ValueError."""
        if not text:
            return self.default_region
        if text in self.codes:
            return text
        match self.named.get(text, []):
            case [code]:
                return code
            case []:
                raise ValueError(f"管辖地「{text[:20]}」不在导入的地区里，写区划代码，或空着按整份文件的地区")
        raise ValueError(f"管辖地「{text[:20]}」有几个同名的，请写区划代码")

    def merchant_of(self, row: dict[str, str]) -> int | None:
        """The merchant of the portal by its licence, else by its full name if only one has it."""
        if found := self.by_uscc.get(row.get("uscc", "").upper()):
            return found
        same = self.by_name.get(row.get("respondent_name", ""), [])
        return same[0] if len(same) == 1 else None


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, our columns) of each row. Raises Invalid for a file that cannot be read (core.spreadsheets)."""
    return named_rows(path, COLUMNS, LIMITS)


def order_of(row: dict[str, str], channel: str, known: Known) -> NewIntake:
    """The row as a coming-in. Raises ValueError with the reason; the rest is checked when it is filed."""
    if any(UNREADABLE in value for value in row.values()):
        raise ValueError("有无法识别的字符：编码不对，或超过 15 位的数字被表格软件改过；另存为 UTF-8，编号列设为文本")
    number = row.get("source_no", "")
    if not number:
        raise ValueError("没有工单编号，来源凭它对账")
    kinds = frozenset(kind for word, kind in KINDS.items() if word in row.get("kind", ""))
    if not kinds:
        raise ValueError("「类型」写投诉、举报、投诉举报、咨询或信访")
    own = row.get("channel", "")
    if own and "".join(own.split()) not in _CHANNEL_OF:
        raise ValueError(f"来源「{own[:20]}」不认识，写 12345、12315、商场、媒体、来信或移送")
    party = Party(name=row.get("name", ""), phone=row.get("phone", ""), address=row.get("address", ""))
    nameless = kinds == {Kind.REPORT} and (row.get("anonymous", "").lower() in _YES or not (party.name or party.phone))
    cause, text = row.get("cause", ""), row.get("text", "")
    if cause and cause not in _CAUSES:
        # The source counts by other words than we do: they stay with what was said.
        text = f"{text}（来源分类：{cause}）"
    return NewIntake(
        channel=_CHANNEL_OF["".join(own.split())] if own else channel,
        kinds=kinds,
        text=text,
        party=Party() if nameless else party,
        anonymous=nameless,
        merchant_id=known.merchant_of(row),
        respondent_name=row.get("respondent_name", ""),
        respondent_address=row.get("respondent_address", ""),
        region_code=known.region_of(row.get("region", "")),
        cause=_CAUSES.get(cause, Cause.OTHER),
        claim=row.get("claim", ""),
        claim_fen=_fen(row.get("claim_yuan", "")),
        source_no=number,
        received_at=_moment(row.get("received_at", ""), "收到时间", time()),
        reply_due_at=_moment(row.get("reply_due_at", ""), "答复期限", time(23, 59, 59)),
    )


def _fen(text: str) -> int | None:
    if text.strip("0.¥￥ ") == "":
        return None
    try:
        return parse_yuan(text.removesuffix("元"), field="claim_yuan")
    except Invalid as error:
        raise ValueError(f"诉求金额「{text[:20]}」看不懂，写成 1200 或 1200.50") from error


def _moment(text: str, label: str, whole_day: time) -> datetime | None:
    """An instant in China; a day without a time is ``whole_day`` of it."""
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        parts = [int(part) for part in found.groups() if part]
        day = date(*parts[:3])
        hour, minute, second = [*parts[3:], 0, 0, 0][:3]
        clock = time(hour, minute, second) if len(parts) > 3 else whole_day
    except ValueError:
        raise ValueError(f"{label}「{text[:20]}」看不懂，写成 2026-10-08 09:30") from None
    return datetime.combine(day, clock, CHINA)
