"""Cards from before a shop joined, for the security tests."""

from django.utils import timezone

from core.calendar import business_date
from core.models import User
from merchants.models import Merchant, Restriction
from prepaid.models import CardImport, Contract, LegacyCard, LegacyUse, Succession


def legacy_rows(merchant: Merchant, owner: User, contract: Contract) -> None:
    """A card its holder confirmed, a visit on it that waits, and the list it came by."""
    run = CardImport.objects.create(
        merchant=merchant, name="老卡.csv", sha256="0" * 64, size=1, status=CardImport.Status.DONE, uploaded_by=owner
    )
    card = LegacyCard.objects.create(
        merchant=merchant, holder=contract.holder, kind="STORED_VALUE", name="老卡", bought_on=business_date(),
        status=LegacyCard.Status.CONFIRMED, stated_fen=10_000, left_fen=10_000, natural_key="0" * 32, source=run,
        entered_by=owner, contract=contract,
    )  # fmt: skip
    limit = Restriction.objects.create(merchant=merchant, source="店铺易主", reason="换经营者")
    Succession.objects.create(merchant=merchant, kind=Succession.Kind.OWNER, restriction=limit, told_at=timezone.now())
    LegacyUse.objects.create(card=card, store=contract.store, item="洗头", amount_fen=100, asked_by=owner)
