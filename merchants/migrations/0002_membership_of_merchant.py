"""The foreign key from core's memberships to merchants: core knows no app above it, the database may."""

from django.db import migrations

ADD = """
ALTER TABLE core_membership ADD CONSTRAINT membership_of_merchant
    FOREIGN KEY (merchant_id) REFERENCES merchants_merchant (id) DEFERRABLE INITIALLY DEFERRED;
"""
DROP = "ALTER TABLE core_membership DROP CONSTRAINT membership_of_merchant"


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial"), ("core", "0002_sql")]
    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop),
    ]
