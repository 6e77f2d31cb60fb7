"""`./run check`: everything that can be judged without running the portal."""

import os
import subprocess
import sys
from collections.abc import Mapping

from portal.embedded.environment import ROOT

DEV = {
    "DEPLOY": "dev",
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "SECRET_KEY": "only-for-the-check-" + "0123456789abcdef" * 4,
    "PII_KEYS": "check:" + "A" * 43 + "=",
    "PII_INDEX_KEY": "B" * 43 + "=",
    "DATABASE_URL": "postgres://yfs_app@127.0.0.1:1/yfs",
    "DATABASE_OWNER_URL": "postgres://yfs_owner@127.0.0.1:1/yfs",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
PROD = {
    **DEV,
    "DEPLOY": "prod",
    "ALLOWED_HOSTS": "portal.example.gov.cn",
    "PUBLIC_URL": "https://portal.example.gov.cn",
    "CUSTODIAN_URL": "https://custodian.example.com",
    "CUSTODIAN_SECRET": "whsec_" + "C" * 43 + "=",
    "SIGNING_KEYS": "D" * 43 + "=",
    "CUSTODIAN_BACKEND": "http",
    "SMS_BACKEND": "http",
}
PYTHON = sys.executable
LINT_IMPORTS = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
STEPS: tuple[tuple[str, list[str], Mapping[str, str]], ...] = (
    ("代码规则 ruff check", [PYTHON, "-m", "ruff", "check", "."], DEV),
    ("代码格式 ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], DEV),
    ("类型 mypy", [PYTHON, "-m", "mypy"], DEV),
    ("分层 import-linter", [PYTHON, "-c", LINT_IMPORTS], DEV),
    ("模板 djlint", [PYTHON, "-m", "djlint", "--lint", "--quiet", "."], DEV),
    (
        "迁移齐全 makemigrations --check",
        # Without a server Django warns that it could not read the history; the check needs only the files.
        [PYTHON, "-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"],
        DEV,
    ),
    ("生产设置 check --deploy", [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PROD),
)


def run() -> int:
    """Run every step, print one line each and the output of those that fail; 0 when all pass."""
    failed = []
    for title, command, settings in STEPS:
        done = subprocess.run(
            command, env={**os.environ, **settings}, cwd=ROOT, capture_output=True, text=True, check=False
        )
        print(f"{'通过' if done.returncode == 0 else '失败'}  {title}", flush=True)
        if done.returncode:
            failed.append(title)
            print((done.stdout + done.stderr).rstrip(), flush=True)
    print(f"{len(failed)} 项没有通过：{'、'.join(failed)}" if failed else "全部通过", flush=True)
    return 1 if failed else 0
