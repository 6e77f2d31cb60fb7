"""The tables and functions of the search, and the rest of what is SQL about trust units."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("trust_units", "0001_initial"), ("complaints", "0002_sql")]
    operations = [
        *(
            migrations.RunSQL(path.read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for path in sorted(SQL.glob("*.sql"))
        ),
        migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop),
    ]
