"""Where the custodian bank calls back, and where its staff bring the daily file."""

from django.urls import path

from prepaid.views import bank_files, custodian

FILES = "custodian/files/"
urlpatterns = [
    path("custodian/callback/", custodian.callback, name="custodian_callback"),
    path(FILES, bank_files.bank_files, name="bank_files"),
    path(FILES + "upload/", bank_files.upload, name="bank_file_upload"),
    path(FILES + "<int:pk>/", bank_files.bank_file, name="bank_file"),
    path(FILES + "<int:pk>/retry/", bank_files.retry, name="bank_file_retry"),
]
