"""A card of one shop used at a sister shop: the money settles to the one that served."""

import pytest

from core.actors import Actor
from core.errors import NotFound
from core.models import User
from merchants.models import Chain, Merchant
from prepaid import actions as prepaid
from prepaid.models import AccountKind, Contract, LedgerAccount

pytestmark = pytest.mark.django_db


def payable(merchant: Merchant) -> int:
    account = LedgerAccount.objects.with_balance().filter(kind=AccountKind.MERCHANT_PAYABLE, owner_id=merchant.pk)
    return sum(account.values_list("balance_fen", flat=True))


def test_the_sister_shop_is_paid_for_what_it_served(
    contract: Contract, consumer: User, merchant_a: Merchant, merchant_b: Merchant, clerk_b: User
) -> None:
    Merchant.objects.update(chain=Chain.objects.create(name="同一品牌"))
    store = merchant_b.stores.get()
    code = prepaid.show_code(contract.pk, by=Actor.of_user(consumer)).code
    visit = prepaid.redeem_shown_code(
        merchant_b.pk, store.pk, code, "洗剪吹", face_fen=6_000, by=Actor.of_user(clerk_b)
    )
    assert (visit.merchant_id, visit.amount_fen) == (merchant_b.pk, 5_000)
    assert (payable(merchant_a), payable(merchant_b)) == (0, 5_000)


def test_a_shop_of_another_brand_cannot_take_the_card(contract: Contract, merchant_b: Merchant, clerk_b: User) -> None:
    with pytest.raises(NotFound):
        prepaid.request_visit(
            contract.pk, merchant_b.stores.get().pk, "洗剪吹", face_fen=6_000, by=Actor.of_user(clerk_b)
        )
