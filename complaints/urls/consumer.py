"""Addresses for people who complain, report or ask."""

from django.urls import URLPattern, path

from complaints.views import track, track_steps

MATTER = "my/complaints/<str:code>/"
urlpatterns: list[URLPattern] = [
    path("my/complaints/", track.mine, name="mine"),
    path(MATTER, track.matter, name="matter"),
    path(MATTER + "<str:step>/", track_steps.matter_step, name="matter_step"),
]
