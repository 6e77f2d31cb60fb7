import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="AuditEvent",
                    fields=[
                        ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("verb", models.CharField(max_length=60, verbose_name="事项")),
                        ("object_type", models.CharField(max_length=40, verbose_name="对象")),
                        ("object_id", models.CharField(max_length=40, verbose_name="编号")),
                        ("seq", models.IntegerField(verbose_name="序")),
                        ("actor_kind", models.SmallIntegerField(verbose_name="办理方")),
                        ("actor_id", models.BigIntegerField(null=True, verbose_name="办理人")),
                        ("acting_role", models.CharField(max_length=200, verbose_name="角色")),
                        ("ip", models.GenericIPAddressField(null=True, verbose_name="IP")),
                        ("request_id", models.CharField(max_length=40, verbose_name="请求号")),
                        ("facts", models.JSONField(verbose_name="内容")),
                        ("previous_hash", models.BinaryField()),
                        ("hash", models.BinaryField()),
                    ],
                    options={
                        "verbose_name": "操作记录",
                        "verbose_name_plural": "操作记录",
                        "db_table": "audit_event",
                        "ordering": ["-id"],
                        "managed": False,
                    },
                ),
                migrations.CreateModel(
                    name="User",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("password", models.CharField(max_length=128, verbose_name="password")),
                        ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("phone_idx", models.CharField(max_length=32, unique=True, verbose_name="手机号索引")),
                        ("phone_last4", models.CharField(db_index=True, max_length=4, verbose_name="手机尾号")),
                        ("phone_ct", models.TextField(blank=True, default="")),
                        ("name_ct", models.TextField(blank=True, default="")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                    ],
                    options={
                        "verbose_name": "用户",
                        "verbose_name_plural": "用户",
                    },
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                        ("is_working", models.BooleanField(verbose_name="工作日")),
                        ("holiday", models.CharField(blank=True, max_length=20, verbose_name="节日")),
                        ("published", models.BooleanField(default=True, verbose_name="已公布")),
                    ],
                    options={
                        "verbose_name": "工作日历",
                        "verbose_name_plural": "工作日历",
                        "ordering": ["day"],
                    },
                ),
                migrations.CreateModel(
                    name="Industry",
                    fields=[
                        (
                            "code",
                            models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=20, verbose_name="名称")),
                        ("prepaid_common", models.BooleanField(default=False, verbose_name="常见预付")),
                        ("sector", models.CharField(blank=True, max_length=20, verbose_name="业态")),
                        (
                            "keywords",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=20),
                                default=list,
                                size=None,
                                verbose_name="关键词",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "行业",
                        "verbose_name_plural": "行业",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="PhoneCode",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("phone_idx", models.CharField(db_index=True, max_length=32, verbose_name="手机号索引")),
                        ("purpose", models.CharField(max_length=20, verbose_name="用途")),
                        ("code_hash", models.CharField(max_length=64)),
                        ("expires_at", models.DateTimeField(verbose_name="到期")),
                        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                        ("used_at", models.DateTimeField(null=True, verbose_name="使用时间")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "验证码",
                        "verbose_name_plural": "验证码",
                    },
                ),
                migrations.CreateModel(
                    name="Region",
                    fields=[
                        (
                            "code",
                            models.CharField(max_length=12, primary_key=True, serialize=False, verbose_name="代码"),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="名称")),
                        ("level", models.PositiveSmallIntegerField(verbose_name="级别")),
                        ("path", models.CharField(max_length=40, unique=True, verbose_name="路径")),
                        ("is_demo", models.BooleanField(default=False, verbose_name="演示")),
                    ],
                    options={
                        "verbose_name": "行政区划",
                        "verbose_name_plural": "行政区划",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="IdempotencyKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("principal", models.CharField(max_length=60, verbose_name="请求方")),
                        ("key", models.CharField(max_length=128, verbose_name="键")),
                        ("fingerprint", models.CharField(max_length=64, verbose_name="指纹")),
                        ("status", models.PositiveSmallIntegerField(null=True, verbose_name="状态码")),
                        ("reference", models.JSONField(null=True, verbose_name="结果")),
                        ("created_at", models.DateTimeField(auto_now_add=True, db_index=True, verbose_name="时间")),
                    ],
                    options={
                        "verbose_name": "幂等键",
                        "verbose_name_plural": "幂等键",
                        "constraints": [models.UniqueConstraint(fields=("principal", "key"), name="idempotency_once")],
                    },
                ),
                migrations.CreateModel(
                    name="InterestRate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "base",
                            models.CharField(
                                choices=[
                                    ("LPR_1Y", "一年期贷款市场报价利率（LPR）"),
                                    ("DEPOSIT_1Y", "一年期定期存款基准利率"),
                                    ("CUSTODY", "存管账户实际利率"),
                                ],
                                max_length=10,
                                verbose_name="利率",
                            ),
                        ),
                        ("effective_from", models.DateField(verbose_name="施行日")),
                        ("ppm", models.PositiveIntegerField(null=True, verbose_name="年利率（百万分之一）")),
                        ("source", models.CharField(max_length=200, verbose_name="来源")),
                        ("tag", models.CharField(max_length=4, verbose_name="确定程度")),
                    ],
                    options={
                        "verbose_name": "利率",
                        "verbose_name_plural": "利率",
                        "ordering": ["base", "-effective_from"],
                        "constraints": [
                            models.UniqueConstraint(fields=("base", "effective_from"), name="rate_once_a_day"),
                            models.CheckConstraint(
                                condition=models.Q(("ppm", None), ("ppm__lte", 360000), _connector="OR"),
                                name="rate_is_sane",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("base__in", ["LPR_1Y", "DEPOSIT_1Y", "CUSTODY"])),
                                name="rate_base_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JobRun",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("job", models.CharField(max_length=60, verbose_name="任务")),
                        ("business_date", models.DateField(verbose_name="业务日")),
                        ("shard", models.PositiveSmallIntegerField(default=0, verbose_name="分片")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("NEW", "待运行"),
                                    ("RUNNING", "运行中"),
                                    ("DONE", "已完成"),
                                    ("FAILED", "失败"),
                                ],
                                default="NEW",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("started_at", models.DateTimeField(null=True, verbose_name="开始")),
                        ("finished_at", models.DateTimeField(null=True, verbose_name="结束")),
                        ("result", models.JSONField(default=dict, verbose_name="结果")),
                        ("error", models.CharField(blank=True, max_length=500, verbose_name="错误")),
                    ],
                    options={
                        "verbose_name": "每日任务",
                        "verbose_name_plural": "每日任务",
                        "ordering": ["-business_date", "job", "shard"],
                        "constraints": [
                            models.UniqueConstraint(fields=("job", "business_date", "shard"), name="job_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutboxEvent",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("topic", models.CharField(max_length=60, verbose_name="主题")),
                        ("key", models.CharField(max_length=100, verbose_name="键")),
                        ("payload", models.JSONField(default=dict, verbose_name="内容")),
                        (
                            "state",
                            models.CharField(
                                choices=[("NEW", "待处理"), ("DONE", "已完成"), ("DEAD", "已停止重试")],
                                default="NEW",
                                max_length=4,
                                verbose_name="状态",
                            ),
                        ),
                        ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                        ("next_at", models.DateTimeField(verbose_name="下次时间")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="建立时间")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("error", models.CharField(blank=True, max_length=500, verbose_name="错误")),
                    ],
                    options={
                        "verbose_name": "发件箱",
                        "verbose_name_plural": "发件箱",
                        "indexes": [
                            models.Index(condition=models.Q(("state", "NEW")), fields=["next_at"], name="outbox_due"),
                            models.Index(fields=["-created_at"], name="outbox_recent"),
                        ],
                        "constraints": [models.UniqueConstraint(fields=("topic", "key"), name="outbox_once")],
                    },
                ),
                migrations.CreateModel(
                    name="RulePack",
                    fields=[
                        ("id", models.CharField(max_length=30, primary_key=True, serialize=False, verbose_name="编号")),
                        ("family", models.CharField(blank=True, max_length=24, verbose_name="规则系列")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("DRAFT", "起草中"),
                                    ("PROPOSED", "待第二人复核"),
                                    ("PUBLISHED", "已发布"),
                                    ("REJECTED", "复核退回"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("region_code", models.CharField(max_length=12, verbose_name="地区")),
                        ("inherits", models.CharField(blank=True, max_length=30, verbose_name="继承")),
                        ("effective_from", models.DateField(verbose_name="施行日")),
                        ("effective_to", models.DateField(blank=True, null=True, verbose_name="失效日")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                        ("proposed_at", models.DateTimeField(null=True, verbose_name="提交时间")),
                        ("proposal_hash", models.CharField(blank=True, max_length=64, verbose_name="提交时内容摘要")),
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
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="起草人",
                            ),
                        ),
                        (
                            "proposed_by",
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
                        "verbose_name": "规则包",
                        "verbose_name_plural": "规则包",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "PROPOSED", "PUBLISHED", "REJECTED"])),
                                name="rule_pack_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("effective_to", None),
                                    ("effective_to__gte", models.F("effective_from")),
                                    _connector="OR",
                                ),
                                name="rule_pack_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="rule_pack_by_two",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("effective_to", None),
                                    ("status", "PUBLISHED"),
                                    models.Q(("family", ""), _negated=True),
                                ),
                                fields=("family",),
                                name="one_open_rule_pack",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("status__in", ["DRAFT", "PROPOSED"]), models.Q(("family", ""), _negated=True)
                                ),
                                fields=("family",),
                                name="one_rule_pack_in_the_making",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Rule",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("key", models.CharField(max_length=60, verbose_name="键")),
                        ("value", models.JSONField(verbose_name="值")),
                        ("unit", models.CharField(blank=True, max_length=20, verbose_name="单位")),
                        ("base", models.CharField(blank=True, max_length=40, verbose_name="基数")),
                        ("basis", models.CharField(blank=True, max_length=80, verbose_name="依据")),
                        ("tag", models.CharField(blank=True, max_length=4, verbose_name="确定程度")),
                        ("conditions", models.JSONField(blank=True, default=dict, verbose_name="条件")),
                        (
                            "pack",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rules",
                                to="core.rulepack",
                                verbose_name="规则包",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "规则",
                        "verbose_name_plural": "规则",
                        "constraints": [models.UniqueConstraint(fields=("pack", "key"), name="rule_once_per_pack")],
                    },
                ),
                migrations.CreateModel(
                    name="SmsMessage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("phone_ct", models.TextField(default="")),
                        ("text_ct", models.TextField(default="")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        ("sent_at", models.DateTimeField(null=True, verbose_name="发出时间")),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "短信",
                        "verbose_name_plural": "短信",
                    },
                ),
                migrations.CreateModel(
                    name="StoredFile",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("sha256", models.CharField(db_index=True, max_length=64, verbose_name="摘要")),
                        ("path", models.CharField(max_length=120, unique=True, verbose_name="存放")),
                        ("media_type", models.CharField(max_length=40, verbose_name="类型")),
                        ("size", models.PositiveIntegerField(verbose_name="大小")),
                        ("title", models.CharField(max_length=100, verbose_name="名称")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="上传人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "材料",
                        "verbose_name_plural": "材料",
                    },
                ),
                migrations.CreateModel(
                    name="TrustedDevice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("token_hash", models.CharField(max_length=64, unique=True)),
                        ("label", models.CharField(blank=True, max_length=80, verbose_name="设备")),
                        ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="加入时间")),
                        ("expires_at", models.DateTimeField(verbose_name="到期时间")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="devices",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "常用设备",
                        "verbose_name_plural": "常用设备",
                    },
                ),
                migrations.CreateModel(
                    name="Delegation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reason", models.CharField(max_length=100, verbose_name="原因")),
                        ("valid_from", models.DateField(verbose_name="起")),
                        ("valid_to", models.DateField(verbose_name="止")),
                        (
                            "from_user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegated_to",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="委托人",
                            ),
                        ),
                        (
                            "to_user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="delegated_by",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="受托人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "委托代办",
                        "verbose_name_plural": "委托代办",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("from_user", models.F("to_user")), _negated=True),
                                name="delegate_to_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("valid_to__gte", models.F("valid_from"))), name="delegation_ends"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("MERCHANT_OWNER", "商家负责人"),
                                    ("MERCHANT_STAFF", "店员"),
                                    ("MALL_MANAGER", "商场管理员"),
                                    ("ASSOCIATION", "行业协会"),
                                    ("MEDIATOR", "调解员"),
                                    ("OBSERVER", "消费体察员"),
                                    ("STATION_OFFICER", "市场监管所人员"),
                                    ("COUNTY_REVIEWER_A", "区县业务审核"),
                                    ("COUNTY_REVIEWER_B", "区县综合审核"),
                                    ("CITY", "市级人员"),
                                    ("PROVINCE", "省级人员"),
                                    ("INSPECTOR_CROSS", "交叉检查人员"),
                                    ("DISPATCHER", "分派员"),
                                    ("LEADER", "包案领导"),
                                    ("DISCIPLINE", "纪检监督"),
                                    ("DEPARTMENT_OFFICER", "部门人员"),
                                    ("CUSTODIAN", "存管机构"),
                                    ("AUDITOR", "审计员"),
                                    ("SYSADMIN", "系统管理员"),
                                    ("SECADMIN", "安全管理员"),
                                    ("API_CLIENT", "接口客户端"),
                                ],
                                max_length=20,
                                verbose_name="角色",
                            ),
                        ),
                        (
                            "merchant_id",
                            models.BigIntegerField(blank=True, db_index=True, null=True, verbose_name="商家"),
                        ),
                        ("mall_id", models.BigIntegerField(blank=True, null=True, verbose_name="商场")),
                        ("department", models.CharField(blank=True, max_length=20, verbose_name="部门")),
                        ("pin", models.CharField(blank=True, max_length=200, verbose_name="收银口令")),
                        ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="起")),
                        ("valid_to", models.DateField(blank=True, null=True, verbose_name="止")),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="core.region",
                                verbose_name="辖区",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "任职",
                        "verbose_name_plural": "任职",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("merchant_id__isnull", False),
                                        ("region", None),
                                        ("role__in", ["MERCHANT_OWNER", "MERCHANT_STAFF", "API_CLIENT"]),
                                    ),
                                    models.Q(("merchant_id", None), ("region__isnull", False), ("role", "API_CLIENT")),
                                    models.Q(
                                        ("merchant_id", None),
                                        ("region__isnull", False),
                                        (
                                            "role__in",
                                            (
                                                "STATION_OFFICER",
                                                "COUNTY_REVIEWER_A",
                                                "COUNTY_REVIEWER_B",
                                                "CITY",
                                                "PROVINCE",
                                                "INSPECTOR_CROSS",
                                                "DISPATCHER",
                                                "LEADER",
                                                "DISCIPLINE",
                                                "AUDITOR",
                                                "DEPARTMENT_OFFICER",
                                            ),
                                        ),
                                    ),
                                    models.Q(("mall_id__isnull", False), ("role", "MALL_MANAGER")),
                                    models.Q(
                                        ("merchant_id", None),
                                        (
                                            "role__in",
                                            [
                                                "ASSOCIATION",
                                                "MEDIATOR",
                                                "OBSERVER",
                                                "CUSTODIAN",
                                                "SYSADMIN",
                                                "SECADMIN",
                                            ],
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                                name="membership_scope_fits_role",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("valid_to", None)),
                                fields=("user", "role", "merchant_id", "mall_id", "region"),
                                name="one_open_membership",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
