"""Addresses open to everybody."""

from django.urls import URLPattern, path

from trust_units.views import coverage, draws, marks, open_data, public_search, publicity

urlpatterns: list[URLPattern] = [
    path("units/", public_search.units, name="units"),
    path("units/publicity/", publicity.publicity, name="publicity"),
    path("units/publicity/<str:code>/", publicity.declared, name="declared"),
    path("units/suggest/", public_search.suggest, name="suggest"),
    path("mark/<str:code>/", marks.mark, name="mark"),
    path("mark/<str:code>.json", marks.mark_json, name="mark_json"),
    path("mark/<str:code>.svg", marks.mark_qr, name="mark_qr"),
    path("transparency/draws/", draws.draw_list, name="draws"),
    path("transparency/draws/<str:day>/", draws.draw_page, name="draw"),
    path("transparency/draws/<str:day>.json", draws.draw_json, name="draw_json"),
    path("transparency/draws/<str:day>.txt", draws.draw_file, name="draw_file"),
    path("transparency/replay_draw.py", draws.replayer, name="replayer"),
    path("open-data/", open_data.open_data, name="open_data"),
    path("open-data/<str:name>", open_data.open_data_file, name="open_data_file"),
    path("transparency/coverage.json", coverage.coverage_json, name="coverage_json"),
    path("transparency/removals/", draws.removals, name="removals"),
]
