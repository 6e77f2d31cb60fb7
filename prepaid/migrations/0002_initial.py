import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import core.identifiers
from core.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("core", "__first__"),
        ("merchants", "0001_initial"),
        ("prepaid", "0001_ledger"),
    ]

    operations = [
        CreateTables(
            [
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
                migrations.CreateModel(
                    name="Hold",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
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
                            models.SmallIntegerField(
                                choices=[(0, "预占中"), (1, "已扣"), (2, "已退回")], verbose_name="状态"
                            ),
                        ),
                        ("created_at", models.DateTimeField(verbose_name="预占时间")),
                        ("expires_at", models.DateTimeField(null=True, verbose_name="到期时间")),
                        ("resolved_at", models.DateTimeField(null=True, verbose_name="了结时间")),
                        ("resolved_transfer_id", models.BigIntegerField(null=True, verbose_name="流水")),
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
                    ],
                    options={
                        "verbose_name": "分期划付",
                        "verbose_name_plural": "分期划付",
                        "db_table": "ledger_instalment",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="LedgerAccount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
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
                        ("status", models.SmallIntegerField(choices=[(0, "正常"), (1, "已冻结")], verbose_name="状态")),
                    ],
                    options={
                        "verbose_name": "账户",
                        "verbose_name_plural": "账户",
                        "db_table": "ledger_account",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="Seal",
                    fields=[
                        ("biz_date", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                        ("n", models.BigIntegerField(verbose_name="笔数")),
                        ("amount_sum_fen", models.BigIntegerField(db_column="amount_sum", verbose_name="发生额")),
                        ("merkle_root", models.BinaryField(verbose_name="默克尔根")),
                        ("prev_root", models.BinaryField(verbose_name="前一日的根")),
                        ("sealed_at", models.DateTimeField(verbose_name="封账时间")),
                        ("kid", models.TextField(null=True, verbose_name="公钥编号")),
                        ("public_key", models.BinaryField(null=True, verbose_name="公钥")),
                        ("head", models.BinaryField(null=True, verbose_name="封账摘要")),
                        ("signature", models.BinaryField(null=True, verbose_name="签名")),
                    ],
                    options={
                        "verbose_name": "每日封账",
                        "verbose_name_plural": "每日封账",
                        "db_table": "ledger_seal",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="Transfer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
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
                    ],
                    options={
                        "verbose_name": "资金流水",
                        "verbose_name_plural": "资金流水",
                        "db_table": "ledger_transfer",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="ListedEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("ABNORMAL", "经营异常名录"),
                                    ("SERIOUS", "严重违法失信名单"),
                                    ("DISHONEST", "失信被执行人"),
                                    ("DEREG", "注销公告"),
                                ],
                                max_length=9,
                                verbose_name="名单",
                            ),
                        ),
                        (
                            "uscc",
                            models.CharField(blank=True, db_index=True, max_length=18, verbose_name="统一社会信用代码"),
                        ),
                        ("person_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("name", models.CharField(max_length=200, verbose_name="名称")),
                        ("listed_on", models.DateField(verbose_name="列入日")),
                        ("removed_on", models.DateField(null=True, verbose_name="移出日")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="列入原因")),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="prepaid.listimport",
                                verbose_name="导入",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "失信与异常名单",
                        "verbose_name_plural": "失信与异常名单",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "uscc", "person_idx", "listed_on"), name="listed_entry_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("person_idx", ""), ("uscc", ""), _negated=True),
                                name="listed_entry_names_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("removed_on", None), ("removed_on__gte", models.F("listed_on")), _connector="OR"
                                ),
                                name="listed_entry_span",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, unique=True, verbose_name="摘要")),
                        ("name", models.CharField(max_length=100, verbose_name="文件名")),
                        ("path", models.CharField(max_length=120, verbose_name="存放")),
                        ("size", models.BigIntegerField(verbose_name="大小")),
                        ("form", models.CharField(blank=True, max_length=8, verbose_name="格式")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "等待导入"),
                                    ("READING", "导入中"),
                                    ("BOOKED", "已导入"),
                                    ("REFUSED", "没有通过"),
                                ],
                                default="RECEIVED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("on", models.DateField(null=True, verbose_name="记账日")),
                        ("opening_fen", models.BigIntegerField(null=True, verbose_name="期初余额")),
                        ("closing_fen", models.BigIntegerField(null=True, verbose_name="期末余额")),
                        ("line_count", models.PositiveIntegerField(default=0, verbose_name="笔数")),
                        ("repeated_count", models.PositiveIntegerField(default=0, verbose_name="先前已导入")),
                        ("done_count", models.PositiveIntegerField(default=0, verbose_name="已办笔数")),
                        ("error", models.CharField(blank=True, max_length=300, verbose_name="原因")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="收到时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管日终文件",
                        "verbose_name_plural": "存管日终文件",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["on", "status"], name="bank_file_of_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "READING", "BOOKED", "REFUSED"])),
                                name="bank_file_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "BOOKED"), _negated=True),
                                    models.Q(
                                        ("closing_fen__isnull", False),
                                        ("on__isnull", False),
                                        ("opening_fen__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="bank_file_booked_is_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CardImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=100, verbose_name="文件名")),
                        ("path", models.CharField(max_length=80)),
                        ("sha256", models.CharField(max_length=64, verbose_name="摘要")),
                        ("size", models.PositiveIntegerField(verbose_name="字节")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "等待导入"),
                                    ("READING", "导入中"),
                                    ("DONE", "已导入"),
                                    ("REFUSED", "读不了，整份退回"),
                                ],
                                default="RECEIVED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("row_count", models.PositiveIntegerField(default=0, verbose_name="行数")),
                        ("done_count", models.PositiveIntegerField(default=0, verbose_name="已办")),
                        ("added_count", models.PositiveIntegerField(default=0, verbose_name="新增")),
                        ("known_count", models.PositiveIntegerField(default=0, verbose_name="先前已有")),
                        ("refused_count", models.PositiveIntegerField(default=0, verbose_name="没有通过")),
                        (
                            "errors",
                            models.JSONField(default=list, help_text="[行号, 原因]", verbose_name="没有通过的行"),
                        ),
                        ("error", models.CharField(blank=True, max_length=300, verbose_name="退回原因")),
                        ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="办完时间")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="card_imports",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "老卡导入",
                        "verbose_name_plural": "老卡导入",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("merchant", "sha256"), name="card_import_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "done_count",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("added_count"), "+", models.F("known_count")
                                            ),
                                            "+",
                                            models.F("refused_count"),
                                        ),
                                    )
                                ),
                                name="card_import_adds_up",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClosingNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DECLARED", "已申报，未公告"),
                                    ("PUBLISHED", "已公告"),
                                    ("SALES_STOPPED", "已停止收款，正在通知"),
                                    ("SETTLING", "清退中"),
                                    ("VERIFIED", "清退核验通过"),
                                    ("CLOSED", "已停业"),
                                    ("EMERGENCY", "失联应急处置"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="DECLARED",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("LEASE", "租约到期"),
                                    ("LOSS", "经营困难"),
                                    ("MOVE", "搬迁"),
                                    ("SOLD", "转让"),
                                    ("OTHER", "其他"),
                                    ("ABSCONDED", "商家失联"),
                                ],
                                max_length=9,
                                verbose_name="原因",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("in_mall", models.BooleanField(default=False, verbose_name="在商场里")),
                        ("closes_on", models.DateField(verbose_name="停业日")),
                        ("accepted_at", models.DateTimeField(null=True, verbose_name="接手商家同意时间")),
                        ("declared_at", models.DateTimeField(auto_now_add=True, verbose_name="申报时间")),
                        ("published_at", models.DateTimeField(null=True, verbose_name="公告时间")),
                        ("notice_days", models.PositiveSmallIntegerField(default=0, verbose_name="须提前天数")),
                        ("notice_basis", models.CharField(blank=True, max_length=100, verbose_name="依据")),
                        ("short_days", models.PositiveSmallIntegerField(default=0, verbose_name="少提前天数")),
                        ("verified_at", models.DateTimeField(null=True, verbose_name="核验时间")),
                        ("remainder_fen", models.BigIntegerField(default=0, verbose_name="留待领取")),
                        ("remainder_note", models.CharField(blank=True, max_length=200, verbose_name="留待领取的去向")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="停业时间")),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申报人",
                            ),
                        ),
                        (
                            "mall",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.mall",
                                verbose_name="申报商场",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closings",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.store",
                                verbose_name="门店",
                            ),
                        ),
                        (
                            "successor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="successions",
                                to="merchants.merchant",
                                verbose_name="接手商家",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核验人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "停业公告",
                        "verbose_name_plural": "停业公告",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ("CLOSED", "WITHDRAWN")), _negated=True),
                                fields=("merchant", "store"),
                                name="one_open_closing",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("successor", None),
                                    models.Q(("successor", models.F("merchant")), _negated=True),
                                    _connector="OR",
                                ),
                                name="closing_successor_is_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("remainder_fen", 0),
                                    models.Q(("remainder_fen__gt", 0), models.Q(("remainder_note", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="closing_remainder_is_said",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contract",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="合同编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OFFERED", "待签约"),
                                    ("SIGNED", "已签约待支付"),
                                    ("ACTIVE", "履约中"),
                                    ("PAUSED", "暂停履约"),
                                    ("COMPLETED", "履约完毕"),
                                    ("REFUNDED", "已退款"),
                                    ("TERMINATED", "合同已解除"),
                                ],
                                default="OFFERED",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "payment_kind",
                            models.CharField(
                                choices=[
                                    ("PREPAID", "预付"),
                                    ("EARNEST", "定金"),
                                    ("DEPOSIT", "押金"),
                                    ("TRIAL", "体验"),
                                    ("VOUCHER", "券"),
                                ],
                                default="PREPAID",
                                max_length=8,
                                verbose_name="款项类型",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("STORED_VALUE", "储值卡"),
                                    ("COUNT", "次卡"),
                                    ("UNLIMITED_TERM", "期限卡（不限次）"),
                                    ("PER_PERIOD", "按期服务"),
                                ],
                                max_length=14,
                                verbose_name="类型",
                            ),
                        ),
                        ("terms", models.JSONField(verbose_name="签约条款")),
                        ("terms_hash", models.CharField(max_length=64, verbose_name="条款摘要")),
                        ("rule_pack", models.CharField(blank=True, max_length=30, verbose_name="规则版本")),
                        ("paid_fen", models.BigIntegerField(default=0, verbose_name="共付")),
                        ("refunded_fen", models.BigIntegerField(default=0, verbose_name="已退")),
                        ("offered_at", models.DateTimeField(auto_now_add=True, verbose_name="开单时间")),
                        ("signed_at", models.DateTimeField(null=True, verbose_name="签约时间")),
                        ("starts_on", models.DateField(null=True, verbose_name="起始日")),
                        ("ends_on", models.DateField(null=True, verbose_name="到期日")),
                        ("auto_release", models.BooleanField(default=True, verbose_name="自动付款")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        ("lost_at", models.DateTimeField(null=True, verbose_name="挂失时间")),
                        (
                            "account",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contract",
                                to="prepaid.ledgeraccount",
                                verbose_name="资金账户",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="held_contracts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="持卡人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="merchants.merchant",
                                verbose_name="发卡商家",
                            ),
                        ),
                        (
                            "payer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="paid_contracts",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="付款人",
                            ),
                        ),
                        (
                            "seller",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.merchant",
                                verbose_name="售卡商家",
                            ),
                        ),
                        (
                            "sold_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办店员",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.store",
                                verbose_name="售卡门店",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contracts",
                                to="prepaid.plan",
                                verbose_name="套餐",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "合同",
                        "verbose_name_plural": "合同",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["merchant", "-id"], name="contract_of_merchant"),
                            models.Index(fields=["holder", "-id"], name="contract_of_holder"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("paid_fen__gte", models.F("refunded_fen"))), name="contract_money"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("refunded_fen__gte", 0)), name="contract_refunded"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "OFFERED",
                                            "SIGNED",
                                            "ACTIVE",
                                            "PAUSED",
                                            "COMPLETED",
                                            "REFUNDED",
                                            "TERMINATED",
                                        ],
                                    )
                                ),
                                name="contract_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assignment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("TRANSFER", "转给别人用"),
                                    ("NEW_NUMBER", "本人换手机号"),
                                    ("INHERITED", "继承"),
                                ],
                                max_length=10,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "待受让人同意"),
                                    ("WAITING", "等待期内，原号码可提出异议"),
                                    ("EFFECTIVE", "已生效"),
                                    ("DECLINED", "受让人未同意"),
                                    ("WITHDRAWN", "已撤回"),
                                    ("STOPPED", "原号码提出异议"),
                                ],
                                default="PROPOSED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("due_at", models.DateTimeField(null=True, verbose_name="等待期至")),
                        ("notice_received_at", models.DateTimeField(null=True, verbose_name="通知到达商家")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "from_user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="原持卡人",
                            ),
                        ),
                        (
                            "to_user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="新持卡人",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "转让",
                        "verbose_name_plural": "转让",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "WAITING")), fields=["due_at"], name="assignment_due"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("from_user", models.F("to_user")), _negated=True),
                                name="assignment_to_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        ["PROPOSED", "WAITING", "EFFECTIVE", "DECLINED", "WITHDRAWN", "STOPPED"],
                                    )
                                ),
                                name="assignment_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "EFFECTIVE"), _negated=True),
                                    ("notice_received_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="assignment_effective_on_notice",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "WAITING"])),
                                fields=("contract",),
                                name="one_open_assignment",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ContractUser",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="users",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="使用人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "使用人",
                        "verbose_name_plural": "使用人",
                        "constraints": [
                            models.UniqueConstraint(fields=("contract", "user"), name="contract_user_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CourtOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("IN_FORCE", "冻结中"), ("LIFT_PROPOSED", "解除待复核"), ("LIFTED", "已解除")],
                                default="IN_FORCE",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        ("court", models.CharField(max_length=60, verbose_name="法院")),
                        ("number", models.CharField(max_length=60, verbose_name="文书号")),
                        ("amount_fen", models.BigIntegerField(verbose_name="冻结金额")),
                        ("starts_on", models.DateField(verbose_name="冻结起")),
                        ("until", models.DateField(null=True, verbose_name="冻结止")),
                        ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                        ("lift_reason", models.CharField(blank=True, max_length=300, verbose_name="解除理由")),
                        ("lifted_at", models.DateTimeField(null=True, verbose_name="解除时间")),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="文书",
                            ),
                        ),
                        (
                            "lift_proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解除提出人",
                            ),
                        ),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解除复核人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="court_orders",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "法院冻结",
                        "verbose_name_plural": "法院冻结",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="court_order_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("until__gte", models.F("starts_on"))), name="court_order_span"
                            ),
                            models.UniqueConstraint(fields=("merchant", "number"), name="court_order_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lifted_by", None),
                                    models.Q(("lifted_by", models.F("lift_proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="court_order_lift_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "LIFTED"), _negated=True),
                                    ("lifted_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="court_order_lifted_is_signed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustodianNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=20, verbose_name="类型")),
                        ("bank_ref", models.CharField(max_length=64, verbose_name="银行流水号")),
                        ("number", models.CharField(max_length=40, verbose_name="我方编号")),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="收到时间")),
                        ("outcome", models.CharField(max_length=60, verbose_name="处理结果")),
                        ("booked_fen", models.BigIntegerField(default=0, verbose_name="入账金额")),
                        ("booked_on", models.DateField(null=True, verbose_name="入账日")),
                        ("tail", models.CharField(blank=True, max_length=4, verbose_name="对方尾号")),
                    ],
                    options={
                        "verbose_name": "存管回调",
                        "verbose_name_plural": "存管回调",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("booked_fen", 0), _negated=True),
                                fields=["booked_on"],
                                name="notice_booked",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("bank_ref", "kind"), name="notice_once"),
                            models.CheckConstraint(
                                condition=models.Q(("booked_fen", 0), ("booked_on__isnull", False), _connector="OR"),
                                name="notice_booked_on_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="BankLine",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("line_no", models.PositiveIntegerField(verbose_name="行号")),
                        ("bank_ref", models.CharField(max_length=64, unique=True, verbose_name="银行流水号")),
                        ("booked_on", models.DateField(verbose_name="记账日")),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("number", models.CharField(blank=True, max_length=40, verbose_name="我方编号")),
                        ("tail", models.CharField(blank=True, max_length=4, verbose_name="对方尾号")),
                        (
                            "nature",
                            models.CharField(
                                choices=[("NORMAL", "收付"), ("REVERSAL", "银行冲正"), ("COURT", "司法扣划")],
                                default="NORMAL",
                                max_length=8,
                                verbose_name="性质",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("BY_REF", "流水号相符"),
                                    ("BY_DETAILS", "金额、日期和对方相符"),
                                    ("BY_HAND", "人工核对相符"),
                                    ("DIFFERS", "金额不符"),
                                    ("OPEN", "待核对"),
                                ],
                                default="OPEN",
                                max_length=10,
                                verbose_name="核对",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lines",
                                to="prepaid.bankfile",
                                verbose_name="文件",
                            ),
                        ),
                        (
                            "notice",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="line",
                                to="prepaid.custodiannotice",
                                verbose_name="存管通知",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管流水",
                        "verbose_name_plural": "存管流水",
                        "ordering": ["-id"],
                        "indexes": [
                            django.contrib.postgres.indexes.BrinIndex(
                                autosummarize=True, fields=["booked_on"], name="bank_line_of_day"
                            ),
                            models.Index(
                                condition=models.Q(("state__in", ["OPEN", "DIFFERS"])),
                                fields=["booked_on"],
                                name="bank_line_open",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen", 0), _negated=True), name="bank_line_not_zero"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state", "OPEN"), ("notice__isnull", False), _connector="XOR"),
                                name="bank_line_match_has_notice",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustodyAccount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("custodian", models.CharField(max_length=60, verbose_name="存管银行")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("TRUST", "信托"), ("NOTARY", "公证提存"), ("OWN", "自有专户")],
                                max_length=6,
                                verbose_name="账户性质",
                            ),
                        ),
                        ("last4", models.CharField(max_length=4, verbose_name="尾号")),
                        ("account_ct", models.TextField(default="")),
                        ("opened_on", models.DateField(verbose_name="启用日")),
                        ("closed_on", models.DateField(null=True, verbose_name="停用日")),
                        (
                            "agreement_file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="存管协议",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="custody_accounts",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管账户",
                        "verbose_name_plural": "存管账户",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("closed_on", None)),
                                fields=("merchant",),
                                name="one_custody_account",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("closed_on__gte", models.F("opened_on"))),
                                name="custody_account_span",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustodyCheck",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("quarter_end", models.DateField(verbose_name="上季末")),
                        ("checked_on", models.DateField(verbose_name="核算日")),
                        ("base_fen", models.BigIntegerField(verbose_name="上季末预收余额")),
                        ("obligations_fen", models.BigIntegerField(verbose_name="当前预收余额")),
                        ("ratio_bp", models.PositiveIntegerField(verbose_name="存管比例（万分之）")),
                        ("required_fen", models.BigIntegerField(verbose_name="应存管")),
                        ("locked_fen", models.BigIntegerField(verbose_name="平台锁定")),
                        ("custody_fen", models.BigIntegerField(verbose_name="专户余额")),
                        ("guarantee_fen", models.BigIntegerField(verbose_name="保险与保函")),
                        ("shortfall_fen", models.BigIntegerField(verbose_name="缺口")),
                        ("basis", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="custody_checks",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管核算",
                        "verbose_name_plural": "存管核算",
                        "ordering": ["-quarter_end", "-shortfall_fen", "merchant"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("shortfall_fen__gt", 0)),
                                fields=["quarter_end"],
                                name="custody_check_short",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("quarter_end", "merchant"), name="custody_check_once"),
                            models.CheckConstraint(
                                condition=models.Q(("shortfall_fen__gte", 0)), name="custody_shortfall_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustodyStatement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("balance_fen", models.BigIntegerField(verbose_name="余额")),
                        ("source", models.CharField(max_length=100, verbose_name="来源")),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="statements",
                                to="prepaid.custodyaccount",
                                verbose_name="存管账户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管余额",
                        "verbose_name_plural": "存管余额",
                        "ordering": ["-on"],
                        "constraints": [
                            models.UniqueConstraint(fields=("account", "on"), name="custody_statement_once"),
                            models.CheckConstraint(
                                condition=models.Q(("balance_fen__gte", 0)), name="custody_statement_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CustodyWarning",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WARNED", "限期补足"),
                                    ("OVERDUE", "逾期，待确认停售"),
                                    ("STOPPED", "已停止新发卡"),
                                    ("MET", "已补足"),
                                ],
                                default="WARNED",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("shortfall_fen", models.BigIntegerField(verbose_name="缺口")),
                        ("opened_on", models.DateField(verbose_name="预警日")),
                        ("due_on", models.DateField(verbose_name="补足期限")),
                        ("basis", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("met_on", models.DateField(null=True, verbose_name="补足日")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="custody_warnings",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "restriction",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.restriction",
                                verbose_name="限制新发卡",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "存管预警",
                        "verbose_name_plural": "存管预警",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "MET"), _negated=True),
                                fields=("merchant",),
                                name="one_open_custody_warning",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["WARNED", "OVERDUE", "STOPPED", "MET"])),
                                name="custody_warning_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DailyEquation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(unique=True, verbose_name="记账日")),
                        ("sum_fen", models.BigIntegerField(verbose_name="全部账户合计")),
                        ("bank_fen", models.BigIntegerField(null=True, verbose_name="银行期末余额")),
                        ("ledger_fen", models.BigIntegerField(verbose_name="平台存管余额")),
                        ("bank_only_fen", models.BigIntegerField(verbose_name="银行已记、平台未记")),
                        ("ours_only_fen", models.BigIntegerField(verbose_name="平台已记、银行未记")),
                        ("cards_off", models.PositiveIntegerField(verbose_name="余额或链条不符的卡")),
                        ("locked_fen", models.BigIntegerField(verbose_name="锁定的预付款")),
                        ("short_count", models.PositiveIntegerField(verbose_name="存管不足的商家")),
                        ("short_fen", models.BigIntegerField(default=0, verbose_name="存管缺口合计")),
                        ("clearing_fen", models.BigIntegerField(verbose_name="在途款项")),
                        ("clearing_since", models.DateField(null=True, verbose_name="最早在途")),
                        ("suspense_fen", models.BigIntegerField(verbose_name="待查款项")),
                        ("line_count", models.PositiveIntegerField(verbose_name="银行笔数")),
                        ("matched_count", models.PositiveIntegerField(verbose_name="已对上")),
                        ("checked_at", models.DateTimeField(auto_now=True, verbose_name="核算时间")),
                    ],
                    options={
                        "verbose_name": "每日对账",
                        "verbose_name_plural": "每日对账",
                        "ordering": ["-on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("matched_count__lte", models.F("line_count"))),
                                name="equation_matched_of_lines",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Filing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("NOT_REQUIRED", "无须备案"),
                                    ("REQUIRED", "应当备案"),
                                    ("OVERDUE", "逾期未备案"),
                                    ("FILED", "待受理"),
                                    ("ACCEPTED", "已备案"),
                                    ("CHANGED", "变更待受理"),
                                    ("CANCELLED", "已注销备案"),
                                    ("EXEMPT_ESCROW", "全额存管免予备案"),
                                ],
                                default="NOT_REQUIRED",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "issuer_class",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("GROUP", "集团发卡企业"),
                                    ("BRAND", "品牌发卡企业"),
                                    ("SCALE", "规模发卡企业"),
                                    ("OTHER", "其他发卡企业"),
                                    ("INDIVIDUAL", "个体工商户"),
                                ],
                                max_length=10,
                                verbose_name="发卡企业类别",
                            ),
                        ),
                        ("need", models.JSONField(blank=True, default=list, verbose_name="为什么")),
                        ("rule_pack", models.CharField(blank=True, max_length=30, verbose_name="规则版本")),
                        ("required_on", models.DateField(blank=True, null=True, verbose_name="起算日")),
                        ("due_on", models.DateField(blank=True, null=True, verbose_name="备案期限")),
                        ("due_clock", models.CharField(blank=True, max_length=400, verbose_name="期限怎么算的")),
                        ("started_on", models.DateField(blank=True, null=True, verbose_name="开展发卡业务日期")),
                        (
                            "revenue_fen",
                            models.BigIntegerField(blank=True, null=True, verbose_name="上年度主营业务收入"),
                        ),
                        ("capital_fen", models.BigIntegerField(blank=True, null=True, verbose_name="注册资本")),
                        ("group_name", models.CharField(blank=True, max_length=60, verbose_name="集团或品牌名称")),
                        ("custody_bank", models.CharField(blank=True, max_length=60, verbose_name="资金存管银行")),
                        ("statement", models.CharField(blank=True, max_length=500, verbose_name="发卡业务说明")),
                        ("pending", models.JSONField(blank=True, default=dict, verbose_name="待受理的变更")),
                        (
                            "number",
                            models.CharField(
                                blank=True, max_length=24, null=True, unique=True, verbose_name="备案编号"
                            ),
                        ),
                        ("filed_on", models.DateField(blank=True, null=True, verbose_name="提交日")),
                        ("accepted_on", models.DateField(blank=True, null=True, verbose_name="受理日")),
                        ("return_reason", models.CharField(blank=True, max_length=300, verbose_name="退回原因")),
                        ("cancelled_on", models.DateField(blank=True, null=True, verbose_name="注销日")),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="受理人",
                            ),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                        (
                            "merchant",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="filing",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "备案",
                        "verbose_name_plural": "备案",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "REQUIRED")), fields=["due_on"], name="filing_due"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "NOT_REQUIRED",
                                            "REQUIRED",
                                            "OVERDUE",
                                            "FILED",
                                            "ACCEPTED",
                                            "CHANGED",
                                            "CANCELLED",
                                            "EXEMPT_ESCROW",
                                        ],
                                    )
                                ),
                                name="filing_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "OVERDUE"), _negated=True),
                                    models.Q(("due_on", None), _negated=True),
                                    _connector="OR",
                                ),
                                name="filing_overdue_has_due",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["ACCEPTED", "CHANGED"]), _negated=True),
                                    models.Q(("accepted_by__isnull", False), ("number__isnull", False)),
                                    _connector="OR",
                                ),
                                name="filing_accepted_has_number",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_by", None),
                                    models.Q(("accepted_by", models.F("filed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="filing_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("revenue_fen", None), ("revenue_fen__gte", 0), _connector="OR"),
                                    models.Q(("capital_fen", None), ("capital_fen__gte", 0), _connector="OR"),
                                ),
                                name="filing_money",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="FilingDocument",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("LICENCE", "营业执照"),
                                    ("CUSTODY", "资金存管协议"),
                                    ("RULES", "发卡章程或合同文本"),
                                    ("CARD", "卡样"),
                                    ("GUARANTEE", "履约保证保险或保函"),
                                    ("OTHER", "其他"),
                                ],
                                max_length=9,
                                verbose_name="材料",
                            ),
                        ),
                        ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="文件",
                            ),
                        ),
                        (
                            "filing",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="prepaid.filing",
                                verbose_name="备案",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "备案材料",
                        "verbose_name_plural": "备案材料",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="FilingReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("quarter_end", models.DateField(verbose_name="季度末")),
                        (
                            "status",
                            models.CharField(
                                choices=[("DUE", "待报送"), ("LATE", "逾期未报"), ("SUBMITTED", "已报送")],
                                default="DUE",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("due_on", models.DateField(verbose_name="报送期限")),
                        ("basis", models.CharField(blank=True, max_length=80, verbose_name="依据")),
                        ("figures", models.JSONField(default=dict, verbose_name="数据")),
                        ("remark", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("submitted_on", models.DateField(blank=True, null=True, verbose_name="报送日")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="filing_reports",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报送人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "季度报告",
                        "verbose_name_plural": "季度报告",
                        "ordering": ["-quarter_end", "-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "DUE")), fields=["due_on"], name="filing_report_due"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("merchant", "quarter_end"), name="filing_report_once"),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DUE", "LATE", "SUBMITTED"])),
                                name="filing_report_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Freeze",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "待第二人复核"),
                                    ("IN_FORCE", "冻结中"),
                                    ("REJECTED", "复核退回"),
                                    ("LIFT_PROPOSED", "解冻待复核"),
                                    ("LIFTED", "已解冻"),
                                ],
                                default="PROPOSED",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="理由")),
                        ("locked_fen", models.BigIntegerField(verbose_name="提出时锁定金额")),
                        ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("approved_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                        ("lift_reason", models.CharField(blank=True, max_length=300, verbose_name="解冻理由")),
                        ("lifted_at", models.DateTimeField(null=True, verbose_name="解冻时间")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="复核人",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="freezes",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "lift_approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解冻复核人",
                            ),
                        ),
                        (
                            "lift_proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解冻提出人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="freezes",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "冻结",
                        "verbose_name_plural": "冻结",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="freeze_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("lift_approved_by", None),
                                    models.Q(("lift_approved_by", models.F("lift_proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="lift_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["IN_FORCE", "LIFT_PROPOSED", "LIFTED"]), _negated=True),
                                    ("approved_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="freeze_in_force_is_signed",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "IN_FORCE", "LIFT_PROPOSED"])),
                                fields=("merchant", "contract"),
                                name="one_open_freeze",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Guarantee",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("INSURANCE", "履约保证保险"), ("BANK", "银行保函")],
                                max_length=9,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("SUBMITTED", "待核实"), ("CONFIRMED", "已核实"), ("REJECTED", "不予认可")],
                                default="SUBMITTED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("issuer", models.CharField(max_length=60, verbose_name="出具机构")),
                        ("number", models.CharField(max_length=60, verbose_name="保单或保函号")),
                        ("amount_fen", models.BigIntegerField(verbose_name="保额")),
                        ("valid_from", models.DateField(verbose_name="有效期起")),
                        ("valid_to", models.DateField(verbose_name="有效期止")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="凭证",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guarantees",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "保险与保函",
                        "verbose_name_plural": "保险与保函",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["merchant", "valid_to"], name="guarantee_of_merchant")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="guarantee_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("valid_to__gte", models.F("valid_from"))), name="guarantee_span"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "REJECTED"), _negated=True),
                                fields=("issuer", "number"),
                                name="guarantee_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Guardianship",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("PARENT", "父母"),
                                    ("GRANDPARENT", "祖父母、外祖父母"),
                                    ("OTHER", "其他监护人"),
                                ],
                                max_length=11,
                                verbose_name="与孩子的关系",
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("child_name_ct", models.TextField(blank=True, default="")),
                        ("born_on_ct", models.TextField(blank=True, default="")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="监护人确认时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "contract",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="guardianship",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "guardian",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="监护人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "监护人确认",
                        "verbose_name_plural": "监护人确认",
                    },
                ),
                migrations.CreateModel(
                    name="HeirClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "待提交"),
                                    ("SUBMITTED", "待核对"),
                                    ("RETURNED", "退回补正"),
                                    ("CHECKED", "待第二人复核"),
                                    ("SETTLED", "已办结"),
                                    ("REJECTED", "不予办理"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "relation",
                            models.CharField(
                                choices=[
                                    ("SPOUSE", "配偶"),
                                    ("CHILD", "子女"),
                                    ("PARENT", "父母"),
                                    ("SIBLING", "兄弟姐妹"),
                                    ("WILL", "遗嘱指定"),
                                    ("OTHER", "其他继承人"),
                                ],
                                max_length=8,
                                verbose_name="与逝者的关系",
                            ),
                        ),
                        (
                            "wish",
                            models.CharField(
                                choices=[("REFUND", "退款到我的账户"), ("TAKE_OVER", "卡转给我继续用")],
                                max_length=9,
                                verbose_name="要怎么办",
                            ),
                        ),
                        ("deceased_name_ct", models.TextField(blank=True, default="")),
                        ("deceased_phone_ct", models.TextField(blank=True, default="")),
                        ("contract_code", models.CharField(blank=True, max_length=16, verbose_name="合同编号")),
                        ("text", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("submitted_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
                        ("finding", models.CharField(blank=True, max_length=300, verbose_name="核对意见")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="复核人",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核对人",
                            ),
                        ),
                        (
                            "heir",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="heir_claims",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="继承人",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="原持卡人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="heir_claims",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "继承办理",
                        "verbose_name_plural": "继承办理",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "DRAFT",
                                            "SUBMITTED",
                                            "RETURNED",
                                            "CHECKED",
                                            "SETTLED",
                                            "REJECTED",
                                            "WITHDRAWN",
                                        ],
                                    )
                                ),
                                name="heir_claim_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("holder", None),
                                    models.Q(("holder", models.F("heir")), _negated=True),
                                    _connector="OR",
                                ),
                                name="heir_is_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "SETTLED"), _negated=True),
                                    models.Q(
                                        ("approved_by__isnull", False),
                                        ("checked_by__isnull", False),
                                        models.Q(("checked_by", models.F("approved_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="heir_claim_by_two",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "SUBMITTED", "RETURNED", "CHECKED"])),
                                fields=("merchant", "heir"),
                                name="one_open_heir_claim",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HeirDocument",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("DEATH", "死亡证明"),
                                    ("KINSHIP", "亲属关系证明或公证书"),
                                    ("IDENTITY", "继承人身份证件"),
                                    ("OTHER", "其他（遗嘱、其他继承人的同意书）"),
                                ],
                                max_length=8,
                                verbose_name="材料",
                            ),
                        ),
                        ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="上传时间")),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="prepaid.heirclaim",
                                verbose_name="继承办理",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="文件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "继承材料",
                        "verbose_name_plural": "继承材料",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="LegacyCard",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("STORED_VALUE", "储值卡"), ("COUNT", "次卡")],
                                max_length=14,
                                verbose_name="类型",
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="卡名")),
                        ("bought_on", models.DateField(verbose_name="办卡日期")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("UNCONFIRMED", "待消费者核对"),
                                    ("CONFIRMED", "消费者已确认"),
                                    ("DISPUTED", "余额有争议"),
                                    ("DENIED", "消费者否认"),
                                    ("MOVING", "转入存管中"),
                                    ("MOVED", "已转入存管"),
                                    ("REFUNDING", "商家待退款"),
                                    ("REFUNDED", "商家已退款"),
                                    ("USED_UP", "已用完"),
                                ],
                                default="UNCONFIRMED",
                                max_length=11,
                                verbose_name="状态",
                            ),
                        ),
                        ("stated_fen", models.BigIntegerField(verbose_name="商家登记余额")),
                        ("stated_times", models.PositiveIntegerField(default=0, verbose_name="商家登记次数")),
                        ("left_fen", models.BigIntegerField(verbose_name="现余额")),
                        ("left_times", models.PositiveIntegerField(default=0, verbose_name="现次数")),
                        ("claimed_fen", models.BigIntegerField(null=True, verbose_name="消费者主张余额")),
                        ("claimed_times", models.PositiveIntegerField(default=0, verbose_name="消费者主张次数")),
                        ("remark", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("natural_key", models.CharField(editable=False, max_length=32)),
                        ("entered_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="消费者核对时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        (
                            "contract",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legacy_cards",
                                to="prepaid.contract",
                                verbose_name="转入的合同",
                            ),
                        ),
                        (
                            "entered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legacy_cards",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="持卡人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="legacy_cards",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cards",
                                to="prepaid.cardimport",
                                verbose_name="导入文件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "老卡",
                        "verbose_name_plural": "老卡",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["merchant", "-id"], name="legacy_card_of_merchant"),
                            models.Index(fields=["holder", "-id"], name="legacy_card_of_holder"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("merchant", "natural_key"), name="legacy_card_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("left_fen__gte", 0),
                                    ("stated_fen__gt", 0),
                                    models.Q(("claimed_fen", None), ("claimed_fen__gt", 0), _connector="OR"),
                                ),
                                name="legacy_card_money",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "UNCONFIRMED",
                                            "CONFIRMED",
                                            "DISPUTED",
                                            "DENIED",
                                            "MOVING",
                                            "MOVED",
                                            "REFUNDING",
                                            "REFUNDED",
                                            "USED_UP",
                                        ],
                                    )
                                ),
                                name="legacy_card_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["MOVING", "MOVED"]), _negated=True),
                                    ("contract__isnull", False),
                                    _connector="OR",
                                ),
                                name="legacy_card_moves_into_a_contract",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LegacyUse",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        ("item", models.CharField(max_length=24, verbose_name="项目")),
                        ("amount_fen", models.BigIntegerField(verbose_name="扣金额")),
                        ("times", models.PositiveIntegerField(default=0, verbose_name="扣次数")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REQUESTED", "待消费者确认"),
                                    ("CONFIRMED", "消费者已确认"),
                                    ("REFUSED", "消费者不认可"),
                                    ("WITHDRAWN", "商家已撤回"),
                                ],
                                default="REQUESTED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办店员",
                            ),
                        ),
                        (
                            "card",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="uses",
                                to="prepaid.legacycard",
                                verbose_name="老卡",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.store",
                                verbose_name="门店",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "老卡消费",
                        "verbose_name_plural": "老卡消费",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("amount_fen__gte", 0)), name="legacy_use_money"),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["REQUESTED", "CONFIRMED", "REFUSED", "WITHDRAWN"])),
                                name="legacy_use_status_legal",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "REQUESTED")),
                                fields=("card",),
                                name="one_open_legacy_use",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListedMerchant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="matches",
                                to="prepaid.listedentry",
                                verbose_name="名单",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="listings",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "restriction",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.restriction",
                                verbose_name="限制新发卡",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "列入名单的商家",
                        "verbose_name_plural": "列入名单的商家",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("entry", "merchant"), name="listed_merchant_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ListImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="文件")),
                        ("kind", models.CharField(blank=True, max_length=9, verbose_name="名单")),
                        ("source", models.CharField(max_length=100, verbose_name="来源")),
                        ("as_of", models.DateField(verbose_name="名单日期")),
                        ("sha256", models.CharField(blank=True, max_length=64, verbose_name="摘要")),
                        ("path", models.CharField(blank=True, max_length=80)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "等待导入"),
                                    ("READING", "导入中"),
                                    ("DONE", "已导入"),
                                    ("REFUSED", "读不了，已退回"),
                                ],
                                default="RECEIVED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="上传")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="结束")),
                        ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                        ("done", models.PositiveIntegerField(default=0, verbose_name="已办")),
                        ("added", models.PositiveIntegerField(default=0, verbose_name="新增")),
                        ("changed", models.PositiveIntegerField(default=0, verbose_name="更新")),
                        ("known", models.PositiveIntegerField(default=0, verbose_name="先前已有")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="未通过")),
                        (
                            "errors",
                            models.JSONField(default=list, help_text="[行号, 原因]", verbose_name="没有通过的行"),
                        ),
                        ("error", models.CharField(blank=True, max_length=300, verbose_name="退回原因")),
                        (
                            "imported_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="导入人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "名单导入",
                        "verbose_name_plural": "名单导入",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("sha256", ""), _negated=True),
                                fields=("sha256", "kind", "as_of"),
                                name="list_import_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "done",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    models.F("added"), "+", models.F("changed")
                                                ),
                                                "+",
                                                models.F("known"),
                                            ),
                                            "+",
                                            models.F("refused"),
                                        ),
                                    )
                                ),
                                name="list_import_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "READING", "DONE", "REFUSED"])),
                                name="list_import_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("no", models.PositiveIntegerField(verbose_name="批次")),
                        ("paid_fen", models.BigIntegerField(verbose_name="实付")),
                        ("bonus_fen", models.BigIntegerField(default=0, verbose_name="赠送")),
                        ("times_paid", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        ("times_bonus", models.PositiveIntegerField(default=0, verbose_name="赠送次数")),
                        ("used_face_fen", models.BigIntegerField(default=0, verbose_name="已用面值")),
                        ("used_times", models.PositiveIntegerField(default=0, verbose_name="已用次数")),
                        ("held_face_fen", models.BigIntegerField(default=0, verbose_name="待确认面值")),
                        ("held_times", models.PositiveIntegerField(default=0, verbose_name="待确认次数")),
                        ("released_fen", models.BigIntegerField(default=0, verbose_name="已付商家")),
                        ("refunded_fen", models.BigIntegerField(default=0, verbose_name="已退")),
                        ("list_price_fen", models.BigIntegerField(null=True, verbose_name="单次原价")),
                        ("price_list", models.JSONField(default=list, verbose_name="价目")),
                        ("interest_ppm", models.PositiveIntegerField(null=True, verbose_name="约定退款年利率")),
                        ("paid_on", models.DateField(verbose_name="付款日")),
                        ("cooling_off_until", models.DateField(verbose_name="冷静期至")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lots",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "充值批次",
                        "verbose_name_plural": "充值批次",
                        "ordering": ["contract", "no"],
                        "constraints": [
                            models.UniqueConstraint(fields=("contract", "no"), name="lot_no_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("held_face_fen__gte", 0),
                                    ("used_face_fen__gte", 0),
                                    (
                                        "used_face_fen__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("paid_fen"), "+", models.F("bonus_fen")
                                            ),
                                            "-",
                                            models.F("held_face_fen"),
                                        ),
                                    ),
                                ),
                                name="lot_within_face",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "used_times__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("times_paid"), "+", models.F("times_bonus")
                                            ),
                                            "-",
                                            models.F("held_times"),
                                        ),
                                    )
                                ),
                                name="lot_within_times",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "paid_fen__gte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("released_fen"), "+", models.F("refunded_fen")
                                        ),
                                    ),
                                    ("refunded_fen__gte", 0),
                                    ("released_fen__gte", 0),
                                ),
                                name="lot_money",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MerchantLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("SUSPECTED", "疑似关联"),
                                    ("CONFIRMED", "认定关联"),
                                    ("DISMISSED", "不是关联"),
                                ],
                                default="SUSPECTED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("matches", models.JSONField(default=list, verbose_name="相同之处")),
                        ("found_on", models.DateField(verbose_name="发现日")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="认定理由")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="认定人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="links",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="linked_from",
                                to="merchants.merchant",
                                verbose_name="停业或受限的商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "疑似关联商家",
                        "verbose_name_plural": "疑似关联商家",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("merchant", "other"), name="merchant_link_once"),
                            models.CheckConstraint(
                                condition=models.Q(("merchant", models.F("other")), _negated=True),
                                name="merchant_link_of_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["SUSPECTED", "CONFIRMED", "DISMISSED"])),
                                name="merchant_link_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OfferView",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("views", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offer_views",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "套餐浏览",
                        "verbose_name_plural": "套餐浏览",
                        "ordering": ["-on"],
                        "constraints": [models.UniqueConstraint(fields=("merchant", "on"), name="offer_views_a_day")],
                    },
                ),
                migrations.CreateModel(
                    name="Pause",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("ILLNESS", "生病"),
                                    ("PREGNANCY", "怀孕"),
                                    ("RENOVATION", "门店装修"),
                                    ("OTHER", "其他"),
                                    ("NO_SERVICE", "店里没有服务记录"),
                                ],
                                max_length=10,
                                verbose_name="原因",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="起")),
                        ("ended_on", models.DateField(null=True, verbose_name="止")),
                        ("days", models.PositiveSmallIntegerField(default=0, verbose_name="天数")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pauses",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "停卡",
                        "verbose_name_plural": "停卡",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_on", None)), fields=("contract",), name="one_open_pause"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PaymentOrder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "order_no",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="订单号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PENDING", "等待付款"),
                                    ("PAID", "已到账"),
                                    ("CANCELLED", "已取消"),
                                    ("SUSPENDED", "金额不符，待查"),
                                ],
                                default="PENDING",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("bonus_fen", models.BigIntegerField(default=0, verbose_name="赠送")),
                        ("times_paid", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        ("times_bonus", models.PositiveIntegerField(default=0, verbose_name="赠送次数")),
                        ("terms", models.JSONField(default=dict, verbose_name="付款当天的条款")),
                        ("pay_url", models.URLField(blank=True, verbose_name="付款地址")),
                        ("payer_account", models.CharField(blank=True, max_length=60, verbose_name="付款账户（脱敏）")),
                        ("bank_ref", models.CharField(blank=True, max_length=64, verbose_name="银行流水号")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        ("paid_at", models.DateTimeField(null=True, verbose_name="到账时间")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="orders",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "付款订单",
                        "verbose_name_plural": "付款订单",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="order_amount_positive"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "PENDING")),
                                fields=("contract",),
                                name="one_pending_order",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayoutAccount",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("WAITING", "等待期内"),
                                    ("IN_USE", "使用中"),
                                    ("BOUNCED", "银行打不进去"),
                                    ("REPLACED", "已更换"),
                                    ("CANCELLED", "已撤回"),
                                ],
                                default="WAITING",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("bank", models.CharField(max_length=60, verbose_name="开户银行")),
                        ("last4", models.CharField(max_length=4, verbose_name="尾号")),
                        ("is_own_name", models.BooleanField(verbose_name="与营业执照同名")),
                        ("account_ct", models.TextField(default="")),
                        ("payee_ct", models.TextField(default="")),
                        ("effective_on", models.DateField(verbose_name="生效日")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payout_accounts",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "收款账户",
                        "verbose_name_plural": "收款账户",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["IN_USE", "BOUNCED"])),
                                fields=("merchant",),
                                name="one_payout_account",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "WAITING")),
                                fields=("merchant",),
                                name="one_waiting_payout_account",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["WAITING", "IN_USE", "BOUNCED", "REPLACED", "CANCELLED"])
                                ),
                                name="payout_account_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=40, verbose_name="套餐名称")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("STORED_VALUE", "储值卡"),
                                    ("COUNT", "次卡"),
                                    ("UNLIMITED_TERM", "期限卡（不限次）"),
                                    ("PER_PERIOD", "按期服务"),
                                ],
                                max_length=14,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("DRAFT", "草稿"), ("ON_SALE", "在售"), ("OFF_SALE", "已下架")],
                                default="DRAFT",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("price_fen", models.BigIntegerField(verbose_name="实付")),
                        ("bonus_fen", models.BigIntegerField(default=0, verbose_name="赠送金额")),
                        ("times_paid", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        ("times_bonus", models.PositiveIntegerField(default=0, verbose_name="赠送次数")),
                        ("list_price_fen", models.BigIntegerField(blank=True, null=True, verbose_name="单次原价")),
                        ("periods", models.PositiveIntegerField(default=0, verbose_name="期数")),
                        (
                            "every",
                            models.CharField(
                                choices=[("MONTH", "每月"), ("WEEK", "每周"), ("DAY", "每天")],
                                default="MONTH",
                                max_length=5,
                                verbose_name="每期",
                            ),
                        ),
                        (
                            "starts",
                            models.CharField(
                                choices=[("ON_PAYMENT", "付款当天"), ("FIRST_USE", "第一次使用")],
                                default="ON_PAYMENT",
                                max_length=10,
                                verbose_name="从何时算起",
                            ),
                        ),
                        ("pause_days_max", models.PositiveSmallIntegerField(default=90, verbose_name="最多停卡天数")),
                        ("description", models.CharField(max_length=500, verbose_name="内容说明")),
                        ("refund_terms", models.CharField(max_length=500, verbose_name="退款约定")),
                        (
                            "payment_kind",
                            models.CharField(
                                choices=[
                                    ("PREPAID", "预付"),
                                    ("EARNEST", "定金"),
                                    ("DEPOSIT", "押金"),
                                    ("TRIAL", "体验"),
                                    ("VOUCHER", "券"),
                                ],
                                default="PREPAID",
                                max_length=8,
                                verbose_name="款项类型",
                            ),
                        ),
                        ("clauses", models.JSONField(blank=True, default=dict, verbose_name="其他必备条款")),
                        ("extra_terms", models.CharField(blank=True, max_length=1000, verbose_name="补充约定")),
                        ("no_show_times", models.PositiveSmallIntegerField(default=0, verbose_name="爽约最多计几次")),
                        (
                            "no_show_hours",
                            models.PositiveSmallIntegerField(default=0, verbose_name="提前几小时取消不算爽约"),
                        ),
                        (
                            "interest_ppm",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="约定退款年利率"),
                        ),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="plans",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "套餐",
                        "verbose_name_plural": "套餐",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("bonus_fen__gte", 0), ("price_fen__gt", 0)),
                                name="plan_price_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind", "STORED_VALUE"),
                                    models.Q(("kind", "COUNT"), ("times_paid__gt", 0)),
                                    models.Q(("kind__in", ["UNLIMITED_TERM", "PER_PERIOD"]), ("periods__gt", 0)),
                                    _connector="OR",
                                ),
                                name="plan_kind_complete",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "ON_SALE", "OFF_SALE"])),
                                name="plan_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrepaidBalance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("quarter_end", models.DateField(verbose_name="季末")),
                        ("locked_fen", models.BigIntegerField(verbose_name="锁定余额")),
                        ("unlocked_fen", models.BigIntegerField(default=0, verbose_name="老卡余额")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="prepaid_balances",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "季末预收余额",
                        "verbose_name_plural": "季末预收余额",
                        "ordering": ["-quarter_end", "merchant"],
                        "constraints": [
                            models.UniqueConstraint(fields=("quarter_end", "merchant"), name="prepaid_balance_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PriceItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=30, verbose_name="项目")),
                        ("price_fen", models.BigIntegerField(verbose_name="价格")),
                        ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="price_items",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "价目",
                        "verbose_name_plural": "价目",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("price_fen__gt", 0)), name="price_positive"),
                            models.UniqueConstraint(fields=("merchant", "name"), name="price_item_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrivatePaymentReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("RECEIVED", "待核查"), ("CONFIRMED", "查实"), ("REJECTED", "未查实")],
                                default="RECEIVED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("reported_on", models.DateField(verbose_name="举报日")),
                        ("happened_on", models.DateField(null=True, verbose_name="发生日")),
                        ("amount_fen", models.BigIntegerField(null=True, verbose_name="金额")),
                        ("text", models.CharField(blank=True, max_length=300, verbose_name="经过")),
                        ("reporter_idx", models.CharField(max_length=32)),
                        ("finding", models.CharField(blank=True, max_length=300, verbose_name="核查结果")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核查人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="private_payments",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "photo",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="照片",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="举报人",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.store",
                                verbose_name="门店",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "私下收款举报",
                        "verbose_name_plural": "私下收款举报",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["reporter_idx", "reported_on"], name="reports_of_phone")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("merchant", "reporter_idx", "reported_on"), name="one_report_a_day"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen", None), ("amount_fen__gt", 0), _connector="OR"),
                                name="private_payment_amount",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "CONFIRMED", "REJECTED"])),
                                name="private_payment_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ReconciliationCase",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("MISSING_HERE", "银行有，平台没有"),
                                    ("MISSING_AT_BANK", "平台有，银行没有"),
                                    ("AMOUNT_DIFFERS", "金额不符"),
                                    ("TWINS", "同额多笔，要人工核对"),
                                    ("REVERSAL", "银行冲正"),
                                    ("COURT", "司法扣划"),
                                    ("BALANCE", "余额不衔接"),
                                    ("UNEXPLAINED", "差额无法解释"),
                                ],
                                max_length=15,
                                verbose_name="差异",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("OPEN", "待认领"), ("TAKEN", "核对中"), ("RESOLVED", "已办结")],
                                default="OPEN",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("on", models.DateField(verbose_name="记账日")),
                        ("difference_fen", models.BigIntegerField(verbose_name="差额")),
                        ("resolution", models.CharField(blank=True, max_length=300, verbose_name="处理结果")),
                        ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="立案时间")),
                        ("resolved_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "line",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="case",
                                to="prepaid.bankline",
                                verbose_name="存管流水",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cases",
                                to="prepaid.custodiannotice",
                                verbose_name="存管通知",
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办结人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "对账差异",
                        "verbose_name_plural": "对账差异",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "RESOLVED"), _negated=True),
                                fields=["-on"],
                                name="reconciliation_case_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "TAKEN", "RESOLVED"])),
                                name="reconciliation_case_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "RESOLVED"), _negated=True),
                                    models.Q(
                                        models.Q(("resolution", ""), _negated=True), ("resolved_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="reconciliation_case_resolved_says_how",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("line", None)), fields=("notice",), name="one_case_a_notice"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("line", None), ("notice", None)),
                                fields=("kind", "on"),
                                name="one_case_a_day_and_kind",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Refund",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REQUESTED", "退款待经营者确认"),
                                    ("AGREED", "已同意"),
                                    ("DISPUTED", "退款争议"),
                                    ("WITHDRAWN", "已撤回"),
                                    ("PAYING", "退款待划付"),
                                    ("PAYOUT_FAILED", "退款划付失败"),
                                    ("PAID", "退款已到账"),
                                ],
                                default="REQUESTED",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("COOLING_OFF", "七日内退款"),
                                    ("MERCHANT", "商家的原因"),
                                    ("CONSUMER", "我自己的原因"),
                                    ("EXPIRED", "到期没有用完"),
                                ],
                                max_length=11,
                                verbose_name="原因",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("lines", models.JSONField(default=list, verbose_name="计算")),
                        ("total_fen", models.BigIntegerField(verbose_name="应退")),
                        ("amount_fen", models.BigIntegerField(verbose_name="从锁定资金退")),
                        ("requested_on", models.DateField(verbose_name="申请日")),
                        ("answer_due_on", models.DateField(verbose_name="答复期限")),
                        ("pay_due_on", models.DateField(verbose_name="打款期限")),
                        ("clock", models.CharField(blank=True, max_length=300, verbose_name="期限怎么算的")),
                        ("answered_on", models.DateField(null=True, verbose_name="答复日")),
                        ("answer", models.CharField(blank=True, max_length=300, verbose_name="商家答复")),
                        ("paid_on", models.DateField(null=True, verbose_name="到账日")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="refunds",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "part_of",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="prepaid.refund",
                                verbose_name="所属退款",
                            ),
                        ),
                        (
                            "requested_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "退款",
                        "verbose_name_plural": "退款",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "REQUESTED")),
                                fields=["answer_due_on"],
                                name="refund_answer_due",
                            ),
                            models.Index(fields=["merchant", "-id"], name="refund_of_merchant"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gte", 0), ("total_fen__gte", models.F("amount_fen"))),
                                name="refund_amounts",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["REQUESTED", "DISPUTED"])),
                                fields=("contract",),
                                name="one_unanswered_refund",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "REQUESTED",
                                            "AGREED",
                                            "DISPUTED",
                                            "WITHDRAWN",
                                            "PAYING",
                                            "PAYOUT_FAILED",
                                            "PAID",
                                        ],
                                    )
                                ),
                                name="refund_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payout",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "payout_no",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="划付号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PENDING", "待发送"),
                                    ("SENT", "银行处理中"),
                                    ("PAID", "已到账"),
                                    ("FAILED", "失败"),
                                ],
                                default="PENDING",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("account_ct", models.TextField(default="")),
                        ("payee_ct", models.TextField(default="")),
                        ("to_origin", models.BooleanField(default=True, verbose_name="退回原付款账户")),
                        ("bank_ref", models.CharField(blank=True, max_length=64, verbose_name="银行流水号")),
                        ("failure", models.CharField(blank=True, max_length=100, verbose_name="失败原因")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        (
                            "refund",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payouts",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "退款划付",
                        "verbose_name_plural": "退款划付",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PENDING", "SENT", "PAID"])),
                                fields=("refund",),
                                name="one_live_payout",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HolderNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("read_at", models.DateTimeField(null=True, verbose_name="已读时间")),
                        (
                            "choice",
                            models.CharField(
                                blank=True,
                                choices=[("REFUND", "退款"), ("TRANSFER", "转到接手的店"), ("USE_UP", "停业前用完")],
                                max_length=8,
                                verbose_name="选择",
                            ),
                        ),
                        ("chosen_at", models.DateTimeField(null=True, verbose_name="选择时间")),
                        ("by_default", models.BooleanField(default=False, verbose_name="到期未选，自动退款")),
                        ("settled_at", models.DateTimeField(null=True, verbose_name="办妥时间")),
                        ("trouble", models.CharField(blank=True, max_length=200, verbose_name="没办成的原因")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="closings",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "message",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.smsmessage",
                                verbose_name="短信",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holders",
                                to="prepaid.closingnotice",
                                verbose_name="停业公告",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "持卡人通知",
                        "verbose_name_plural": "持卡人通知",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("settled_at", None)), fields=["notice"], name="holder_unsettled"
                            ),
                            models.Index(
                                condition=models.Q(("message", None)), fields=["notice"], name="holder_untold"
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("notice", "contract"), name="holder_told_once"),
                            models.CheckConstraint(
                                condition=models.Q(("choice__in", ["", "REFUND", "TRANSFER", "USE_UP"])),
                                name="choice_is_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="HeirCard",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("trouble", models.CharField(blank=True, max_length=200, verbose_name="没退成的原因")),
                        (
                            "contract",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cards",
                                to="prepaid.heirclaim",
                                verbose_name="继承办理",
                            ),
                        ),
                        (
                            "legacy_card",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.legacycard",
                                verbose_name="老卡",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "继承的卡",
                        "verbose_name_plural": "继承的卡",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contract__isnull", False), ("legacy_card", None)),
                                    models.Q(("contract", None), ("legacy_card__isnull", False)),
                                    _connector="OR",
                                ),
                                name="heir_card_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RefundShortfall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField(verbose_name="商家另欠")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        ("settled_at", models.DateTimeField(null=True, verbose_name="付清时间")),
                        (
                            "legacy_card",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shortfall",
                                to="prepaid.legacycard",
                                verbose_name="老卡",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shortfalls",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shortfall",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "退款缺口",
                        "verbose_name_plural": "退款缺口",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="shortfall_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("legacy_card", None), ("refund__isnull", False)),
                                    models.Q(("legacy_card__isnull", False), ("refund", None)),
                                    _connector="OR",
                                ),
                                name="shortfall_of_one",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskScore",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(verbose_name="起算日")),
                        ("points", models.PositiveSmallIntegerField(verbose_name="风险分")),
                        ("before", models.PositiveSmallIntegerField(default=0, verbose_name="此前")),
                        (
                            "level",
                            models.CharField(
                                choices=[("GREEN", "正常"), ("AMBER", "关注"), ("RED", "高风险")],
                                max_length=5,
                                verbose_name="等级",
                            ),
                        ),
                        ("reasons", models.JSONField(default=list, verbose_name="原因")),
                        ("is_latest", models.BooleanField(default=True, verbose_name="最新")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="risk_scores",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "风险分",
                        "verbose_name_plural": "风险分",
                        "ordering": ["-on", "-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("merchant", "on"), name="risk_score_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("is_latest", True)), fields=("merchant",), name="risk_score_latest"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("before__lte", 100), ("points__lte", 100)), name="risk_score_span"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", ["GREEN", "AMBER", "RED"])), name="risk_level_legal"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RiskWarning",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OPEN", "待研判"),
                                    ("WATCHED", "持续关注"),
                                    ("VISIT", "上门核查中"),
                                    ("INTERVIEW", "约谈中"),
                                    ("STOP_PROPOSED", "建议停止新发卡，待确认"),
                                    ("STOPPED", "已停止新发卡"),
                                    ("DISMISSED", "已排除"),
                                    ("ENDED", "风险已降，移出名单"),
                                ],
                                default="OPEN",
                                max_length=13,
                                verbose_name="处置",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[("GREEN", "正常"), ("AMBER", "关注"), ("RED", "高风险")],
                                max_length=5,
                                verbose_name="等级",
                            ),
                        ),
                        ("opened_on", models.DateField(verbose_name="列入日")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="研判意见")),
                        ("ended_on", models.DateField(null=True, verbose_name="移出日")),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="停售确认人",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="研判人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="risk_warnings",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="停售提出人",
                            ),
                        ),
                        (
                            "restriction",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.restriction",
                                verbose_name="限制新发卡",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "观察名单",
                        "verbose_name_plural": "观察名单",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "ENDED"), _negated=True),
                                fields=("merchant",),
                                name="one_open_risk_warning",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by", None),
                                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="risk_stop_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "STOPPED"), _negated=True),
                                    models.Q(("confirmed_by__isnull", False), ("restriction__isnull", False)),
                                    _connector="OR",
                                ),
                                name="risk_stopped_is_confirmed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__in", ["GREEN", "AMBER", "RED"])), name="risk_warning_level"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "OPEN",
                                            "WATCHED",
                                            "VISIT",
                                            "INTERVIEW",
                                            "STOP_PROPOSED",
                                            "STOPPED",
                                            "DISMISSED",
                                            "ENDED",
                                        ],
                                    )
                                ),
                                name="risk_warning_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunOff",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PROPOSED", "待第二人复核"),
                                    ("REJECTED", "复核退回"),
                                    ("OPEN", "已冻结，核算中"),
                                    ("PLANNED", "方案待第二人复核"),
                                    ("PAYING", "按方案退款中"),
                                    ("DONE", "退款办结"),
                                ],
                                default="PROPOSED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="理由")),
                        ("served_until", models.DateField(verbose_name="最后提供服务日")),
                        ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("approved_at", models.DateTimeField(null=True, verbose_name="冻结时间")),
                        ("plan_hash", models.CharField(blank=True, max_length=64, verbose_name="方案摘要")),
                        ("planned_at", models.DateTimeField(null=True, verbose_name="方案提出时间")),
                        ("plan_approved_at", models.DateTimeField(null=True, verbose_name="方案复核时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="复核人",
                            ),
                        ),
                        (
                            "closing",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run_offs",
                                to="prepaid.closingnotice",
                                verbose_name="停业公告",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run_offs",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "plan_approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="方案复核人",
                            ),
                        ),
                        (
                            "planned_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="方案提出人",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "失联清退",
                        "verbose_name_plural": "失联清退",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="run_off_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("plan_approved_by", None),
                                    models.Q(("plan_approved_by", models.F("planned_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="run_off_plan_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PROPOSED", "REJECTED"]),
                                    ("approved_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="run_off_is_signed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["PAYING", "DONE"]), _negated=True),
                                    ("plan_approved_by__isnull", False),
                                    _connector="OR",
                                ),
                                name="run_off_plan_is_signed",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["REJECTED", "DONE"]), _negated=True),
                                fields=("merchant",),
                                name="one_open_run_off",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LockOutReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("RECEIVED", "待核查"),
                                    ("RUN_OFF", "已提出应急处置"),
                                    ("DISMISSED", "核查未停业"),
                                ],
                                default="RECEIVED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("reported_on", models.DateField(verbose_name="报告日")),
                        ("seen_on", models.DateField(verbose_name="发现日")),
                        ("text", models.CharField(blank=True, max_length=300, verbose_name="情况")),
                        ("finding", models.CharField(blank=True, max_length=300, verbose_name="核查结果")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核查人",
                            ),
                        ),
                        (
                            "mall",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lock_outs",
                                to="merchants.mall",
                                verbose_name="报告商场",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lock_outs",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "photo",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="照片",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报告人",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.store",
                                verbose_name="门店",
                            ),
                        ),
                        (
                            "run_off",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lock_outs",
                                to="prepaid.runoff",
                                verbose_name="失联清退",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "锁门报告",
                        "verbose_name_plural": "锁门报告",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("store", "reporter", "reported_on"), name="one_lock_out_a_day"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "RUN_OFF", "DISMISSED"])),
                                name="lock_out_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "RUN_OFF"), _negated=True),
                                    ("run_off__isnull", False),
                                    _connector="OR",
                                ),
                                name="lock_out_leads_to_run_off",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunOffClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=60, verbose_name="债权来源")),
                        ("lines", models.JSONField(default=list, verbose_name="计算")),
                        ("entitled_fen", models.BigIntegerField(verbose_name="依法应退")),
                        ("pays_fen", models.BigIntegerField(verbose_name="从锁定资金退")),
                        ("waits_fen", models.BigIntegerField(verbose_name="等争议消费了结")),
                        ("shortfall_fen", models.BigIntegerField(verbose_name="缺口")),
                        ("trouble", models.CharField(blank=True, max_length=200, verbose_name="没办成的原因")),
                        (
                            "contract",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="消费者",
                            ),
                        ),
                        (
                            "refund",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                        (
                            "run_off",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="prepaid.runoff",
                                verbose_name="失联清退",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "清退债权",
                        "verbose_name_plural": "清退债权",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("run_off", "source"), name="claim_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "entitled_fen",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("pays_fen"), "+", models.F("waits_fen")
                                            ),
                                            "+",
                                            models.F("shortfall_fen"),
                                        ),
                                    ),
                                    ("pays_fen__gte", 0),
                                    ("shortfall_fen__gte", 0),
                                    ("waits_fen__gte", 0),
                                ),
                                name="claim_adds_up",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Settlement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="结算单号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("PENDING", "待发送"),
                                    ("SENT", "银行处理中"),
                                    ("PAID", "已到账"),
                                    ("FAILED", "已退回"),
                                ],
                                default="PENDING",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("covers_from", models.DateField(null=True, verbose_name="起")),
                        ("covers_to", models.DateField(verbose_name="止")),
                        ("carried_fen", models.BigIntegerField(default=0, verbose_name="结转")),
                        ("ordered_on", models.DateField(verbose_name="结算日")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("bank_ref", models.CharField(blank=True, max_length=64, verbose_name="银行流水号")),
                        ("failure", models.CharField(blank=True, max_length=100, verbose_name="失败原因")),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="settlements",
                                to="prepaid.payoutaccount",
                                verbose_name="收款账户",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="settlements",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "结算",
                        "verbose_name_plural": "结算",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["merchant", "-id"], name="settlement_of_merchant"),
                            models.Index(
                                condition=models.Q(("status__in", ["PENDING", "SENT"])),
                                fields=["id"],
                                name="settlement_on_the_way",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gt", 0)), name="settlement_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("covers_from__lte", models.F("covers_to"))), name="settlement_span"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "FAILED"), _negated=True),
                                fields=("merchant", "ordered_on"),
                                name="one_settlement_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["PENDING", "SENT", "PAID", "FAILED"])),
                                name="settlement_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShownCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(db_index=True, max_length=8, verbose_name="付款码")),
                        ("expires_at", models.DateTimeField(verbose_name="到期")),
                        ("used_at", models.DateTimeField(null=True, verbose_name="使用时间")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="prepaid.contract", verbose_name="合同"
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="出示人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "付款码",
                        "verbose_name_plural": "付款码",
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "party",
                            models.CharField(
                                choices=[
                                    ("MERCHANT", "经营者"),
                                    ("HOLDER", "消费者"),
                                    ("GUARDIAN", "监护人"),
                                    ("NEW_HOLDER", "受让人"),
                                ],
                                max_length=10,
                                verbose_name="签署方",
                            ),
                        ),
                        ("terms_hash", models.CharField(max_length=64, verbose_name="条款摘要")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("PHONE_CODE", "手机验证码"),
                                    ("TRUSTED_DEVICE", "验证过的常用设备"),
                                    ("COUNTER_DEVICE", "店内收银设备"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="签署方式",
                            ),
                        ),
                        ("signed_at", models.DateTimeField(verbose_name="签署时间")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "signer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签署人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "签署",
                        "verbose_name_plural": "签署",
                        "ordering": ["id"],
                        "indexes": [models.Index(fields=["contract"], name="signature_of_contract")],
                    },
                ),
                migrations.CreateModel(
                    name="Succession",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("OWNER", "换经营者"),
                                    ("RENAMED", "店名或执照名称变更"),
                                    ("ACCOUNT", "收款人变更"),
                                ],
                                max_length=7,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("OPEN", "待核实，暂停办新卡"), ("SETTLED", "已核实")],
                                default="OPEN",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("changes", models.JSONField(default=dict, verbose_name="变更")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("declared", models.BooleanField(default=False, verbose_name="商家申报")),
                        ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="起")),
                        ("told_until", models.BigIntegerField(default=0)),
                        ("told_count", models.PositiveIntegerField(default=0, verbose_name="已通知")),
                        ("told_at", models.DateTimeField(null=True, verbose_name="通知完毕")),
                        ("finding", models.CharField(blank=True, max_length=300, verbose_name="核实结果")),
                        ("settled_at", models.DateTimeField(null=True, verbose_name="核实时间")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ownership_changes",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="变更人",
                            ),
                        ),
                        (
                            "restriction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="merchants.restriction",
                                verbose_name="限制",
                            ),
                        ),
                        (
                            "settled_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核实人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "店铺易主",
                        "verbose_name_plural": "店铺易主",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "OPEN")), fields=("merchant",), name="one_open_succession"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "SETTLED"])), name="succession_status_legal"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status", "OPEN"), ("settled_by__isnull", False), _connector="OR"),
                                name="succession_settled_by_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SuspenseItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("bank_ref", models.CharField(max_length=64, unique=True, verbose_name="银行流水号")),
                        ("order_no", models.CharField(blank=True, max_length=40, verbose_name="订单号")),
                        ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                        ("reason", models.CharField(max_length=100, verbose_name="原因")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("OPEN", "待查"),
                                    ("RETURNING", "退回中"),
                                    ("RETURNED", "已退回付款人"),
                                    ("PLACED", "已归入订单"),
                                ],
                                default="OPEN",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("payer_ct", models.TextField(default="")),
                        ("return_no", models.CharField(max_length=16, null=True, unique=True, verbose_name="退回单号")),
                        ("decision", models.CharField(blank=True, max_length=300, verbose_name="处理说明")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        ("resolved_at", models.DateTimeField(null=True, verbose_name="处理时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="处理人",
                            ),
                        ),
                        (
                            "placed_order",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.paymentorder",
                                verbose_name="归入的订单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "待查款项",
                        "verbose_name_plural": "待查款项",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "RETURNING", "RETURNED", "PLACED"])),
                                name="suspense_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("resolved_at", None), ("status__in", ["OPEN", "RETURNING"])),
                                    models.Q(("resolved_at__isnull", False), ("status__in", ["RETURNED", "PLACED"])),
                                    _connector="OR",
                                ),
                                name="suspense_resolved_at_the_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Visit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REQUESTED", "待消费者确认"),
                                    ("CONFIRMED", "消费者已确认"),
                                    ("AUTO_CONFIRMED", "逾期视为确认"),
                                    ("DISPUTED", "核销争议（暂停划拨）"),
                                    ("CANCELLED", "已撤回"),
                                    ("CORRECTED", "核销冲正"),
                                ],
                                default="REQUESTED",
                                max_length=14,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "started_by",
                            models.CharField(
                                choices=[("SHOP", "商家"), ("SHOWN_CODE", "顾客出示付款码"), ("CONSUMER", "消费者")],
                                max_length=10,
                                verbose_name="发起",
                            ),
                        ),
                        ("item", models.CharField(max_length=30, verbose_name="项目")),
                        ("face_fen", models.BigIntegerField(default=0, verbose_name="面值")),
                        ("times", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        ("hold_fen", models.BigIntegerField(default=0, verbose_name="暂留")),
                        ("hold_id", models.BigIntegerField(null=True, verbose_name="预占")),
                        ("amount_fen", models.BigIntegerField(default=0, verbose_name="付商家")),
                        ("corrected_fen", models.BigIntegerField(default=0, verbose_name="已冲回")),
                        ("transfer_id", models.BigIntegerField(null=True, verbose_name="流水")),
                        ("requested_at", models.DateTimeField(verbose_name="发起时间")),
                        ("confirm_due_on", models.DateField(verbose_name="确认期限")),
                        ("confirm_clock", models.CharField(blank=True, max_length=300, verbose_name="期限怎么算的")),
                        ("settled_on", models.DateField(null=True, verbose_name="确认日")),
                        ("pay_expected_on", models.DateField(null=True, verbose_name="预计到账")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("is_no_show", models.BooleanField(default=False, verbose_name="爽约")),
                        (
                            "contract",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="prepaid.contract",
                                verbose_name="合同",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="merchants.merchant",
                                verbose_name="服务商家",
                            ),
                        ),
                        (
                            "staff",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="店员",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="merchants.store",
                                verbose_name="服务门店",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "消费",
                        "verbose_name_plural": "消费",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "REQUESTED")),
                                fields=["confirm_due_on"],
                                name="visit_confirm_due",
                            ),
                            models.Index(fields=["merchant", "-id"], name="visit_of_merchant"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("amount_fen__gte", 0),
                                    ("corrected_fen__gte", 0),
                                    ("face_fen__gte", 0),
                                    ("hold_fen__gte", 0),
                                ),
                                name="visit_amounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "REQUESTED",
                                            "CONFIRMED",
                                            "AUTO_CONFIRMED",
                                            "DISPUTED",
                                            "CANCELLED",
                                            "CORRECTED",
                                        ],
                                    )
                                ),
                                name="visit_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MerchantDebt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("face_fen", models.BigIntegerField(default=0, verbose_name="退回面值")),
                        ("times", models.PositiveIntegerField(default=0, verbose_name="退回次数")),
                        ("amount_fen", models.BigIntegerField(verbose_name="要退回")),
                        ("reason", models.CharField(max_length=300, verbose_name="原因")),
                        ("asked_on", models.DateField(verbose_name="登记日")),
                        ("settled_on", models.DateField(null=True, verbose_name="退回日")),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="debts",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "visit",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="debt",
                                to="prepaid.visit",
                                verbose_name="消费",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "从结算里退回",
                        "verbose_name_plural": "从结算里退回",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("settled_on", None)), fields=["merchant"], name="merchant_debt_open"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("amount_fen__gte", 0)), name="merchant_debt_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("face_fen", 0), ("times__gt", 0)),
                                    models.Q(("face_fen__gt", 0), ("times", 0)),
                                    _connector="OR",
                                ),
                                name="merchant_debt_one_measure",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="VisitLot",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("face_fen", models.BigIntegerField(default=0, verbose_name="面值")),
                        ("times", models.PositiveIntegerField(default=0, verbose_name="次数")),
                        ("amount_fen", models.BigIntegerField(default=0, verbose_name="付商家")),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="prepaid.lot",
                                verbose_name="批次",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="prepaid.visit",
                                verbose_name="消费",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "消费批次",
                        "verbose_name_plural": "消费批次",
                        "ordering": ["lot"],
                    },
                ),
            ]
        ),
    ]
