"""The rules in force, for everybody: each figure with the article it stands in and how sure it is."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.calendar import business_date
from core.models import Region, RulePack
from core.pack_schema import label_of, say
from core.rule_packs import NATION, packs_in_force

SURE = "T"


def day_or_today(text: str) -> tuple[date, bool]:
    """The day in an address, and whether it was readable; today for none."""
    if not text:
        return business_date(), True
    try:
        return date.fromisoformat(text), True
    except ValueError:
        return business_date(), False


@login_not_required
@require_GET
def rules_in_force(request: HttpRequest) -> HttpResponse:
    """What holds in a region on a day, pack by pack, the nearest first; what a nearer pack overrides is left out."""
    code = request.GET.get("region", "").strip()[:12] or NATION
    region = Region.objects.filter(pk=code).first()
    day, readable = day_or_today(request.GET.get("on", "").strip()[:10])
    known = code == NATION or region is not None
    seen: set[str] = set()
    packs = []
    for pack in packs_in_force(code, day) if known and readable else ():
        own = [(key, rule) for key, rule in pack.rules.items() if key not in seen]
        seen.update(pack.rules)
        packs.append((pack, [(label_of(key), key, say(key, rule.value, rule.unit), rule) for key, rule in own]))
    regions = set(RulePack.objects.published().values_list("region_code", flat=True))
    context = {
        "packs": [(pack, rows) for pack, rows in packs if rows],
        "unsure": sum(row[3].tag != SURE for _, rows in packs for row in rows),
        "place": "全国" if code == NATION else region.name if region else code,
        "code": code,
        "on": day,
        "known": known,
        "readable": readable,
        "regions": Region.objects.filter(pk__in=regions).order_by("pk"),
    }
    return render(request, "core/rules.html", context, status=200 if known and readable else 400)
