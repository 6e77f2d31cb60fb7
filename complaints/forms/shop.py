"""What a shop writes about complaints against it."""

from django import forms

from prepaid.forms.console import YuanField

ROWS = {"rows": 4}


class ReplyForm(forms.Form):
    """The shop's answer."""

    reply = forms.CharField(
        label="您的答复",
        help_text="顾客和市场监管人员都会看到。写事实、合同依据和您愿意怎么解决",
        min_length=5,
        max_length=1000,
        widget=forms.Textarea(attrs=ROWS),
        error_messages={"required": "写明您的答复，至少 5 个字", "min_length": "答复至少写 5 个字"},
    )


class SettledForm(ReplyForm):
    """How it was settled, and what was paid."""

    amount_fen = YuanField(label="付给顾客多少", help_text="没有付钱的不填", required=False)


class MaliceForm(forms.Form):
    """Why it is malicious, with evidence."""

    reason = forms.CharField(
        label="为什么认为是恶意投诉",
        help_text="只有监管人员能看到；认定以前不公开、不计分，投诉照常办理",
        min_length=5,
        max_length=1000,
        widget=forms.Textarea(attrs=ROWS),
        error_messages={"required": "写明理由，至少 5 个字", "min_length": "理由至少写 5 个字"},
    )
    file = forms.FileField(label="证据", help_text="图片或 PDF，10 MB 以内", error_messages={"required": "上传证据"})


class NoteForm(forms.Form):
    """A few words to the public record, or against it."""

    text = forms.CharField(
        label="您的说明",
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs=ROWS),
        error_messages={"required": "写明您的说明，至少 5 个字", "min_length": "至少写 5 个字"},
    )


class ReportForm(forms.Form):
    """What a mediator reports at the end."""

    outcome = forms.CharField(
        label="协议内容，或没有谈成的原因",
        min_length=5,
        max_length=2000,
        widget=forms.Textarea(attrs=ROWS),
        error_messages={"required": "写明结果，至少 5 个字", "min_length": "至少写 5 个字"},
    )
    agreed_fen = YuanField(label="协议金额", help_text="没有钱的写 0", required=False)
