"""Addresses of the shop's console."""

from django.urls import URLPattern, path

from prepaid.views import console_contracts as contracts
from prepaid.views import console_counter as till
from prepaid.views import console_money, console_plans, console_refunds, console_visits

CARD, REFUND, PLAN = "console/contracts/<str:code>/", "console/refunds/<str:code>/", "console/plans/<int:pk>/"
urlpatterns: list[URLPattern] = [
    path("console/counter/", till.counter, name="counter"),
    path("console/counter/find/", till.find, name="counter_find"),
    path("console/counter/charge/", till.charge, name="counter_charge"),
    path("console/counter/switch/", till.switch, name="counter_switch"),
    path("console/counter/store/", till.choose_store, name="counter_store"),
    path("console/visits/", console_visits.visits, name="merchant_visits"),
    path("console/visits/<str:code>/", console_visits.visit, name="merchant_visit"),
    path("console/contracts/", contracts.contracts, name="merchant_contracts"),
    path("console/contracts/sell/", contracts.sell, name="sell"),
    path("console/contracts/sell/<int:pk>/", contracts.sell_plan, name="sell_plan"),
    path(CARD, contracts.contract, name="merchant_contract"),
    path(CARD + "offered/", contracts.sell_done, name="sell_done"),
    path(CARD + "<str:step>/", contracts.contract_step, name="merchant_contract_step"),
    path("console/refunds/", console_refunds.refunds, name="merchant_refunds"),
    path(REFUND, console_refunds.refund, name="merchant_refund"),
    path(REFUND + "agree/", console_refunds.agree, name="refund_agree"),
    path(REFUND + "refuse/", console_refunds.refuse, name="refund_refuse"),
    path("console/plans/", console_plans.plans, name="merchant_plans"),
    path("console/plans/new/", console_plans.plan, name="plan_new"),
    path("console/plans/prices/<int:pk>/drop/", console_plans.drop_price, name="drop_price"),
    path(PLAN, console_plans.plan, name="plan"),
    path(PLAN + "<str:step>/", console_plans.plan_step, name="plan_step"),
    path("console/money/", console_money.money, name="merchant_money"),
]
