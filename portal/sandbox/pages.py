"""The bank's two pages, as a phone sees them."""

from html import escape
from string import Template
from typing import Any

from core.money import yuan

_FRAME = Template("""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title · 沙箱存管银行</title>
<link rel="stylesheet" href="/pay.css">
</head>
<body>
<header><p>沙箱存管银行</p><p class="note">演练环境，不会动用真实资金</p></header>
<main>
$main
</main>
</body>
</html>
""")

_PAY = Template("""<h1>确认付款</h1>
<p class="amount">¥$amount</p>
<dl>
<dt>用途</dt><dd>$subject</dd>
<dt>订单号</dt><dd>$order_no</dd>
<dt>付款账户</dt><dd>$account</dd>
</dl>
<p class="note">付款进入专用存款账户锁定，每次消费经您确认后才付给商家。</p>
<form method="post">
<button class="primary" name="do" value="pay">确认支付</button>
<button name="do" value="cancel">取消</button>
<details>
<summary>演练</summary>
<p class="note">看平台怎样应对银行的差错。</p>
<button name="do" value="wrong_amount">支付成错误的金额</button>
<button name="do" value="closed_account">用随后销户的账户支付（退款会打不进去）</button>
<button name="do" value="twice">支付，回调发两次</button>
<button name="do" value="late">支付，回调晚一分钟</button>
<button name="do" value="lost">支付，回调丢失</button>
<button name="do" value="reversed">支付后银行随即冲正（只有日终文件知道）</button>
</details>
</form>
""")

_DONE = Template("""<h1>$heading</h1>
<p class="amount">¥$amount</p>
<p class="note">订单号 $order_no</p>
<p><a class="button primary" href="$return_url">返回平台</a></p>
""")

_WORDS = {"PAID": "已支付", "CANCELLED": "已取消"}


def pay_page(order: dict[str, Any]) -> str:
    """Asks the payer to confirm, with the bank's mistakes to try under 演练."""
    return _page(
        "确认付款",
        _PAY.substitute(
            amount=yuan(order["amount_fen"]),
            subject=escape(order["subject"]),
            order_no=escape(order["order_no"]),
            account=f"尾号 {escape(order['payer_account'][-4:])}",
        ),
    )


def done_page(order: dict[str, Any]) -> str:
    """Says what became of an order that is closed, with the way back."""
    heading = _WORDS[order["state"]]
    amount = order["amount_fen"] if order["paid_fen"] is None else order["paid_fen"]
    return _page(
        heading,
        _DONE.substitute(
            heading=heading,
            amount=yuan(amount),
            order_no=escape(order["order_no"]),
            return_url=escape(order["return_url"]),
        ),
    )


def missing_page() -> str:
    """Says that there is no such order."""
    return _page("没有这笔订单", "<h1>没有这笔订单</h1><p>请从平台的付款按钮重新进入。</p>")


def _page(title: str, main: str) -> str:
    return _FRAME.substitute(title=title, main=main)
