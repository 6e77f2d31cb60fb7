"""The foreign keys from core's memberships to merchants and malls: core knows no app above it, the database may."""

from django.db import migrations

ADD = """
ALTER TABLE core_membership
    ADD CONSTRAINT membership_of_merchant
    FOREIGN KEY (merchant_id) REFERENCES merchants_merchant (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT membership_of_mall
    FOREIGN KEY (mall_id) REFERENCES merchants_mall (id) DEFERRABLE INITIALLY DEFERRED;
"""
DROP = """
ALTER TABLE core_membership DROP CONSTRAINT membership_of_merchant, DROP CONSTRAINT membership_of_mall
"""


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial"), ("core", "0002_sql")]
    operations = [
        migrations.RunSQL(ADD, DROP),
        migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop),
    ]
