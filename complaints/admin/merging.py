"""On the page of a complaint: which others are the same matter by other channels, and taking them in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from complaints import actions as complaints
from complaints.actions.merging import MERGEABLE, WITHIN, proposed_for, with_twins
from complaints.admin.complaints import ComplaintAdmin
from complaints.models import Complaint
from core.actors import Actor
from core.case_admin import Act, CaseForm
from core.case_panels import FACT_WORDS, VERB_WORDS, Panel, facts, link, table
from core.permissions import may
from core.templatetags.portal_ui import cn_datetime, state_of
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "complaint.merge": "并入另一件投诉",
        "complaint.take_in": "并入别的来件",
        "complaint.reply_to_source": "答复已回填来源",
        "consultation.reply_to_source": "答复已回填来源",
        "report.reply_to_source": "答复已回填来源",
    }
)
FACT_WORDS.update({"others": "并入的投诉", "into": "并到"})


class MergeForm(CaseForm):
    """Which of the proposed are the same matter."""

    others = forms.MultipleChoiceField(
        label="是同一件事的",
        widget=forms.CheckboxSelectMultiple,
        help_text="同一个人、同一家店；是不是同一件事，看事实再选",
        error_messages={"required": "选要并进来的投诉"},
    )

    def __init__(self, *args: Any, case: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        field: Any = self.fields["others"]
        found = proposed_for(case, by=case.seen_by) if case is not None else []
        field.choices = [(str(row.pk), _said(row)) for row in found]


def _said(row: Complaint) -> str:
    return f"{row.code_grouped} {row.get_channel_display()} {cn_datetime(row.received_at)}：{row.facts[:60]}"


def _effect(case: Any) -> str:
    found = proposed_for(case, by=case.seen_by)
    return (
        f"最多 {len(found)} 件并进这一件：来件、证据移过来，各留编号和答复期限；那几件结束为「并件」，"
        "投诉人收到一条消息。并了不能拆开。"
    )


def same_matter(case: Complaint, by: Actor) -> list[Panel]:
    """Proposals, what was merged into this, and into which this was."""
    found = []
    if case.merged_into is not None:
        other = case.merged_into
        found.append(facts("已并件", [("并到", link(case_url(other), other.code_grouped, other.respondent))]))
    merged = list(case.merged.order_by("pk"))
    if merged:
        rows = [(link(case_url(row), row.code_grouped), row.get_channel_display(), row.facts[:60]) for row in merged]
        found.append(table("已经并进来的", ("编号", "来源", "事实"), rows))
    if case.status in MERGEABLE and may(by, "complaints.merge_complaint", case):
        twins = [
            (
                link(case_url(row), row.code_grouped, cn_datetime(row.received_at)),
                row.get_channel_display(), row.respondent, row.facts[:60], state_of(row, "officer"),
            )
            for row in proposed_for(case, by=by)
        ]  # fmt: skip
        if twins:
            title = f"可能是同一件事：{len(twins)} 件"
            note = f"同一个电话、同一家店，前后 {WITHIN.days} 天内；点右边「并入同一件事」"
            found.append(table(title, ("投诉", "来源", "被投诉人", "事实", "状态"), twins, note=note))
    return found


class SameMatter(admin.SimpleListFilter):
    """Those beside which stands another of the same person about the same shop."""

    title, parameter_name = "合并", "same"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One choice."""
        return [("yes", "可能是同一件事")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Cut the list."""
        return with_twins(queryset) if self.value() == "yes" else queryset


ComplaintAdmin.more_panels.append(same_matter)
ComplaintAdmin.list_filter = (*ComplaintAdmin.list_filter, SameMatter)  # type: ignore[assignment]
ComplaintAdmin.acts = ComplaintAdmin.acts | {
    "take_in": Act(
        lambda pk, data, by: complaints.merge_complaints(pk, [int(one) for one in data["others"]], by=by),
        _effect,
        done="已合并办理，已告知投诉人",
        form=MergeForm,
        icon="doc",
        label="并入同一件事",
        permission="complaints.merge_complaint",
        when=lambda case: bool(proposed_for(case, by=case.seen_by)),
        caution=True,
    )
}
