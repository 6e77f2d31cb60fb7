"""What officers do to rule packs: draft a version, change its figures, hand it in, sign it."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.audit import record
from core.calendar import business_date
from core.errors import Invalid, NotFound, WrongState
from core.models import Region, Rule, RulePack
from core.models.reference import RULE_PACK_LIFECYCLE
from core.pack_schema import TAGS, check, parse, spec_of
from core.permissions import require
from core.rule_packs import NATION, forget_rules

DAY = timedelta(days=1)


def newest(family: str) -> RulePack | None:
    """The last published version of a family, in force or still to come."""
    return RulePack.objects.published().filter(family=family).order_by("effective_from").last()


def content_hash(pack: RulePack) -> str:
    """The digest of everything a second officer signs: what, where, from when, and every figure."""
    figures = pack.rules.order_by("key").values_list("key", "value", "unit", "base", "basis", "tag", "conditions")
    content = [pack.family, pack.region_code, pack.inherits, pack.effective_from.isoformat(), pack.note, *figures]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@transaction.atomic
def draft_version(pack_id: str, effective_from: date, *, by: Actor, note: str = "") -> RulePack:
    """Draft the next version of a pack from its newest one, with every figure copied.

    Raises WrongState when a draft is under way, Invalid for a day that the newest version already covers.
    """
    base = RulePack.objects.locked(pack_id)
    require(by, "core.draft_rulepack", base)
    last = newest(base.family)
    if last is None or last.pk != base.pk:
        raise WrongState(f"新版本要从最新的一版起草：{last.pk if last else '还没有发布的版本'}")
    _must_follow(last, effective_from)
    return _draft(base, base.family, base.region_code, base.inherits, effective_from, note, copied=True, by=by)


@transaction.atomic
def draft_local(pack_id: str, region_code: str, effective_from: date, *, by: Actor, note: str = "") -> RulePack:
    """Draft the first pack of a region of one's own; what it does not say it inherits from ``pack_id``."""
    base = RulePack.objects.locked(pack_id)
    region = Region.objects.filter(pk=region_code).first()
    if region is None:
        raise Invalid(fields={"region_code": "没有这个行政区划代码"})
    if base.region_code not in (NATION, *_above(region_code)):
        raise Invalid(fields={"region_code": "只能为这个规则包所管的下级地区起草"})
    family = f"CN-{region_code}"
    if RulePack.objects.published().filter(family=family).exists():
        raise WrongState(f"{region.name}已经有规则包，请从它的最新一版起草")
    require(by, "core.draft_rulepack", RulePack(pk=base.pk, region_code=region_code))
    return _draft(base, family, region_code, base.pk, effective_from, note, copied=False, by=by)


def _above(region_code: str) -> list[str]:
    return [region_code[:step] for step in (2, 4, 6, 9) if step < len(region_code)]


def _draft(
    base: RulePack, family: str, region: str, inherits: str, start: date, note: str, *, copied: bool, by: Actor
) -> RulePack:
    if RulePack.objects.in_the_making().filter(family=family).exists():
        raise WrongState("这个系列已经有一份在起草或待复核，请先办完那一份")
    pack = RulePack.objects.create(
        id=_next_id(family), family=family, region_code=region, inherits=inherits, effective_from=start,
        note=note.strip()[:200], drafted_by=by.user,
    )  # fmt: skip
    if copied:
        rows = [
            Rule(pack=pack, key=r.key, value=r.value, unit=r.unit, base=r.base, basis=r.basis, tag=r.tag,
                 conditions=r.conditions)
            for r in base.rules.order_by("pk")
        ]  # fmt: skip
        Rule.objects.bulk_create(rows)
    record("rule_pack.draft", pack, by=by, base=base.pk, start=start)
    return pack


def _next_id(family: str) -> str:
    taken = set(RulePack.objects.filter(family=family).values_list("pk", flat=True))
    number = len(taken) + 1
    while f"{family}.v{number}" in taken:
        number += 1
    return f"{family}.v{number}"


@transaction.atomic
def set_rule(
    pack_id: str, key: str, typed: str, *, by: Actor, unit: str = "", base: str = "", basis: str = "", tag: str = "D"
) -> RulePack:
    """Write one figure of a draft: money typed in yuan, ratios as 40%. Raises Invalid with what is wrong."""
    pack = _open_draft(pack_id, by=by)
    value = parse(key, typed)
    spec = spec_of(key)
    assert spec is not None
    unit = unit or spec.units[0]
    wrong = check(key, value, unit)
    if wrong:
        raise Invalid(fields={"unit": wrong})
    if tag not in TAGS:
        raise Invalid(fields={"tag": f"确定程度从这些里选：{'、'.join(TAGS.values())}"})
    if not basis.strip():
        raise Invalid(fields={"basis": "写明依据的条文，例如：某某办法 第10条"})
    Rule.objects.update_or_create(
        pack=pack,
        key=key,
        defaults={"value": value, "unit": unit, "base": base.strip()[:40], "basis": basis.strip()[:80], "tag": tag},
    )
    record("rule_pack.set_rule", pack, by=by, key=key, value=value, unit=unit)
    return pack


@transaction.atomic
def drop_rule(pack_id: str, key: str, *, by: Actor) -> RulePack:
    """Take a figure out of a draft: what it inherits holds then. Raises NotFound."""
    pack = _open_draft(pack_id, by=by)
    gone, _ = Rule.objects.filter(pack=pack, key=key).delete()
    if not gone:
        raise NotFound("这份草稿里没有这一项")
    record("rule_pack.drop_rule", pack, by=by, key=key)
    return pack


@transaction.atomic
def date_draft(pack_id: str, effective_from: date, *, by: Actor, note: str = "") -> RulePack:
    """Change the day a draft begins, and its note."""
    pack = _open_draft(pack_id, by=by)
    last = newest(pack.family)
    if last is not None:
        _must_follow(last, effective_from)
    pack.effective_from, pack.note = effective_from, note.strip()[:200]
    pack.save(update_fields=["effective_from", "note"])
    record("rule_pack.date", pack, by=by, start=effective_from)
    return pack


def _open_draft(pack_id: str, *, by: Actor) -> RulePack:
    pack = RulePack.objects.locked(pack_id)
    require(by, "core.draft_rulepack", pack)
    if pack.status != RulePack.Status.DRAFT:
        raise WrongState(f"现在是「{pack.get_status_display()}」，不能修改；待复核的先撤回修改，已发布的起草新版本")
    return pack


@transaction.atomic
def propose_pack(pack_id: str, *, by: Actor, on: date | None = None) -> RulePack:
    """Hand a draft in: its content is fixed by a digest, and a second officer decides."""
    pack = RulePack.objects.locked(pack_id)
    require(by, "core.draft_rulepack", pack)
    RULE_PACK_LIFECYCLE.move("propose", pack)
    _must_begin(pack, newest(pack.family), on or business_date())
    rules = list(pack.rules.all())
    if not rules:
        raise WrongState("草稿里还没有一条规则")
    for rule in rules:
        wrong = check(rule.key, rule.value, rule.unit)
        if wrong:
            raise Invalid(f"{rule.key}：{wrong}", fields={rule.key: wrong})
    pack.proposed_by, pack.proposed_at, pack.proposal_hash = by.user, timezone.now(), content_hash(pack)
    pack.save()
    record("rule_pack.propose", pack, by=by, hash=pack.proposal_hash)
    return pack


@transaction.atomic
def revise_pack(pack_id: str, *, by: Actor) -> RulePack:
    """Take a proposal back to change it; it must be handed in again."""
    pack = RulePack.objects.locked(pack_id)
    require(by, "core.draft_rulepack", pack)
    RULE_PACK_LIFECYCLE.move("revise", pack)
    pack.proposed_by, pack.proposed_at, pack.proposal_hash = None, None, ""
    pack.save()
    record("rule_pack.revise", pack, by=by)
    return pack


@transaction.atomic
def publish_pack(pack_id: str, *, by: Actor, on: date | None = None) -> RulePack:
    """The second officer signs: the version before it ends the day before, and nothing of it changes any more.

    Raises NotAllowed for whoever proposed it, WrongState when a figure was changed after it was handed in.
    """
    seen = RulePack.objects.filter(pk=pack_id).first()
    last = newest(seen.family) if seen else None
    # The version before is locked first: two packs of a family cannot end the same one.
    before = RulePack.objects.locked(last.pk) if last else None
    pack = RulePack.objects.locked(pack_id)
    require(by, "core.sign_rulepack", pack)
    RULE_PACK_LIFECYCLE.move("publish", pack)
    if content_hash(pack) != pack.proposal_hash:
        raise WrongState("提交复核以后内容被改过，请退回，由起草人重新提交")
    _must_begin(pack, before, on or business_date())
    if before is not None and before.effective_to is None:
        before.effective_to = pack.effective_from - DAY
        before.save(update_fields=["effective_to"])
    pack.decided_by, pack.decided_at = by.user, timezone.now()
    pack.save()
    record("rule_pack.publish", pack, by=by, ends=before.pk if before else None, start=pack.effective_from)
    transaction.on_commit(forget_rules)
    return pack


@transaction.atomic
def reject_pack(pack_id: str, reason: str, *, by: Actor) -> RulePack:
    """The second officer does not sign and says why."""
    pack = RulePack.objects.locked(pack_id)
    require(by, "core.sign_rulepack", pack)
    if len(reason.strip()) < 5:
        raise Invalid(fields={"reason": "写明退回的理由，至少 5 个字"})
    RULE_PACK_LIFECYCLE.move("reject", pack)
    pack.decided_by, pack.decided_at, pack.decision = by.user, timezone.now(), reason.strip()[:300]
    pack.save()
    record("rule_pack.reject", pack, by=by, reason=pack.decision)
    return pack


def _must_follow(last: RulePack, start: date) -> None:
    """Neither overlap nor gap between the newest version and the one that starts on a day."""
    if start <= last.effective_from:
        raise Invalid(fields={"effective_from": f"要晚于现行版本的施行日 {last.effective_from}，否则两版重叠"})
    if last.effective_to is not None and start != last.effective_to + DAY:
        what = "重叠" if start <= last.effective_to else "中间有空档"
        raise Invalid(
            fields={"effective_from": f"上一版到 {last.effective_to} 为止，这一版要从次日起施行（现在{what}）"}
        )


def _must_begin(pack: RulePack, last: RulePack | None, today: date) -> None:
    """A version begins after today, on the heels of the one before."""
    if pack.effective_from <= today:
        raise WrongState(f"施行日 {pack.effective_from} 已经到了，新规则不能溯及既往；请改成以后的日期再提交")
    if last is not None:
        _must_follow(last, pack.effective_from)
