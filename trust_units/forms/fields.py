"""Several files in one field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile


class FilesInput(forms.ClearableFileInput):
    """The browser lets one choose several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One to nine files."""

    most = 9

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(), error_messages={"required": "至少上传一张照片"}, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each of them as one file is checked."""
        files = data if isinstance(data, list | tuple) else [data]
        if len(files) > self.most:
            raise forms.ValidationError(f"一次最多 {self.most} 个文件")
        return [super(FilesField, self).clean(file, initial) for file in files]
