"""An e-mail as it is shown: read from its bytes, whatever is wrong with them."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from lab.finesse.documents import now
from lab.inbox.messages import Message

_WEB_ADDRESS = re.compile(r"<\s*(https?://[^>\s]+)\s*>")
_ONE_CLICK = "List-Unsubscribe=One-Click"


def parse(content: bytes, recipient: str) -> Message:
    mail = message_from_bytes(content, EmailMessage, policy=default)
    return Message(
        channel="email",
        to=recipient,
        text=_body(mail, "plain"),
        sender=_header(mail, "From"),
        subject=_header(mail, "Subject"),
        html=_body(mail, "html"),
        unsubscribe=_unsubscribe(mail),
        message_id=_header(mail, "Message-ID"),
        at=now(),
    )


def _header(mail: EmailMessage, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _unsubscribe(mail: EmailMessage) -> str:
    """Where one click unsubscribes (RFC 8058); empty where the mail offers no such thing."""
    address = _WEB_ADDRESS.search(_header(mail, "List-Unsubscribe"))
    return address[1] if address and _header(mail, "List-Unsubscribe-Post") == _ONE_CLICK else ""
