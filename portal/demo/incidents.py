"""The closed gym as one incident: its complaints together under 何志强, a register of claims, what was done so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from complaints import actions as complaints
from complaints.claim_list import NewClaim
from complaints.models import Incident, IncidentClaim, ProactiveTask
from core.actors import SYSTEM, Actor
from core.models import User
from portal.demo.people import Cast
from portal.demo.shops import Builder, Shop
from prepaid.models import LegacyCard

SUMMARY = "三天前关门，门上没有通知，负责人联系不上。持卡人 214 名，老卡 43 张没有锁定。"
OLD_CLAIMS, OUTSIDE_FEN = 4, 128_000


def lead_gym(build: Builder, cast: Cast, gym: Shop, holders: Sequence[User]) -> None:
    """Found as a cluster yesterday and raised; old cards and one from outside claimed, two checked by another."""
    chen, li, today = cast.by("chen"), cast.by("li"), build.today
    yesterday = today - timedelta(days=1)
    complaints.find_clusters(yesterday, by=SYSTEM)
    task = ProactiveTask.objects.get(merchant=gym.merchant)
    task = complaints.raise_task(task.pk, cast.user("he").pk, SUMMARY, by=chen, on=yesterday)
    incident = task.incident
    assert incident is not None
    claims = _claims(incident, gym)
    asked = NewClaim(
        name=holders[50].name, phone=holders[50].phone, claimed_fen=OUTSIDE_FEN, card_name="私教课 16 节",
        note="微信转给教练，有转账记录",
    )  # fmt: skip
    complaints.enter_claim(incident.pk, asked, by=chen)
    for row in claims[:2]:
        complaints.check_claim(row.pk, row.claimed_fen, "老卡余额本人已确认，和商家登记一致", by=li)
    first = complaints.stand_for_claimants(claims[0].pk, by=_person(claims[0]))
    for row in claims[2:]:
        complaints.choose_representative(first.pk, row.pk, by=_person(row))
    complaints.confirm_representative(first.pk, by=chen)
    frozen = "已提请紧急冻结商家专户；锁定的钱商家拿不走，正在逐人核对。"
    complaints.note_progress(incident.pk, frozen, by=chen, on=yesterday)
    complaints.note_progress(
        incident.pk, "开始登记没有锁定的老卡和平台外的卡，请带收据或转账记录。", by=chen,
        next_step="公布第一批核对结果", next_on=today + timedelta(days=4), on=today,
    )  # fmt: skip


def _claims(incident: Incident, gym: Shop) -> list[IncidentClaim]:
    """Some holders of old cards register them."""
    cards = LegacyCard.objects.filter(merchant=gym.merchant).select_related("holder").order_by("pk")[:OLD_CLAIMS]
    return [
        complaints.file_claim(
            incident.pk, card_code=card.code, claimed_fen=card.left_fen, note="关门前没有用过",
            by=Actor.of_user(card.holder),
        )
        for card in cards
    ]  # fmt: skip


def _person(claim: IncidentClaim) -> Actor:
    assert claim.claimant.user is not None
    return Actor.of_user(claim.claimant.user)
