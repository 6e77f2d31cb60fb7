import pytest
from collections import Counter
from hypothesis import settings, Phase
from hypothesis.stateful import run_state_machine_as_test
from tests.prepaid.test_actions_machine import CardMachine
from prepaid.models import *
from prepaid.actions import visits, corrections, refunds
import prepaid.schedule as sch

def go(n=25, **k):
    run_state_machine_as_test(CardMachine, settings=settings(max_examples=n, stateful_step_count=25, deadline=None, phases=[Phase.generate], derandomize=False, database=None))

@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mutant", ["none", "no_sweep_settle", "no_sweep_cancel", "hold_floor", "spend_refunded", "release_rounding", "key"])
def test_mut(mutant, monkeypatch):
    from tests.prepaid import scenes
    if mutant == "no_sweep_settle": monkeypatch.setattr(visits, "refund_freed", lambda *a, **k: None)
    if mutant == "no_sweep_cancel": monkeypatch.setattr(corrections, "refund_freed", lambda *a, **k: None)
    if mutant == "hold_floor":
        monkeypatch.setattr(visits, "hold_for_face", lambda p,b,f: p*f//(p+b) ); monkeypatch.setattr(visits, "hold_for_count", lambda p,t,b,n=1: p*n//(t+b))
    if mutant == "spend_refunded": monkeypatch.setattr(visits, "_lots_in_use", lambda c: c.lots.order_by("no"))
    if mutant == "release_rounding": monkeypatch.setattr(visits, "release_due_for_face", lambda p,b,u,r: max(0,-(-p*u//(p+b))-r))
    if mutant == "key": monkeypatch.setattr(refunds, "_take_from_lots", lambda *a: None)
    try:
        go(120 if mutant == "none" else 40)
        print("SURVIVED", mutant)
    except BaseException as e:
        import traceback; print("KILLED", mutant, type(e).__name__, str(e)[:100]); (mutant == "none") and traceback.print_exc(); [print(n) for n in getattr(e, "__notes__", []) if mutant == "none"]
    if mutant == "none":
        print(Counter(Contract.objects.values_list("status", flat=True)), Counter(Visit.objects.values_list("status", flat=True)), Counter(Refund.objects.values_list("status","cause")), Counter(Refund.objects.values_list("reason", flat=True)), Counter(Freeze.objects.values_list("status", flat=True)), Counter(SuspenseItem.objects.values_list("reason", flat=True)), Transfer.objects.filter(kind=2, ref_type=4).count(), RefundShortfall.objects.count())
