import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
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
        ("prepaid", "0002_initial"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="ReplyTemplate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=60, unique=True, verbose_name="标题")),
                        ("text", models.CharField(max_length=2000, verbose_name="正文")),
                        ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                    ],
                    options={
                        "verbose_name": "答复模板",
                        "verbose_name_plural": "答复模板",
                        "ordering": ["title"],
                    },
                ),
                migrations.CreateModel(
                    name="AgendaPack",
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
                                    ("DAILY_LOOK", "日看"),
                                    ("DAILY_DISPATCH", "日调度"),
                                    ("WEEKLY_CHECK", "周查"),
                                    ("WEEKLY_CONSULT", "周会商"),
                                    ("TENDAY_REVIEW", "旬复盘"),
                                    ("MONTHLY_SETTLEMENT", "月结"),
                                    ("MONTHLY_COMMENT", "月点评"),
                                ],
                                max_length=18,
                                verbose_name="种类",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("OPEN", "待会商"), ("HELD", "已会商"), ("LOCKED", "已锁定")],
                                default="OPEN",
                                max_length=6,
                                verbose_name="状态",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="起")),
                        ("ends_on", models.DateField(verbose_name="止")),
                        ("made_on", models.DateField(verbose_name="生成日")),
                        ("content", models.JSONField(verbose_name="内容")),
                        ("sha256", models.CharField(max_length=64, verbose_name="校验值")),
                        ("minutes", models.TextField(blank=True, max_length=4000, verbose_name="会议纪要")),
                        ("held_at", models.DateTimeField(null=True, verbose_name="会商时间")),
                        ("locked_at", models.DateTimeField(null=True, verbose_name="锁定时间")),
                        (
                            "held_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="召集人",
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
                    ],
                    options={
                        "verbose_name": "调度会商",
                        "verbose_name_plural": "调度会商",
                        "ordering": ["-ends_on", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("kind", "region", "starts_on"), name="one_agenda_pack_a_period"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "HELD", "LOCKED"])),
                                name="agenda_pack_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="agenda_pack_forwards"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "OPEN"),
                                    models.Q(models.Q(("minutes", ""), _negated=True), ("held_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="agenda_pack_minutes_said",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AgendaAction",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="交办事项")),
                        ("due_on", models.DateField(verbose_name="期限")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="办理情况")),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agenda_actions",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="负责人",
                            ),
                        ),
                        (
                            "pack",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="complaints.agendapack",
                                verbose_name="会商",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "交办事项",
                        "verbose_name_plural": "交办事项",
                        "ordering": ["due_on", "id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("done_at", None)),
                                fields=["owner", "due_on"],
                                name="agenda_actions_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("done_at", None), models.Q(("note", ""), _negated=True), _connector="OR"
                                ),
                                name="agenda_action_done_said",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarFeed",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("nonce", models.CharField(max_length=32, unique=True)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立时间")),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "日历订阅",
                        "verbose_name_plural": "日历订阅",
                    },
                ),
                migrations.CreateModel(
                    name="Complainant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("name_ct", models.TextField(blank=True, default="")),
                        ("phone_ct", models.TextField(blank=True, default="")),
                        ("address_ct", models.TextField(blank=True, default="")),
                        ("phone_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("id_number_idx", models.CharField(blank=True, max_length=32)),
                        ("id_checked_at", models.DateTimeField(null=True, verbose_name="身份核验时间")),
                        ("agent_name_ct", models.TextField(blank=True, default="")),
                        ("agent_phone_ct", models.TextField(blank=True, default="")),
                        (
                            "agent_proof",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="授权委托书",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "投诉人",
                        "verbose_name_plural": "投诉人",
                    },
                ),
                migrations.CreateModel(
                    name="Complaint",
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
                            "channel",
                            models.CharField(
                                choices=[
                                    ("WEB", "网上"),
                                    ("PLATFORM_12315", "12315 平台"),
                                    ("HOTLINE_12315", "12315 热线"),
                                    ("HOTLINE_12345", "12345 热线"),
                                    ("COUNTER", "窗口"),
                                    ("MAIL", "来信"),
                                    ("MALL", "商场"),
                                    ("MERCHANT_ODR", "商家 ODR"),
                                    ("MEDIA", "媒体"),
                                    ("TRANSFER", "其他部门移送"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="来源",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        ("respondent_name", models.CharField(blank=True, max_length=100, verbose_name="被投诉举报人")),
                        (
                            "respondent_address",
                            models.CharField(blank=True, max_length=200, verbose_name="被投诉举报人地址"),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("REFUND", "退款难"),
                                    ("CLOSED_SHOP", "停业、关门、失联"),
                                    ("WRONG_CHARGE", "多扣、错扣"),
                                    ("PRIVATE_PAYMENT", "私下收款"),
                                    ("SERVICE_CUT", "涨价、服务缩水"),
                                    ("CONTRACT_TERMS", "不公平条款"),
                                    ("FALSE_PROMOTION", "虚假宣传"),
                                    ("QUALITY", "质量和安全"),
                                    ("PERSONAL_DATA", "个人信息"),
                                    ("OTHER", "其他"),
                                ],
                                default="OTHER",
                                max_length=15,
                                verbose_name="事由",
                            ),
                        ),
                        ("facts", models.TextField(max_length=4000, verbose_name="事实")),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("STATION", "市场监管所"),
                                    ("COUNTY", "区县"),
                                    ("CITY", "市级"),
                                    ("LEADER", "领导包案"),
                                ],
                                default="STATION",
                                max_length=7,
                                verbose_name="层级",
                            ),
                        ),
                        ("assigned_at", models.DateTimeField(null=True, verbose_name="分派时间")),
                        ("next_due_at", models.DateTimeField(null=True, verbose_name="最近的期限")),
                        ("first_contact_at", models.DateTimeField(null=True, verbose_name="首次联系时间")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REGISTERED", "已登记"),
                                    ("ODR_PENDING", "ODR企业处理中"),
                                    ("ASSIGNED", "已分派"),
                                    ("ID_PROOF_REQUESTED", "限期提供身份证明"),
                                    ("ACCEPTED", "已受理"),
                                    ("NOT_ACCEPTED", "不予受理"),
                                    ("MEDIATING", "调解中"),
                                    ("SUSPENDED", "中止计时（检测／回避）"),
                                    ("AGREED", "调解成功"),
                                    ("TERMINATED", "终止调解"),
                                    ("CALLBACK", "待回访"),
                                    ("CLOSED", "已办结"),
                                    ("MERGED", "并件"),
                                    ("ROUTED", "分送"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="REGISTERED",
                                max_length=18,
                                verbose_name="状态",
                            ),
                        ),
                        ("claim", models.CharField(max_length=500, verbose_name="诉求")),
                        ("claim_fen", models.BigIntegerField(null=True, verbose_name="诉求金额")),
                        ("wants_odr", models.BooleanField(default=False, verbose_name="愿意先和商家协商")),
                        ("routed_to", models.CharField(blank=True, max_length=60, verbose_name="分送到")),
                        ("merchant_told_at", models.DateTimeField(null=True, verbose_name="告知商家时间")),
                        ("merchant_reply", models.CharField(blank=True, max_length=1000, verbose_name="商家答复")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="受理决定时间")),
                        (
                            "refusal",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "不属于市场监督管理部门职责，或者本部门不具有处理权限"),
                                    (2, "法院、仲裁机构、其他行政机关、消费者协会或者其他调解组织已经受理或者处理过"),
                                    (3, "不是为生活消费需要购买、使用商品或者接受服务，或者不能证明存在消费者权益争议"),
                                    (4, "自知道或者应当知道权益受到侵害之日起超过三年"),
                                    (5, "未提供规定的材料，或者材料虚假"),
                                    (6, "冒用他人名义，或者拒不配合身份核验"),
                                    (7, "法律、法规、规章规定的其他情形"),
                                ],
                                null=True,
                                verbose_name="不予受理的情形",
                            ),
                        ),
                        (
                            "termination",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "投诉人撤回投诉，或者双方自行和解"),
                                    (2, "投诉人或者被投诉人拒绝调解，或者无正当理由不参加调解"),
                                    (3, "双方分歧较大，不能达成调解协议"),
                                    (4, "需要检测鉴定而双方不能就承担费用或者机构达成一致，或者无法检测鉴定"),
                                    (5, "自受理之日起六十日内未达成调解协议"),
                                    (6, "受理后发现有不予受理的情形，或者已经由法院、仲裁机构等受理"),
                                    (7, "一方死亡、终止，没有人承受权利义务"),
                                    (8, "法律、法规、规章规定的其他情形"),
                                ],
                                null=True,
                                verbose_name="终止调解的情形",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=1000, verbose_name="说明")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="调解结束时间")),
                        ("reply", models.CharField(blank=True, max_length=2000, verbose_name="答复")),
                        ("recovered_fen", models.BigIntegerField(default=0, verbose_name="挽回损失")),
                        (
                            "rating",
                            models.PositiveSmallIntegerField(
                                choices=[(3, "满意"), (2, "基本满意"), (1, "不满意"), (0, "未接通")],
                                null=True,
                                verbose_name="评价",
                            ),
                        ),
                        ("rating_text", models.CharField(blank=True, max_length=500, verbose_name="评价说明")),
                        (
                            "complainant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="complaints.complainant",
                                verbose_name="投诉人",
                            ),
                        ),
                        (
                            "contract",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="prepaid.contract",
                                verbose_name="预付合同",
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
                            "handler",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="承办人",
                            ),
                        ),
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
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="complaints.complaint",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaint",
                                to="prepaid.refund",
                                verbose_name="退款争议",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
                            ),
                        ),
                        (
                            "routed_from",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="分送单位",
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
                            "incident",
                            models.ForeignKey(
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="complaints",
                                to="complaints.incident",
                                verbose_name="群体事件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "投诉",
                        "verbose_name_plural": "投诉",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["handler", "next_due_at", "id"],
                                name="complaint_queue",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["region", "next_due_at", "id"],
                                name="complaint_due",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None), ("handler", None)),
                                fields=["region", "next_due_at", "id"],
                                name="complaint_unassigned",
                            ),
                            models.Index(fields=["merchant", "-id"], name="complaint_of_merchant"),
                            models.Index(fields=["complainant", "-id"], name="complaint_of_person"),
                            models.Index(
                                condition=models.Q(("incident__isnull", False)),
                                fields=["incident", "id"],
                                name="complaint_of_incident",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merchant__isnull", False),
                                    models.Q(("respondent_name", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="complaint_respondent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "NOT_ACCEPTED"), _negated=True),
                                    ("refusal__isnull", False),
                                    _connector="OR",
                                ),
                                name="complaint_refusal_has_ground",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "TERMINATED"), _negated=True),
                                    ("termination__isnull", False),
                                    _connector="OR",
                                ),
                                name="complaint_termination_has_ground",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "MERGED"), _negated=True),
                                    ("merged_into__isnull", False),
                                    _connector="OR",
                                ),
                                name="complaint_merged_into_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("claim_fen", None), ("claim_fen__gte", 0), _connector="OR"),
                                    ("recovered_fen__gte", 0),
                                ),
                                name="complaint_amounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "REGISTERED",
                                            "ODR_PENDING",
                                            "ASSIGNED",
                                            "ID_PROOF_REQUESTED",
                                            "ACCEPTED",
                                            "NOT_ACCEPTED",
                                            "MEDIATING",
                                            "SUSPENDED",
                                            "AGREED",
                                            "TERMINATED",
                                            "CALLBACK",
                                            "CLOSED",
                                            "MERGED",
                                            "ROUTED",
                                            "WITHDRAWN",
                                        ],
                                    )
                                ),
                                name="complaint_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Consultation",
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
                            "channel",
                            models.CharField(
                                choices=[
                                    ("WEB", "网上"),
                                    ("PLATFORM_12315", "12315 平台"),
                                    ("HOTLINE_12315", "12315 热线"),
                                    ("HOTLINE_12345", "12345 热线"),
                                    ("COUNTER", "窗口"),
                                    ("MAIL", "来信"),
                                    ("MALL", "商场"),
                                    ("MERCHANT_ODR", "商家 ODR"),
                                    ("MEDIA", "媒体"),
                                    ("TRANSFER", "其他部门移送"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="来源",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        ("respondent_name", models.CharField(blank=True, max_length=100, verbose_name="被投诉举报人")),
                        (
                            "respondent_address",
                            models.CharField(blank=True, max_length=200, verbose_name="被投诉举报人地址"),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("REFUND", "退款难"),
                                    ("CLOSED_SHOP", "停业、关门、失联"),
                                    ("WRONG_CHARGE", "多扣、错扣"),
                                    ("PRIVATE_PAYMENT", "私下收款"),
                                    ("SERVICE_CUT", "涨价、服务缩水"),
                                    ("CONTRACT_TERMS", "不公平条款"),
                                    ("FALSE_PROMOTION", "虚假宣传"),
                                    ("QUALITY", "质量和安全"),
                                    ("PERSONAL_DATA", "个人信息"),
                                    ("OTHER", "其他"),
                                ],
                                default="OTHER",
                                max_length=15,
                                verbose_name="事由",
                            ),
                        ),
                        ("facts", models.TextField(max_length=4000, verbose_name="事实")),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("STATION", "市场监管所"),
                                    ("COUNTY", "区县"),
                                    ("CITY", "市级"),
                                    ("LEADER", "领导包案"),
                                ],
                                default="STATION",
                                max_length=7,
                                verbose_name="层级",
                            ),
                        ),
                        ("assigned_at", models.DateTimeField(null=True, verbose_name="分派时间")),
                        ("next_due_at", models.DateTimeField(null=True, verbose_name="最近的期限")),
                        ("first_contact_at", models.DateTimeField(null=True, verbose_name="首次联系时间")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("QUESTION", "咨询"), ("PETITION", "信访")],
                                default="QUESTION",
                                max_length=8,
                                verbose_name="类别",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("OPEN", "待答复"), ("ANSWERED", "已答复"), ("ROUTED", "已指引其他渠道")],
                                default="OPEN",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("reply", models.CharField(blank=True, max_length=2000, verbose_name="答复")),
                        (
                            "handler",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="承办人",
                            ),
                        ),
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
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consultations",
                                to="complaints.complainant",
                                verbose_name="咨询人",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
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
                        "verbose_name": "咨询",
                        "verbose_name_plural": "咨询",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["handler", "next_due_at", "id"],
                                name="question_queue",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["region", "next_due_at", "id"],
                                name="question_due",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["ANSWERED", "ROUTED"]), _negated=True),
                                    models.Q(("reply", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="consultation_answer_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "ANSWERED", "ROUTED"])),
                                name="consultation_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Clock",
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
                                choices=[
                                    ("ASSIGN", "分派"),
                                    ("FIRST_CONTACT", "首次联系"),
                                    ("ODR", "商家协商"),
                                    ("ID_PROOF", "提供身份证明"),
                                    ("ACCEPT", "受理决定"),
                                    ("MEDIATE", "调解"),
                                    ("TERMINATE_NOTICE", "告知双方"),
                                    ("CALLBACK", "回访"),
                                    ("VERIFY", "线索核查"),
                                    ("FILING_NOTICE", "告知是否立案"),
                                    ("CASE", "案件办理"),
                                    ("PUBLISH", "公示处罚"),
                                    ("JURISDICTION", "管辖争议协商"),
                                    ("ANSWER", "答复咨询"),
                                    ("WHISTLE", "部门报到"),
                                ],
                                max_length=16,
                                verbose_name="期限",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("RUNNING", "计时中"),
                                    ("PAUSED", "中止"),
                                    ("STOPPED", "已完成"),
                                    ("DROPPED", "不再适用"),
                                ],
                                default="RUNNING",
                                max_length=7,
                                verbose_name="状态",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="起算时间")),
                        ("started_on", models.DateField(verbose_name="起算日")),
                        ("amount", models.PositiveSmallIntegerField(verbose_name="长度")),
                        ("unit", models.CharField(max_length=11, verbose_name="单位")),
                        ("roll", models.CharField(default="none", max_length=17, verbose_name="末日顺延")),
                        ("extension", models.PositiveSmallIntegerField(default=0, verbose_name="可延长")),
                        ("extended", models.BooleanField(default=False, verbose_name="已延长")),
                        ("pauses", models.JSONField(default=list, verbose_name="中止")),
                        ("paused_on", models.DateField(null=True, verbose_name="中止日")),
                        ("due_at", models.DateTimeField(verbose_name="到期时间")),
                        ("provisional", models.BooleanField(default=False, verbose_name="放假安排未公布")),
                        ("stopped_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("basis", models.CharField(max_length=120, verbose_name="依据")),
                        ("pack_id", models.CharField(max_length=40, verbose_name="规则版本")),
                        ("note", models.CharField(blank=True, max_length=200, verbose_name="备注")),
                        ("warned_at", models.DateTimeField(null=True, verbose_name="已预警")),
                        ("warned_days", models.PositiveSmallIntegerField(null=True, verbose_name="提前预警的工作日")),
                        (
                            "escalated_to",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("STATION", "市场监管所"),
                                    ("COUNTY", "区县"),
                                    ("CITY", "市级"),
                                    ("LEADER", "领导包案"),
                                ],
                                max_length=7,
                                verbose_name="已提级到",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clocks",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clocks",
                                to="complaints.consultation",
                                verbose_name="咨询",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clocks",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "期限",
                        "verbose_name_plural": "期限",
                        "ordering": ["due_at", "id"],
                        "indexes": [
                            models.Index(condition=models.Q(("state", "RUNNING")), fields=["due_at"], name="clock_due"),
                            models.Index(
                                condition=models.Q(("provisional", True), ("state", "RUNNING")),
                                fields=["id"],
                                name="clock_provisional",
                            ),
                            models.Index(fields=["region", "code", "due_at"], name="clock_of_region"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("consultation", None), ("report", None)),
                                    models.Q(("complaint", None), ("consultation", None), ("report__isnull", False)),
                                    models.Q(("complaint", None), ("consultation__isnull", False), ("report", None)),
                                    _connector="OR",
                                ),
                                name="clock_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["RUNNING", "PAUSED", "STOPPED", "DROPPED"])),
                                name="clock_state_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("paused_on", None), ("state", "PAUSED"), _connector="OR"),
                                name="clock_paused_since",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "STOPPED"), _negated=True),
                                    ("stopped_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="clock_stopped_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_at__gte", models.F("started_at"))), name="clock_forwards"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["RUNNING", "PAUSED"])),
                                fields=("complaint", "code"),
                                name="one_clock_of_complaint",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["RUNNING", "PAUSED"])),
                                fields=("report", "code"),
                                name="one_clock_of_report",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConsumerWarning",
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
                                    ("DRAFT", "草稿"),
                                    ("APPROVED", "已审批，待发布"),
                                    ("PUBLISHED", "已发布"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("title", models.CharField(max_length=80, verbose_name="标题")),
                        ("text", models.TextField(max_length=4000, verbose_name="正文")),
                        ("drafted_at", models.DateTimeField(auto_now_add=True, verbose_name="起草时间")),
                        ("approved_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        ("published_at", models.DateTimeField(null=True, verbose_name="发布时间")),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="退回或撤回理由")),
                        ("advice", models.CharField(max_length=500, verbose_name="提示")),
                        ("reply", models.CharField(blank=True, max_length=1000, verbose_name="商家回应")),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="回应时间")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审批人",
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
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consumer_warnings",
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
                                verbose_name="发布地区",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "消费警示",
                        "verbose_name_plural": "消费警示",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "PUBLISHED")),
                                fields=["merchant", "-published_at"],
                                name="warning_of_shop",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("drafted_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="warning_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "APPROVED", "PUBLISHED", "WITHDRAWN"])),
                                name="warning_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PUBLISHED"), _negated=True),
                                    models.Q(("approved_by__isnull", False), ("published_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="warning_published_is_approved",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merchant__isnull", False), ("industry__isnull", False), _connector="OR"
                                ),
                                name="warning_scope",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Disclosure",
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
                                    ("DRAFT", "异议期内"),
                                    ("PUBLISHED", "已公示"),
                                    ("OBJECTED", "有异议"),
                                    ("WITHDRAWN", "不公示"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("text", models.CharField(max_length=500, verbose_name="公示内容")),
                        ("merchant_reply", models.CharField(blank=True, max_length=500, verbose_name="商家说明")),
                        ("drafted_on", models.DateField(verbose_name="拟公示日")),
                        ("objection_until", models.DateField(verbose_name="异议期至")),
                        ("objection", models.CharField(blank=True, max_length=500, verbose_name="异议")),
                        ("published_on", models.DateField(null=True, verbose_name="公示日")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="处理意见")),
                        (
                            "complaint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="disclosure",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "objected_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="异议人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "投诉公示",
                        "verbose_name_plural": "投诉公示",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "DRAFT")),
                                fields=["objection_until"],
                                name="disclosure_ripe",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "PUBLISHED", "OBJECTED", "WITHDRAWN"])),
                                name="disclosure_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PUBLISHED"), _negated=True),
                                    ("published_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="disclosure_published_when",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "OBJECTED"), _negated=True),
                                    models.Q(("objection", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="disclosure_objected_why",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DocumentCounter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        (
                            "series",
                            models.CharField(
                                choices=[("FORM", "投诉举报文书"), ("NOTICE", "监督提示单"), ("CASE", "立案")],
                                max_length=6,
                                verbose_name="编号种类",
                            ),
                        ),
                        ("last", models.PositiveIntegerField(default=0, verbose_name="最后编号")),
                        (
                            "bureau",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="登记单位",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "文书编号",
                        "verbose_name_plural": "文书编号",
                        "constraints": [
                            models.UniqueConstraint(fields=("bureau", "year", "series"), name="one_document_counter")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Escalation",
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
                                    ("PROPOSED", "待接办"),
                                    ("OWNED", "包案中"),
                                    ("SOLVED", "已解决"),
                                    ("RELEASED", "已销号"),
                                ],
                                default="PROPOSED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("STATION", "市场监管所"),
                                    ("COUNTY", "区县"),
                                    ("CITY", "市级"),
                                    ("LEADER", "领导包案"),
                                ],
                                max_length=7,
                                verbose_name="层级",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="原因")),
                        ("opened_on", models.DateField(verbose_name="提出日")),
                        ("owned_at", models.DateTimeField(null=True, verbose_name="接办时间")),
                        ("plan", models.CharField(blank=True, max_length=1000, verbose_name="方案")),
                        ("solved_at", models.DateTimeField(null=True, verbose_name="解决时间")),
                        ("outcome", models.CharField(blank=True, max_length=1000, verbose_name="结果")),
                        ("released_at", models.DateTimeField(null=True, verbose_name="销号时间")),
                        (
                            "clock",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalations",
                                to="complaints.clock",
                                verbose_name="期限",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.consultation",
                                verbose_name="咨询",
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
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="escalations",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="负责人",
                            ),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="销号人",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "督办",
                        "verbose_name_plural": "督办",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["PROPOSED", "OWNED"])),
                                fields=["owner", "id"],
                                name="escalations_of_owner",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("consultation", None), ("report", None)),
                                    models.Q(("complaint", None), ("consultation", None), ("report__isnull", False)),
                                    models.Q(("complaint", None), ("consultation__isnull", False), ("report", None)),
                                    _connector="OR",
                                ),
                                name="escalation_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "OWNED", "SOLVED", "RELEASED"])),
                                name="escalation_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("level", "LEADER"), ("status", "OWNED"), _negated=True),
                                    models.Q(("plan", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="escalation_plan_of_leader",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["SOLVED", "RELEASED"]), _negated=True),
                                    models.Q(("outcome", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="escalation_outcome_said",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "OWNED"])),
                                fields=("complaint",),
                                name="one_escalation_of_complaint",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "OWNED"])),
                                fields=("report",),
                                name="one_escalation_of_report",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "OWNED"])),
                                fields=("consultation",),
                                name="one_escalation_of_consultation",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationNote",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("week", models.DateField(verbose_name="周一")),
                        ("text", models.CharField(max_length=500, verbose_name="进展")),
                        ("written_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        (
                            "escalation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="notes",
                                to="complaints.escalation",
                                verbose_name="督办",
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "每周进展",
                        "verbose_name_plural": "每周进展",
                        "ordering": ["-week", "-id"],
                        "constraints": [models.UniqueConstraint(fields=("escalation", "week"), name="one_note_a_week")],
                    },
                ),
                migrations.CreateModel(
                    name="FigureMonth",
                    fields=[
                        ("month", models.DateField(primary_key=True, serialize=False, verbose_name="月份")),
                        ("counted_until", models.DateTimeField(verbose_name="统计截至")),
                        ("closed_on", models.DateField(null=True, verbose_name="月结日")),
                        ("digest", models.CharField(blank=True, max_length=64, verbose_name="校验值")),
                    ],
                    options={
                        "verbose_name": "统计月份",
                        "verbose_name_plural": "统计月份",
                        "ordering": ["-month"],
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("month__day", 1)), name="figure_month_first"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_on", None), models.Q(("digest", ""), _negated=True), _connector="OR"
                                ),
                                name="figure_month_sealed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ComplaintRollup",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "by",
                            models.PositiveSmallIntegerField(
                                choices=[(0, "行业和事由"), (1, "行业"), (2, "事由"), (3, "合计")], verbose_name="口径"
                            ),
                        ),
                        ("cause", models.CharField(blank=True, max_length=15, verbose_name="事由")),
                        (
                            "packs",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=40),
                                default=list,
                                size=None,
                                verbose_name="规则版本",
                            ),
                        ),
                        ("received", models.PositiveIntegerField(verbose_name="收到投诉")),
                        ("reports", models.PositiveIntegerField(verbose_name="收到举报")),
                        ("questions", models.PositiveIntegerField(verbose_name="收到咨询")),
                        ("accepted", models.PositiveIntegerField(verbose_name="受理")),
                        ("refused", models.PositiveIntegerField(verbose_name="不予受理")),
                        ("closed", models.PositiveIntegerField(verbose_name="办结")),
                        ("answered", models.PositiveIntegerField(verbose_name="回访接通并评价")),
                        ("satisfied", models.PositiveIntegerField(verbose_name="满意")),
                        ("recovered_fen", models.BigIntegerField(verbose_name="挽回损失")),
                        ("accept_due", models.PositiveIntegerField(verbose_name="受理决定到期")),
                        ("accept_on_time", models.PositiveIntegerField(verbose_name="按时作出受理决定")),
                        ("complete_due", models.PositiveIntegerField(verbose_name="办理到期")),
                        ("complete_on_time", models.PositiveIntegerField(verbose_name="按时办结")),
                        ("verify_due", models.PositiveIntegerField(verbose_name="核查到期")),
                        ("verify_at_once", models.PositiveIntegerField(verbose_name="未延期按时核查")),
                        ("odr_due", models.PositiveIntegerField(verbose_name="商家协商到期")),
                        ("odr_on_time", models.PositiveIntegerField(verbose_name="商家按时办结")),
                        ("contact_due", models.PositiveIntegerField(verbose_name="首次联系到期")),
                        ("contact_on_time", models.PositiveIntegerField(verbose_name="按时首次联系")),
                        ("clues", models.PositiveIntegerField(verbose_name="投诉转案件线索")),
                        ("disclosable", models.PositiveIntegerField(verbose_name="异议期满")),
                        ("disclosed", models.PositiveIntegerField(verbose_name="已公示")),
                        ("locked_fen", models.BigIntegerField(verbose_name="锁定")),
                        ("owed_fen", models.BigIntegerField(verbose_name="预收余额")),
                        ("extra", models.JSONField(default=dict, verbose_name="其他指标")),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="区县",
                            ),
                        ),
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
                            "month",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rollups",
                                to="complaints.figuremonth",
                                verbose_name="月份",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "月度统计",
                        "verbose_name_plural": "月度统计",
                        "ordering": ["month", "county", "by"],
                        "indexes": [models.Index(fields=["by", "county", "month"], name="rollup_of_county")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("month", "county", "by", "industry", "cause"),
                                name="one_rollup",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
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
                                choices=[("OPEN", "登记债权中"), ("SETTLING", "清偿中"), ("CLOSED", "已办结")],
                                default="OPEN",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("summary", models.CharField(max_length=500, verbose_name="情况")),
                        ("opened_on", models.DateField(verbose_name="立项日")),
                        ("next_step", models.CharField(blank=True, max_length=200, verbose_name="下一步")),
                        ("next_on", models.DateField(null=True, verbose_name="下一步日期")),
                        ("settling_on", models.DateField(null=True, verbose_name="开始清偿日")),
                        ("closed_on", models.DateField(null=True, verbose_name="办结日")),
                        ("outcome", models.CharField(blank=True, max_length=1000, verbose_name="办结情况")),
                        (
                            "leader",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents_led",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="包案负责人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="立项人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "群体事件",
                        "verbose_name_plural": "群体事件",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "SETTLING", "CLOSED"])),
                                name="incident_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "CLOSED"), _negated=True),
                                    models.Q(models.Q(("outcome", ""), _negated=True), ("closed_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="incident_outcome_said",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "CLOSED"), _negated=True),
                                fields=("merchant",),
                                name="one_open_incident",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentClaim",
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
                                    ("OPEN", "待核对"),
                                    ("ACCEPTED", "已核对"),
                                    ("REFUSED", "不予登记"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="OPEN",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("CONTRACT", "本平台的卡"),
                                    ("LEGACY", "老卡（未锁定）"),
                                    ("OUTSIDE", "平台外的卡（未锁定）"),
                                ],
                                max_length=8,
                                verbose_name="类别",
                            ),
                        ),
                        ("person_idx", models.CharField(max_length=32)),
                        ("card_key", models.CharField(max_length=60)),
                        ("card_name", models.CharField(max_length=40, verbose_name="卡名或卡号")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("claimed_fen", models.BigIntegerField(verbose_name="申报金额")),
                        ("allowed_fen", models.BigIntegerField(null=True, verbose_name="核定金额")),
                        ("repaid_fen", models.BigIntegerField(default=0, verbose_name="另行退还")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="核对意见")),
                        (
                            "entered_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="登记时间"),
                        ),
                        ("checked_at", models.DateTimeField(null=True, verbose_name="核对时间")),
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
                            "claimant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.complainant",
                                verbose_name="债权人",
                            ),
                        ),
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
                            "entered_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "evidence",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="凭证",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="complaints.incident",
                                verbose_name="群体事件",
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
                    ],
                    options={
                        "verbose_name": "债权登记",
                        "verbose_name_plural": "债权登记",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["incident", "status", "-id"], name="claims_of_incident")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN"])),
                                name="incident_claim_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("contract__isnull", False), ("kind", "CONTRACT"), ("legacy_card", None)),
                                    models.Q(("contract", None), ("kind", "LEGACY"), ("legacy_card__isnull", False)),
                                    models.Q(("contract", None), ("kind", "OUTSIDE"), ("legacy_card", None)),
                                    _connector="OR",
                                ),
                                name="incident_claim_of_one_card",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("claimed_fen__gt", 0),
                                    ("repaid_fen__gte", 0),
                                    models.Q(
                                        ("allowed_fen", None),
                                        models.Q(("allowed_fen__gt", 0), ("allowed_fen__gte", models.F("repaid_fen"))),
                                        _connector="OR",
                                    ),
                                ),
                                name="incident_claim_amounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ACCEPTED"), _negated=True),
                                    models.Q(("allowed_fen__isnull", False), ("checked_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="incident_claim_checked",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "WITHDRAWN"), _negated=True),
                                fields=("incident", "person_idx", "card_key"),
                                name="one_claim_of_person_and_card",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("on", models.DateField(verbose_name="日期")),
                        ("text", models.CharField(max_length=500, verbose_name="进展")),
                        ("is_public", models.BooleanField(default=False, verbose_name="公开")),
                        ("told", models.PositiveIntegerField(default=0, verbose_name="短信告知人数")),
                        (
                            "written_at",
                            models.DateTimeField(default=django.utils.timezone.now, verbose_name="记录时间"),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="complaints.incident",
                                verbose_name="群体事件",
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "事件进展",
                        "verbose_name_plural": "事件进展",
                        "ordering": ["-on", "-id"],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentRepresentative",
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
                                choices=[("NAMED", "被推选"), ("ACTING", "代表人"), ("ENDED", "不再代表")],
                                default="NAMED",
                                max_length=6,
                                verbose_name="状态",
                            ),
                        ),
                        ("willing_at", models.DateTimeField(null=True, verbose_name="本人同意时间")),
                        ("acting_from", models.DateTimeField(null=True, verbose_name="开始代表")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束代表")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="结束原因")),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="representatives",
                                to="complaints.incidentclaim",
                                verbose_name="债权",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="representatives",
                                to="complaints.incident",
                                verbose_name="群体事件",
                            ),
                        ),
                        (
                            "named_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提名人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "债权人代表",
                        "verbose_name_plural": "债权人代表",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["NAMED", "ACTING", "ENDED"])),
                                name="representative_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ACTING"), _negated=True),
                                    ("willing_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="representative_is_willing",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "ENDED"), _negated=True),
                                fields=("claim",),
                                name="one_representation_of_claim",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Intake",
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
                                choices=[("RECEIVED", "待拆分"), ("SPLIT", "已拆分")],
                                default="RECEIVED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("WEB", "网上"),
                                    ("PLATFORM_12315", "12315 平台"),
                                    ("HOTLINE_12315", "12315 热线"),
                                    ("HOTLINE_12345", "12345 热线"),
                                    ("COUNTER", "窗口"),
                                    ("MAIL", "来信"),
                                    ("MALL", "商场"),
                                    ("MERCHANT_ODR", "商家 ODR"),
                                    ("MEDIA", "媒体"),
                                    ("TRANSFER", "其他部门移送"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="来源",
                            ),
                        ),
                        ("source_no", models.CharField(blank=True, max_length=64, verbose_name="来源编号")),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        ("text", models.TextField(max_length=4000, verbose_name="原文")),
                        ("phone_idx", models.CharField(blank=True, max_length=32)),
                        ("fingerprint", models.CharField(blank=True, max_length=64)),
                        (
                            "entered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="登记人",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "来件",
                        "verbose_name_plural": "来件",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(fields=["phone_idx", "-id"], name="intakes_of_phone"),
                            models.Index(fields=["fingerprint", "-received_at"], name="intake_twins"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("source_no", ""), _negated=True),
                                fields=("channel", "source_no"),
                                name="one_intake_per_source_no",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "SPLIT"])), name="intake_status_legal"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CallDraft",
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
                                choices=[("TALKING", "待登记"), ("FILED", "已登记"), ("DISCARDED", "已作废")],
                                default="TALKING",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("started_at", models.DateTimeField(verbose_name="来电时间")),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("name_ct", models.TextField(blank=True, default="")),
                        ("phone_ct", models.TextField(blank=True, default="")),
                        ("phone_idx", models.CharField(blank=True, max_length=32)),
                        ("shop", models.CharField(blank=True, max_length=100, verbose_name="商家")),
                        ("story", models.TextField(blank=True, max_length=3500, verbose_name="什么事")),
                        ("version", models.PositiveIntegerField(default=0, verbose_name="版本")),
                        ("saved_at", models.DateTimeField(verbose_name="保存时间")),
                        ("abusive", models.BooleanField(default=False, verbose_name="辱骂、威胁")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="理由")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="办结人",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="接听人",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="接听地",
                            ),
                        ),
                        (
                            "intake",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="complaints.intake",
                                verbose_name="来件",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "来电",
                        "verbose_name_plural": "来电",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "TALKING")),
                                fields=["region", "-id"],
                                name="calls_on_the_desk",
                            ),
                            models.Index(fields=["phone_idx", "-id"], name="calls_of_phone"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["TALKING", "FILED", "DISCARDED"])),
                                name="call_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "TALKING"),
                                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                                    _connector="OR",
                                ),
                                name="call_ended_by_whom",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "DISCARDED"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="call_discarded_why",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "FILED"), _negated=True),
                                    models.Q(
                                        ("abusive", False),
                                        ("name_ct", ""),
                                        ("phone_ct", ""),
                                        ("shop", ""),
                                        ("story", ""),
                                    ),
                                    _connector="OR",
                                ),
                                name="call_filed_is_empty",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="JointComplainant",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_representative", models.BooleanField(default=False, verbose_name="代表人")),
                        ("consented_at", models.DateTimeField(null=True, verbose_name="同意时间")),
                        (
                            "complainant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.complainant",
                                verbose_name="投诉人",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="joint_complainants",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "共同投诉人",
                        "verbose_name_plural": "共同投诉人",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("complaint", "complainant"), name="joint_complainant_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("consented_at", None), ("is_representative", False), _connector="OR"
                                ),
                                name="joint_consent_of_represented",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="LatenessRollup",
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
                                choices=[
                                    ("ASSIGN", "分派"),
                                    ("FIRST_CONTACT", "首次联系"),
                                    ("ODR", "商家协商"),
                                    ("ID_PROOF", "提供身份证明"),
                                    ("ACCEPT", "受理决定"),
                                    ("MEDIATE", "调解"),
                                    ("TERMINATE_NOTICE", "告知双方"),
                                    ("CALLBACK", "回访"),
                                    ("VERIFY", "线索核查"),
                                    ("FILING_NOTICE", "告知是否立案"),
                                    ("CASE", "案件办理"),
                                    ("PUBLISH", "公示处罚"),
                                    ("JURISDICTION", "管辖争议协商"),
                                    ("ANSWER", "答复咨询"),
                                    ("WHISTLE", "部门报到"),
                                ],
                                max_length=16,
                                verbose_name="期限",
                            ),
                        ),
                        ("due", models.PositiveIntegerField(verbose_name="到期")),
                        ("on_time", models.PositiveIntegerField(verbose_name="按时")),
                        ("late", models.PositiveIntegerField(verbose_name="逾期完成")),
                        ("unanswered", models.PositiveIntegerField(verbose_name="逾期未完成")),
                        ("late_days", models.PositiveIntegerField(verbose_name="逾期天数合计")),
                        ("worst_days", models.PositiveIntegerField(verbose_name="最长逾期天数")),
                        (
                            "county",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="区县",
                            ),
                        ),
                        (
                            "month",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="lateness",
                                to="complaints.figuremonth",
                                verbose_name="月份",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "逾期统计",
                        "verbose_name_plural": "逾期统计",
                        "ordering": ["-month", "county", "code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("month", "county", "code"), name="one_lateness")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MaliceFlag",
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
                                choices=[("RAISED", "待核实"), ("UPHELD", "认定恶意投诉"), ("REJECTED", "不予认定")],
                                default="RAISED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("reason", models.CharField(max_length=1000, verbose_name="商家说明")),
                        ("raised_at", models.DateTimeField(auto_now_add=True, verbose_name="提出时间")),
                        ("finding", models.CharField(blank=True, max_length=500, verbose_name="认定意见")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="认定时间")),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="malice_flags",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
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
                            "evidence",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="证据",
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "恶意投诉标记",
                        "verbose_name_plural": "恶意投诉标记",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status", "REJECTED"), _negated=True),
                                fields=("complaint",),
                                name="one_malice_flag",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RAISED", "UPHELD", "REJECTED"])),
                                name="malice_flag_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status", "RAISED"), ("decided_by__isnull", False), _connector="OR"
                                ),
                                name="malice_flag_decided_by",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MallTicket",
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
                                    ("OPEN", "等商场答复"),
                                    ("RESPONDED", "商场已答复"),
                                    ("SOLVED", "已解决"),
                                    ("COMPLAINED", "已转投诉"),
                                ],
                                default="OPEN",
                                max_length=10,
                                verbose_name="状态",
                            ),
                        ),
                        ("text", models.CharField(max_length=1000, verbose_name="什么事")),
                        ("opened_at", models.DateTimeField(verbose_name="提出时间")),
                        ("due_at", models.DateTimeField(verbose_name="答复期限")),
                        ("basis", models.CharField(max_length=120, verbose_name="依据")),
                        ("pack_id", models.CharField(max_length=40, verbose_name="规则版本")),
                        ("response", models.CharField(blank=True, max_length=1000, verbose_name="商场答复")),
                        ("responded_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        ("escalated_at", models.DateTimeField(null=True, verbose_name="督办时间")),
                        ("reopened", models.PositiveSmallIntegerField(default=0, verbose_name="没有解决的次数")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="没有解决的原因")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mall_tickets",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consumer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mall_tickets",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="顾客",
                            ),
                        ),
                        (
                            "escalated_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="督办人",
                            ),
                        ),
                        (
                            "mall",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="tickets",
                                to="merchants.mall",
                                verbose_name="商场",
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提出人",
                            ),
                        ),
                        (
                            "responded_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
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
                        "verbose_name": "商场客诉",
                        "verbose_name_plural": "商场客诉",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "OPEN")),
                                fields=["mall", "due_at"],
                                name="mall_tickets_waiting",
                            ),
                            models.Index(fields=["consumer", "-id"], name="mall_tickets_of_consumer"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["OPEN", "RESPONDED", "SOLVED", "COMPLAINED"])),
                                name="mall_ticket_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("complaint__isnull", False), ("consumer__isnull", False), _connector="OR"
                                ),
                                name="mall_ticket_of_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "RESPONDED"), _negated=True),
                                    models.Q(
                                        models.Q(("response", ""), _negated=True), ("responded_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="mall_ticket_response_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_at__gte", models.F("opened_at"))), name="mall_ticket_forwards"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["OPEN", "RESPONDED"])),
                                fields=("complaint",),
                                name="one_ticket_of_complaint",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mediation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("complainant_agreed_at", models.DateTimeField(null=True, verbose_name="投诉人同意调解")),
                        ("merchant_agreed_at", models.DateTimeField(null=True, verbose_name="被投诉人同意调解")),
                        (
                            "pause",
                            models.CharField(
                                blank=True,
                                choices=[("TESTING", "检测鉴定"), ("RECUSAL", "调解人员回避")],
                                max_length=7,
                                verbose_name="中止原因",
                            ),
                        ),
                        ("pause_note", models.CharField(blank=True, max_length=300, verbose_name="检测机构或回避说明")),
                        (
                            "complaint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "调解",
                        "verbose_name_plural": "调解",
                    },
                ),
                migrations.CreateModel(
                    name="MediationAssignment",
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
                                    ("PROPOSED", "征求双方同意"),
                                    ("CONSENTED", "双方同意"),
                                    ("IN_PROGRESS", "人民调解中"),
                                    ("AGREED", "人民调解成功"),
                                    ("FAILED", "人民调解不成"),
                                    ("DECLINED", "一方不同意"),
                                    ("JUDICIAL_CONFIRMED", "已司法确认"),
                                ],
                                default="PROPOSED",
                                max_length=18,
                                verbose_name="状态",
                            ),
                        ),
                        ("committee", models.CharField(max_length=100, verbose_name="调解组织")),
                        ("proposed_at", models.DateTimeField(auto_now_add=True, verbose_name="提出委托")),
                        ("complainant_agreed_at", models.DateTimeField(null=True, verbose_name="投诉人同意委托")),
                        ("merchant_agreed_at", models.DateTimeField(null=True, verbose_name="被投诉人同意委托")),
                        ("started_at", models.DateTimeField(null=True, verbose_name="开始调解")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="结束时间")),
                        ("outcome", models.TextField(blank=True, max_length=2000, verbose_name="结果")),
                        ("agreed_fen", models.BigIntegerField(null=True, verbose_name="协议金额")),
                        ("judicial_no", models.CharField(blank=True, max_length=60, verbose_name="司法确认文号")),
                        ("judicial_on", models.DateField(null=True, verbose_name="司法确认日期")),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediation_assignments",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "mediator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediations",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="人民调解员",
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="委托人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "委托人民调解",
                        "verbose_name_plural": "委托人民调解",
                        "ordering": ["-id"],
                        "indexes": [models.Index(fields=["mediator", "-id"], name="assignments_of_mediator")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ("PROPOSED", "CONSENTED", "IN_PROGRESS"))),
                                fields=("complaint",),
                                name="one_live_mediation_assignment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "PROPOSED",
                                            "CONSENTED",
                                            "IN_PROGRESS",
                                            "AGREED",
                                            "FAILED",
                                            "DECLINED",
                                            "JUDICIAL_CONFIRMED",
                                        ],
                                    )
                                ),
                                name="mediation_assignment_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PROPOSED", "DECLINED"]),
                                    models.Q(
                                        ("complainant_agreed_at__isnull", False), ("merchant_agreed_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="mediation_assignment_consented",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("agreed_fen", None), ("agreed_fen__gte", 0), _connector="OR"),
                                name="mediation_assignment_amount",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MediationMeeting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        ("place", models.CharField(max_length=200, verbose_name="地点或远程方式")),
                        ("is_remote", models.BooleanField(default=False, verbose_name="远程")),
                        ("told_at", models.DateTimeField(verbose_name="通知时间")),
                        ("record", models.CharField(blank=True, max_length=1000, verbose_name="调解记录")),
                        ("recorded_at", models.DateTimeField(null=True, verbose_name="记录时间")),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="meetings",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "mediator",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="调解人员",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "调解会",
                        "verbose_name_plural": "调解会",
                        "ordering": ["at", "id"],
                    },
                ),
                migrations.CreateModel(
                    name="MonthlyTopic",
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
                                    ("NOMINATED", "候选"),
                                    ("CHOSEN", "已选定，定方案"),
                                    ("EXECUTING", "实施中"),
                                    ("ASSESSED", "已评估"),
                                    ("DROPPED", "没有选"),
                                ],
                                default="NOMINATED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("month", models.DateField(verbose_name="月份")),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("REFUND", "退款难"),
                                    ("CLOSED_SHOP", "停业、关门、失联"),
                                    ("WRONG_CHARGE", "多扣、错扣"),
                                    ("PRIVATE_PAYMENT", "私下收款"),
                                    ("SERVICE_CUT", "涨价、服务缩水"),
                                    ("CONTRACT_TERMS", "不公平条款"),
                                    ("FALSE_PROMOTION", "虚假宣传"),
                                    ("QUALITY", "质量和安全"),
                                    ("PERSONAL_DATA", "个人信息"),
                                    ("OTHER", "其他"),
                                ],
                                max_length=15,
                                verbose_name="事由",
                            ),
                        ),
                        ("nominated_count", models.PositiveIntegerField(default=0, verbose_name="提名时件数")),
                        ("root", models.CharField(blank=True, max_length=1000, verbose_name="根子在哪里")),
                        ("target", models.PositiveSmallIntegerField(default=0, verbose_name="目标降幅")),
                        ("before_from", models.DateField(null=True, verbose_name="之前从")),
                        ("after_from", models.DateField(null=True, verbose_name="之后从")),
                        ("days", models.PositiveSmallIntegerField(default=0, verbose_name="天数")),
                        ("before_count", models.PositiveIntegerField(null=True, verbose_name="之前件数")),
                        ("after_count", models.PositiveIntegerField(null=True, verbose_name="之后件数")),
                        ("assessed_at", models.DateTimeField(null=True, verbose_name="评估时间")),
                        ("comment", models.CharField(blank=True, max_length=1000, verbose_name="评估意见")),
                        (
                            "assessed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="评估人",
                            ),
                        ),
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
                            "leader",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="负责人",
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
                    ],
                    options={
                        "verbose_name": "每月一题",
                        "verbose_name_plural": "每月一题",
                        "ordering": ["-month", "-id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("region", "month", "cause", "industry"),
                                name="one_topic_a_month",
                                nulls_distinct=False,
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["NOMINATED", "CHOSEN", "EXECUTING", "ASSESSED", "DROPPED"])
                                ),
                                name="monthly_topic_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["EXECUTING", "ASSESSED"]), _negated=True),
                                    models.Q(
                                        ("after_from__isnull", False),
                                        ("before_from__isnull", False),
                                        ("before_from__lt", models.F("after_from")),
                                        ("days__gt", 0),
                                    ),
                                    _connector="OR",
                                ),
                                name="monthly_topic_planned",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ASSESSED"), _negated=True),
                                    models.Q(("after_count__isnull", False), ("before_count__isnull", False)),
                                    _connector="OR",
                                ),
                                name="monthly_topic_assessed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OdrEnrolment",
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
                                    ("CANDIDATE", "候选，待商家答复"),
                                    ("ENROLLED", "商家愿意，待确认"),
                                    ("ACTIVE", "ODR企业"),
                                    ("SUSPENDED", "已暂停"),
                                    ("DECLINED", "商家不参加"),
                                ],
                                default="CANDIDATE",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("proposed_on", models.DateField(verbose_name="提名日")),
                        ("complaints", models.PositiveIntegerField(default=0, verbose_name="统计期内投诉")),
                        ("days", models.PositiveSmallIntegerField(default=0, verbose_name="统计期")),
                        ("basis", models.CharField(blank=True, max_length=120, verbose_name="依据")),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认时间")),
                        ("due", models.PositiveIntegerField(default=0, verbose_name="到期")),
                        ("on_time", models.PositiveIntegerField(default=0, verbose_name="按时")),
                        ("counted_on", models.DateField(null=True, verbose_name="统计日")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="答复人",
                            ),
                        ),
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
                                related_name="odr_enrolments",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ODR企业",
                        "verbose_name_plural": "ODR企业",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["CANDIDATE", "ENROLLED", "ACTIVE", "SUSPENDED", "DECLINED"])
                                ),
                                name="odr_enrolment_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["ACTIVE", "SUSPENDED"]), _negated=True),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="odr_enrolment_confirmed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("on_time__lte", models.F("due"))), name="odr_enrolment_kept"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "DECLINED"), _negated=True),
                                fields=("merchant",),
                                name="one_odr_enrolment_of_merchant",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrderImport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("title", models.CharField(max_length=200, verbose_name="文件")),
                        (
                            "channel",
                            models.CharField(
                                choices=[
                                    ("WEB", "网上"),
                                    ("PLATFORM_12315", "12315 平台"),
                                    ("HOTLINE_12315", "12315 热线"),
                                    ("HOTLINE_12345", "12345 热线"),
                                    ("COUNTER", "窗口"),
                                    ("MAIL", "来信"),
                                    ("MALL", "商场"),
                                    ("MERCHANT_ODR", "商家 ODR"),
                                    ("MEDIA", "媒体"),
                                    ("TRANSFER", "其他部门移送"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="来源",
                            ),
                        ),
                        ("sha256", models.CharField(max_length=64, verbose_name="摘要")),
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
                        ("added", models.PositiveIntegerField(default=0, verbose_name="新登记")),
                        ("known", models.PositiveIntegerField(default=0, verbose_name="先前已有")),
                        ("refused", models.PositiveIntegerField(default=0, verbose_name="未通过")),
                        (
                            "errors",
                            models.JSONField(
                                default=list, help_text="[行号, 来源编号, 原因]", verbose_name="没有通过的行"
                            ),
                        ),
                        ("error", models.CharField(blank=True, max_length=300, verbose_name="退回原因")),
                        (
                            "imported_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="导入人",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "工单导入",
                        "verbose_name_plural": "工单导入",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("sha256", "channel", "region"), name="order_import_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "done",
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("added"), "+", models.F("known")
                                            ),
                                            "+",
                                            models.F("refused"),
                                        ),
                                    )
                                ),
                                name="order_import_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["RECEIVED", "READING", "DONE", "REFUSED"])),
                                name="order_import_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProactiveTask",
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
                                    ("PROPOSED", "待认领"),
                                    ("TAKEN", "办理中"),
                                    ("DONE", "已办结"),
                                    ("DISMISSED", "不需要办"),
                                    ("RAISED", "转群体事件"),
                                ],
                                default="PROPOSED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("REFUND", "退款难"),
                                    ("CLOSED_SHOP", "停业、关门、失联"),
                                    ("WRONG_CHARGE", "多扣、错扣"),
                                    ("PRIVATE_PAYMENT", "私下收款"),
                                    ("SERVICE_CUT", "涨价、服务缩水"),
                                    ("CONTRACT_TERMS", "不公平条款"),
                                    ("FALSE_PROMOTION", "虚假宣传"),
                                    ("QUALITY", "质量和安全"),
                                    ("PERSONAL_DATA", "个人信息"),
                                    ("OTHER", "其他"),
                                ],
                                max_length=15,
                                verbose_name="事由",
                            ),
                        ),
                        ("proposed_on", models.DateField(verbose_name="提出日")),
                        ("since", models.DateField(verbose_name="统计起日")),
                        ("people", models.PositiveIntegerField(verbose_name="投诉人数")),
                        ("usual", models.PositiveIntegerField(default=0, verbose_name="往期均值（百分之一人）")),
                        ("threshold", models.PositiveIntegerField(verbose_name="触发人数")),
                        ("basis", models.CharField(max_length=200, verbose_name="依据")),
                        ("rule_pack", models.CharField(max_length=40, verbose_name="规则版本")),
                        ("taken_at", models.DateTimeField(null=True, verbose_name="认领时间")),
                        ("done", models.CharField(blank=True, max_length=1000, verbose_name="办理情况")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "incident",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.incident",
                                verbose_name="转成的群体事件",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="proactive_tasks",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="承办人",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="辖区",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "未诉先办",
                        "verbose_name_plural": "未诉先办",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("status__in", ["PROPOSED", "TAKEN", "DONE", "DISMISSED", "RAISED"])
                                ),
                                name="proactive_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["DONE", "DISMISSED"]), _negated=True),
                                    models.Q(("done", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="proactive_end_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "RAISED"), _negated=True),
                                    ("incident__isnull", False),
                                    _connector="OR",
                                ),
                                name="proactive_raised_into_one",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["PROPOSED", "TAKEN"])),
                                fields=("region", "merchant", "cause"),
                                name="one_open_proactive_task",
                                nulls_distinct=False,
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClusteredComplaint",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "task",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="complaints.proactivetask",
                                verbose_name="未诉先办",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "未诉先办的投诉",
                        "verbose_name_plural": "未诉先办的投诉",
                        "ordering": ["id"],
                        "constraints": [models.UniqueConstraint(fields=("task", "complaint"), name="clustered_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Referral",
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
                                choices=[("SENT", "待签收"), ("CONFIRMED", "已签收"), ("ANSWERED", "已反馈")],
                                default="SENT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("department", models.CharField(max_length=20, verbose_name="部门")),
                        ("sent_at", models.DateTimeField(verbose_name="分送时间")),
                        ("confirmed_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("answer", models.CharField(blank=True, max_length=1000, verbose_name="办理结果")),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="反馈时间")),
                        (
                            "complaint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="referral",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签收人",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="分送人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "分送件",
                        "verbose_name_plural": "分送件",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["SENT", "CONFIRMED", "ANSWERED"])),
                                name="referral_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ANSWERED"), _negated=True),
                                    models.Q(("answer", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="referral_answer_said",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegulatoryInterview",
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
                                    ("NOTICED", "已通知"),
                                    ("HELD", "已约谈"),
                                    ("COMMITTED", "已承诺整改"),
                                    ("CHECKED", "已核查承诺"),
                                ],
                                default="NOTICED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("topics", models.CharField(max_length=1000, verbose_name="约谈事项")),
                        ("meets_at", models.DateTimeField(verbose_name="约谈时间")),
                        ("place", models.CharField(max_length=100, verbose_name="地点")),
                        ("held_at", models.DateTimeField(null=True, verbose_name="实际约谈时间")),
                        ("minutes", models.TextField(blank=True, max_length=4000, verbose_name="约谈记录")),
                        ("commitments", models.CharField(blank=True, max_length=1000, verbose_name="商家承诺")),
                        ("due_on", models.DateField(null=True, verbose_name="承诺期限")),
                        ("finding", models.CharField(blank=True, max_length=1000, verbose_name="核查结果")),
                        ("kept", models.BooleanField(null=True, verbose_name="已兑现")),
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
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="interviews",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="主谈人",
                            ),
                        ),
                        (
                            "second_officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="参加人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "约谈",
                        "verbose_name_plural": "约谈",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("officer", models.F("second_officer")), _negated=True),
                                name="interview_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["NOTICED", "HELD", "COMMITTED", "CHECKED"])),
                                name="interview_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["COMMITTED", "CHECKED"]), _negated=True),
                                    models.Q(models.Q(("commitments", ""), _negated=True), ("due_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="interview_promise_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reporter",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("name_ct", models.TextField(blank=True, default="")),
                        ("phone_ct", models.TextField(blank=True, default="")),
                        ("address_ct", models.TextField(blank=True, default="")),
                        ("phone_idx", models.CharField(blank=True, db_index=True, max_length=32)),
                        ("id_number_idx", models.CharField(blank=True, max_length=32)),
                        ("id_checked_at", models.DateTimeField(null=True, verbose_name="身份核验时间")),
                        (
                            "user",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="用户",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "举报人",
                        "verbose_name_plural": "举报人",
                    },
                ),
                migrations.CreateModel(
                    name="RepresentativeConsent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("person_idx", models.CharField(max_length=32)),
                        (
                            "how",
                            models.CharField(
                                choices=[("PORTAL", "本人在平台同意"), ("SIGNED", "现场签名"), ("PHONE", "电话确认")],
                                max_length=6,
                                verbose_name="方式",
                            ),
                        ),
                        ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.incidentclaim",
                                verbose_name="债权",
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="记录人",
                            ),
                        ),
                        (
                            "representative",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="consents",
                                to="complaints.incidentrepresentative",
                                verbose_name="代表人",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "推选代表人的同意",
                        "verbose_name_plural": "推选代表人的同意",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("representative", "person_idx"), name="one_consent_of_person"
                            )
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
                        ("terms", models.TextField(max_length=2000, verbose_name="协议内容")),
                        ("amount_fen", models.BigIntegerField(verbose_name="协议金额")),
                        ("escrow_fen", models.BigIntegerField(verbose_name="从锁定资金退")),
                        ("direct_fen", models.BigIntegerField(verbose_name="商家直接付")),
                        ("at_once", models.BooleanField(default=False, verbose_name="即时履行")),
                        ("perform_by", models.DateField(null=True, verbose_name="履行期限")),
                        ("waived", models.BooleanField(default=False, verbose_name="双方同意不制作调解书")),
                        ("proved_at", models.DateTimeField(null=True, verbose_name="核实付款")),
                        ("made_at", models.DateTimeField(verbose_name="达成时间")),
                        (
                            "complaint",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="settlement",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="经办人",
                            ),
                        ),
                        (
                            "proof",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="付款凭证",
                            ),
                        ),
                        (
                            "refund",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mediated_settlement",
                                to="prepaid.refund",
                                verbose_name="退款",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "调解协议",
                        "verbose_name_plural": "调解协议",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "amount_fen",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("escrow_fen"), "+", models.F("direct_fen")
                                        ),
                                    ),
                                    ("direct_fen__gte", 0),
                                    ("escrow_fen__gte", 0),
                                ),
                                name="settlement_sum_adds_up",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("escrow_fen", 0), ("refund__isnull", False), _connector="OR"),
                                name="escrow_part_is_a_refund",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("at_once", True), ("perform_by__isnull", False), _connector="OR"),
                                name="settlement_performed_when",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShopMonth",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("redemptions", models.PositiveIntegerField(verbose_name="核销次数")),
                        (
                            "merchant",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shop_months",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "month",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shops",
                                to="complaints.figuremonth",
                                verbose_name="月份",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "商家核销统计",
                        "verbose_name_plural": "商家核销统计",
                        "ordering": ["-month"],
                        "constraints": [models.UniqueConstraint(fields=("merchant", "month"), name="one_shop_month")],
                    },
                ),
                migrations.CreateModel(
                    name="SupervisionNotice",
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
                        ("title", models.CharField(max_length=60, unique=True, verbose_name="文号")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("ISSUED", "已下发"),
                                    ("ACKNOWLEDGED", "已签收"),
                                    ("RECTIFYING", "整改中"),
                                    ("REPORTED", "已报告，待核验"),
                                    ("VERIFIED", "核验通过"),
                                    ("CLOSED", "已销号"),
                                    ("OVERDUE", "逾期未报"),
                                    ("ESCALATED", "提级督办"),
                                ],
                                default="ISSUED",
                                max_length=12,
                                verbose_name="状态",
                            ),
                        ),
                        ("department", models.CharField(blank=True, max_length=20, verbose_name="部门")),
                        ("facts", models.TextField(max_length=2000, verbose_name="事实")),
                        ("basis", models.CharField(max_length=200, verbose_name="依据")),
                        ("due_on", models.DateField(verbose_name="整改期限")),
                        ("issued_at", models.DateTimeField(verbose_name="签发时间")),
                        ("acknowledged_at", models.DateTimeField(null=True, verbose_name="签收时间")),
                        ("report_text", models.CharField(blank=True, max_length=2000, verbose_name="整改报告")),
                        ("reported_at", models.DateTimeField(null=True, verbose_name="报告时间")),
                        ("verified_at", models.DateTimeField(null=True, verbose_name="核验时间")),
                        ("opinion", models.CharField(blank=True, max_length=300, verbose_name="核验意见")),
                        (
                            "escalated_to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="督办负责人",
                            ),
                        ),
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
                            "issued_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签发人",
                            ),
                        ),
                        (
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supervision_notices",
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
                                verbose_name="地区",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报告人",
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
                        "verbose_name": "监督提示单",
                        "verbose_name_plural": "监督提示单",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status__in", ["ISSUED", "ACKNOWLEDGED", "RECTIFYING"])),
                                fields=["due_on"],
                                name="notice_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("department", ""), ("merchant__isnull", False)),
                                    models.Q(("merchant", None), models.Q(("department", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="notice_to_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verified_by", None),
                                    models.Q(("verified_by", models.F("reported_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="notice_verified_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "ESCALATED"), _negated=True),
                                    ("escalated_to__isnull", False),
                                    _connector="OR",
                                ),
                                name="notice_escalated_to_somebody",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "ISSUED",
                                            "ACKNOWLEDGED",
                                            "RECTIFYING",
                                            "REPORTED",
                                            "VERIFIED",
                                            "CLOSED",
                                            "OVERDUE",
                                            "ESCALATED",
                                        ],
                                    )
                                ),
                                name="notice_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RectificationItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="整改事项")),
                        ("fixed_at", models.DateTimeField(null=True, verbose_name="整改时间")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="整改情况")),
                        (
                            "fixed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="整改人",
                            ),
                        ),
                        (
                            "proof",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.storedfile",
                                verbose_name="整改证据",
                            ),
                        ),
                        (
                            "notice",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="items",
                                to="complaints.supervisionnotice",
                                verbose_name="提示单",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "整改事项",
                        "verbose_name_plural": "整改事项",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("fixed_at", None), models.Q(("note", ""), _negated=True), _connector="OR"
                                ),
                                name="item_fix_said",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TopicMeasure",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="措施")),
                        ("department", models.CharField(max_length=20, verbose_name="牵头部门")),
                        ("due_on", models.DateField(verbose_name="期限")),
                        ("done_at", models.DateTimeField(null=True, verbose_name="完成时间")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="完成情况")),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="负责人",
                            ),
                        ),
                        (
                            "topic",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="measures",
                                to="complaints.monthlytopic",
                                verbose_name="题目",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "措施台账",
                        "verbose_name_plural": "措施台账",
                        "ordering": ["due_on", "id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("done_at", None), models.Q(("note", ""), _negated=True), _connector="OR"
                                ),
                                name="topic_measure_done_said",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ViolationReport",
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
                            "channel",
                            models.CharField(
                                choices=[
                                    ("WEB", "网上"),
                                    ("PLATFORM_12315", "12315 平台"),
                                    ("HOTLINE_12315", "12315 热线"),
                                    ("HOTLINE_12345", "12345 热线"),
                                    ("COUNTER", "窗口"),
                                    ("MAIL", "来信"),
                                    ("MALL", "商场"),
                                    ("MERCHANT_ODR", "商家 ODR"),
                                    ("MEDIA", "媒体"),
                                    ("TRANSFER", "其他部门移送"),
                                    ("API", "接口"),
                                ],
                                max_length=14,
                                verbose_name="来源",
                            ),
                        ),
                        ("received_at", models.DateTimeField(verbose_name="收到时间")),
                        ("respondent_name", models.CharField(blank=True, max_length=100, verbose_name="被投诉举报人")),
                        (
                            "respondent_address",
                            models.CharField(blank=True, max_length=200, verbose_name="被投诉举报人地址"),
                        ),
                        (
                            "cause",
                            models.CharField(
                                choices=[
                                    ("REFUND", "退款难"),
                                    ("CLOSED_SHOP", "停业、关门、失联"),
                                    ("WRONG_CHARGE", "多扣、错扣"),
                                    ("PRIVATE_PAYMENT", "私下收款"),
                                    ("SERVICE_CUT", "涨价、服务缩水"),
                                    ("CONTRACT_TERMS", "不公平条款"),
                                    ("FALSE_PROMOTION", "虚假宣传"),
                                    ("QUALITY", "质量和安全"),
                                    ("PERSONAL_DATA", "个人信息"),
                                    ("OTHER", "其他"),
                                ],
                                default="OTHER",
                                max_length=15,
                                verbose_name="事由",
                            ),
                        ),
                        ("facts", models.TextField(max_length=4000, verbose_name="事实")),
                        (
                            "level",
                            models.CharField(
                                choices=[
                                    ("STATION", "市场监管所"),
                                    ("COUNTY", "区县"),
                                    ("CITY", "市级"),
                                    ("LEADER", "领导包案"),
                                ],
                                default="STATION",
                                max_length=7,
                                verbose_name="层级",
                            ),
                        ),
                        ("assigned_at", models.DateTimeField(null=True, verbose_name="分派时间")),
                        ("next_due_at", models.DateTimeField(null=True, verbose_name="最近的期限")),
                        ("first_contact_at", models.DateTimeField(null=True, verbose_name="首次联系时间")),
                        ("closed_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("REGISTERED", "已登记"),
                                    ("ROUTED", "分送"),
                                    ("VERIFYING", "线索核查中"),
                                    ("FILED", "立案"),
                                    ("NOT_FILED", "不予立案"),
                                    ("INVESTIGATING", "调查中"),
                                    ("DECIDED", "已作出处理决定"),
                                    ("PUBLISHED", "已公示"),
                                    ("CLOSED", "已办结"),
                                    ("DUPLICATE", "重复举报"),
                                    ("MERGED", "并件"),
                                    ("TRANSFERRED", "移送"),
                                ],
                                default="REGISTERED",
                                max_length=13,
                                verbose_name="状态",
                            ),
                        ),
                        ("wants_result", models.BooleanField(default=True, verbose_name="要求告知结果")),
                        ("happened_at", models.CharField(blank=True, max_length=200, verbose_name="发生地")),
                        ("reason", models.CharField(blank=True, max_length=1000, verbose_name="说明")),
                        ("reply", models.CharField(blank=True, max_length=2000, verbose_name="答复")),
                        ("told_at", models.DateTimeField(null=True, verbose_name="告知时间")),
                        ("told_basis", models.CharField(blank=True, max_length=200, verbose_name="告知依据")),
                        ("transferred_to", models.CharField(blank=True, max_length=100, verbose_name="移送机关")),
                        ("to_police", models.BooleanField(default=False, verbose_name="移送公安机关")),
                        (
                            "found_in",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="clues",
                                to="complaints.complaint",
                                verbose_name="来自投诉",
                            ),
                        ),
                        (
                            "handler",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="承办人",
                            ),
                        ),
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
                            "merchant",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="merchants.merchant",
                                verbose_name="商家",
                            ),
                        ),
                        (
                            "merged_into",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="complaints.violationreport",
                                verbose_name="并入",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="管辖地",
                            ),
                        ),
                        (
                            "reporter",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="complaints.reporter",
                                verbose_name="举报人",
                            ),
                        ),
                        (
                            "routed_from",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="分送单位",
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
                        "verbose_name": "举报",
                        "verbose_name_plural": "举报",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["handler", "next_due_at", "id"],
                                name="report_queue",
                            ),
                            models.Index(
                                condition=models.Q(("closed_at", None)),
                                fields=["region", "next_due_at", "id"],
                                name="report_due",
                            ),
                            models.Index(fields=["merchant", "-id"], name="report_of_merchant"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("merchant__isnull", False),
                                    models.Q(("respondent_name", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="report_respondent",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "TRANSFERRED"), _negated=True),
                                    models.Q(("transferred_to", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="report_transferred_somewhere",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["MERGED", "DUPLICATE"]), _negated=True),
                                    ("merged_into__isnull", False),
                                    _connector="OR",
                                ),
                                name="report_merged_into_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        [
                                            "REGISTERED",
                                            "ROUTED",
                                            "VERIFYING",
                                            "FILED",
                                            "NOT_FILED",
                                            "INVESTIGATING",
                                            "DECIDED",
                                            "PUBLISHED",
                                            "CLOSED",
                                            "DUPLICATE",
                                            "MERGED",
                                            "TRANSFERRED",
                                        ],
                                    )
                                ),
                                name="report_status_legal",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TypicalCase",
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
                                    ("DRAFT", "草稿"),
                                    ("APPROVED", "已审批，待发布"),
                                    ("PUBLISHED", "已发布"),
                                    ("WITHDRAWN", "已撤回"),
                                ],
                                default="DRAFT",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("title", models.CharField(max_length=80, verbose_name="标题")),
                        ("text", models.TextField(max_length=4000, verbose_name="正文")),
                        ("drafted_at", models.DateTimeField(auto_now_add=True, verbose_name="起草时间")),
                        ("approved_at", models.DateTimeField(null=True, verbose_name="审批时间")),
                        ("published_at", models.DateTimeField(null=True, verbose_name="发布时间")),
                        ("withdrawn_at", models.DateTimeField(null=True, verbose_name="撤回时间")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="退回或撤回理由")),
                        (
                            "approved_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="审批人",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.complaint",
                                verbose_name="投诉",
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
                                verbose_name="发布地区",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "典型案例",
                        "verbose_name_plural": "典型案例",
                        "ordering": ["-id"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("approved_by", None),
                                    models.Q(("approved_by", models.F("drafted_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="typical_case_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["DRAFT", "APPROVED", "PUBLISHED", "WITHDRAWN"])),
                                name="typical_case_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PUBLISHED"), _negated=True),
                                    models.Q(("approved_by__isnull", False), ("published_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="typical_case_published_is_approved",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "sender",
                            models.CharField(
                                choices=[("PERSON", "当事人"), ("DISPATCHER", "分派员"), ("SYSTEM", "系统")],
                                max_length=10,
                                verbose_name="催办人",
                            ),
                        ),
                        ("text", models.CharField(max_length=300, verbose_name="内容")),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                        ("on", models.DateField(verbose_name="业务日")),
                        (
                            "clock",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to="complaints.clock",
                                verbose_name="期限",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.consultation",
                                verbose_name="咨询",
                            ),
                        ),
                        (
                            "sent_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="催办人",
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reminders",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="承办人",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="%(class)ss",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "催办",
                        "verbose_name_plural": "催办",
                        "ordering": ["-id"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["to", "-id"], name="reminders_of_officer")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("consultation", None), ("report", None)),
                                    models.Q(("complaint", None), ("consultation", None), ("report__isnull", False)),
                                    models.Q(("complaint", None), ("consultation__isnull", False), ("report", None)),
                                    _connector="OR",
                                ),
                                name="reminder_of_one",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("sender", "SYSTEM")),
                                fields=("clock",),
                                name="one_reminder_of_clock",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Receipt",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("reply_due_at", models.DateTimeField(null=True, verbose_name="来源要求答复")),
                        ("replied_at", models.DateTimeField(null=True, verbose_name="答复时间")),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="complaints.consultation",
                                verbose_name="咨询",
                            ),
                        ),
                        (
                            "intake",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="complaints.intake",
                                verbose_name="来件",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="receipts",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "回执",
                        "verbose_name_plural": "回执",
                        "ordering": ["id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("replied_at", None)),
                                fields=["reply_due_at"],
                                name="receipt_reply_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("consultation", None), ("report", None)),
                                    models.Q(("complaint", None), ("consultation", None), ("report__isnull", False)),
                                    models.Q(("complaint", None), ("consultation__isnull", False), ("report", None)),
                                    _connector="OR",
                                ),
                                name="receipt_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IssuedDocument",
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
                                verbose_name="校验码",
                            ),
                        ),
                        (
                            "kind",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "投诉登记表"),
                                    (2, "举报登记表"),
                                    (3, "分送通知书"),
                                    (4, "限期提供身份证明材料通知书"),
                                    (5, "投诉受理决定书"),
                                    (6, "投诉不予受理决定书"),
                                    (7, "投诉调解通知书"),
                                    (8, "投诉终止调解决定书"),
                                    (9, "投诉调解书"),
                                    (10, "举报处理结果告知书"),
                                ],
                                verbose_name="文书",
                            ),
                        ),
                        (
                            "addressee",
                            models.CharField(
                                choices=[
                                    ("FILE", "存档"),
                                    ("COMPLAINANT", "投诉人"),
                                    ("RESPONDENT", "被投诉人"),
                                    ("BOTH", "双方"),
                                    ("REPORTER", "举报人"),
                                    ("UNIT", "承办单位"),
                                ],
                                max_length=11,
                                verbose_name="送达",
                            ),
                        ),
                        ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                        ("number", models.PositiveIntegerField(verbose_name="编号")),
                        ("title", models.CharField(max_length=60, unique=True, verbose_name="文号")),
                        ("issued_at", models.DateTimeField(verbose_name="出具时间")),
                        ("pii_key", models.UUIDField(default=uuid.uuid4, editable=False)),
                        ("body_ct", models.TextField(default="")),
                        ("digest", models.CharField(max_length=64, verbose_name="摘要")),
                        (
                            "bureau",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="core.region",
                                verbose_name="登记单位",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "issued_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="出具人",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="documents",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "文书",
                        "verbose_name_plural": "文书",
                        "ordering": ["-id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("bureau", "year", "number"), name="document_number_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("report", None)),
                                    models.Q(("complaint", None), ("report__isnull", False)),
                                    _connector="OR",
                                ),
                                name="document_of_one",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__range", (1, 10))), name="document_kind_legal"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ExtensionRequest",
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
                                choices=[("VERIFY", "线索核查"), ("CASE", "案件办理")],
                                max_length=6,
                                verbose_name="期限",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[("ASKED", "待负责人批准"), ("APPROVED", "已批准"), ("REFUSED", "未批准")],
                                default="ASKED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="延长理由")),
                        ("asked_at", models.DateTimeField(verbose_name="申请时间")),
                        ("decided_at", models.DateTimeField(null=True, verbose_name="批准时间")),
                        ("opinion", models.CharField(blank=True, max_length=300, verbose_name="批准意见")),
                        (
                            "asked_by",
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
                                verbose_name="批准人",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="extension_requests",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "延期申请",
                        "verbose_name_plural": "延期申请",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by", None),
                                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="extension_by_two",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["ASKED", "APPROVED", "REFUSED"])),
                                name="extension_status_legal",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "ASKED")),
                                fields=("report", "code"),
                                name="one_open_extension_request",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EnforcementCase",
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
                                    ("CLUE", "线索"),
                                    ("VERIFYING", "核查中"),
                                    ("FILED", "已立案"),
                                    ("NOT_FILED", "不予立案"),
                                    ("DECIDED", "已作出决定"),
                                    ("PUBLISHED", "处罚已公示"),
                                    ("DROPPED", "已移送或并案"),
                                ],
                                default="CLUE",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("case_no", models.CharField(blank=True, max_length=60, verbose_name="立案号")),
                        ("filed_on", models.DateField(null=True, verbose_name="立案日")),
                        (
                            "penalty",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("NONE", "不予处罚"),
                                    ("WARNING", "警告"),
                                    ("CRITICISM", "通报批评"),
                                    ("FINE", "罚款"),
                                    ("CONFISCATION", "没收违法所得、非法财物"),
                                    ("FINE_AND_CONFISCATION", "没收并处罚款"),
                                    ("CLOSURE", "责令停产停业"),
                                    ("REVOCATION", "吊销许可证件"),
                                ],
                                max_length=21,
                                verbose_name="处理",
                            ),
                        ),
                        ("fine_fen", models.BigIntegerField(default=0, verbose_name="罚款")),
                        ("confiscated_fen", models.BigIntegerField(default=0, verbose_name="没收")),
                        ("law", models.CharField(blank=True, max_length=200, verbose_name="处罚依据")),
                        ("decision_no", models.CharField(blank=True, max_length=60, verbose_name="决定书文号")),
                        ("decision", models.CharField(blank=True, max_length=1000, verbose_name="决定内容")),
                        ("decided_on", models.DateField(null=True, verbose_name="决定日")),
                        ("published_on", models.DateField(null=True, verbose_name="公示日")),
                        ("public_until", models.DateField(null=True, verbose_name="公示到")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="决定签批人",
                            ),
                        ),
                        (
                            "filed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="签批人",
                            ),
                        ),
                        (
                            "report",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="case",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "案件",
                        "verbose_name_plural": "案件",
                        "ordering": ["-id"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("status", "PUBLISHED")),
                                fields=["-published_on"],
                                name="cases_published",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "status__in",
                                        ["CLUE", "VERIFYING", "FILED", "NOT_FILED", "DECIDED", "PUBLISHED", "DROPPED"],
                                    )
                                ),
                                name="case_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("confiscated_fen__gte", 0), ("fine_fen__gte", 0)), name="case_sums"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["DECIDED", "PUBLISHED"]), _negated=True),
                                    models.Q(models.Q(("penalty", ""), _negated=True), ("decided_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="case_decision_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "PUBLISHED"), _negated=True),
                                    models.Q(
                                        ("public_until__gt", models.F("published_on")),
                                        models.Q(("penalty", "NONE"), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="case_published_until",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Contact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "direction",
                            models.CharField(
                                choices=[("OUT", "去电"), ("IN", "来电")],
                                default="OUT",
                                max_length=3,
                                verbose_name="方向",
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[
                                    ("COMPLAINANT", "投诉举报人"),
                                    ("MERCHANT", "被投诉举报人"),
                                    ("OTHER", "其他"),
                                ],
                                max_length=11,
                                verbose_name="对方",
                            ),
                        ),
                        ("reached", models.BooleanField(default=True, verbose_name="接通")),
                        ("abusive", models.BooleanField(default=False, verbose_name="辱骂、威胁")),
                        ("abuse_reason", models.CharField(blank=True, max_length=300, verbose_name="辱骂、威胁的情况")),
                        ("note", models.CharField(max_length=500, verbose_name="内容")),
                        ("at", models.DateTimeField(verbose_name="时间")),
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "consultation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="complaints.consultation",
                                verbose_name="咨询",
                            ),
                        ),
                        (
                            "officer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="联系人员",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="contacts",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "联系记录",
                        "verbose_name_plural": "联系记录",
                        "ordering": ["-at", "-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("consultation", None), ("report", None)),
                                    models.Q(("complaint", None), ("consultation", None), ("report__isnull", False)),
                                    models.Q(("complaint", None), ("consultation__isnull", False), ("report", None)),
                                    _connector="OR",
                                ),
                                name="contact_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("label", models.CharField(blank=True, max_length=100, verbose_name="说明")),
                        ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="提交时间")),
                        (
                            "added_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="提交人",
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
                        (
                            "complaint",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                        (
                            "report",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="complaints.violationreport",
                                verbose_name="举报",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "附件",
                        "verbose_name_plural": "附件",
                        "ordering": ["id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("complaint__isnull", False), ("report", None)),
                                    models.Q(("complaint", None), ("report__isnull", False)),
                                    _connector="OR",
                                ),
                                name="attachment_of_one",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Whistle",
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
                                    ("CALLED", "等部门报到"),
                                    ("ON_SITE", "部门已报到"),
                                    ("RESOLVED", "已解决"),
                                    ("WITHDRAWN", "已撤销"),
                                ],
                                default="CALLED",
                                max_length=9,
                                verbose_name="状态",
                            ),
                        ),
                        ("need", models.CharField(max_length=1000, verbose_name="要部门做什么")),
                        ("called_at", models.DateTimeField(verbose_name="吹哨时间")),
                        ("ended_at", models.DateTimeField(null=True, verbose_name="办结时间")),
                        ("outcome", models.CharField(blank=True, max_length=1000, verbose_name="结果")),
                        (
                            "called_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="吹哨人",
                            ),
                        ),
                        (
                            "clock",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="complaints.clock",
                                verbose_name="报到期限",
                            ),
                        ),
                        (
                            "complaint",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="whistles",
                                to="complaints.complaint",
                                verbose_name="投诉",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "吹哨",
                        "verbose_name_plural": "吹哨",
                        "ordering": ["-id"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["CALLED", "ON_SITE", "RESOLVED", "WITHDRAWN"])),
                                name="whistle_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status__in", ["RESOLVED", "WITHDRAWN"]), _negated=True),
                                    models.Q(models.Q(("outcome", ""), _negated=True), ("ended_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="whistle_outcome_said",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status__in", ["CALLED", "ON_SITE"])),
                                fields=("complaint",),
                                name="one_whistle_of_complaint",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WhistleCall",
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
                                    ("INVITED", "待报到"),
                                    ("ACCEPTED", "已报到"),
                                    ("REPORTED", "已办完"),
                                    ("REFUSED", "不归本部门"),
                                ],
                                default="INVITED",
                                max_length=8,
                                verbose_name="状态",
                            ),
                        ),
                        ("department", models.CharField(max_length=20, verbose_name="部门")),
                        ("answered_at", models.DateTimeField(null=True, verbose_name="报到时间")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                        ("report", models.CharField(blank=True, max_length=1000, verbose_name="办理情况")),
                        ("reported_at", models.DateTimeField(null=True, verbose_name="报告时间")),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报到人",
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="报告人",
                            ),
                        ),
                        (
                            "whistle",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="calls",
                                to="complaints.whistle",
                                verbose_name="吹哨",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "部门报到",
                        "verbose_name_plural": "部门报到",
                        "ordering": ["id"],
                        "constraints": [
                            models.UniqueConstraint(fields=("whistle", "department"), name="department_once_a_whistle"),
                            models.CheckConstraint(
                                condition=models.Q(("status__in", ["INVITED", "ACCEPTED", "REPORTED", "REFUSED"])),
                                name="whistle_call_status_legal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "REPORTED"), _negated=True),
                                    models.Q(("report", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="whistle_call_report_said",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("status", "REFUSED"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="whistle_call_refusal_said",
                            ),
                        ],
                    },
                ),
            ]
        ),
    ]
