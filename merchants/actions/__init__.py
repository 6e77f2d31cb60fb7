"""Everything that is done to merchants, their stores and their staff. Pages, admin, API and jobs come through here."""

from merchants.actions.registration import (
    approve,
    attach_licence,
    auto_check,
    change,
    check_from_outbox,
    missing,
    register,
    save_store,
    send_back,
    send_register_code,
    submit,
    unmask,
)
from merchants.actions.restrictions import close_store, leave_by_steps, lift_restriction, restrict
from merchants.actions.staff import dismiss, hire, set_counter_pin, staff_by_pin

__all__ = [
    "approve",
    "attach_licence",
    "auto_check",
    "change",
    "check_from_outbox",
    "close_store",
    "dismiss",
    "hire",
    "leave_by_steps",
    "lift_restriction",
    "missing",
    "register",
    "restrict",
    "save_store",
    "send_back",
    "send_register_code",
    "set_counter_pin",
    "staff_by_pin",
    "submit",
    "unmask",
]
