"""The ledger: its tables, functions and grants are SQL; Django only knows how the rows read."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
FILES = sorted(path.name for path in SQL.glob("*.sql") if path.name[:4] <= "0031")


def _sql(name: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        *map(_sql, FILES),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (10, "存管专户"),
                            (20, "消费者预付款"),
                            (30, "应付商家"),
                            (31, "商家保证金"),
                            (40, "退款在途"),
                            (41, "结算在途"),
                            (50, "待查款项"),
                            (60, "手续费"),
                        ],
                        verbose_name="类别",
                    ),
                ),
                ("owner_id", models.BigIntegerField(verbose_name="所属")),
                ("hot", models.BooleanField(verbose_name="高频账户")),
                ("row_balance_fen", models.BigIntegerField(db_column="balance", verbose_name="已并入余额")),
                ("held_fen", models.BigIntegerField(db_column="held", verbose_name="预占金额")),
                ("seq", models.BigIntegerField(verbose_name="流水序号")),
                ("head", models.BinaryField(verbose_name="链头")),
                ("last_at", models.DateTimeField(verbose_name="最近入账时间")),
                ("created_at", models.DateTimeField(verbose_name="开户时间")),
                (
                    "status",
                    models.SmallIntegerField(choices=[(0, "正常"), (1, "已冻结")], verbose_name="状态"),
                ),
            ],
            options={
                "verbose_name": "账户",
                "verbose_name_plural": "账户",
                "db_table": "ledger_account",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("posted_at", models.DateTimeField(verbose_name="入账时间")),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "预付到账"),
                            (2, "到店消费"),
                            (3, "按期划付"),
                            (5, "退款"),
                            (6, "退款到账"),
                            (8, "结算"),
                            (9, "结算到账"),
                            (10, "冲正"),
                            (11, "待查入账"),
                            (12, "待查退回"),
                            (13, "结算退回"),
                        ],
                        verbose_name="类别",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(db_column="amount", verbose_name="金额")),
                ("card_seq", models.BigIntegerField(verbose_name="流水序号")),
                (
                    "card_balance_fen",
                    models.BigIntegerField(db_column="card_balance", null=True, verbose_name="卡内余额"),
                ),
                (
                    "ref_type",
                    models.SmallIntegerField(
                        choices=[
                            (1, "充值批次"),
                            (2, "到店"),
                            (3, "分期"),
                            (4, "退款"),
                            (5, "结算"),
                            (6, "更正"),
                            (7, "待查款项"),
                        ],
                        verbose_name="事由",
                    ),
                ),
                ("ref_id", models.BigIntegerField(verbose_name="事由编号")),
                (
                    "reverses_id",
                    models.BigIntegerField(db_column="reverses", null=True, verbose_name="冲正原流水"),
                ),
                ("actor_kind", models.SmallIntegerField(verbose_name="经办类别")),
                ("actor_id", models.BigIntegerField(null=True, verbose_name="经办")),
                ("biz_date", models.DateField(verbose_name="业务日期")),
                ("hash", models.BinaryField(verbose_name="校验值")),
                (
                    "debit",
                    models.ForeignKey(
                        db_column="debit",
                        on_delete=models.DO_NOTHING,
                        related_name="debits",
                        to="prepaid.ledgeraccount",
                    ),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        db_column="credit",
                        on_delete=models.DO_NOTHING,
                        related_name="credits",
                        to="prepaid.ledgeraccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "资金流水",
                "verbose_name_plural": "资金流水",
                "db_table": "ledger_transfer",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("amount_fen", models.BigIntegerField(db_column="amount", verbose_name="金额")),
                (
                    "captured_fen",
                    models.BigIntegerField(db_column="captured_amount", null=True, verbose_name="实扣金额"),
                ),
                (
                    "ref_type",
                    models.SmallIntegerField(
                        choices=[
                            (1, "充值批次"),
                            (2, "到店"),
                            (3, "分期"),
                            (4, "退款"),
                            (5, "结算"),
                            (6, "更正"),
                            (7, "待查款项"),
                        ],
                        verbose_name="事由",
                    ),
                ),
                ("ref_id", models.BigIntegerField(verbose_name="事由编号")),
                (
                    "state",
                    models.SmallIntegerField(choices=[(0, "预占中"), (1, "已扣"), (2, "已退回")], verbose_name="状态"),
                ),
                ("created_at", models.DateTimeField(verbose_name="预占时间")),
                ("expires_at", models.DateTimeField(null=True, verbose_name="到期时间")),
                ("resolved_at", models.DateTimeField(null=True, verbose_name="了结时间")),
                ("resolved_transfer_id", models.BigIntegerField(null=True, verbose_name="流水")),
                (
                    "account",
                    models.ForeignKey(on_delete=models.DO_NOTHING, related_name="holds", to="prepaid.ledgeraccount"),
                ),
            ],
            options={
                "verbose_name": "预占",
                "verbose_name_plural": "预占",
                "db_table": "ledger_hold",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id", "no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("no", models.IntegerField(verbose_name="期次")),
                ("due_on", models.DateField(verbose_name="划付日")),
                ("amount_fen", models.BigIntegerField(db_column="amount", verbose_name="金额")),
                (
                    "state",
                    models.SmallIntegerField(
                        choices=[(0, "待划付"), (1, "已划付"), (2, "已暂停"), (3, "余额不足"), (4, "已取消")],
                        verbose_name="状态",
                    ),
                ),
                ("transfer_id", models.BigIntegerField(null=True, verbose_name="流水")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=models.DO_NOTHING, related_name="instalments", to="prepaid.ledgeraccount"
                    ),
                ),
                (
                    "payee_account",
                    models.ForeignKey(on_delete=models.DO_NOTHING, related_name="+", to="prepaid.ledgeraccount"),
                ),
            ],
            options={
                "verbose_name": "分期划付",
                "verbose_name_plural": "分期划付",
                "db_table": "ledger_instalment",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Delta",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "transfer_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.BigIntegerField(verbose_name="账户")),
                ("amount_fen", models.BigIntegerField(db_column="amount", verbose_name="金额")),
                ("transfer_id", models.BigIntegerField(verbose_name="流水")),
            ],
            options={
                "verbose_name": "未并入变动",
                "verbose_name_plural": "未并入变动",
                "db_table": "ledger_delta",
                "managed": False,
            },
        ),
    ]
