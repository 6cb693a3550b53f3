"""Logs: one JSON object a line, without personal data; and the audit trail, whose lines carry the request's id."""

from __future__ import annotations

import logging
import sys

import structlog
from flask import request

# The key of a request's id in its WSGI environment.
REQUEST_ID = "pulse.request_id"


def configure_logs(level: str) -> None:
    """One JSON object a line on standard error; times in UTC. Callers name facts; none of them may be personal."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def audit(event: str, **facts: str) -> None:
    """A line of the audit trail: written whatever `LOG_LEVEL` says."""
    structlog.get_logger("audit").critical(event, audit=True, request_id=request.environ[REQUEST_ID], **facts)
