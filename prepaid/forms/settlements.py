"""Forms about the shop's payout account, its custody and its guarantees."""

from __future__ import annotations

from django import forms


class PayoutAccountForm(forms.Form):
    """The account the shop is paid to, proved by a code to its contact phone."""

    payee = forms.ChoiceField(
        label="户名",
        widget=forms.RadioSelect,
        error_messages={"required": "选一个户名", "invalid_choice": "户名要与营业执照或法定代表人相同"},
    )
    bank = forms.CharField(
        label="开户银行",
        max_length=60,
        help_text="写到支行，如「工商银行城东支行」",
        error_messages={"required": "填开户银行"},
    )
    account = forms.CharField(
        label="银行账号",
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "填 12 到 25 位的银行账号"},
    )
    code = forms.CharField(
        label="验证码",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "填短信里的 6 位验证码"},
    )

    def __init__(self, names: list[str], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["payee"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
