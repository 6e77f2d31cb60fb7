"""Addresses of the merchant console and the mediator's desk: complaints against the shop."""

from django.urls import URLPattern, path

from complaints.views import console_complaints, console_odr, console_supervision, mall_tickets, mediator, public_record

SHOP = "console/complaints/<str:code>/"
urlpatterns: list[URLPattern] = [
    path("console/complaints/", console_complaints.complaints_inbox, name="shop_complaints"),
    path("console/complaint-causes/", public_record.shop_causes, name="shop_causes"),
    path(SHOP, console_complaints.complaint, name="shop_complaint"),
    path(SHOP + "<str:step>/", console_complaints.complaint_step, name="shop_complaint_step"),
    path("console/supervision/", console_supervision.supervision, name="merchant_supervision"),
    path("console/supervision/warnings/<str:code>/", console_supervision.warning, name="merchant_warning"),
    path("console/supervision/<str:code>/", console_supervision.notice, name="merchant_notice"),
    path("console/supervision/<str:code>/<str:step>/", console_supervision.notice_step, name="merchant_notice_step"),
    path("console/odr/", console_odr.enrolment, name="odr_enrolment"),
    path("console/odr/<str:step>/", console_odr.enrolment_step, name="odr_enrolment_step"),
    path("mall/tickets/", mall_tickets.mall_tickets, name="mall_tickets"),
    path("mall/tickets/<str:code>/", mall_tickets.mall_ticket, name="mall_ticket"),
    path("mediator/", mediator.desk, name="mediator"),
    path("mediator/<int:pk>/", mediator.assignment, name="mediator_assignment"),
    path("mediator/<int:pk>/<str:step>/", mediator.assignment_step, name="mediator_step"),
]
