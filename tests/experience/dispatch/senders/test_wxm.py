"""A batch that goes on to another node: it arrives as it came, once, and what stands in the way is told apart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from cherrypoint.broker import Broker
from cherrypoint.login import Login
from experience.accounts.users import Users
from experience.dispatch import dispatches, outbox, recipients
from experience.dispatch.files import read_dispatch
from experience.dispatch.intake import Intake
from experience.dispatch.senders import Message, Outcome, Passing, Permanent, Sent, Unclear
from experience.dispatch.senders.wxm import WxmSender
from experience.platform import Platform
from experience.wxm.calls import WxmCalls
from foundation.cache.cache import Cache
from foundation.db.database import Database
from foundation.http.client import HttpClient
from tests.scripts.make_answers import QUESTIONS
from tests.support.answering import QUESTIONNAIRE, TEXTS
from tests.support.scripted_wxm import Reply, ScriptedWxm, Seen, scripted_wxm
from tests.support.services import ServedNode, free_port

DISPATCH = f"""
id: d
name: After a call
questionnaire_name: {QUESTIONNAIRE}
delivery_plan: {{id: p, name: p, schedule: [{{on_channel: email, text_body: x}}]}}
"""


@pytest.fixture(scope="module")
def node(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServedNode, str]]:
    """The other node, and the key of its System user."""
    data = tmp_path_factory.mktemp("other")
    shutil.copytree(template, data, dirs_exist_ok=True)
    database, read = Database(f"sqlite:///{data / 'pulse.db'}"), read_dispatch(DISPATCH)
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])
    users = Users(database)
    users.add("system", "system")
    key = users.new_key("system")
    database.close()
    with ServedNode(data, {"PULSE_FACES": "api", "PULSE_PUBLIC_URL": "https://wxm.bora.com"}) as served:
        yield served, key


def queued(platform: Platform) -> list[Message]:
    """What waits to go on, as a worker hands it over."""
    with platform.database.read() as connection:
        rows = connection.execute(select(outbox.outbox)).all()
    return [Message(address="", identity=row.id, text="", payload=row.payload) for row in rows]


def test_a_batch_reaches_the_other_node_once(sqlite_platform: Platform, node: tuple[ServedNode, str]) -> None:
    served, key = node
    items = [
        {"dispatchId": "d", "callId": 1, "Email": "a@example.com", "CxSurveyInfo": "AG=6001|SG=1|PQ=|AGT=5001"},
        {"dispatchId": "d", "callId": 2, "Email": "a@example.com", "CxSurveyInfo": "AG=6001|SG=1|PQ=|AGT=5001"},
        {"DispatchID": "d", "PreFill": [[{"QuestionId": TEXTS["email"], "Input": "b@example.com"}]]},
        {"dispatchId": "d", "Email": "username@email.com", "Mobile": "1234567890"},
        {"dispatchId": "d", "Email": "c@example.com", "Optin": "no"},
    ]
    for _ in range(2):
        taken = Intake(sqlite_platform, is_remote=True).take(orjson.dumps(items), "", "/")
        assert (taken.count("accepted"), taken.count("refused")) == (3, 2)
    (message,) = queued(sqlite_platform)
    http = HttpClient()
    login = Login(http, served.base, "system", key, 10)
    sender = WxmSender(WxmCalls(http, served.base, Broker(login.fetch, Cache(), refresh=1800, key="other")))
    assert [sender.send(message) for _ in range(2)] == [Sent()] * 2
    database = Database(f"sqlite:///{served.data / 'pulse.db'}")
    with database.read() as connection:
        emails = sorted(connection.execute(select(recipients.recipients.c.email)).scalars())
        documents = connection.exec_driver_sql("SELECT document FROM invitations").scalars().all()
    database.close()
    assert emails == ["a@example.com", "a@example.com", "b@example.com"]
    assert sum('"textInput":"6001"' in document for document in documents) == 2


@dataclass(frozen=True)
class Good:
    access_token: str = "good"


class Tokens:
    def token(self) -> Good:
        return Good()

    def refused(self, token: Good) -> None:
        """There is no other."""


def answering(reply: Reply) -> Any:
    def script(seen: Seen) -> Reply | None:
        if seen.path.startswith("/api/Dispatches/"):
            return Reply(200, {"questionnaireName": QUESTIONS[0]["displayLocation"][0]})
        return reply if seen.path == "/api/dispatchRequest" else None

    return script


def status(word: str) -> Reply:
    return Reply(
        207, {"BatchId": "b", "StatusByDispatch": [{"DispatchId": "d", "Message": "x", "DispatchStatus": word}]}
    )


@pytest.fixture
def wxm() -> Iterator[ScriptedWxm]:
    with scripted_wxm() as scripted:
        yield scripted


def send(base: str) -> Outcome:
    payload = orjson.dumps({"dispatchId": "d", "records": [{"inputs": {"q": "a@example.com"}, "tagged": {}}]}).decode()
    return WxmSender(WxmCalls(HttpClient(), base, Tokens())).send(Message("", "batch-1", "", payload=payload))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status("202"), Sent),
        (status("206"), Sent),
        (status("400"), Permanent),
        (Reply(207, ["?"]), Permanent),
        (Reply(400, {"error": "a@example.com"}), Permanent),
        (Reply(413, {}), Permanent),
        (Reply(503, {}), Passing),
        (Reply(500, {}), Passing),
        (Reply(401, {}), Passing),
        (Reply(raw=b"HTTP/1.1 207 x\r\nContent-Length: 99\r\n\r\n{"), Unclear),
    ],
)
def test_what_may_pass_is_told_from_what_stays_and_from_what_nobody_knows(
    wxm: ScriptedWxm, reply: Reply, kind: type[Outcome]
) -> None:
    wxm.script = answering(reply)
    outcome = send(wxm.base)
    assert isinstance(outcome, kind), outcome
    assert "a@example.com" not in str(outcome)
    assert wxm.requests_to("dispatchRequest")[0].body == [
        {"DispatchID": "d", "PreFill": [[{"QuestionId": "q", "Input": "a@example.com"}]]}
    ]


def test_a_node_that_is_away_holds_up_the_channel_and_loses_nothing() -> None:
    outcome = send(f"http://127.0.0.1:{free_port()}")
    assert isinstance(outcome, Passing)
    assert outcome.is_down
