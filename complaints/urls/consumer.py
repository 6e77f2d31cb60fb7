"""Addresses for people who complain, report or ask."""

from django.urls import URLPattern, path

from complaints.views import incidents, mall_tickets, track, track_steps

MATTER = "my/complaints/<str:code>/"
urlpatterns: list[URLPattern] = [
    path("my/complaints/", track.mine, name="mine"),
    path(MATTER, track.matter, name="matter"),
    path("my/claims/<str:code>/", incidents.my_claim, name="my_claim"),
    path("my/claims/<str:code>/<str:step>/", incidents.claim_step, name="claim_step"),
    path(MATTER + "<str:step>/", track_steps.matter_step, name="matter_step"),
    path("my/mall-tickets/", mall_tickets.mine, name="my_mall_tickets"),
    path("my/mall-tickets/<str:code>/", mall_tickets.my_ticket, name="my_mall_ticket"),
    path("my/mall-tickets/<str:code>/<str:step>/", mall_tickets.my_ticket_step, name="my_mall_ticket_step"),
    path("malls/<str:code>/ticket/", mall_tickets.write, name="write_to_mall"),
]
