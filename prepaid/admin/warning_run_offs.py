"""The way from a RED warning to the emergency form."""

from __future__ import annotations

from core.case_admin import Act
from core.case_panels import VERB_WORDS
from prepaid import actions as prepaid
from prepaid.admin.closings import AbscondedForm, may_wind_up
from prepaid.admin.warnings import RiskWarningAdmin
from prepaid.models import Level, RiskWarning

VERB_WORDS["risk_warning.run_off"] = "提出失联应急处置"


def _unreachable(case: RiskWarning) -> bool:
    return case.level == Level.RED and case.status != RiskWarning.Status.ENDED and may_wind_up(case.merchant)


RiskWarningAdmin.acts["run_off"] = Act(
    lambda pk, data, by: prepaid.run_off_of_warning(pk, data["reason"], data["served_until"], by=by),
    lambda case: (
        f"{case.merchant.brand_name} 高风险又联系不上的，在这里提出。第二人复核同意后，马上冻结、停止收款、"
        "通知每位持卡人，并逐人核算应退。现在提出不会马上冻结。"
    ),
    form=AbscondedForm,
    icon="alert",
    label="联系不上，提出应急处置（待第二人复核）",
    permission="prepaid.propose_run_off",
    when=_unreachable,
    caution=True,
    done="已提出，等第二人复核",
)
