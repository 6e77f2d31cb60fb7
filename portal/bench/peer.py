"""django-hordak, the nearest Django ledger, given the check it lacks: lock the card, ask its balance, transfer.

Runs alone with the Python of the bench's own environment and imports nothing of the project:
``python peer.py URL prepare`` makes its tables, ``python peer.py URL run`` answers seconds with transfers a second.
"""

import random
import sys
import time
from urllib.parse import parse_qs, unquote, urlsplit

CARDS = 50


def configure(url: str) -> None:
    """Django with nothing but hordak."""
    import django
    from django.conf import settings

    parts = urlsplit(url)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username,
                "PASSWORD": unquote(parts.password or ""),
                "HOST": parse_qs(parts.query)["host"][0],
                "CONN_MAX_AGE": None,
            }
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=["CNY"],
    )
    django.setup()


def prepare() -> None:
    """Tables, fifty funded cards and a merchant."""
    from django.core.management import call_command
    from hordak.models import Account, AccountType  # type: ignore[import-not-found]
    from moneyed import Money  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    bank = Account.objects.create(name="bank", type=AccountType.asset, currencies=["CNY"])
    Account.objects.create(name="merchant", type=AccountType.asset, currencies=["CNY"])
    for number in range(CARDS):
        card = Account.objects.create(name=f"card {number}", type=AccountType.asset, currencies=["CNY"])
        bank.transfer_to(card, Money(1_000_000, "CNY"))


def run() -> None:
    """Visits of random cards, each in its transaction."""
    from django.db import transaction
    from hordak.models import Account
    from moneyed import Money

    cards = list(Account.objects.filter(name__startswith="card").values_list("pk", flat=True))
    merchant, visit = Account.objects.get(name="merchant"), Money(1, "CNY")
    print("ready", flush=True)
    for line in sys.stdin:
        seconds, posted, began = float(line), 0, time.monotonic()
        while time.monotonic() - began < seconds:
            with transaction.atomic():
                card = Account.objects.select_for_update().get(pk=random.choice(cards))
                if card.get_balance()["CNY"] < visit:
                    raise SystemExit("a card is empty")
                card.transfer_to(merchant, visit)
            posted += 1
        print(posted / (time.monotonic() - began), flush=True)


if __name__ == "__main__":
    configure(sys.argv[1])
    {"prepare": prepare, "run": run}[sys.argv[2]]()
