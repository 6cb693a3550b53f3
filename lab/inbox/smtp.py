"""The lab's mail server: SMTP on loopback, without TLS, into the inbox (docs/lab.md, The inbox)."""

import asyncio

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from lab.inbox import mail
from lab.inbox.faults import MessageFaults
from lab.inbox.messages import Inbox

LARGEST_MAIL = 512 * 1024
_REPLIES = {"4xx": "451 4.3.0 Try again later", "5xx": "550 5.1.1 No such mailbox"}
_TAKEN = "250 2.0.0 OK"


class Handler:
    """What aiosmtpd asks of us; replies are the server's lines."""

    def __init__(self, inbox: Inbox, faults: MessageFaults) -> None:
        self._inbox = inbox
        self._faults = faults

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self._faults.of("email", address)
        if fault == "slow":
            await asyncio.get_running_loop().run_in_executor(None, self._faults.delay)
        if fault == "close":
            _hang_up(server)
        if fault not in _REPLIES:
            envelope.rcpt_tos.append(address)
        return _REPLIES.get(fault or "", _TAKEN)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        for recipient in envelope.rcpt_tos:
            self._inbox.take(mail.parse(content, recipient))
        if any(self._faults.of("email", recipient) == "unclear" for recipient in envelope.rcpt_tos):
            _hang_up(server)
        return _TAKEN


def _hang_up(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def listen(inbox: Inbox, faults: MessageFaults, host: str, port: int) -> Controller:
    """Serve from now on, in a thread, until `stop`."""
    controller = Controller(
        Handler(inbox, faults), hostname=host, port=port, data_size_limit=LARGEST_MAIL, ident="Finesse Pulse lab"
    )
    controller.start()
    return controller
