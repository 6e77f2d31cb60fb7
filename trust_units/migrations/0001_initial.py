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
        ("merchants", "0001_initial"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="UnitSearch",
                    fields=[
                        ("unit_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="单位")),
                        ("rank_no", models.IntegerField(verbose_name="排序")),
                        ("code", models.TextField(verbose_name="编号")),
                        ("name", models.TextField(verbose_name="名称")),
                        ("sign_name", models.TextField(verbose_name="店招")),
                        ("address", models.TextField(verbose_name="地址")),
                        ("region_code", models.IntegerField(verbose_name="地区")),
                        ("industry", models.SmallIntegerField(verbose_name="行业")),
                        ("stars", models.SmallIntegerField(verbose_name="星级")),
                        ("flags", models.SmallIntegerField(verbose_name="承诺")),
                        ("unit_type", models.TextField(verbose_name="类型")),
                        ("status", models.TextField(verbose_name="所在库")),
                        ("norm_version", models.SmallIntegerField(verbose_name="规范化版本")),
                        ("updated_at", models.DateTimeField(verbose_name="更新时间")),
                    ],
                    options={
                        "verbose_name": "公众检索",
                        "verbose_name_plural": "公众检索",
                        "db_table": "unit_search",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="UnitViewCount",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "unit_id", "on_day", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("unit_id", models.BigIntegerField(verbose_name="单位")),
                        ("on_day", models.DateField(verbose_name="日期")),
                        ("n", models.IntegerField(verbose_name="次数")),
                    ],
                    options={
                        "verbose_name": "查看次数",
                        "verbose_name_plural": "查看次数",
                        "db_table": "unit_view_count",
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="CoverageRow",
                    fields=[
                        (
                            "area",
                            models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name="区县代码"),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="区县")),
                        ("counted_on", models.DateField(verbose_name="统计日")),
                        ("units", models.PositiveIntegerField(verbose_name="在库单位")),
                        ("covered", models.PositiveIntegerField(verbose_name="已覆盖市场主体")),
                        ("entities", models.PositiveIntegerField(verbose_name="登记市场主体")),
                        ("checked", models.PositiveIntegerField(verbose_name="当年检查")),
                        ("removed", models.PositiveIntegerField(verbose_name="当年移除")),
                        ("pools", models.JSONField(default=dict, verbose_name="各库")),
                        ("industries", models.JSONField(default=list, verbose_name="分行业")),
                        ("months", models.JSONField(default=list, verbose_name="逐月")),
                    ],
                    options={
                        "verbose_name": "覆盖率",
                        "verbose_name_plural": "覆盖率",
                        "ordering": ["area"],
                    },
                ),
                migrations.CreateModel(
                    name="Draw",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(unique=True, verbose_name="日期")),
                        ("candidates", models.PositiveIntegerField(verbose_name="候选单位")),
                        ("quota", models.PositiveIntegerField(verbose_name="应抽")),
                        ("nonce", models.CharField(max_length=64, verbose_name="随名单公布的随机数")),
                        ("list_sha256", models.CharField(max_length=64, verbose_name="名单摘要")),
                        ("published_at", models.DateTimeField(verbose_name="名单公布时间")),
                        ("seed_day", models.DateField(null=True, verbose_name="封账日")),
                        ("merkle_root", models.CharField(blank=True, max_length=64, verbose_name="封账根")),
                        ("sealed_at", models.DateTimeField(null=True, verbose_name="封账时间")),
                        ("seed", models.CharField(blank=True, max_length=64, verbose_name="种子")),
                        ("drawn_at", models.DateTimeField(null=True, verbose_name="抽取时间")),
                        ("sample", models.JSONField(default=list, verbose_name="抽中单位")),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="draws",
                                to="trust_units.weeklyplan",
                                verbose_name="周计划",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "抽查抽签",
                        "verbose_name_plural": "抽查抽签",
                        "ordering": ["-day"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("drawn_at", None), ("seed", "")),
                                    models.Q(
                                        ("drawn_at__gte", models.F("published_at")),
                                        models.Q(("seed", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="drawn_with_a_seed",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WeeklyPlan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("monday", models.DateField(unique=True, verbose_name="周一")),
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="编制时间")),
                        ("units", models.PositiveIntegerField(verbose_name="在库单位")),
                        ("target", models.PositiveIntegerField(verbose_name="本周抽查")),
                        ("counties", models.PositiveIntegerField(verbose_name="县（区）")),
                        ("basis", models.CharField(max_length=120, verbose_name="依据")),
                    ],
                    options={
                        "verbose_name": "周抽查计划",
                        "verbose_name_plural": "周抽查计划",
                        "ordering": ["-monday"],
                    },
                ),
                migrations.CreateModel(
                    name="Campaign",
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
                            "mode",
                            models.CharField(
                                choices=[
                                    ("DRAW", "每日抽查"),
                                    ("SWEEP", "举一反三"),
                                    ("CAMPAIGN", "专项检查"),
                                    ("CROSS", "交叉检查"),
                                    ("MYSTERY", "实地暗访"),
                                ],
                                max_length=8,
                                verbose_name="方式",
                            ),
                        ),
                        ("title", models.CharField(max_length=60, verbose_name="名称")),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("ANY", "全部商家"),
                                    ("PREPAID", "办有预付卡"),
                                    ("COMPLAINTS", "三个月内有受理的投诉"),
                                    ("RISK", "在观察名单上"),
                                    ("CUSTODY", "存管不足"),
                                    ("LISTED", "列入异常或失信名单"),
                                ],
                                default="ANY",
                                max_length=10,
                                verbose_name="对象",
                            ),
                        ),
                        ("units_only", models.BooleanField(default=False, verbose_name="只查放心消费单位")),
                        ("due_on", models.DateField(verbose_name="检查期限")),
                        ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="发起时间")),
                        ("size", models.PositiveIntegerField(default=0, verbose_name="检查数")),
                        (
                            "industry",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.industry",
                                verbose_name="行业",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="地区",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="发起人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "专项检查",
                        "verbose_name_plural": "专项检查",
                        "ordering": ["-id"],
                    },
                ),
                migrations.CreateModel(
                    name="Declaration",
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
                                    ("DRAFT", "填写中"),
                                    ("DECLARED", "已申报，初审中"),
                                    ("MANUAL_QUEUE", "待人工审核"),
                                    ("SITE_CHECK", "待现场核查"),
                                    ("BUSINESS_REVIEW", "业务审核"),
                                    ("GENERAL_REVIEW", "综合审核"),
                                    ("PUBLICITY", "公示期"),
                                    ("RETURNED", "退回补正"),
                                    ("GRANTED", "已入库"),
                                    ("REFUSED", "未通过"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="DRAFT",
                                max_length=15,
                                verbose_name="状态",
                            ),
                        ),
                        ("criteria_version", models.CharField(max_length=30, verbose_name="标准")),
                        ("promise", models.CharField(blank=True, max_length=500, verbose_name="公开承诺")),
                        ("declared_at", models.DateTimeField(null=True, verbose_name="申报时间")),
                        ("screening", models.JSONField(default=list, verbose_name="初审")),
                        ("screened_at", models.DateTimeField(null=True, verbose_name="初审时间")),
                        ("human_asked_at", models.DateTimeField(null=True, verbose_name="要求人工审核")),
                        ("due_on", models.DateField(null=True, verbose_name="本环节期限")),
                        ("public_until", models.DateField(null=True, verbose_name="公示至")),
                        ("reason", models.CharField(blank=True, max_length=500, verbose_name="退回或不通过的理由")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "assisted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="指导人员",
                            ),
                        ),
                        (
                            "business_reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="业务审核人",
                            ),
                        ),
                        (
                            "general_reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="综合审核人",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申报人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="declarations",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "放心消费申报",
                        "verbose_name_plural": "放心消费申报",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "PUBLICITY")),
                                fields=["public_until"],
                                name="declaration_in_publicity",
                            ),
                            models.Index(fields=["status", "due_on"], name="declaration_queue"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["GRANTED", "REFUSED", "WITHDRAWN"]), _negated=True),
                                fields=("unit",),
                                name="one_open_declaration",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "DRAFT",
                                            "DECLARED",
                                            "MANUAL_QUEUE",
                                            "SITE_CHECK",
                                            "BUSINESS_REVIEW",
                                            "GENERAL_REVIEW",
                                            "PUBLICITY",
                                            "RETURNED",
                                            "GRANTED",
                                            "REFUSED",
                                            "WITHDRAWN",
                                        ],
                                    )
                                ),
                                name="declaration_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("business_reviewer", None),
                                    ("general_reviewer", None),
                                    models.Q(("business_reviewer", models.F("general_reviewer")), _negated=True),
                                    _connector="OR",
                                ),
                                name="declaration_two_reviewers",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PUBLICITY"), _negated=True),
                                    ("public_until__isnull", False),
                                    _connector="OR",
                                ),
                                name="publicity_is_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DrawList",
                    fields=[
                        (
                            "draw",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="file",
                                serialize=False,
                                to="trust_units.draw",
                                verbose_name="抽签",
                            ),
                        ),
                        ("packed", models.BinaryField(verbose_name="名单")),
                    ],
                    options={
                        "verbose_name": "抽签名单",
                        "verbose_name_plural": "抽签名单",
                    },
                ),
                migrations.CreateModel(
                    name="FeedbackSlip",
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
                                    ("ISSUED", "待签收"),
                                    ("ACKNOWLEDGED", "整改中"),
                                    ("EVIDENCE", "待实地复核"),
                                    ("VERIFIED", "复核通过，待销号"),
                                    ("CLOSED", "已闭环"),
                                    ("PROPOSED", "逾期未改，拟移除"),
                                ],
                                default="ISSUED",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("text", models.CharField(max_length=1000, verbose_name="问题")),
                        ("issued_on", models.DateField(verbose_name="下发日")),
                        ("due_on", models.DateField(null=True, verbose_name="期限")),
                        ("lapses", models.PositiveSmallIntegerField(default=0, verbose_name="逾期次数")),
                        ("extended", models.BooleanField(default=False, verbose_name="已延期")),
                        ("acknowledged_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("evidence_text", models.CharField(blank=True, max_length=1000, verbose_name="整改情况")),
                        ("evidence_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                        ("verified_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                        ("verdict", models.CharField(blank=True, max_length=500, verbose_name="复核意见")),
                        ("lng", models.FloatField(null=True, verbose_name="经度")),
                        ("lat", models.FloatField(null=True, verbose_name="纬度")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="销号时间")),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签收人",
                            ),
                        ),
                        (
                            "closed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="销号人",
                            ),
                        ),
                        (
                            "evidence_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
                            ),
                        ),
                        (
                            "verified_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="复核人",
                            ),
                        ),
                        (
                            "spot_check",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="slip",
                                to="trust_units.spotcheck",
                                verbose_name="抽查",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "问题反馈单",
                        "verbose_name_plural": "问题反馈单",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["ISSUED", "ACKNOWLEDGED", "EVIDENCE"])),
                                fields=["due_on"],
                                name="slips_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        ["ISSUED", "ACKNOWLEDGED", "EVIDENCE", "VERIFIED", "CLOSED", "PROPOSED"],
                                    )
                                ),
                                name="slip_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "CLOSED"), _negated=True),
                                    models.Q(
                                        ("closed_by__isnull", False),
                                        ("evidence_at__isnull", False),
                                        ("verified_by__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="slip_closes_on_evidence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_by", None),
                                    models.Q(
                                        models.Q(
                                            ("acknowledged_by", None),
                                            models.Q(("acknowledged_by", models.F("verified_by")), _negated=True),
                                            _connector="OR",
                                        ),
                                        models.Q(("evidence_by", models.F("verified_by")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="slip_verified_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_by", None),
                                    models.Q(("closed_by", models.F("verified_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="slip_closed_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Opinion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "stage",
                            models.CharField(
                                choices=[
                                    ("ASSOCIATION", "行业协会意见"),
                                    ("BUSINESS", "业务审核"),
                                    ("GENERAL", "综合审核"),
                                ],
                                max_length=11,
                                verbose_name="环节",
                            ),
                        ),
                        ("approves", models.BooleanField(verbose_name="同意")),
                        ("text", models.CharField(max_length=500, verbose_name="意见")),
                        ("given_at", models.DateTimeField(verbose_name="时间")),
                        (
                            "declaration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opinions",
                                to="trust_units.declaration",
                                verbose_name="申报",
                            ),
                        ),
                        (
                            "given_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审核人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "审核意见",
                        "verbose_name_plural": "审核意见",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="SiteVisit",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("made_at", models.DateTimeField(verbose_name="核查时间")),
                        ("passed", models.BooleanField(verbose_name="通过")),
                        ("note", models.CharField(max_length=500, verbose_name="核查意见")),
                        ("checklist", models.JSONField(default=dict, verbose_name="清单")),
                        ("lng", models.FloatField(null=True, verbose_name="经度")),
                        ("lat", models.FloatField(null=True, verbose_name="纬度")),
                        (
                            "declaration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="visits",
                                to="trust_units.declaration",
                                verbose_name="申报",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="核查人",
                            ),
                        ),
                        (
                            "second_officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="共同核查人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "现场核查",
                        "verbose_name_plural": "现场核查",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("officer", models.F("second_officer")), _negated=True),
                                name="site_visit_of_two",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SitePhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="照片",
                            ),
                        ),
                        (
                            "visit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="trust_units.sitevisit",
                                verbose_name="核查",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "核查照片",
                        "verbose_name_plural": "核查照片",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="SlipPhoto",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_of_officer", models.BooleanField(default=False, verbose_name="复核照片")),
                        ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        (
                            "file",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="照片",
                            ),
                        ),
                        (
                            "slip",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="photos",
                                to="trust_units.feedbackslip",
                                verbose_name="反馈单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "反馈单照片",
                        "verbose_name_plural": "反馈单照片",
                        "ordering": ["id"],
                    },
                ),
                migrations.CreateModel(
                    name="SpotCheck",
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
                            "mode",
                            models.CharField(
                                choices=[
                                    ("DRAW", "每日抽查"),
                                    ("SWEEP", "举一反三"),
                                    ("CAMPAIGN", "专项检查"),
                                    ("CROSS", "交叉检查"),
                                    ("MYSTERY", "实地暗访"),
                                ],
                                max_length=8,
                                verbose_name="方式",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAWN", "待检查"),
                                    ("PASS", "未发现问题"),
                                    ("FINDING", "发现问题"),
                                    ("REFUSED", "拒绝检查"),
                                ],
                                default="DRAWN",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="日期")),
                        ("findings", models.JSONField(default=list, verbose_name="发现的问题")),
                        ("note", models.CharField(blank=True, max_length=1000, verbose_name="检查记录")),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="检查时间")),
                        ("published_at", models.DateTimeField(null=True, verbose_name="公开时间")),
                        (
                            "because_of",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sweeps",
                                to="trust_units.spotcheck",
                                verbose_name="起因",
                            ),
                        ),
                        (
                            "campaign",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="trust_units.campaign",
                                verbose_name="专项",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "draw",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="trust_units.draw",
                                verbose_name="抽签",
                            ),
                        ),
                        (
                            "inspector",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="检查人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="spot_checks",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="所在街道",
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
                        (
                            "unit",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checks",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "抽查",
                        "verbose_name_plural": "抽查",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "DRAWN")),
                                fields=["region", "status"],
                                name="checks_to_make",
                            ),
                            models.Index(fields=["day"], name="checks_by_day"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("draw", "unit"), name="one_check_a_draw_and_unit"),
                            models.UniqueConstraint(
                                fields=("campaign", "store"), name="one_check_a_campaign_and_store"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAWN", "PASS", "FINDING", "REFUSED"])),
                                name="check_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("unit__isnull", False), ("store__isnull", False), _connector="OR"),
                                name="check_is_of_something",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status", "DRAWN"), ("checked_at__isnull", False), _connector="OR"),
                                name="check_is_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TrustUnit",
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
                            "unit_type",
                            models.CharField(
                                choices=[
                                    ("COMMITMENT", "放心消费承诺单位"),
                                    ("NO_REASON_RETURN", "线下无理由退货承诺单位"),
                                    ("DEMONSTRATION", "放心消费示范单位"),
                                    ("DISTRICT", "放心商圈"),
                                ],
                                max_length=16,
                                verbose_name="类型",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("SELECTION", "选育池"),
                                    ("INCUBATION", "培育库"),
                                    ("STAR", "星级库"),
                                    ("WARNING", "预警库"),
                                    ("REMOVED", "已移除"),
                                ],
                                default="SELECTION",
                                max_length=10,
                                verbose_name="所在库",
                            ),
                        ),
                        ("stars", models.PositiveSmallIntegerField(default=0, verbose_name="星级")),
                        ("granted_on", models.DateField(null=True, verbose_name="认定日期")),
                        ("valid_until", models.DateField(null=True, verbose_name="有效期至")),
                        ("pool_before_warning", models.CharField(blank=True, editable=False, max_length=10)),
                        ("lng", models.FloatField(null=True, verbose_name="经度")),
                        ("lat", models.FloatField(null=True, verbose_name="纬度")),
                        ("last_checked_on", models.DateField(null=True, verbose_name="最近一次检查")),
                        ("mark_version", models.PositiveIntegerField(default=1, editable=False)),
                        ("cool_down_until", models.DateField(null=True, verbose_name="冷却期至")),
                        ("promise", models.CharField(blank=True, max_length=500, verbose_name="自我承诺")),
                        (
                            "mall",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trust_units",
                                to="merchants.mall",
                                verbose_name="商场",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trust_units",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="所在街道",
                            ),
                        ),
                        (
                            "store",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="trust_units",
                                to="merchants.store",
                                verbose_name="门店",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "放心消费单位",
                        "verbose_name_plural": "放心消费单位",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["status", "region"], name="unit_by_pool_and_region")],
                        "constraints": [
                            models.UniqueConstraint(fields=("store", "unit_type"), name="one_unit_of_a_type_a_store"),
                            models.UniqueConstraint(fields=("mall",), name="one_trusted_district_a_mall"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("mall__isnull", False), ("store", None), ("unit_type", "DISTRICT")),
                                    models.Q(
                                        models.Q(("unit_type", "DISTRICT"), _negated=True),
                                        ("mall", None),
                                        ("merchant__isnull", False),
                                        ("store__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="unit_is_store_or_mall",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["SELECTION", "INCUBATION", "STAR", "WARNING", "REMOVED"])
                                ),
                                name="unit_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("stars__lte", 5),
                                    models.Q(
                                        models.Q(("status", "STAR"), _negated=True), ("stars__gte", 1), _connector="OR"
                                    ),
                                ),
                                name="unit_stars_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["INCUBATION", "STAR", "WARNING"]), _negated=True),
                                    models.Q(("granted_on__isnull", False), ("valid_until__isnull", False)),
                                    _connector="OR",
                                ),
                                name="trusted_unit_is_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupervisionFact",
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
                                    ("DEREGISTERED", "执照注销或吊销"),
                                    ("SERIOUS_LIST", "列入严重违法失信名单"),
                                    ("ABNORMAL_LIST", "列入经营异常名录"),
                                    ("REFUSED_CHECK", "拒绝检查"),
                                    ("CLOSED", "停业或失联"),
                                    ("PENALTY", "行政处罚"),
                                    ("UPHELD_COMPLAINT", "投诉查实"),
                                    ("REFUSED_RETURN", "拒绝无理由退货"),
                                    ("CUSTODY_SHORTFALL", "存管不足"),
                                    ("RISK", "经营风险预警"),
                                    ("LICENCE_EXPIRING", "证照将到期"),
                                    ("OBSERVER_REPORT", "体察员反映"),
                                ],
                                max_length=17,
                                verbose_name="事实",
                            ),
                        ),
                        ("source", models.CharField(max_length=60, verbose_name="依据")),
                        ("text", models.CharField(max_length=300, verbose_name="说明")),
                        ("happened_on", models.DateField(verbose_name="发生日")),
                        ("noted_at", models.DateTimeField(auto_now_add=True, verbose_name="归集时间")),
                        ("cleared_on", models.DateField(null=True, verbose_name="消除日")),
                        (
                            "cleared_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="消除人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="facts",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "监管信息",
                        "verbose_name_plural": "监管信息",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("cleared_on", None)), fields=["kind", "unit"], name="fact_standing"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("unit", "kind", "source"), name="one_fact_a_source"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "DEREGISTERED",
                                            "SERIOUS_LIST",
                                            "ABNORMAL_LIST",
                                            "REFUSED_CHECK",
                                            "CLOSED",
                                            "PENALTY",
                                            "UPHELD_COMPLAINT",
                                            "REFUSED_RETURN",
                                            "CUSTODY_SHORTFALL",
                                            "RISK",
                                            "LICENCE_EXPIRING",
                                            "OBSERVER_REPORT",
                                        ],
                                    )
                                ),
                                name="fact_kind_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Removal",
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
                                    ("PROPOSED", "拟移除，听取意见"),
                                    ("DROPPED", "不予移除"),
                                    ("REMOVED", "已移除"),
                                    ("APPEALED", "申诉中"),
                                    ("UPHELD", "申诉不成立"),
                                    ("REVOKED", "申诉成立，已恢复"),
                                ],
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("ground", models.CharField(max_length=17, verbose_name="事由")),
                        ("reason", models.CharField(max_length=300, verbose_name="公开的理由")),
                        ("proposed_at", models.DateTimeField(verbose_name="提出时间")),
                        ("hearing_due_on", models.DateField(null=True, verbose_name="陈述期限")),
                        ("statement", models.CharField(blank=True, max_length=1000, verbose_name="商家陈述")),
                        ("stated_at", models.DateTimeField(null=True, verbose_name="陈述时间")),
                        ("removed_at", models.DateTimeField(null=True, verbose_name="移除时间")),
                        ("pool_before", models.CharField(blank=True, editable=False, max_length=10)),
                        ("appeal_due_on", models.DateField(null=True, verbose_name="申诉期限")),
                        ("appeal_text", models.CharField(blank=True, max_length=1000, verbose_name="申诉理由")),
                        ("appealed_at", models.DateTimeField(null=True, verbose_name="申诉时间")),
                        ("decision", models.CharField(blank=True, max_length=500, verbose_name="申诉决定")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="申诉决定时间")),
                        (
                            "appeal_file",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="申诉材料",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申诉决定人",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "removed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="决定人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="removals",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "移除",
                        "verbose_name_plural": "移除",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PROPOSED", "DROPPED", "REMOVED", "APPEALED", "UPHELD", "REVOKED"])
                                ),
                                name="removal_status_legal",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "PROPOSED")),
                                fields=("unit",),
                                name="one_proposed_removal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PROPOSED", "DROPPED"]),
                                    models.Q(("appeal_due_on__isnull", False), ("removed_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="removal_is_dated",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    ("removed_by", None),
                                    models.Q(("decided_by", models.F("removed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="appeal_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostEvaluation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        (
                            "status",
                            models.CharField(
                                choices=[("PROPOSED", "待确认"), ("CONFIRMED", "已确认")],
                                default="PROPOSED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("points", models.PositiveSmallIntegerField(verbose_name="得分")),
                        ("parts", models.JSONField(default=list, verbose_name="得分明细")),
                        (
                            "outcome",
                            models.CharField(
                                choices=[
                                    ("CONSOLIDATE", "巩固一批"),
                                    ("UPGRADE", "提升一批"),
                                    ("RECTIFY", "整改一批"),
                                    ("ELIMINATE", "淘汰一批"),
                                    ("NEW", "新创一批"),
                                ],
                                max_length=11,
                                verbose_name="归入",
                            ),
                        ),
                        ("stars", models.PositiveSmallIntegerField(default=0, verbose_name="建议星级")),
                        ("evaluated_on", models.DateField(verbose_name="评价日")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="确认的理由")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="确认人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="evaluations",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "年度后评价",
                        "verbose_name_plural": "年度后评价",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "PROPOSED")),
                                fields=["outcome"],
                                name="evaluations_to_confirm",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("unit", "year"), name="one_evaluation_a_year"),
                            models.CheckConstraint(
                                condition=models.Q(("points__lte", 100), ("stars__lte", 5)),
                                name="evaluation_points_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("outcome__in", ["CONSOLIDATE", "UPGRADE", "RECTIFY", "ELIMINATE", "NEW"])
                                ),
                                name="evaluation_outcome_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_by", None), ("status", "PROPOSED")),
                                    models.Q(("decided_by__isnull", False), ("status", "CONFIRMED")),
                                    _connector="OR",
                                ),
                                name="evaluation_is_decided",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PoolStay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "pool",
                            models.CharField(
                                choices=[
                                    ("SELECTION", "选育池"),
                                    ("INCUBATION", "培育库"),
                                    ("STAR", "星级库"),
                                    ("WARNING", "预警库"),
                                    ("REMOVED", "已移除"),
                                ],
                                max_length=10,
                                verbose_name="库",
                            ),
                        ),
                        ("entered_on", models.DateField(verbose_name="进入")),
                        ("left_on", models.DateField(null=True, verbose_name="离开")),
                        ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                        (
                            "moved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stays",
                                to="trust_units.trustunit",
                                verbose_name="单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "出入库记录",
                        "verbose_name_plural": "出入库记录",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("left_on", None)), fields=("unit",), name="in_one_pool_at_a_time"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PlanShard",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("day", models.DateField(verbose_name="日期")),
                        ("quota", models.PositiveIntegerField(verbose_name="抽查数")),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="县（区）",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shards",
                                to="trust_units.weeklyplan",
                                verbose_name="周计划",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "每日抽查任务",
                        "verbose_name_plural": "每日抽查任务",
                        "ordering": ["day", "county"],
                        "constraints": [
                            models.UniqueConstraint(fields=("day", "county"), name="one_shard_a_day_and_county"),
                            models.CheckConstraint(condition=models.Q(("quota__gt", 0)), name="shard_draws_some"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CriteriaSet",
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
                                choices=[("DRAFT", "起草中"), ("PUBLISHED", "已发布"), ("REJECTED", "复核退回")],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("content", models.JSONField(verbose_name="内容")),
                        ("note", models.CharField(max_length=300, verbose_name="改了什么")),
                        ("effective_from", models.DateField(verbose_name="施行日")),
                        ("drafted_at", models.DateTimeField(auto_now_add=True, verbose_name="起草时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="复核时间")),
                        ("decision", models.CharField(blank=True, max_length=300, verbose_name="复核意见")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="复核人",
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="起草人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "放心消费评价标准",
                        "verbose_name_plural": "放心消费评价标准",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "PUBLISHED", "REJECTED"])),
                                name="criteria_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("drafted_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="criteria_published_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Answer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("no", models.PositiveSmallIntegerField(verbose_name="序号")),
                        ("criterion", models.CharField(editable=False, max_length=40)),
                        ("kind", models.CharField(editable=False, max_length=8, verbose_name="类别")),
                        ("text", models.CharField(editable=False, max_length=200, verbose_name="标准")),
                        ("needs_evidence", models.BooleanField(editable=False)),
                        ("met", models.BooleanField(null=True, verbose_name="做到了")),
                        ("statement", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        (
                            "evidence",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="证据",
                            ),
                        ),
                        (
                            "declaration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="answers",
                                to="trust_units.declaration",
                                verbose_name="申报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "申报项",
                        "verbose_name_plural": "申报项",
                        "ordering": ["no"],
                        "constraints": [
                            models.UniqueConstraint(fields=("declaration", "criterion"), name="one_answer_a_criterion")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NoDisturbEntry",
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
                                    ("APPLIED", "已申请"),
                                    ("LISTED", "在名单上"),
                                    ("SUSPENDED", "暂停"),
                                    ("REMOVED", "已移出"),
                                ],
                                default="APPLIED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("applied_at", models.DateTimeField(auto_now_add=True, verbose_name="申请时间")),
                        ("listed_on", models.DateField(null=True, verbose_name="列入日")),
                        ("valid_until", models.DateField(null=True, verbose_name="有效期至")),
                        ("clean_since", models.DateTimeField(null=True, verbose_name="无事起算")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                        ("ended_on", models.DateField(null=True, verbose_name="移出日")),
                        (
                            "applied_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="申请人",
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="决定人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="no_disturb",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "无事不扰名单",
                        "verbose_name_plural": "无事不扰名单",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "REMOVED"), _negated=True),
                                fields=("merchant",),
                                name="one_no_disturb_entry",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["APPLIED", "LISTED", "SUSPENDED", "REMOVED"])),
                                name="no_disturb_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["LISTED", "SUSPENDED"]), _negated=True),
                                    models.Q(
                                        ("clean_since__isnull", False),
                                        ("listed_on__isnull", False),
                                        ("valid_until__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="no_disturb_is_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Objection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=1000, verbose_name="异议")),
                        ("written_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("is_upheld", models.BooleanField(null=True, verbose_name="成立")),
                        ("finding", models.CharField(blank=True, max_length=500, verbose_name="答复")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
                        (
                            "declaration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="objections",
                                to="trust_units.declaration",
                                verbose_name="申报",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="材料",
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "公示异议",
                        "verbose_name_plural": "公示异议",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at", None), ("is_upheld", None)),
                                    models.Q(("decided_at__isnull", False), ("is_upheld__isnull", False)),
                                    _connector="OR",
                                ),
                                name="objection_is_answered",
                            ),
                            models.UniqueConstraint(
                                fields=("declaration", "written_by"), name="one_objection_a_person"
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
