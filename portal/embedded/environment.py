"""The environment that the portal's processes run in, made from one data directory."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from portal.embedded import roles, secrets
from portal.embedded.home import Home
from portal.embedded.postgres import Cluster
from portal.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_DATA = ROOT / "var"


def data_folder(given: str | None = None) -> Path:
    """The data directory asked for with --data or YFS_DATA, else ``var`` beside the code."""
    return Path(given or os.environ.get("YFS_DATA") or DEFAULT_DATA).resolve()


class Site:
    """One data directory with its servers. A server named by DATABASE_URL or REDIS_URL is not started."""

    def __init__(self, data: Path) -> None:
        self.home = Home(data)
        self.data = self.home.data
        self.logs = self.data / "logs"
        for folder in (self.logs, self.data / "run", self.data / "media"):
            # The console SMS back end writes codes to the log; uploads hold personal data.
            folder.mkdir(mode=0o700, exist_ok=True)
        self.secrets = secrets.load(self.data, has_data=self._has_data())
        self.cluster: Cluster | None = None
        self.valkey: Valkey | None = None
        if not os.environ.get("DATABASE_URL"):
            self.cluster = Cluster(self.home, self.passwords, self.logs / "postgres.log")
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(self.home, self.logs / "valkey.log")

    def _has_data(self) -> bool:
        """Whether there is anything the secrets protect: a cluster, uploads, the sandbox bank's book."""
        media = self.data / "media"
        return (
            any(self.home.place.glob("*/PG_VERSION"))
            or (self.data / "sandbox.sqlite3").exists()
            or (media.is_dir() and any(media.iterdir()))
        )

    @property
    def passwords(self) -> Mapping[str, str]:
        """The database passwords by role."""
        return {
            roles.SUPER: self.secrets["db_super"],
            roles.OWNER: self.secrets["db_owner"],
            roles.APP: self.secrets["db_app"],
            roles.READER: self.secrets["db_ro"],
        }

    def environment(self, *, port: int = 8000, custodian_port: int = 8001) -> dict[str, str]:
        """The variables of config/settings.py; whatever the caller's environment already says wins."""
        made = {
            "DEPLOY": "dev",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": self.secrets["secret_key"],
            "PII_KEYS": self.secrets["pii_keys"],
            "PII_INDEX_KEY": self.secrets["pii_index_key"],
            "CUSTODIAN_SECRET": self.secrets["custodian_secret"],
            "SIGNING_KEYS": self.secrets["signing_keys"],
            "CUSTODIAN_URL": f"http://127.0.0.1:{custodian_port}",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
            "MEDIA_ROOT": str(self.data / "media"),
            "STATIC_ROOT": str(self.data / "static"),
            "SMS_BACKEND": "console",
            "YFS_DATA": str(self.data),
        }
        if self.cluster:
            made["DATABASE_URL"] = self.cluster.url(roles.APP)
            made["DATABASE_OWNER_URL"] = self.cluster.url(roles.OWNER)
            made["DATABASE_RO_URL"] = self.cluster.url(roles.READER)
        if self.valkey:
            made["REDIS_URL"] = self.valkey.url
        return {**made, **os.environ}

    @property
    def env_file(self) -> Path:
        """Where a running `./run up` leaves its environment for `./run manage`."""
        return self.data / "run" / "env.json"

    def leave_environment(self, environment: Mapping[str, str]) -> None:
        """Write the portal's own variables, readable by their owner only."""
        names = self.environment().keys() - os.environ.keys() | {"DATABASE_URL", "REDIS_URL"}
        made = self.env_file.with_suffix(".new")
        made.touch(mode=0o600)
        made.write_text(json.dumps({name: environment[name] for name in sorted(names)}))
        made.replace(self.env_file)

    def left_environment(self) -> dict[str, str] | None:
        """The environment of the running `./run up`, None when there is none."""
        try:
            return {**os.environ, **json.loads(self.env_file.read_text())}
        except FileNotFoundError:
            return None
