import time
import pytest
from collections.abc import Iterator
from pathlib import Path
from django.core.management import call_command

@pytest.fixture(scope="module")
def district(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        t=time.process_time(); w=time.time()

        call_command("seed_demo", logins=tmp_path_factory.mktemp("demo") / "l.json", verbosity=1)

        print("SECONDS", time.time()-w, "cpu", time.process_time()-t)
        yield
        django_db_setup.renew()

def test_x(district, db):
    from prepaid.models import Transfer, Contract
    print(Transfer.objects.count(), Contract.objects.count())
