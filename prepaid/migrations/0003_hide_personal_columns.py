"""The reading role sees no payee's account."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("prepaid", "0002_initial"), ("merchants", "0002_membership_of_merchant")]
    operations = [migrations.RunSQL("SELECT core_hide_personal_columns()", migrations.RunSQL.noop)]
