"""E-mail by SMTP: one connection is kept; the server's codes say what is permanent and what will pass.

Verification of TLS is never off. Without TLS only a server on this machine is spoken to.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import formatdate, parseaddr
from urllib.parse import unquote, urlsplit

from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear
from foundation.setting_rules import LOOPBACK
from foundation.tls.trust import TrustContext

# Of one step of the dialogue. A message takes six at most, of a connection that has to be opened first eleven.
STEP_SECONDS = 15.0
# Some relays end a connection after so many messages, others mind long ones.
MOST_A_CONNECTION = 500
# The server ends the connection.
CLOSING = 421

_PORTS = {"smtp": 587, "smtps": 465}
_POLICY = CRLF.clone(cte_type="7bit")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^@\s<>,;:()\[\]\"\\]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_ENHANCED = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, as SMTP_URL says, and who sends it."""

    host: str
    port: int
    has_tls: bool
    user: str
    password: str
    sender: str

    @classmethod
    def of(cls, url: str, sender: str) -> MailServer:
        """Of settings that have been judged."""
        parts = urlsplit(url)
        user, password = (unquote(text or "") for text in (parts.username, parts.password))
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.hostname or "", port, parts.scheme == "smtps", user, password, sender)

    @property
    def is_local(self) -> bool:
        return self.host in LOOPBACK


class NoEncryptionError(smtplib.SMTPException):
    """The server offers no STARTTLS."""


class MailSender:
    """Hands messages to one mail server."""

    most_tries = 12

    def __init__(self, server: MailServer, trusted: Callable[[], TrustContext], seconds: float = STEP_SECONDS) -> None:
        self._server = server
        self._trusted = trusted
        self._seconds = seconds
        self._connection: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, message: Message) -> Outcome:
        if not _ADDRESS.fullmatch(message.address) or (recipient := _ascii(message.address)) is None:
            return Permanent("the address is none that mail can be sent to")
        written = compose(message, self._server.sender)
        envelope = parseaddr(message.sender or self._server.sender)[1]
        try:
            connection, answer = self._begin(f"MAIL FROM:<{envelope}>")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Passing(cause(error), is_down=True)
        if answer[0] // 100 != 2:
            return self._refused(connection, answer)
        return self._hand_over(connection, recipient, written.as_bytes())

    def check(self) -> str:
        self.close()
        try:
            self._connection = self._open()
        except (OSError, smtplib.SMTPException) as error:
            return cause(error)
        finally:
            self.close()
        return ""

    def close(self) -> None:
        connection, self._connection, self._sent = self._connection, None, 0
        if connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                connection.quit()
            connection.close()

    def _begin(self, command: str) -> tuple[smtplib.SMTP, tuple[int, bytes]]:
        """Begin a message on the connection that is kept; where it was ended meanwhile, on another one."""
        if self._connection is not None and self._sent < MOST_A_CONNECTION:
            with suppress(OSError, smtplib.SMTPException):
                answer = self._connection.docmd(command)
                if answer[0] != CLOSING:
                    return self._connection, answer
        self.close()
        self._connection = self._open()
        return self._connection, self._connection.docmd(command)

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.has_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._seconds, context=self._trusted()
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._seconds)
        try:
            connection.ehlo_or_helo_if_needed()
            if not server.has_tls:
                self._start_tls(connection)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _start_tls(self, connection: smtplib.SMTP) -> None:
        if connection.has_extn("starttls"):
            connection.starttls(context=self._trusted())
            connection.ehlo()
        elif not self._server.is_local:
            raise NoEncryptionError()

    def _hand_over(self, connection: smtplib.SMTP, recipient: str, content: bytes) -> Outcome:
        try:
            for command, kind in ((f"RCPT TO:<{recipient}>", 2), ("DATA", 3)):
                answer = connection.docmd(command)
                if answer[0] // 100 != kind:
                    return self._refused(connection, answer)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Passing(cause(error))
        try:
            connection.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
            answer = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Unclear(f"the mail server did not say whether it took the message: {cause(error)}")
        self._sent += 1
        if answer[0] // 100 in (4, 5):
            return self._refused(connection, answer)
        return Sent() if answer[0] // 100 == 2 else Unclear(f"the mail server answered {answer[0]} to a message")

    def _refused(self, connection: smtplib.SMTP, answer: tuple[int, bytes]) -> Outcome:
        code, text = answer
        enhanced = _ENHANCED.search(text)
        # The text may repeat the address.
        reason = f"the mail server answered {code}{f' {enhanced[1].decode()}' if enhanced else ''}"
        with suppress(OSError, smtplib.SMTPException):
            # The next message begins anew.
            if code == CLOSING or connection.rset()[0] != 250:
                self.close()
        return Permanent(reason) if 500 <= code < 600 else Passing(reason)


def compose(message: Message, own_sender: str) -> EmailMessage:
    """The message as it is sent: plain text and HTML, and how to unsubscribe (RFC 8058)."""
    name, address = parseaddr(own_sender)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_line(message.sender_name) or name, addr_spec=message.sender or address)
    mail["To"] = Address(addr_spec=_ascii(message.address) or "")
    if message.reply_to:
        mail["Reply-To"] = Address(addr_spec=message.reply_to)
    mail["Subject"] = _line(message.subject)
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{message.identity}@{(message.sender or address).rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe.startswith("https:"):
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def cause(error: Exception) -> str:
    """Why no mail can be handed over, in plain words that show neither an address nor a secret."""
    if isinstance(error, NoEncryptionError):
        return "the mail server offers no STARTTLS, and nothing is sent over the network without TLS"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the mail server's certificate cannot be verified ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return "the mail server and this service agree on no TLS"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refuses the login ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    if isinstance(error, TimeoutError):
        return "the mail server does not answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at the mail server's address"
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionError):
        return "the mail server ended the connection"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the mail server offers no login"
    return f"the mail server cannot be reached ({type(error).__name__})"


def _ascii(address: str) -> str | None:
    """An address whose domain mail servers understand; None where there is none."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return None


def _line(text: str) -> str:
    """A header's value is one line: what a name or a prefill brings along ends none."""
    return " ".join(_CONTROL.sub(" ", text).split())
