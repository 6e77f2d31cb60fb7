"""Addresses of the consumer's pages."""

from django.urls import URLPattern, path

from prepaid.views import consumer, consumer_contracts, consumer_refunds, consumer_visits, device

CARD = "my/contracts/<str:code>/"
urlpatterns: list[URLPattern] = [
    path("my/", consumer.my_prepaid, name="my_prepaid"),
    path("my/prove/", device.prove, name="prove"),
    path(CARD, consumer.contract, name="contract"),
    path(CARD + "terms/", consumer.terms, name="contract_terms"),
    path(CARD + "sign/", consumer_contracts.sign, name="contract_sign"),
    path(CARD + "decline/", consumer_contracts.decline, name="contract_decline"),
    path(CARD + "pay/", consumer_contracts.pay, name="contract_pay"),
    path(CARD + "top-up/", consumer_contracts.top_up, name="contract_top_up"),
    path(CARD + "code/", consumer_contracts.show_code, name="contract_code"),
    path(CARD + "stop/", consumer_contracts.stop, name="contract_stop"),
    path(CARD + "restart/", consumer_contracts.restart, name="contract_restart"),
    path(CARD + "pause/", consumer_contracts.pause, name="contract_pause"),
    path(CARD + "resume/", consumer_contracts.resume, name="contract_resume"),
    path(CARD + "users/", consumer_contracts.add_user, name="contract_users"),
    path(CARD + "visit/", consumer_visits.report, name="visit_report"),
    path(CARD + "refund/", consumer_refunds.request_refund, name="refund_request"),
    path("my/visits/<str:code>/confirm/", consumer_visits.confirm, name="visit_confirm"),
    path("my/visits/<str:code>/dispute/", consumer_visits.dispute, name="visit_dispute"),
    path("my/refunds/<str:code>/", consumer_refunds.refund, name="refund"),
    path("my/refunds/<str:code>/withdraw/", consumer_refunds.withdraw, name="refund_withdraw"),
    path("my/refunds/<str:code>/account/", consumer_refunds.change_account, name="refund_account"),
]
