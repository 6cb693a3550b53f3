"""The lab's mail server and SMS gateway: what arrives is kept as it came, and they fail on request."""

import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import apprise
import pytest
import urllib3
from flask.testing import FlaskClient

from lab.desktop.parts import Parts
from lab.inbox import smtp
from lab.inbox.messages import ROOM, Message
from tests.support.services import free_port

ANN, BEN = "ann@example.com", "ben@example.com"
NUMBER = "+886912344455"


@pytest.fixture
def mail_port(parts: Parts) -> Iterator[int]:
    port = free_port()
    server = smtp.listen(parts.inbox, parts.message_faults, "127.0.0.1", port)
    yield port
    server.stop()


def written(text: str = "How was it? https://example.com/s/abc", html: str = "", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Bora <survey@bora.com>", ANN, "您的意見"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def send(port: int, mail: EmailMessage, *recipients: str) -> dict[str, Any]:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as connection:
        return connection.send_message(mail, to_addrs=recipients or (ANN,))


def summaries(client: FlaskClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get("/lab/inbox/messages").get_json()
    return listed


def opened(client: FlaskClient, place: int = 0) -> dict[str, Any]:
    message_id = summaries(client)[place]["id"]
    message: dict[str, Any] = client.get(f"/lab/inbox/messages/{message_id}").get_json()
    return message


def test_an_email_is_kept_with_its_text_its_html_and_its_subject(client: FlaskClient, mail_port: int) -> None:
    send(mail_port, written(html="<p>How <b>was</b> it?</p>", Message_ID="<1@bora.com>"))
    message = opened(client)
    assert (message["channel"], message["to"], message["from"]) == ("email", ANN, "Bora <survey@bora.com>")
    assert (message["subject"], message["messageId"]) == ("您的意見", "<1@bora.com>")
    assert message["text"].strip() == "How was it? https://example.com/s/abc"
    html = client.get(f"/lab/inbox/messages/{message['id']}/html")
    assert "<p>How <b>was</b> it?</p>" in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]


def test_several_mails_go_over_one_connection_and_the_newest_is_first(client: FlaskClient, mail_port: int) -> None:
    with smtplib.SMTP("127.0.0.1", mail_port, timeout=10) as connection:
        for number in range(3):
            connection.send_message(written(f"mail {number}"))
    assert [message["preview"] for message in summaries(client)] == ["mail 2", "mail 1", "mail 0"]


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (
            {"List_Unsubscribe": "<https://b.com/s/1/u>", "List_Unsubscribe_Post": "List-Unsubscribe=One-Click"},
            "https://b.com/s/1/u",
        ),
        ({"List_Unsubscribe": "<https://b.com/s/1/u>"}, ""),
        ({"List_Unsubscribe": "<javascript:1>", "List_Unsubscribe_Post": "List-Unsubscribe=One-Click"}, ""),
    ],
    ids=["one click", "without the post", "no web address"],
)
def test_one_click_unsubscribes_where_the_mail_offers_it(
    client: FlaskClient, mail_port: int, headers: dict[str, str], address: str
) -> None:
    send(mail_port, written(**headers))
    assert opened(client)["unsubscribe"] == address


def test_a_mail_that_nobody_can_read_right_is_shown_as_far_as_it_can_be(client: FlaskClient, mail_port: int) -> None:
    broken = b"Subject: =?klingon?B?!!?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\nplain \xff words\r\n"
    with smtplib.SMTP("127.0.0.1", mail_port, timeout=10) as connection:
        connection.sendmail("a@b.com", [ANN], broken)
    assert "words" in opened(client)["text"]


@pytest.mark.parametrize(("fault", "code"), [("4xx", 451), ("5xx", 550)])
def test_the_mail_server_refuses_whom_it_is_asked_to(
    client: FlaskClient, mail_port: int, fault: str, code: int
) -> None:
    client.post("/lab/inbox/faults", json={"email": fault, "only": "ann@"})
    assert send(mail_port, written(), ANN, BEN)[ANN][0] == code
    assert [message["to"] for message in summaries(client)] == [BEN]
    client.post("/lab/inbox/faults", json={"email": None})
    send(mail_port, written(), ANN)
    assert [message["to"] for message in summaries(client)] == [ANN, BEN]


@pytest.mark.parametrize(("fault", "arrived"), [("close", 0), ("unclear", 1)])
def test_the_mail_server_hangs_up_before_or_after_it_took_a_message(
    client: FlaskClient, mail_port: int, fault: str, arrived: int
) -> None:
    client.post("/lab/inbox/faults", json={"email": fault})
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(mail_port, written())
    assert len(summaries(client)) == arrived


def test_a_slow_mail_server_is_quick_again_once_it_is_asked_to(
    client: FlaskClient, mail_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.inbox.faults.SLOW_SECONDS", 0.3)
    client.post("/lab/inbox/faults", json={"email": "slow"})
    with (
        smtplib.SMTP("127.0.0.1", mail_port, timeout=0.2) as connection,
        pytest.raises(smtplib.SMTPServerDisconnected),
    ):
        connection.send_message(written())
    client.post("/lab/inbox/faults", json={"email": None})
    send(mail_port, written("quick"))
    assert "quick" in opened(client)["preview"]


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
def test_an_sms_arrives_as_apprise_sends_it(client: FlaskClient, desktop_url: str) -> None:
    gateway = apprise.Apprise()
    assert gateway.add(f"json://{desktop_url.removeprefix('http://')}/lab/sms?:to=%2B886912344455")
    assert gateway.notify("您好 https://example.com/s/abc")
    assert (opened(client)["to"], opened(client)["text"]) == (NUMBER, "您好 https://example.com/s/abc")


def test_an_sms_arrives_with_its_number_and_its_words(client: FlaskClient) -> None:
    sent = {
        "version": "1.0",
        "title": "",
        "message": "您好 https://example.com/s/abc",
        "attachments": [],
        "type": "info",
    }
    assert client.post("/lab/sms", json={**sent, "to": NUMBER}).status_code == 200
    message = opened(client)
    assert (message["channel"], message["to"], message["text"]) == ("sms", NUMBER, "您好 https://example.com/s/abc")


@pytest.mark.parametrize(
    ("fault", "status", "arrived"),
    [(None, 200, 1), ("4xx", 400, 0), ("5xx", 503, 0), ("close", 502, 0), ("unclear", 502, 1)],
)
def test_the_sms_gateway_fails_on_request(client: FlaskClient, fault: str | None, status: int, arrived: int) -> None:
    client.post("/lab/inbox/faults", json={"sms": fault, "only": "44455"})
    answer = client.post("/lab/sms", json={"to": NUMBER, "message": "hello"})
    assert answer.status_code == status
    assert len(summaries(client)) == arrived
    assert client.post("/lab/sms", json={"to": "+886900000000", "message": "hello"}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"to": NUMBER}, {"message": "hello"}, {"to": NUMBER, "message": "x" * 2001}, []])
def test_an_sms_without_number_or_words_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post("/lab/sms", json=body).status_code == 400
    assert summaries(client) == []


def test_a_page_of_another_site_can_send_no_sms(desktop_url: str) -> None:
    answer = urllib3.request("POST", f"{desktop_url}/lab/sms", fields={"to": NUMBER, "message": "hello"})
    assert answer.status == 415


def test_the_newest_two_hundred_are_kept(client: FlaskClient, parts: Parts) -> None:
    for number in range(ROOM + 5):
        parts.inbox.take(Message("sms", NUMBER, f"number {number}"))
    listed = summaries(client)
    assert len(listed) == ROOM
    assert (listed[0]["preview"], listed[-1]["preview"]) == (f"number {ROOM + 4}", "number 5")


def test_the_desktop_learns_how_many_messages_nobody_has_opened(
    client: FlaskClient, parts: Parts, unread: Callable[[], int]
) -> None:
    parts.inbox.take(Message("sms", NUMBER, "one"))
    parts.inbox.take(Message("sms", NUMBER, "two"))
    assert unread() == 2
    address = f"/lab/inbox/messages/{summaries(client)[0]['id']}"
    client.get(address)
    assert unread() == 2, "to look at what a message is changes nothing"
    assert client.post(f"{address}/read", json={}).status_code == 204
    assert unread() == 1
    assert [message["isRead"] for message in summaries(client)] == [True, False]
    client.delete("/lab/inbox/messages")
    assert unread() == 0
    assert client.get(address).status_code == client.post(f"{address}/read", json={}).status_code == 404


@pytest.fixture
def unread(client: FlaskClient) -> Callable[[], int]:
    return lambda: int(client.get("/lab/surveys").get_json()["unread"])


@pytest.mark.parametrize("body", [{"email": "explode"}, {"sms": "hang"}, {"email": 4}])
def test_a_fault_that_there_is_not_is_refused(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.post("/lab/inbox/faults", json=body).status_code == 400
