"""The custodian's daily file as plain values: CSV in UTF-8 or GBK, and ISO 20022 camt.053. It knows no rows."""

from prepaid.bank_files.camt import read_camt
from prepaid.bank_files.shapes import BadBankFile, BankEntry, Nature, Statement
from prepaid.bank_files.sniffing import Form, sniff
from prepaid.bank_files.table import read_table

__all__ = ["BadBankFile", "BankEntry", "Form", "Nature", "Statement", "read_camt", "read_table", "sniff"]
