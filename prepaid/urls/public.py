"""Addresses open to everybody: what proves the ledger."""

from django.urls import URLPattern, path

from prepaid.views import match_rates, seals

urlpatterns: list[URLPattern] = [
    path("transparency/roots", seals.roots, name="roots"),
    path("transparency/roots.json", seals.roots_json, name="roots_json"),
    path("transparency/match-rates", match_rates.match_rates, name="match_rates"),
    path("transparency/keys.json", seals.keys_json, name="keys_json"),
    path("transparency/verify", seals.verify, name="verify"),
    path("transparency/verify.py", seals.verifier, name="verifier"),
]
