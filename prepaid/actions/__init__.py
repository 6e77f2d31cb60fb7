"""What can be done to prepaid money. Pages, admin, API and jobs all come through here."""

from prepaid.actions.contracts import (
    add_user,
    decline,
    offer,
    pause,
    resume,
    show_code,
    sign,
)
from prepaid.actions.corrections import correct_visit, dispute_visit, reject_visit, withdraw_visit
from prepaid.actions.freezes import (
    approve_freeze,
    approve_lift,
    propose_freeze,
    propose_lift,
    reject_freeze,
    reject_lift,
)
from prepaid.actions.payments import order_payment, order_top_up, pay_link, receive
from prepaid.actions.periods import (
    complete_ended,
    keep_ledger,
    release_due,
    restart_instalments,
    stop_instalments,
)
from prepaid.actions.plans import drop_price, publish_plan, save_plan, set_price, withdraw_plan
from prepaid.actions.refunds import (
    agree_refund,
    auto_agree_refund,
    change_payout_account,
    order_refund,
    refuse_refund,
    request_refund,
    withdraw_refund,
)
from prepaid.actions.visits import (
    auto_confirm_visit,
    confirm_visit,
    redeem_shown_code,
    report_visit,
    request_visit,
    uphold_visit,
)

__all__ = [
    "add_user",
    "agree_refund",
    "approve_freeze",
    "approve_lift",
    "auto_agree_refund",
    "auto_confirm_visit",
    "change_payout_account",
    "complete_ended",
    "confirm_visit",
    "correct_visit",
    "decline",
    "dispute_visit",
    "drop_price",
    "keep_ledger",
    "offer",
    "order_payment",
    "order_refund",
    "order_top_up",
    "pause",
    "pay_link",
    "propose_freeze",
    "propose_lift",
    "publish_plan",
    "receive",
    "redeem_shown_code",
    "refuse_refund",
    "reject_freeze",
    "reject_lift",
    "reject_visit",
    "release_due",
    "report_visit",
    "request_refund",
    "request_visit",
    "restart_instalments",
    "resume",
    "save_plan",
    "set_price",
    "show_code",
    "sign",
    "stop_instalments",
    "uphold_visit",
    "withdraw_plan",
    "withdraw_refund",
    "withdraw_visit",
]
