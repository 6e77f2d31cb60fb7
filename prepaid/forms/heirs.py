"""Forms of an heir."""

from __future__ import annotations

from django import forms

from prepaid.models import HeirClaim, HeirDocument

ACCEPT = {"accept": "image/jpeg,image/png,image/webp,application/pdf"}


def paper(label: str, help_text: str = "", *, required: bool = True) -> forms.FileField:
    """A scanned paper."""
    return forms.FileField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.FileInput(attrs=ACCEPT),
        error_messages={"required": f"上传{label}", "empty": "文件是空的，请重新选择"},
    )


class HeirForm(forms.Form):
    """Who has died, who asks, what is wanted, and the three papers."""

    deceased_name = forms.CharField(label="逝者姓名", max_length=40, error_messages={"required": "填逝者的姓名"})
    deceased_phone = forms.CharField(
        label="逝者办卡的手机号", required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text="不知道的填下面的合同编号；这个号码收不到短信也能办",
    )  # fmt: skip
    contract_code = forms.CharField(label="合同编号", required=False, max_length=24, help_text="在纸质合同、打印的卡上")
    relation = forms.ChoiceField(
        label="您是逝者的", choices=HeirClaim.Relation.choices, error_messages={"required": "选与逝者的关系"}
    )
    own_name = forms.CharField(
        label="您的姓名", required=False, max_length=40, help_text="和身份证一致；退款只打到您本人名下的账户"
    )
    wish = forms.ChoiceField(
        label="要怎么办", choices=HeirClaim.Wish.choices, widget=forms.RadioSelect,
        error_messages={"required": "选退款还是转给您"},
    )  # fmt: skip
    death = paper("死亡证明", "医院或公安机关出具的死亡证明、户口注销证明")
    kinship = paper("亲属关系证明或公证书", "户口簿、结婚证、公证书都可以；还有其他继承人的，附他们的同意书")
    identity = paper("您的身份证件", "身份证正反面拍在一张里")
    text = forms.CharField(label="说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class PaperForm(forms.Form):
    """One more paper."""

    kind = forms.ChoiceField(label="材料", choices=HeirDocument.Kind.choices, error_messages={"required": "选材料种类"})
    file = paper("文件", "10 MB 以内的图片或 PDF，照片里的位置信息会自动删除")
