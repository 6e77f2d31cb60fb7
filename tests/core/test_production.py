"""The production profile refuses to start on unsafe settings, one clear line each."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from config.celery import broker_url
from config.production import unsafe

SAFE: dict[str, Any] = {
    "SECRET_KEY": "x" * 60,
    "PII_KEYS": "k:" + "A" * 44,
    "PII_INDEX_KEY": "B" * 44,
    "SIGNING_KEYS": "D" * 44,
    "ALLOWED_HOSTS": ["portal.example"],
    "DEBUG": False,
    "SMS_BACKEND": "gateway",
    "CUSTODIAN_BACKEND": "bank.Bank",
    "CUSTODIAN_SECRET": "whsec_x",
    "PUBLIC_URL": "https://portal.example",
    "DATABASES": {"default": {"USER": "yfs_app"}, "owner": {"USER": "yfs_owner"}},
}


def test_safe_settings_pass() -> None:
    assert list(unsafe(SAFE)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("PII_KEYS", ""),
        ("PII_INDEX_KEY", ""),
        ("SIGNING_KEYS", ""),
        ("ALLOWED_HOSTS", ["*"]),
        ("ALLOWED_HOSTS", []),
        ("DEBUG", True),
        ("SMS_BACKEND", "console"),
        ("CUSTODIAN_BACKEND", "sandbox"),
        ("CUSTODIAN_SECRET", ""),
        ("PUBLIC_URL", "http://portal.example"),
        ("DATABASES", {"default": {"USER": "yfs_owner"}, "owner": {"USER": "yfs_owner"}}),
    ],
)
def test_each_unsafe_setting_has_its_own_line(name: str, value: Any) -> None:
    lines = list(unsafe(SAFE | {name: value}))
    assert len(lines) == 1
    assert name.removesuffix("S") in lines[0] or name.split("_")[0] in lines[0]


def test_the_process_does_not_start() -> None:
    environment = {"PATH": os.environ["PATH"], "DEPLOY": "prod", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "生产环境拒绝启动" in done.stderr and "SECRET_KEY" in done.stderr


def test_a_unix_socket_becomes_kombus_address() -> None:
    assert broker_url("unix:///tmp/v.sock?db=2") == "redis+socket:///tmp/v.sock?virtual_host=2"
    assert broker_url("unix:///tmp/v.sock") == "redis+socket:///tmp/v.sock?virtual_host=0"
    assert broker_url("rediss://h:6380/1") == "rediss://h:6380/1"
