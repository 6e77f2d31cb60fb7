"""What is SQL in core: the audit and its chain, read rights, rule packs that stand, counters."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL(path.read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for path in sorted(SQL.glob("*.sql"))
    ]
