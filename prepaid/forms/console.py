"""Forms of the shop's console."""

from __future__ import annotations

from typing import Any

from django import forms

from core.errors import Invalid
from core.identifiers import clean_phone
from core.interest import parse_percent
from core.money import parse_yuan, yuan
from prepaid.contract_items import CLAUSES, TEMPLATE
from prepaid.models import Pause, Plan, Visit
from prepaid.models.plans import PaymentKind


class YuanField(forms.CharField):
    """An amount typed in yuan, cleaned to whole fen; empty is None where it may be."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"data-affix": "¥", "inputmode": "decimal"}))
        kwargs.setdefault("max_length", 20)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text)
        except Invalid as error:
            raise forms.ValidationError(error.fields["amount"]) from error

    def prepare_value(self, value: Any) -> Any:
        """Fen from the row are shown as yuan; what was typed stays as typed."""
        return yuan(value).replace(",", "") if isinstance(value, int) else value


class PercentField(forms.CharField):
    """A rate a year typed in per cent, cleaned to millionths; empty is None."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_percent(text) if text else None
        except Invalid as error:
            raise forms.ValidationError(error.fields["percent"]) from error

    def prepare_value(self, value: Any) -> Any:
        """Millionths from the row are shown as per cent; what was typed stays as typed."""
        return f"{value / 10_000:g}" if isinstance(value, int) else value


class FindForm(forms.Form):
    """The till's one field."""

    q = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "bigfield", "inputmode": "numeric", "autocomplete": "off", "autofocus": True}
        ),
        error_messages={"required": "输入 8 位付款码，或手机尾号 4 位"},
    )

    def clean_q(self) -> str:
        """Eight digits or four, however they were spaced."""
        typed = "".join(ch for ch in self.cleaned_data["q"] if not ch.isspace() and ch != "-")
        if not (typed.isascii() and typed.isdigit() and len(typed) in (4, 8)):
            raise forms.ValidationError("付款码是 8 位数字，手机尾号是 4 位数字")
        return typed


class PinOnlyForm(forms.Form):
    """Who takes over the till."""

    pin = forms.CharField(
        label="您的收银口令",
        max_length=6,
        widget=forms.PasswordInput(
            attrs={"class": "bigfield", "inputmode": "numeric", "autocomplete": "off", "autofocus": True}
        ),
        error_messages={"required": "输入 4 到 6 位口令"},
    )


class CorrectForm(forms.Form):
    """How much of a confirmed visit goes back to the customer, and why."""

    face = YuanField(label="退回卡里多少（面值）", required=False)
    times = forms.IntegerField(
        label="退回几次", required=False, min_value=1, error_messages={"min_value": "填退回几次，要大于 0"}
    )
    reason = forms.CharField(
        label="为什么",
        help_text="例如：多收了一次护理。顾客会看到",
        max_length=300,
        error_messages={"required": "写明原因"},
    )

    def __init__(self, visit: Visit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept, dropped = ("times", "face") if visit.times else ("face", "times")
        del self.fields[dropped]
        self.fields[kept].required = True
        self.fields[kept].initial = visit.times or visit.face_fen
        self.fields[kept].error_messages["required"] = "填要退回的数额"


class SellForm(forms.Form):
    """For whom a card is opened."""

    phone = forms.CharField(
        label="顾客手机号",
        help_text="顾客用这个号码看条款、签约、付款",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": "填顾客手机号"},
    )
    name = forms.CharField(label="顾客姓名", help_text="退款时核对收款人用", max_length=40, required=False)
    payer_phone = forms.CharField(
        label="付款人手机号",
        help_text="别人代付时填，例如子女付款",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def _phone(self, field: str) -> str:
        typed = str(self.cleaned_data[field])
        if not typed:
            return ""
        try:
            return clean_phone(typed)
        except Invalid as error:
            raise forms.ValidationError(error.fields["phone"]) from error

    def clean_phone(self) -> str:
        """A mainland mobile number."""
        return self._phone("phone")

    def clean_payer_phone(self) -> str:
        """The same for the payer, who may be left out."""
        return self._phone("payer_phone")


class ShopPauseForm(forms.Form):
    """Why a card rests."""

    reason = forms.ChoiceField(
        label="停卡原因",
        choices=Pause.ASKED,
        widget=forms.RadioSelect,
        error_messages={"required": "选一个停卡原因"},
    )


class RefuseForm(forms.Form):
    """Why the shop does not agree to a refund."""

    answer = forms.CharField(
        label="不同意的理由",
        help_text="顾客和市场监管人员都会看到。只写事实和合同依据",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "写明不同意的理由"},
    )
    undisputed_fen = YuanField(
        label="您认可、没有争议的金额",
        help_text="这部分马上退给顾客，合同随即结束，只争议其余的；都不认可就不填",
        required=False,
    )


class AgreeForm(forms.Form):
    """What the shop adds of its own will, for gifts the customer has not had."""

    gift_fen = YuanField(label="赠品酌情多退", help_text="没给的赠品折成钱多退，只能多不能少", required=False)
    gift_reason = forms.CharField(label="多退的理由", help_text="多退时写明是什么赠品", max_length=200, required=False)


class PlanForm(forms.Form):
    """A product on offer. Fields of other kinds are left empty; the action says what a kind still needs."""

    name = forms.CharField(label="套餐名称", max_length=40, error_messages={"required": "填套餐名称"})
    kind = forms.ChoiceField(
        label="类型", choices=Plan.Kind.choices, widget=forms.RadioSelect, error_messages={"required": "选一种类型"}
    )
    price_fen = YuanField(label="顾客实付", error_messages={"required": "填顾客实付多少"})
    bonus_fen = YuanField(label="赠送金额", help_text="储值卡才填；赠送的不锁定，也不付给您", required=False)
    times_paid = forms.IntegerField(label="次数", help_text="次卡才填", required=False, min_value=0, max_value=10_000)
    times_bonus = forms.IntegerField(
        label="赠送次数", help_text="次卡才填", required=False, min_value=0, max_value=10_000
    )
    list_price_fen = YuanField(label="单次原价", help_text="顾客自己要退时按原价折算；不填按平均单价", required=False)
    periods = forms.IntegerField(
        label="期数",
        help_text="期限卡和按期服务才填，例如年卡按月是 12 期",
        required=False,
        min_value=0,
        max_value=1_200,
    )
    every = forms.ChoiceField(label="每期", choices=Plan.Every.choices, required=False)
    starts = forms.ChoiceField(label="从何时算起", choices=Plan.Starts.choices, required=False)
    pause_days_max = forms.IntegerField(
        label="最多停卡天数", help_text="生病、怀孕、装修可以停卡", min_value=0, max_value=730, initial=90,
        error_messages={"required": "填最多停卡天数，可以填 0"},
    )  # fmt: skip
    description = forms.CharField(
        label="内容说明",
        help_text="包含什么、在哪些门店用、有没有限制",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明套餐包含什么"},
    )
    refund_terms = forms.CharField(
        label="退款约定",
        help_text="不能写「概不退款」：付款 7 天内没用过可以退本金，其余按法律折算",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "写明怎样退款"},
    )

    payment_kind = forms.ChoiceField(
        label="款项类型",
        help_text="只有预付款锁定在银行；定金、押金、体验、券在店里收，不能自动转成预付",
        choices=PaymentKind.choices,
        initial=PaymentKind.PREPAID,
        required=False,
    )
    no_show_times = forms.IntegerField(
        label="爽约最多计几次", help_text="不填就是爽约不扣", required=False, min_value=0, max_value=100
    )
    no_show_hours = forms.IntegerField(label="提前几小时取消不算爽约", required=False, min_value=0, max_value=168)
    interest_ppm = PercentField(
        label="约定的退款利息（年利率 %）",
        help_text="不填就按法律的利率；不能低于零。从合同解除那天起算",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    extra_terms = forms.CharField(
        label="补充约定",
        help_text="没有就不填。不能写无效条款，写的时候会标出来",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = (self.initial or {}).get("clauses") or {}
        for item in CLAUSES:
            self.fields[f"clause_{item.code}"] = forms.CharField(
                label=item.title,
                help_text=f"不填就用模板：{TEMPLATE.get(item.code, '按套餐类型写好的一句')}",
                initial=own.get(item.code, ""),
                max_length=500,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def clause_fields(self) -> list[forms.BoundField]:
        """The items of the contract that have a template."""
        return [self[name] for name in self.fields if name.startswith("clause_")]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """All others."""
        return [self[name] for name in self.fields if not name.startswith("clause_")]

    def data_for_action(self) -> dict[str, Any]:
        """What ``save_plan`` takes: numbers left empty are nought, clauses left empty are the template's."""
        given = {name: value for name, value in self.cleaned_data.items() if not name.startswith("clause_")}
        own = {item.code: self.cleaned_data[f"clause_{item.code}"] for item in CLAUSES}
        given["clauses"] = {code: text for code, text in own.items() if text.strip()}
        given["payment_kind"] = given["payment_kind"] or PaymentKind.PREPAID
        for name in ("bonus_fen", "times_paid", "times_bonus", "periods", "no_show_times", "no_show_hours"):
            given[name] = given[name] or 0
        given["every"] = given["every"] or Plan.Every.MONTH
        given["starts"] = given["starts"] or Plan.Starts.ON_PAYMENT
        return given


class PriceForm(forms.Form):
    """One line of the price list."""

    name = forms.CharField(label="项目", max_length=30, error_messages={"required": "填项目名称"})
    price_fen = YuanField(label="价格", error_messages={"required": "填价格"})
