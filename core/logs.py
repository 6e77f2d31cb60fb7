"""Logs without personal data."""

import logging
import re

import structlog

_PERSONAL = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)")
_DETAIL = re.compile(r"DETAIL:.*", re.DOTALL)


def redact(text: str) -> str:
    """``text`` with phones, identity numbers and the values PostgreSQL quotes taken out."""
    return _PERSONAL.sub("[已隐去]", _DETAIL.sub("DETAIL: [已隐去]", text))


class RedactPersonalData(logging.Filter):
    """Runs on every record of every logger, whoever wrote it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message in place; never drop a record."""
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def line_formatter() -> logging.Formatter:
    """One JSON object a line."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso"),
        ],
    )
