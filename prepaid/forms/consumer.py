"""Forms of the consumer's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from core.errors import Invalid
from core.money import parse_yuan, yuan
from merchants.models import Store
from prepaid.models import Contract, Pause, Plan, Refund

OTHER = "other"


def _hinted(text: str, hint: str) -> str:
    """The label of a choice with a small line below it."""
    return format_html("{}<small>{}</small>", text, hint)


class ProveForm(forms.Form):
    """The code that proves the phone, and whether to remember this one."""

    code = forms.CharField(
        label="6 位验证码",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填短信里的 6 位验证码"},
    )
    shop = forms.CharField(
        label="您最近一次消费是在哪家店",
        help_text="这个号码半年没有用过，要多问一句；填店名里的两个字就行",
        max_length=40,
        error_messages={"required": "填您最近一次消费的店名"},
    )
    trust = forms.BooleanField(label="这是我自己的手机，90 天内不再要验证码", required=False, initial=True)


class DisputeForm(forms.Form):
    """What was wrong with a visit."""

    reason = forms.CharField(
        label="哪里不对",
        help_text="例如：那天没去过；只做了洗剪吹，却按染发扣",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VisitForm(forms.Form):
    """A visit as the consumer tells it: where, what, and what it cost by the contract's price list."""

    store = forms.ModelChoiceField(
        Store.objects.none(), label="哪家店", empty_label=None, error_messages={"required": "选一家门店"}
    )

    def __init__(self, contract: Contract, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contract = contract
        stores = self.fields["store"]
        assert isinstance(stores, forms.ModelChoiceField)
        stores.queryset = Store.objects.filter(merchant=contract.merchant_id, is_open=True)
        self.fields["store"].initial = contract.store_id
        prices: list[dict[str, Any]] = contract.terms.get("prices", [])
        by_face = contract.kind == Plan.Kind.STORED_VALUE
        if prices and by_face:
            self.fields["item"] = forms.ChoiceField(
                label="做了什么",
                choices=[
                    *((str(n), _hinted(p["name"], f"{yuan(p['price_fen'])} 元")) for n, p in enumerate(prices)),
                    (OTHER, _hinted("别的项目", "在下面写名称和金额")),
                ],
                widget=forms.RadioSelect,
                error_messages={"required": "选做了什么"},
            )
        self.fields["what"] = forms.CharField(
            label="项目名称",
            max_length=30,
            required=not (prices and by_face),
            error_messages={"required": "写明做了什么"},
        )
        if by_face:
            self.fields["amount"] = forms.CharField(
                label="扣多少（面值）",
                required=not prices,
                widget=forms.TextInput(attrs={"data-affix": "¥", "inputmode": "decimal"}),
                error_messages={"required": "填扣多少元"},
            )
        if contract.kind == Plan.Kind.COUNT:
            self.fields["times"] = forms.IntegerField(
                label="扣几次", min_value=1, max_value=99, initial=1, error_messages={"required": "填扣几次"}
            )

    def clean(self) -> dict[str, Any]:
        """``item`` in words, with ``face_fen`` or ``times`` as the kind of card wants it."""
        data = super().clean() or {}
        chosen = data.get("item")
        prices = self.contract.terms.get("prices", [])
        data["face_fen"], data["times"] = 0, data.get("times") or 0
        if "item" in self.errors:
            return data
        if chosen is not None and chosen != OTHER:
            price = prices[int(chosen)]
            return data | {"item": price["name"], "face_fen": price["price_fen"]}
        data["item"] = data.get("what", "")
        if chosen == OTHER and not data["item"]:
            self.add_error("what", "写明做了什么")
        if self.contract.kind == Plan.Kind.STORED_VALUE and "amount" not in self.errors:
            try:
                data["face_fen"] = parse_yuan(data.get("amount") or "", field="amount")
            except Invalid as error:
                self.add_error("amount", error.fields["amount"])
        return data


class PauseForm(forms.Form):
    """Why the card is to rest."""

    reason = forms.ChoiceField(
        label="为什么停卡",
        choices=Pause.ASKED,
        widget=forms.RadioSelect,
        error_messages={"required": "选一个停卡原因"},
    )


class TopUpForm(forms.Form):
    """Which of the shop's plans to top up with."""

    plan = forms.ChoiceField(label="充多少", widget=forms.RadioSelect, error_messages={"required": "选一个套餐"})

    def __init__(self, plans: Iterable[Plan], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["plan"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(str(plan.pk), _hinted(plan.name, _offer(plan))) for plan in plans]


def _offer(plan: Plan) -> str:
    if plan.kind == Plan.Kind.COUNT:
        gift = f"，送 {plan.times_bonus} 次" if plan.times_bonus else ""
        return f"付 {yuan(plan.price_fen)} 元，{plan.times_paid} 次{gift}"
    gift = f"，送 {yuan(plan.bonus_fen)} 元" if plan.bonus_fen else ""
    return f"付 {yuan(plan.price_fen)} 元{gift}"


class UserForm(forms.Form):
    """Who else may use the card."""

    phone = forms.CharField(
        label="家人的手机号",
        help_text="他可以出示这张卡、确认消费；退款只有您能申请",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"required": "填家人的手机号"},
    )


CAUSES: Sequence[tuple[str, str, str]] = (
    (Refund.Cause.COOLING_OFF, "7 天内没用过", "退全部本金，不用商家同意"),
    (Refund.Cause.MERCHANT, "商家的原因，或者都没错", "搬迁、关店、换老师、质量不对"),
    (Refund.Cause.CONSUMER, "我自己不想用了", "已用的按打折前的价格算"),
    (Refund.Cause.EXPIRED, "到期没有用完", "剩下的可以退，也可以和商家商量延期"),
)


class CauseForm(forms.Form):
    """Why the money is asked back; it decides how the law counts. Only causes that can apply are offered."""

    cause = forms.ChoiceField(
        label="为什么退",
        widget=forms.RadioSelect,
        error_messages={"required": "选一个退款原因", "invalid_choice": "选一个退款原因"},
    )

    def __init__(self, *args: Any, cooling_off: bool, expired: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        left_out = {Refund.Cause.COOLING_OFF: not cooling_off, Refund.Cause.EXPIRED: not expired}
        choices = self.fields["cause"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [
            (value, _hinted(text, hint)) for value, text, hint in CAUSES if not left_out.get(Refund.Cause(value))
        ]


class RefundForm(forms.Form):
    """The request itself; the cause stands above it."""

    cause = forms.ChoiceField(choices=Refund.Cause.choices, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="想对商家说的话",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AccountForm(forms.Form):
    """Another bank account of the same person, after a payout failed."""

    payee = forms.CharField(
        label="收款人姓名",
        help_text="要和办卡人或付款人同名",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "填收款人姓名"},
    )
    account = forms.CharField(
        label="银行账号",
        help_text="12 到 25 位数字，空格没关系",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "填银行账号"},
    )

    def __init__(self, *args: Any, asks_name: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_name:
            self.fields["payee"].label = "您的真实姓名"
            self.fields["payee"].help_text = "要和银行账户的户名一致。我们还不知道您的姓名，填了以后就以它为准"
            self.fields["own_name"] = forms.BooleanField(
                label="这是我本人的姓名，账户在我本人名下", error_messages={"required": "请确认这是您本人的姓名"}
            )
