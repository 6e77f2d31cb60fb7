"""The seal on who reported (总局令第121号第37条): their own words about themselves are blacked out."""

from __future__ import annotations

from complaints.models import ViolationReport
from core.errors import Invalid

SEALED = "〔举报人信息已封存〕"
SHORTEST = 2


def traces(report: ViolationReport) -> list[str]:
    """Every way in which the reporter's name, phone and address may stand in a text, the longest first."""
    if report.reporter is None:
        return []
    person = report.reporter
    national = person.phone.removeprefix("+86")
    spoken = [f"{national[:3]}{gap}{national[3:7]}{gap}{national[7:]}" for gap in ("-", " ")] if national else []
    found = [person.phone, national, *spoken, person.name, person.address]
    return sorted({text for text in found if len(text) >= SHORTEST}, key=len, reverse=True)


def without_identity(report: ViolationReport, text: str) -> str:
    """The text as anybody else may read it."""
    for trace in traces(report):
        text = text.replace(trace, SEALED)
    return text


def keep_identity_out(report: ViolationReport, field: str, text: str) -> str:
    """An officer's own words, which go into audit, forms and answers. Raises Invalid where they name the reporter."""
    if any(trace in text for trace in traces(report)):
        raise Invalid(fields={field: "这里写了举报人的姓名、电话或地址，请删去：举报人身份依法保密"})
    return text
