"""The reading role sees no personal data of those who complain or report."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial"), ("core", "0002_sql")]
    operations = [migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop)]
