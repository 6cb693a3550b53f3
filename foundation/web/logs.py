"""Logs: one JSON object a line, without personal data; and the audit trail, whose lines carry the request's id."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from flask import request
from structlog.typing import Processor

# The key of a request's id in its WSGI environment.
REQUEST_ID = "pulse.request_id"


# Of a line before it is written; the same for what our own code logs and for what libraries log.
STAMPS: tuple[Processor, ...] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def library_formatter() -> logging.Formatter:
    """Lines of granian and of any other library, in the form of our own."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=STAMPS,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )


# For `logging.config.dictConfig`, and so for granian's own configuration.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "foundation.web.logs.library_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"level": "INFO"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def configure_logs(level: str) -> None:
    """One JSON object a line on standard error; times in UTC. Callers name facts; none of them may be personal."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *STAMPS,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def audit(event: str, **facts: str) -> None:
    """A line of the audit trail: written whatever `LOG_LEVEL` says."""
    structlog.get_logger("audit").critical(event, audit=True, request_id=request.environ[REQUEST_ID], **facts)
