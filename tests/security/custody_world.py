"""One of everything about settlement and custody, for a shop of the security tests."""

from datetime import timedelta

from core.calendar import business_date
from core.models import User
from merchants.models import Merchant
from prepaid.models import (
    CourtOrder,
    CustodyAccount,
    CustodyCheck,
    CustodyWarning,
    Guarantee,
    MerchantDebt,
    PayoutAccount,
    Settlement,
    Visit,
)


def custody_rows(merchant: Merchant, owner: User, visit: Visit, officer: User) -> None:
    """Rows as the actions leave them, without the money behind them."""
    today = business_date()
    account = PayoutAccount.objects.create(
        merchant=merchant, bank="示范银行", last4="0001", is_own_name=False, effective_on=today, requested_by=owner,
        status=PayoutAccount.Status.WAITING,
    )  # fmt: skip
    Settlement.objects.create(
        merchant=merchant, account=account, amount_fen=100, covers_to=today - timedelta(days=1), ordered_on=today
    )
    MerchantDebt.objects.create(
        visit=visit, merchant=merchant, face_fen=100, amount_fen=100, reason="录错了", asked_on=today, asked_by=owner
    )
    Guarantee.objects.create(
        merchant=merchant, kind=Guarantee.Kind.BANK, issuer="示范银行", number=f"G{merchant.pk}", amount_fen=100,
        valid_from=today, valid_to=today, submitted_by=owner,
    )  # fmt: skip
    CustodyAccount.objects.create(
        merchant=merchant, custodian="示范银行", kind=CustodyAccount.Kind.TRUST, last4="0002", opened_on=today,
        confirmed_by=officer,
    )  # fmt: skip
    CustodyCheck.objects.create(
        merchant=merchant, quarter_end=today, checked_on=today, base_fen=100, obligations_fen=100, ratio_bp=4000,
        required_fen=40, locked_fen=0, custody_fen=0, guarantee_fen=0, shortfall_fen=40,
    )  # fmt: skip
    CustodyWarning.objects.create(
        merchant=merchant, status=CustodyWarning.Status.OVERDUE, shortfall_fen=40, opened_on=today, due_on=today
    )
    CourtOrder.objects.create(
        merchant=merchant, court="示范区法院", number="1", amount_fen=100, starts_on=today, recorded_by=officer
    )
