"""The inbox page with what it reads, the SMS gateway, and the faults of both ways in."""

import re
from typing import Any, get_args

from flask import Blueprint, Response, abort, jsonify, render_template

from lab.controls.body import body
from lab.desktop.parts import Parts
from lab.finesse.documents import now
from lab.inbox.faults import FAULTS, SLOW_SECONDS, Fault
from lab.inbox.messages import Channel, Inbox, Message

LONGEST_SMS = 2000
_STATUS: dict[Fault | None, int] = {"4xx": 400, "5xx": 503, "close": 502, "unclear": 502}
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# What a mail may do: show itself, and open a link in a tab of its own.
_SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = f"{_SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
_PAGE_POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


def blueprint(parts: Parts) -> Blueprint:
    bp = Blueprint("inbox", __name__, url_prefix="/lab")
    _add_page(bp)
    _add_messages(bp, parts.inbox)
    _add_gateway(bp, parts)
    _add_faults(bp, parts)
    return bp


def _add_page(bp: Blueprint) -> None:
    @bp.get("/inbox")
    def page() -> Response:
        return Response(render_template("inbox.html"), headers={"Content-Security-Policy": _PAGE_POLICY})


def _add_messages(bp: Blueprint, inbox: Inbox) -> None:
    @bp.get("/inbox/messages")
    def list_messages() -> Response:
        return jsonify([message.summary() for message in inbox.newest()])

    @bp.delete("/inbox/messages")
    def clear() -> Response:
        inbox.clear()
        return Response(status=204)

    @bp.get("/inbox/messages/<message_id>")
    def message(message_id: str) -> Response:
        return jsonify(_find(inbox, message_id).to_dict())

    @bp.get("/inbox/messages/<message_id>/html")
    def html(message_id: str) -> Response:
        headers = {"Content-Security-Policy": _MAIL_POLICY, "Referrer-Policy": "no-referrer"}
        return Response(_opening_tabs(_find(inbox, message_id).html), headers=headers)

    @bp.post("/inbox/messages/<message_id>/read")
    def mark_read(message_id: str) -> Response:
        body()
        return Response(status=204 if inbox.mark_read(message_id) else 404)


def _find(inbox: Inbox, message_id: str) -> Message:
    message = inbox.find(message_id)
    if message is None:
        abort(404, "no such message")
    return message


def _opening_tabs(html: str) -> str:
    """The mail with its links in tabs of their own: a page that may not be framed cannot open in the mail's frame."""
    base = '<base target="_blank">'
    head = _HEAD.search(html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _add_gateway(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/sms")
    def take() -> tuple[dict[str, Any], int]:
        """As Apprise's json:// sends it, with the number in `to`."""
        document = body()
        number, text = str(document.get("to", "")).strip(), str(document.get("message", ""))
        if not number or not text or len(text) > LONGEST_SMS:
            abort(400, f"to and message are needed; a message has {LONGEST_SMS} characters at the most")
        fault = parts.message_faults.of("sms", number)
        if fault == "slow":
            parts.message_faults.delay()
        if fault in (None, "slow", "unclear"):
            parts.inbox.take(Message("sms", number, text, at=now()))
        status = _STATUS.get(fault, 200)
        return {"status": status}, status


def _add_faults(bp: Blueprint, parts: Parts) -> None:
    @bp.post("/inbox/faults")
    def switch() -> Response:
        """`email` and `sms` are faults or null; what is left out stays. `only` is a part of a recipient."""
        document = body()
        channels: tuple[Channel, ...] = get_args(Channel)
        if any(document.get(channel) not in (None, *FAULTS) for channel in channels):
            abort(400, f"email and sms are null or one of {FAULTS}; slow takes {SLOW_SECONDS:g} s")
        for channel in channels:
            if channel in document:
                parts.message_faults.switch(channel, document[channel], str(document.get("only", "")))
        return jsonify(parts.message_faults.switched)

    @bp.get("/surveys")
    def surveys() -> Response:
        return jsonify(parts.surveys())
