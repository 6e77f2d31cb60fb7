"""What is SQL about the tables of prepaid: signatures stand, the reading role sees no personal data."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("prepaid", "0002_initial"), ("merchants", "0002_memberships")]
    operations = [
        *(
            migrations.RunSQL(path.read_text(encoding="utf-8"), migrations.RunSQL.noop)
            for path in sorted(SQL.glob("*.sql"))
            if path.name >= "0050"
        ),
        migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop),
    ]
