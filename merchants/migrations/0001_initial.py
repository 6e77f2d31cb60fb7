import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers
from core.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("core", "__first__"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Chain",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, unique=True, verbose_name="连锁品牌")),
                    ],
                    options={
                        "verbose_name": "连锁品牌",
                        "verbose_name_plural": "连锁品牌",
                    },
                ),
                migrations.CreateModel(
                    name="RegisterImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="文件")),
                        ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="开始")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="结束")),
                        ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                        ("added", models.PositiveIntegerField(default=0, verbose_name="新增")),
                        ("known", models.PositiveIntegerField(default=0, verbose_name="已有")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="未通过")),
                        ("errors", models.JSONField(default=list, verbose_name="错误样例")),
                    ],
                    options={
                        "verbose_name": "名录导入",
                        "verbose_name_plural": "名录导入",
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Merchant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "public_code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="公示编号",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "草稿"),
                                    ("SUBMITTED", "待核对"),
                                    ("UNDER_REVIEW", "待审核"),
                                    ("RETURNED", "退回补正"),
                                    ("ACTIVE", "正常"),
                                    ("RESTRICTED", "限制新发卡"),
                                    ("EXITING", "停业清退中"),
                                    ("EMERGENCY", "失联应急处置"),
                                    ("EXITED", "已停业"),
                                ],
                                default="DRAFT",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("ENTERPRISE", "企业"), ("INDIVIDUAL", "个体工商户")],
                                default="INDIVIDUAL",
                                max_length=10,
                                verbose_name="主体类型",
                            ),
                        ),
                        ("uscc", models.CharField(db_index=True, max_length=18, verbose_name="统一社会信用代码")),
                        ("legal_name", models.CharField(max_length=100, verbose_name="营业执照名称")),
                        ("brand_name", models.CharField(max_length=60, verbose_name="店招")),
                        ("licensed_on", models.DateField(blank=True, null=True, verbose_name="执照成立日期")),
                        ("legal_rep_ct", models.TextField(blank=True, default="")),
                        ("contact_phone_ct", models.TextField(blank=True, default="")),
                        ("legal_rep_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("contact_phone_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("legal_rep_id_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        ("submitted_at", models.DateTimeField(blank=True, null=True, verbose_name="提交时间")),
                        ("review_due_at", models.DateTimeField(blank=True, null=True, verbose_name="审核期限")),
                        ("review_clock", models.CharField(blank=True, max_length=200, verbose_name="期限怎么算的")),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True, verbose_name="审核时间")),
                        ("return_reasons", models.JSONField(blank=True, default=list, verbose_name="退回原因")),
                        ("checks", models.JSONField(blank=True, default=list, verbose_name="自动核对")),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="merchants.chain",
                                verbose_name="连锁品牌",
                            ),
                        ),
                        (
                            "industry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="core.industry", verbose_name="行业"
                            ),
                        ),
                        (
                            "licence_file",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="营业执照",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="core.region", verbose_name="辖区"
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "商家",
                        "verbose_name_plural": "商家",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "UNDER_REVIEW")),
                                fields=["review_due_at"],
                                name="merchant_review_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["ACTIVE", "RESTRICTED", "EXITING", "EMERGENCY"])),
                                fields=("uscc",),
                                name="one_merchant_per_licence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "DRAFT",
                                            "SUBMITTED",
                                            "UNDER_REVIEW",
                                            "RETURNED",
                                            "ACTIVE",
                                            "RESTRICTED",
                                            "EXITING",
                                            "EMERGENCY",
                                            "EXITED",
                                        ],
                                    )
                                ),
                                name="merchant_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mall",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "public_code",
                            models.CharField(
                                default=core.identifiers.public_code,
                                editable=False,
                                max_length=16,
                                unique=True,
                                verbose_name="公示编号",
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="商场名称")),
                        ("address", models.CharField(max_length=200, verbose_name="地址")),
                        ("company_name", models.CharField(blank=True, max_length=100, verbose_name="运营公司")),
                        ("company_uscc", models.CharField(blank=True, max_length=18, verbose_name="运营公司信用代码")),
                        ("registered_at", models.DateTimeField(auto_now_add=True, verbose_name="登记时间")),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="core.region", verbose_name="所在街道"
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "operator",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="malls",
                                to="merchants.merchant",
                                verbose_name="运营商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "商场",
                        "verbose_name_plural": "商场",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("name", "region"), name="one_mall_of_a_name"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("operator__isnull", False),
                                    models.Q(
                                        models.Q(("company_name", ""), _negated=True),
                                        models.Q(("company_uscc", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="mall_has_an_operator",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegisterEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "uscc",
                            models.CharField(blank=True, db_index=True, max_length=18, verbose_name="统一社会信用代码"),
                        ),
                        ("legal_name", models.CharField(max_length=200, verbose_name="名称")),
                        ("brand_name", models.CharField(blank=True, max_length=100, verbose_name="字号")),
                        ("region_code", models.CharField(blank=True, max_length=12, verbose_name="行政区划")),
                        ("industry_code", models.PositiveSmallIntegerField(null=True, verbose_name="行业")),
                        ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                        (
                            "state",
                            models.CharField(
                                blank=True,
                                choices=[("CANCELLED", "已注销"), ("REVOKED", "已吊销")],
                                default="",
                                max_length=9,
                                verbose_name="登记状态",
                            ),
                        ),
                        ("digest", models.CharField(max_length=32, unique=True)),
                        (
                            "imported_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="merchants.registerimport",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "登记名录",
                        "verbose_name_plural": "登记名录",
                        "indexes": [
                            models.Index(fields=["legal_name"], name="register_name"),
                            models.Index(
                                condition=models.Q(("state", ""), _negated=True), fields=["uscc"], name="register_ended"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Restriction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("source", models.CharField(max_length=40, verbose_name="来源")),
                        ("reason", models.CharField(max_length=200, verbose_name="原因")),
                        ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="起")),
                        ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="止")),
                        (
                            "lifted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="解除人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="restrictions",
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
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "限制",
                        "verbose_name_plural": "限制",
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Store",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="门店名称")),
                        ("address", models.CharField(max_length=200, verbose_name="地址")),
                        ("lease_end", models.DateField(blank=True, null=True, verbose_name="租约到期")),
                        ("license_holder", models.CharField(blank=True, max_length=100, verbose_name="执照持有人")),
                        ("actual_operator", models.CharField(blank=True, max_length=100, verbose_name="实际经营者")),
                        ("tenant_since", models.DateField(blank=True, null=True, verbose_name="商场确认日")),
                        ("is_open", models.BooleanField(default=True, verbose_name="营业中")),
                        (
                            "mall",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stores",
                                to="merchants.mall",
                                verbose_name="商场",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stores",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, to="core.region", verbose_name="所在街道"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "门店",
                        "verbose_name_plural": "门店",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("tenant_since", None), ("mall__isnull", False), _connector="OR"),
                                name="tenant_of_a_mall",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MallMeasureCheck",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=8, verbose_name="编号")),
                        ("title", models.CharField(max_length=60, verbose_name="举措")),
                        ("wanted", models.CharField(max_length=200, verbose_name="要什么证据")),
                        ("batch", models.PositiveSmallIntegerField(verbose_name="批次")),
                        (
                            "status",
                            models.CharField(
                                choices=[("PENDING", "待落实"), ("MET", "已落实"), ("LAPSED", "已失效")],
                                default="PENDING",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("evidence", models.CharField(blank=True, max_length=500, verbose_name="证据说明")),
                        ("submitted_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="核查时间")),
                        ("finding", models.CharField(blank=True, max_length=300, verbose_name="核查意见")),
                        ("valid_to", models.DateField(null=True, verbose_name="有效至")),
                        (
                            "checked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核查人",
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="证据材料",
                            ),
                        ),
                        (
                            "mall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measures",
                                to="merchants.mall",
                                verbose_name="商场",
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "商圈举措",
                        "verbose_name_plural": "商圈举措",
                        "ordering": ["mall", "code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("mall", "code"), name="measure_once_a_mall"),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["PENDING", "MET", "LAPSED"])),
                                name="measure_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "MET"), _negated=True),
                                    models.Q(("checked_at__isnull", False), ("valid_to__isnull", False)),
                                    _connector="OR",
                                ),
                                name="measure_met_is_checked",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
