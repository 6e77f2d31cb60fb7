"""「导出证据包」 on a contract's case page: a purpose, a line in the audit, a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.actors import Actor
from core.case_admin import Act, CaseAdmin, CaseForm, PurposeForm
from core.transactions import durably
from prepaid import actions as prepaid
from prepaid.views.evidence import download

EVIDENCE = Act(
    lambda pk, data, by: prepaid.export_evidence(pk, data["purpose"], by=by),
    lambda case: (
        "下载一个 ZIP：合同、明细、每笔凭证、退款、消费和异议、短信，附签名清单。"
        "姓名和手机号打码；用途、时间和您的姓名写进办理记录。"
    ),
    form=PurposeForm,
    icon="down",
    label="导出证据包",
    permission="prepaid.export_evidence",
)


class EvidenceAdmin(CaseAdmin):
    """A case whose step ``evidence`` answers with the pack."""

    def _run(self, request: HttpRequest, case: Any, name: str, form: CaseForm, by: Actor) -> HttpResponseBase:  # type: ignore[override]
        if name != "evidence":
            return super()._run(request, case, name, form, by)
        purpose = form.cleaned_data["purpose"]
        return download(durably(lambda: prepaid.export_evidence(case.pk, purpose, by=by)), None, purpose)
