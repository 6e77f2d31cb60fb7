"""What the buttons of dispatching ask for."""

from __future__ import annotations

from typing import Any

from django import forms

from complaints.departments import departments_over
from complaints.forms.officer import officers_over
from complaints.jurisdiction import advice_on
from complaints.models import Level
from core.case_admin import CaseForm, ReasonForm
from core.models import Region

COUNTY = 3


class RouteForm(ReasonForm):
    """To which bureau of the province, or to the one that has power by what the portal knows."""

    region = forms.ChoiceField(label="分送到", error_messages={"required": "选有处理权限的区县"})
    field_order = ("region", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        choice: Any = self.fields["region"]
        beside = dict(_counties_beside(case.region)) if case else {}
        advice = advice_on(case) if case else None
        if advice and advice.moves and advice.to:
            beside = {advice.to.pk: advice.to.name} | beside
            self.initial = {"region": advice.to.pk, "reason": advice.decision.reason}
        choice.choices = [("", "请选择"), *beside.items()]


class RouteOutForm(ReasonForm):
    """To which department that has no desk here."""

    to_name = forms.CharField(
        label="分送到",
        help_text="写全称，如「示范区教育局」",
        max_length=100,
        error_messages={"required": "写部门全称"},
    )
    field_order = ("to_name", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        known = departments_over(case.region) if case is not None else []
        if known:
            self.fields["to_name"].help_text = f"写全称。直接进收件箱的部门：{'、'.join(known)}"


class EscalateForm(ReasonForm):
    """Up to which level, and who answers for it by name."""

    level = forms.ChoiceField(label="提到", choices=Level.choices[1:], error_messages={"required": "选一个层级"})
    owner = forms.ChoiceField(label="负责人", error_messages={"required": "选负责人"})
    field_order = ("level", "owner", "reason")

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        choice: Any = self.fields["owner"]
        choice.choices = [("", "请选择"), *(officers_over(case.region) if case else [])]


class RemindForm(CaseForm):
    """What the officer in charge reads."""

    text = forms.CharField(label="催办内容", help_text="可不填", max_length=300, required=False)


def _counties_beside(region: Region) -> list[tuple[str, str]]:
    """The counties of the same province, but the own one."""
    province, own = region.path.split("/")[0], "/".join(region.path.split("/")[:COUNTY])
    rows = Region.objects.filter(level=COUNTY, path__startswith=f"{province}/").exclude(path__startswith=own)
    return list(rows.order_by("path").values_list("code", "name"))
