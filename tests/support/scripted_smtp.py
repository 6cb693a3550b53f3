"""A mail server of the test's own, on loopback, that answers, closes, hangs and fails as it is told."""

from __future__ import annotations

import email
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from typing_extensions import override

# What is answered to a command (its first word, `CONTENT` after the final dot) and an argument; None: as all is well.
# CLOSE ends the connection without a word, HANG answers nothing.
Script = Callable[[str, str], str | None]
CLOSE, HANG = "CLOSE", "HANG"
FINE = {"DATA": "354 go on", "QUIT": "221 bye", "AUTH": "235 welcome"}


@dataclass
class ScriptedSmtp:
    """`contents` are the messages that it answered 250 to, and those after whose content it closed or hung."""

    script: Script = lambda _command, _argument: None
    close_after: int = 0
    tls: ssl.SSLContext | None = None
    contents: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    hang_seconds: float = 3.0

    @property
    def url(self) -> str:
        return f"smtp://localhost:{self.port}"

    @property
    def received(self) -> list[EmailMessage]:
        """The messages, as a mail program reads them."""
        messages = [email.message_from_bytes(content, policy=default) for content in self.contents]
        return [message for message in messages if isinstance(message, EmailMessage)]

    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.received]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 32
    smtp: ScriptedSmtp


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    @override
    def handle(self) -> None:
        self.server.smtp.connections += 1
        self._taken = 0
        try:
            self._say("220 localhost")
            while line := self.rfile.readline():
                if not self._answer(line.decode().rstrip()):
                    return
        except (OSError, ssl.SSLError):
            """The client has gone."""

    @override
    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _answer(self, line: str) -> bool:
        """Whether the connection goes on."""
        smtp = self.server.smtp
        command, _, argument = line.partition(" ")
        command = command.upper()
        smtp.commands.append(command)
        if smtp.close_after and self._taken >= smtp.close_after:
            return False
        if command == "EHLO":
            self._say(
                "250-localhost", *(["250-STARTTLS"] if self._offers_tls() else []), "250-AUTH PLAIN", "250 8BITMIME"
            )
            return True
        if command == "STARTTLS" and smtp.tls:
            self._say("220 go on")
            self.request: Any = smtp.tls.wrap_socket(self.request, server_side=True)
            self.setup_streams()
            return True
        return self._reply(command, argument)

    def _reply(self, command: str, argument: str) -> bool:
        smtp = self.server.smtp
        scripted = smtp.script(command, argument)
        if scripted == CLOSE:
            return False
        if scripted == HANG:
            time.sleep(smtp.hang_seconds)
            return False
        if command == "RCPT":
            self._recipient = argument.partition("<")[2].partition(">")[0]
        answer = scripted or FINE.get(command, "250 fine")
        self._say(answer)
        if command == "DATA" and answer.startswith("354"):
            return self._content()
        return command != "QUIT"

    def _content(self) -> bool:
        smtp = self.server.smtp
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        scripted = smtp.script("CONTENT", self._recipient)
        if scripted is None or scripted in (CLOSE, HANG):
            smtp.contents.append(b"".join(lines))
            smtp.recipients.append(self._recipient)
            self._taken += 1
        if scripted == HANG:
            time.sleep(smtp.hang_seconds)
        if scripted in (CLOSE, HANG):
            return False
        self._say(scripted or "250 taken")
        return True

    def setup_streams(self) -> None:
        """Those of TLS in place of the plain ones."""
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", 0)

    def _offers_tls(self) -> bool:
        return self.server.smtp.tls is not None and not isinstance(self.request, ssl.SSLSocket)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def scripted_smtp(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedSmtp]:
    """A server on a free port of loopback; gone at the end."""
    smtp = ScriptedSmtp(tls=tls)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.smtp, smtp.port = smtp, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield smtp
        finally:
            server.shutdown()
            thread.join()
