"""SMS by Apprise, through any of its services: the address is the administrator's, the number fills its `{to}`.

Apprise says only whether it sent; why it did not stands in its log, which is read and never shown as it is.
"""

from __future__ import annotations

import io
import logging
import re
import threading

import apprise

from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear

PLACE = "{to}"
SAMPLE = "+886900000000"

_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_TIMED_OUT = re.compile(r"read timed out|read operation timed out|readtimeout", re.IGNORECASE)
_STATUS = re.compile(r"\berror\s*[=:]\s*(\d{3})\b")
_ONE_AT_A_TIME = threading.Lock()

# Its lines name numbers and credentials: none reaches our log.
logging.getLogger("apprise").propagate = False


class SmsSender:
    """Hands messages to one service."""

    most_tries = 4

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, message: Message) -> Outcome:
        if not _NUMBER.fullmatch(message.address):
            return Permanent("the number is none that an SMS can be sent to")
        with _ONE_AT_A_TIME, apprise.LogCapture(level=logging.DEBUG) as log:
            service = instance(self._url, message.address)
            is_sent = service is not None and bool(service.notify(body=message.text))
            reason = log.getvalue() if isinstance(log, io.StringIO) else ""
        if is_sent:
            return Sent()
        if _TIMED_OUT.search(reason):
            return Unclear("the SMS service did not say whether it took the message")
        return Passing(cause(reason))

    def check(self) -> str:
        return "" if instance(self._url, SAMPLE) else "is no address that Apprise can use"

    def close(self) -> None:
        """Nothing is kept open."""


def instance(url: str, number: str) -> apprise.NotifyBase | None:
    """The service that reaches a number; None where the address is none."""
    # A plus would be a blank in some addresses.
    filled = url.replace(PLACE, number.replace("+", "%2B"))
    service = apprise.Apprise.instantiate(filled, suppress_exceptions=True)
    return service if isinstance(service, apprise.NotifyBase) else None


def cause(log: str) -> str:
    """Why a message was not sent, from the words of Apprise's log: without numbers, without credentials."""
    if status := _STATUS.search(log):
        return f"the SMS service answered {status[1]}"
    if "onnection error" in log or "Connection" in log:
        return "the SMS service cannot be reached"
    return "the SMS service did not take the message"
