"""Mail goes over verified TLS, SMS by Apprise; neither shows a secret, an address or a number where it fails."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typing_extensions import override

from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear
from experience.dispatch.senders.mail import MailSender, MailServer, compose
from experience.dispatch.senders.sms import SmsSender
from foundation.tls.certificates import from_pem
from foundation.tls.trust import TrustContext, Trusted, context
from tests.support.scripted_smtp import ScriptedSmtp, scripted_smtp
from tests.support.tls import authority, context_of, leaf

MESSAGE = Message(
    "ann@example.com", "abc", "Hello", "Hello", "<p>Hello</p>", unsubscribe="https://x.tw/s/1/unsubscribe"
)
NUMBER = "+886912344455"


def send(smtp: ScriptedSmtp, trusted: TrustContext, user: str = "") -> Outcome:
    server = MailServer.of(f"smtp://{user}localhost:{smtp.port}", "survey@bora.com")
    sender = MailSender(server, lambda: trusted, 2.0)
    outcome = sender.send(MESSAGE)
    sender.close()
    return outcome


def test_starttls_is_used_where_it_is_offered_and_verified() -> None:
    bora, other = authority(), authority("Other")
    presented = context_of(leaf(bora).private_key_and_cert_chain_pem.bytes())
    entry = [Trusted("", "issuer", from_pem(ca.cert_pem.bytes())[0], datetime.now(UTC)) for ca in (bora, other)]
    with scripted_smtp(presented) as smtp:
        assert send(smtp, context(entry[:1]), "survey:hush@") == Sent()
        assert smtp.commands.index("STARTTLS") < smtp.commands.index("AUTH") < smtp.commands.index("MAIL")
        outcome = send(smtp, context(entry[1:]), "survey:hush@")
        assert isinstance(outcome, Passing)
        assert outcome.is_down
        assert "certificate cannot be verified" in outcome.reason
        assert (smtp.commands.count("AUTH"), len(smtp.received)) == (1, 1)


def test_nothing_goes_to_another_machine_without_tls(smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MailServer, "is_local", property(lambda _: False))
    outcome = send(smtp, context([]), "survey:hush@")
    assert isinstance(outcome, Passing)
    assert "STARTTLS" in outcome.reason
    assert smtp.commands == ["EHLO"]


def test_a_login_that_is_refused_is_told_without_the_password(smtp: ScriptedSmtp) -> None:
    smtp.script = lambda command, _: "535 5.7.8 no, hush is wrong" if command == "AUTH" else None
    outcome = send(smtp, context([]), "survey:hush@")
    assert outcome == Passing("the mail server refuses the login (535)", is_down=True)


@pytest.mark.parametrize(
    "address", ["ann", "a b@example.com", "ann@example.com>\r\nRCPT TO:<eve@example.com", "ü@x.tw"]
)
def test_what_is_no_address_is_never_sent_to(smtp: ScriptedSmtp, address: str) -> None:
    sender = MailSender(MailServer.of(smtp.url, "survey@bora.com"), lambda: context([]))
    outcome = sender.send(Message(address, "abc", "x", html="x"))
    assert isinstance(outcome, Permanent)
    assert smtp.commands == []


def test_only_an_https_address_stands_in_list_unsubscribe() -> None:
    plain = Message("ann@example.com", "abc", "x", html="x", unsubscribe="http://localhost/s/1/unsubscribe")
    assert compose(plain, "survey@bora.com")["List-Unsubscribe"] is None
    mail = compose(MESSAGE, "survey@bora.com")
    assert mail["List-Unsubscribe"] == f"<{MESSAGE.unsubscribe}>"
    assert mail["Message-ID"] == "<abc@bora.com>"


@pytest.fixture
def root_log() -> Iterator[io.StringIO]:
    """What reaches the service's log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.root.addHandler(handler)
    yield stream
    logging.root.removeHandler(handler)


@contextmanager
def sms_service(status: int, delay: threading.Event | None = None) -> Iterator[tuple[int, list[str]]]:
    """The port of an HTTP service that an Apprise address of this machine reaches, and what was sent to it."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            sent.append(f"{self.path} {body}")
            if delay:
                delay.wait(10)
            self.send_response(status)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Tests read what they asked for, not a log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server.server_address[1], sent
        finally:
            server.shutdown()


def sms(port: int, number: str = NUMBER, more: str = "") -> Outcome:
    sender = SmsSender(f"json://user:hush@127.0.0.1:{port}/to/{{to}}/?rto={more or 4}")
    return sender.send(Message(number, "abc", "Please say: https://x.tw/s/1"))


def test_an_sms_goes_to_the_number_and_one_that_is_not_taken_may_go_later(
    capsys: pytest.CaptureFixture[str], root_log: io.StringIO
) -> None:
    with sms_service(200) as (port, sent):
        assert sms(port) == Sent()
        assert "886912344455" in sent[0]
        assert "https://x.tw/s/1" in sent[0]
        outcome = sms(port, "+8869/../../evil")
        assert isinstance(outcome, Permanent)
        assert len(sent) == 1
    with sms_service(400) as (port, _):
        assert sms(port) == Passing("the SMS service answered 400")
    outcome = sms(port)
    assert isinstance(outcome, Passing)
    shown = capsys.readouterr()
    log = shown.out + shown.err + root_log.getvalue() + str(outcome)
    assert [word for word in ("hush", "912344455") if word in log] == []


def test_an_sms_whose_answer_never_came_was_perhaps_sent() -> None:
    answering = threading.Event()
    with sms_service(200, answering) as (port, _):
        outcome = sms(port, more="0.2")
        answering.set()
    assert isinstance(outcome, Unclear)
