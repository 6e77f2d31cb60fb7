"""Addresses open to everybody: the wizard, tracking by code."""

from django.urls import URLPattern, path

from complaints.views import calendar, documents, incidents, intake, public_record, records, track, warnings

urlpatterns: list[URLPattern] = [
    path("shops/<str:code>/complaints/", records.shop_records, name="shop_records"),
    path("transparency/lateness", public_record.lateness, name="lateness"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar_feed"),
    path("documents/check/", documents.check_document, name="check_document"),
    path("documents/<str:code>/", documents.document, name="document"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<str:code>/", incidents.incident, name="incident"),
    path("incidents/<str:code>/claim/", incidents.claim_new, name="claim_new"),
    path("warnings/", warnings.warnings, name="warnings"),
    path("warnings/<str:code>/", warnings.warning, name="warning"),
    path("typical-cases/", warnings.typical_cases, name="typical_cases"),
    path("penalties/", warnings.penalties, name="penalties"),
    path("complain/", intake.start, name="start"),
    path("complain/begin/", intake.begin, name="begin"),
    path("complain/discard/", intake.discard, name="discard"),
    path("complain/done/", intake.done, name="done"),
    path("complain/other/", intake.other, name="other"),
    path("complain/track/", track.track, name="track"),
    path("complain/track/<str:code>/", track.anonymous_report, name="anonymous_report"),
    path("complain/<str:name>/", intake.step, name="step"),
]
