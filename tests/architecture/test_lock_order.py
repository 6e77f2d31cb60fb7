"""Locks go in layer order; the helper refuses any other, and a circle would really deadlock."""

import pytest

from core.locking import lock_in_order
from merchants.models import Merchant
from prepaid.models import Contract


@pytest.mark.django_db
def test_rows_are_locked_in_layer_order(contract: Contract) -> None:
    merchant, locked = lock_in_order((Merchant, contract.merchant_id), (Contract, contract.pk))
    assert (merchant.pk, locked.pk) == (contract.merchant_id, contract.pk)


@pytest.mark.django_db
def test_the_other_order_is_refused(contract: Contract) -> None:
    with pytest.raises(AssertionError, match="core → merchants"):
        lock_in_order((Contract, contract.pk), (Merchant, contract.merchant_id))


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused(contract: Contract) -> None:
    with pytest.raises(AssertionError, match="outside a transaction"):
        lock_in_order((Contract, contract.pk))
