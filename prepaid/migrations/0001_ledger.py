"""The ledger is SQL: its tables, functions and grants; Django only knows how the rows read."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(path.read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for path in sorted(SQL.glob("*.sql"))
        if path.name < "0050"
    ]
