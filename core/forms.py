"""Forms for signing in."""

from django import forms


class SignInForm(forms.Form):
    """Phone and password, for staff of shops and bureaus."""

    username = forms.CharField(
        label="手机号",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "username"}),
        error_messages={"required": "请填手机号"},
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填密码"},
    )


class PhoneForm(forms.Form):
    """Where to send the code."""

    phone = forms.CharField(
        label="手机号",
        help_text="我们会发一个 6 位验证码",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": "请填手机号"},
    )


class CodeForm(forms.Form):
    """The code that came."""

    code = forms.CharField(
        label="6 位验证码",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": "请填短信里的 6 位验证码"},
    )
    trust = forms.BooleanField(label="这是我自己的手机，90 天内不再要验证码", required=False, initial=True)
