"""The official forms for regulators: a box on each case with what can be issued and what was, and the list of all."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from complaints import actions as complaints
from complaints import official_forms
from complaints.models import Complaint, IssuedDocument, ViolationReport
from core.actors import Actor
from core.api.once import principal_of
from core.case_admin import CaseAdmin, CaseForm, put_on_form
from core.case_lists import column
from core.case_panels import VERB_WORDS, Panel, facts, link, table
from core.errors import Invalid, NotFound, PortalError
from core.idempotency import fingerprint, once
from core.permissions import may
from core.templatetags.portal_ui import cn_datetime, moment
from prepaid.admin.rows import case_url

VERB_WORDS.update(
    {
        "document.issue": "出具文书",
        "document.print": "查看或打印文书",
        "report.issue_document": "出具文书",
        "complaint.issue_document": "出具文书",
    }
)
SUBJECTS: dict[str, Any] = {"complaint": Complaint, "report": ViolationReport}


def document_panel(case: Complaint | ViolationReport, by: Actor) -> Panel:
    """What was issued, to print again; and links to issue what fits the case as it stands."""
    cells = [
        (
            link(reverse("complaints:document", args=[row.code]), row.get_kind_display(), row.title),
            row.get_addressee_display(),
            f"{row.issued_by.name} {cn_datetime(row.issued_at)}",
        )
        for row in IssuedDocument.objects.of(case).select_related("issued_by")
    ]
    kinds = official_forms.kinds_for(case) if may(by, "complaints.issue_document", case) else []
    word = "complaint" if isinstance(case, Complaint) else "report"
    new = [
        (format_html('<a href="{}">{}</a>', issue_url(word, case.pk, kind), f"出具{kind.label}"), "", "")
        for kind in kinds
    ]
    return table("文书", ("文书", "送达", "出具"), [*cells, *new], empty="还没有文书")


def issue_url(word: str, pk: int, kind: int) -> str:
    """Where a form is issued."""
    return reverse("admin:complaints_issueddocument_issue", args=[word, pk, int(kind)])


class IssueForm(CaseForm):
    """To whom, and what the officer writes in by hand; everything may stay blank."""

    def __init__(self, *args: Any, kind: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(to.value, to.label) for to in official_forms.addressees(kind)]
        if len(choices) > 1:
            self.fields["addressee"] = forms.ChoiceField(
                label="送达给", choices=choices, widget=forms.RadioSelect, error_messages={"required": "选送达给谁"}
            )
        for name, label in official_forms.EXTRA.get(kind, {}).items():
            long = name in ("terms",)
            self.fields[name] = forms.CharField(
                label=label, required=False, max_length=2000 if long else 200, help_text="不填就留空，或者用案件里的",
                widget=forms.Textarea(attrs={"rows": 4}) if long else forms.TextInput(),
            )  # fmt: skip


@admin.register(IssuedDocument)
class IssuedDocumentAdmin(CaseAdmin):
    """Every form that was issued: who, when, for which case."""

    list_help = "按登记单位和年度连续编号。正文只有本案监管人员和收件人能看，每次查看都记入办理记录。"
    list_display = ("name", "kind_", "addressee", "case_", "issuer", "issued")
    list_filter = ("kind", "year", ("bureau", admin.RelatedOnlyFieldListFilter), "issued_at")
    list_select_related = ("complaint", "report", "issued_by", "bureau")
    search_fields = ("title__icontains",)
    code_fields = ("code", "complaint__code", "report__code")
    ordering = ("-id",)
    empty_text = "还没有出具过文书。在投诉或举报的办理页出具。"
    export_columns = (
        ("文号", lambda row: row.title),
        ("文书", lambda row: row.get_kind_display()),
        ("送达", lambda row: row.get_addressee_display()),
        ("案件", lambda row: row.subject.code),
        ("出具人", lambda row: row.issued_by.name),
        ("出具时间", lambda row: row.issued_at),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[IssuedDocument]:
        """With the case."""
        more = ("complaint__region", "report__region", "report__reporter", "complaint__complainant", "issued_by")
        return super().get_queryset(request).select_related(*more)

    def get_urls(self) -> list[URLPattern]:
        """The stock pages, and issuing a form of a case."""
        issue = self.admin_site.admin_view(self.issue_view)
        name = "complaints_issueddocument_issue"
        return [path("issue/<str:word>/<int:pk>/<int:kind>/", issue, name=name), *super().get_urls()]

    @column("文号", order="id")
    def name(self, row: IssuedDocument) -> str:
        """Its number."""
        return row.title

    @column("文书", order="kind")
    def kind_(self, row: IssuedDocument) -> str:
        """Which of the ten."""
        return row.get_kind_display()

    @column("案件")
    def case_(self, row: IssuedDocument) -> str:
        """Of which case."""
        return row.subject.code_grouped

    @column("出具人")
    def issuer(self, row: IssuedDocument) -> str:
        """By whom."""
        return row.issued_by.name

    @column("出具", order="issued_at")
    def issued(self, row: IssuedDocument) -> SafeString:
        """When."""
        return moment(row.issued_at)

    def heading(self, case: IssuedDocument) -> str:
        """Kind and number."""
        return f"{case.get_kind_display()} {case.title}"

    def panels(self, case: IssuedDocument, by: Actor) -> list[Panel]:
        """What is known without reading it."""
        pairs = [
            ("送达", case.get_addressee_display()),
            ("案件", link(case_url(case.subject), case.subject.code_grouped)),
            ("出具", case.issued_by.name, cn_datetime(case.issued_at)),
            ("校验码", case.code_grouped),
            ("正文摘要（SHA-256）", case.digest),
        ]
        shown = link(reverse("complaints:document", args=[case.code]), "打开打印")
        return [facts("文书", [("正文", shown), *pairs] if may(by, "complaints.print_document", case) else pairs)]

    def issue_view(self, request: HttpRequest, word: str, pk: int, kind: int) -> HttpResponse:
        """Ask for what the case does not know, then issue and open the paper."""
        by = Actor.of(request)
        model = SUBJECTS.get(word)
        case = model.objects.visible_to(by).filter(pk=pk).first() if model else None
        if case is None or kind not in IssuedDocument.Kind.values:
            raise NotFound
        posted = (request.POST,) if request.method == "POST" else ()
        form = IssueForm(*posted, case=case, kind=kind)
        if request.method == "POST" and form.is_valid():
            try:
                return redirect("complaints:document", self._issued(request, form, case, kind, by))
            except PortalError as error:
                if error.status in (401, 403, 404):
                    raise
                put_on_form(form, error)
        return self._ask_issue(request, form, case, kind)

    def _issued(self, request: HttpRequest, form: IssueForm, case: Any, kind: int, by: Actor) -> str:
        key = request.POST.get("key", "")
        if len(key) < 8:
            raise Invalid("页面不完整，请刷新后再办")
        data = dict(form.cleaned_data)
        to = data.pop("addressee", "")

        def work() -> tuple[int, Any]:
            return 200, complaints.issue_document(kind, case, addressee=to, extra=data, by=by).pk

        body = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
        done = once(principal_of(by), key[:128], fingerprint("POST", request.path, body), work)
        return IssuedDocument.objects.values_list("code", flat=True).get(pk=int(done.reference))

    def _ask_issue(self, request: HttpRequest, form: IssueForm, case: Any, kind: int) -> HttpResponse:
        label = IssuedDocument.Kind(kind).label
        context = {
            **self.admin_site.each_context(request),
            "title": f"出具{label}",
            "case_title": f"{case.respondent} {case.code_grouped}",
            "opts": case._meta,
            "list_url": reverse(f"admin:complaints_{case._meta.model_name}_changelist"),
            "back_url": case_url(case),
            "states": [],
            "effect": f"出具后编文号，正文定稿，再打印也是同样的文字；要改只能另出一份。{_fits(kind, case)}",
            "icon": "print",
            "caution": False,
            "form": form,
            "key": request.POST.get("key") or uuid.uuid4(),
        }
        return TemplateResponse(request, "admin/act.html", context, status=400 if form.errors else 200)


def _fits(kind: int, case: Any) -> str:
    return "" if kind in official_forms.kinds_for(case) else "案件现在的状态不能出这份文书。"
