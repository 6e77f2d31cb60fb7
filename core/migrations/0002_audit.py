"""The audit table, its chain and its grants (core/sql/0001_audit.sql), and read rights that leave personal data out."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)
        for name in ("0001_audit.sql", "0002_hide_personal_columns.sql")
    ]
