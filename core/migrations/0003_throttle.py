"""Counters of anonymous API calls. Unlogged: a crash forgets them, which costs nobody anything."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit")]

    operations = [
        migrations.RunSQL(
            "CREATE UNLOGGED TABLE core_throttle ("
            " key text NOT NULL, slot bigint NOT NULL, hits integer NOT NULL, PRIMARY KEY (key, slot))",
            "DROP TABLE core_throttle",
        ),
    ]
