"""The telephone desk of the demo district: reply templates, a question answered, calls still to be filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from complaints import actions as complaints
from complaints.actions import calls
from complaints.actions.calls import CallKind, Filing, Typed
from complaints.models import CallDraft, Complaint
from core.actors import Actor
from portal.demo.names import DISTRICT
from portal.demo.people import Cast
from portal.demo.shops import Shop

TEMPLATES = {
    "退卡怎么算": "付款七日内没有使用的，可以退本金；用过的，按合同扣除已消费的部分后退还余额。",
    "停业关门怎么办": "锁定在存管银行的余额不受停业影响，停业清退时按余额退还。请登录「我的预付」查看。",
    "转信访部门": "您反映的事不属于市场监督管理部门职责，请向当地信访部门或有权处理的机关提出。",
}
STRANGER, ANGRY = "13700000061", "13700000062"


def take_calls(cast: Cast, shops: Mapping[str, Shop]) -> None:
    """As three officers leave the desk this morning."""
    for title, text in TEMPLATES.items():
        complaints.keep_template(title, text, by=cast.by("chen"))
    xu, chen, now = cast.by("xu"), cast.by("chen"), timezone.now()
    asked = _call(xu, now - timedelta(hours=2), STRANGER, "孟女士", "", "办了年卡还没用过，能不能退，怎么退")
    answer = Filing(kind=CallKind.QUESTION, region_code=DISTRICT, reply=TEMPLATES["退卡怎么算"])
    calls.file_call(asked.pk, answer, by=xu, at=now)
    abuse = _call(chen, now - timedelta(hours=20), ANGRY, "", "", "")
    calls.discard_call(abuse.pk, "接通后一直辱骂，说要到所里闹事，没有讲具体的事", abusive=True, by=chen, at=now)
    _call(xu, now - timedelta(minutes=40), ANGRY, "", "", "要找领导，没有说完挂了")
    shop = shops["noodles"].store.merchant
    known = Complaint.objects.filter(merchant=shop).select_related("complainant").first()
    if known is not None:
        person = known.complainant
        _call(
            xu,
            now - timedelta(minutes=15),
            person.phone,
            person.name,
            shop.brand_name,
            "问上次投诉谈得怎么样了，店里还没有联系",
        )


def _call(by: Actor, at: datetime, phone: str, name: str, shop: str, story: str) -> CallDraft:
    draft = calls.start_call(phone, by=by, at=at)
    typed = Typed(name=name, phone=phone, shop=shop, story=story)
    return calls.save_call(draft.pk, typed, version=0, by=by, at=at)
