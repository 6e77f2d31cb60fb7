"""The one family of errors that people see. ``code`` is part of the API and never changes its meaning."""

from collections.abc import Mapping


class PortalError(Exception):
    """Something the caller can understand and act on; ``message`` is a Chinese sentence that says what to do."""

    status = 400
    code = "error"
    message = "办理没有成功，请稍后再试"

    def __init__(self, message: str = "", *, code: str = "", fields: Mapping[str, str] | None = None) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.fields = dict(fields or {})
        super().__init__(self.message)


class Invalid(PortalError):
    """The data is malformed; ``fields`` maps each field to what to do about it."""

    status, code, message = 400, "invalid", "填写的内容有误，请按提示修改"


class NotSignedIn(PortalError):
    """Nobody is signed in."""

    status, code, message = 401, "not_signed_in", "请先登录"


class NotAllowed(PortalError):
    """The caller can see the object but may not do this."""

    status, code, message = 403, "not_allowed", "您没有办理这件事的权限"


class NotFound(PortalError):
    """There is no such object among those the caller may see."""

    status, code, message = 404, "not_found", "没有找到，请核对编号"


class WrongState(PortalError):
    """The object has moved on; the step is not possible now."""

    status, code, message = 409, "wrong_state", "当前状态不能这样办理，请刷新后再看"


class NotEnoughLocked(PortalError):
    """The locked money that is still available does not cover the amount."""

    status, code, message = 409, "not_enough_locked", "可用的锁定金额不够"


class Frozen(PortalError):
    """The money is frozen: nothing is paid to the merchant, refunds still run."""

    status, code, message = 409, "frozen", "资金已冻结，暂停付给商家；退款不受影响"


class KeyReused(PortalError):
    """The idempotency key was used with another body."""

    status, code, message = 422, "key_reused", "这个幂等键已用于另一笔内容不同的请求，请换一个新的键"


class TooMany(PortalError):
    """The caller asks too often."""

    status, code, message = 429, "too_many", "操作太频繁，请稍后再试"

    def __init__(self, message: str = "", *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(PortalError):
    """Another request holds the row for longer than we wait; nothing was done."""

    status, code, message = 409, "busy", "另一笔操作正在进行，请几秒后再试"


class Unavailable(PortalError):
    """The database could not serve the request after retries; nothing was done."""

    status, code, message = 503, "unavailable", "系统繁忙，本次没有办理，请稍后重试"
