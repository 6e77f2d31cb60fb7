"""All settings come from the environment; the production profile refuses unsafe ones at start."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from config.production import refuse_unsafe

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEPLOY = env.str("DEPLOY", default="dev")
DEBUG = False
IS_PROD = DEPLOY == "prod"

SECRET_KEY = env.str("SECRET_KEY", default="" if IS_PROD else "dev-only-" + "x" * 50)
PII_KEYS = env.str("PII_KEYS", default="" if IS_PROD else "dev:" + "A" * 43 + "=")
PII_INDEX_KEY = env.str("PII_INDEX_KEY", default="" if IS_PROD else "B" * 43 + "=")
SIGNING_KEYS = env.str("SIGNING_KEYS", default="" if IS_PROD else "D" * 43 + "=")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")

PORTAL_NAME = env.str("PORTAL_NAME", default="安心预付")
PORTAL_OWNER = env.str("PORTAL_OWNER", default="示范区市场监督管理局")
PORTAL_DISTRICT = env.str("PORTAL_DISTRICT", default="示范区")

INSTALLED_APPS = [
    "config.apps.SupervisionAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "rules",
    "axes",
    "csp",
    "core",
    "merchants",
    "prepaid",
    "complaints",
    "trust_units",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "core.middleware.PortalErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.portal",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default="postgres://yfs_app@127.0.0.1:5432/yfs"),
    "owner": env.db_url("DATABASE_OWNER_URL", default="postgres://yfs_owner@127.0.0.1:5432/yfs"),
}
for _database in DATABASES.values():
    _database.update(ENGINE="django.db.backends.postgresql", CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    _database.setdefault("OPTIONS", {})
    _database["OPTIONS"].update(connect_timeout=3, keepalives_idle=30)
# Only migrate writes through the owner; in tests both names are one database.
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "core.auth.PhoneBackend",
    "rules.permissions.ObjectPermissionBackend",
]
PASSWORD_HASHERS = ["core.auth.PortalArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "core:sign_in"
LOGIN_REDIRECT_URL = "portal:after_sign_in"
LOGOUT_REDIRECT_URL = "portal:home"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "core.auth.locked_out"
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "core.auth.axes_username"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "code", "phone", "pin"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEPLOY == "test"
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if IS_PROD
            else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 6

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
if IS_PROD:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.api.authentication.ClientAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPaging",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "PAGE_SIZE": 20,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "安心预付 API",
    "DESCRIPTION": "预付式消费监管平台：商家、合同、锁定资金、核销、退款。金额一律为整数分。",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_PUBLIC": True,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "OAUTH2_FLOWS": ["clientCredentials"],
    "OAUTH2_TOKEN_URL": "/oauth/token/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RemovalStatus": "trust_units.models.Removal.Status",
        "FeedbackSlipStatus": "trust_units.models.FeedbackSlip.Status",
        "SpotCheckMode": "trust_units.models.Mode",
        "UnitType": "trust_units.models.UnitType",
        "SpotCheckStatus": "trust_units.models.SpotCheck.Status",
        "MerchantKind": "merchants.models.Merchant.Kind",
        "MovementKind": "prepaid.models.TransferKind",
        "MerchantStatus": "merchants.models.Merchant.Status",
        "PlanKind": "prepaid.models.Plan.Kind",
        "PlanStatus": "prepaid.models.Plan.Status",
        "ContractStatus": "prepaid.models.Contract.Status",
        "VisitStatus": "prepaid.models.Visit.Status",
        "RefundStatus": "prepaid.models.Refund.Status",
        "FreezeStatus": "prepaid.models.Freeze.Status",
        "PaymentStatus": "prepaid.models.PaymentOrder.Status",
        "PayoutStatus": "prepaid.models.Payout.Status",
        "CustodyAccountKind": "prepaid.models.CustodyAccount.Kind",
        "GuaranteeKind": "prepaid.models.Guarantee.Kind",
        "FilingStatus": "prepaid.models.Filing.Status",
        "FilingDocumentKind": "prepaid.models.FilingDocument.Kind",
        "ClosingStatus": "prepaid.models.ClosingNotice.Status",
        "ClosingReason": "prepaid.models.ClosingNotice.Reason",
        "DeclaredClosingReason": "prepaid.models.ClosingNotice.DECLARED_REASONS",
        "RunOffStatus": "prepaid.models.RunOff.Status",
        "SuccessionKind": "prepaid.models.Succession.Kind",
        "LegacyCardKind": "prepaid.models.LegacyCard.KINDS",
        "RefundCause": "prepaid.models.Refund.Cause",
        "SuspenseStatus": "prepaid.models.SuspenseItem.Status",
        "LockOutStatus": "prepaid.models.LockOutReport.Status",
        "ListKind": "prepaid.models.ListedEntry.Kind",
        "HeirClaimStatus": "prepaid.models.HeirClaim.Status",
        "HeirDocumentKind": "prepaid.models.HeirDocument.Kind",
        "HeirRelation": "prepaid.models.HeirClaim.Relation",
        "MallMeasureStatus": "merchants.models.MallMeasureCheck.Status",
        "ComplaintStatus": "complaints.models.Complaint.Status",
        "ComplaintCause": "complaints.models.Cause",
        "ViolationReportStatus": "complaints.models.ViolationReport.Status",
        "SupervisionNoticeStatus": "complaints.models.SupervisionNotice.Status",
        "DelegationStatus": "complaints.models.MediationAssignment.Status",
        "MaliceFlagStatus": "complaints.models.MaliceFlag.Status",
        "DisclosureStatus": "complaints.models.Disclosure.Status",
        "InterviewStatus": "complaints.models.RegulatoryInterview.Status",
        "WhistleStatus": "complaints.models.Whistle.Status",
        "WhistleCallStatus": "complaints.models.WhistleCall.Status",
        "MallTicketStatus": "complaints.models.MallTicket.Status",
        "OdrEnrolmentStatus": "complaints.models.OdrEnrolment.Status",
        "AgendaPackKind": "complaints.models.AgendaPack.Kind",
        "AgendaPackStatus": "complaints.models.AgendaPack.Status",
        "MonthlyTopicStatus": "complaints.models.MonthlyTopic.Status",
        "ComplaintParty": "complaints.models.Party",
        "IncidentStatus": "complaints.models.Incident.Status",
        "IncidentClaimKind": "complaints.models.IncidentClaim.Kind",
        "IncidentClaimStatus": "complaints.models.IncidentClaim.Status",
        "ProactiveTaskStatus": "complaints.models.ProactiveTask.Status",
        "ClockCode": "complaints.models.Clock.Code",
        "DeclarationStatus": "trust_units.models.Declaration.Status",
        "TrustUnitStatus": "trust_units.models.TrustUnit.Status",
    },
    "SORT_OPERATIONS": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema.document_problems",
    ],
}
# Calls a minute and address without signing in; 0 is no limit.
API_RATES = {
    "anon": env.int("API_ANON_PER_MINUTE", default=60),
    "token": env.int("API_TOKEN_PER_MINUTE", default=20),
}
# One migration of the library's final tables instead of its 22 steps, half the time of a first start.
MIGRATION_MODULES = {"oauth2_provider": "config.oauth2.migrations"}
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth2_provider.AccessToken"  # noqa: S105
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth2_provider.IDToken"  # noqa: S105
OAUTH2_PROVIDER_GRANT_MODEL = "oauth2_provider.Grant"
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth2_provider.RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_DEVICE_GRANT_MODEL = "oauth2_provider.DeviceGrant"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "read": "读取本机构可见的数据",
        "write": "代表本机构办理业务",
        "money": "收款、核销、退款",
        "intake": "登记投诉举报来件（12315、12345 等官方渠道）",
    },
    "DEFAULT_SCOPES": ["read"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "ALLOWED_GRANT_TYPES": ["client_credentials"],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # RFC 9700: tokens are stored as hashes, never taken from a URL, and no weaker grant is accepted.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}

SMS_BACKEND = env.str("SMS_BACKEND", default="" if IS_PROD else "console")
CUSTODIAN_BACKEND = env.str("CUSTODIAN_BACKEND", default="" if IS_PROD else "sandbox")
CUSTODIAN_URL = env.str("CUSTODIAN_URL", default="http://127.0.0.1:8001")
CUSTODIAN_SECRET = env.str("CUSTODIAN_SECRET", default="" if IS_PROD else "whsec_" + "C" * 43 + "=")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "core.logs.RedactPersonalData"}},
    "formatters": {"line": {"()": "core.logs.line_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}

if IS_PROD:
    refuse_unsafe(globals())
