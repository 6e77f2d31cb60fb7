"""What the production profile refuses, one clear line each."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def unsafe(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield one Chinese line for each setting with which production must not start."""
    if len(settings["SECRET_KEY"]) < 50:
        yield "SECRET_KEY 少于 50 个字符：请生成一个随机值"
    if not settings["PII_KEYS"] or not settings["PII_INDEX_KEY"]:
        yield "PII_KEYS 或 PII_INDEX_KEY 没有设置：个人信息无法加密"
    if not settings["SIGNING_KEYS"]:
        yield "SIGNING_KEYS 没有设置：每日封账无法签名，凭证无法核对"
    if not settings["ALLOWED_HOSTS"] or "*" in settings["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS 为空或含有 *：请写明域名"
    if settings["DEBUG"]:
        yield "DEBUG 已打开：生产环境必须关闭"
    if settings["SMS_BACKEND"] in ("", "console"):
        yield "SMS_BACKEND 是控制台或没有设置：验证码不会发到手机"
    if settings["CUSTODIAN_BACKEND"] in ("", "sandbox"):
        yield "CUSTODIAN_BACKEND 是沙箱或没有设置：收款不会进入真正的存管账户"
    if not settings["CUSTODIAN_SECRET"]:
        yield "CUSTODIAN_SECRET 没有设置：无法核对存管机构的回调签名"
    if not settings["PUBLIC_URL"].startswith("https://"):
        yield "PUBLIC_URL 不是 https 地址"
    app, owner = settings["DATABASES"]["default"], settings["DATABASES"]["owner"]
    if app.get("USER") == owner.get("USER"):
        yield "DATABASE_URL 与 DATABASE_OWNER_URL 是同一个数据库角色：运行角色不得拥有账本"


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise with every unsafe setting listed, so that one restart mends them all."""
    lines = list(unsafe(settings))
    if lines:
        raise ImproperlyConfigured("生产环境拒绝启动：\n" + "\n".join(f"  - {line}" for line in lines))
