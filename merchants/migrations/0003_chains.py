"""Shops under one brand that take each other's cards."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("merchants", "0002_membership_of_merchant")]
    operations = [
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="连锁品牌")),
            ],
            options={"verbose_name": "连锁品牌", "verbose_name_plural": "连锁品牌"},
        ),
        migrations.AddField(
            model_name="merchant",
            name="chain",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="merchants.chain",
                verbose_name="连锁品牌",
            ),
        ),
    ]  # fmt: skip
