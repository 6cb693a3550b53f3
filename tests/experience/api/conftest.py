"""A node of its own process that answers WxM's API, with users and a few answers; clients as either user."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from experience.accounts.api_tokens import AUDIENCE, LIFETIME, ApiTokens
from experience.accounts.users import Role, Users
from experience.dispatch import dispatches
from experience.dispatch.files import read_dispatch
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.db.database import Database
from foundation.keys import signing_keys
from foundation.settings import Settings
from foundation.signed import SignedClaims
from tests.experience.api.client import PUBLIC_URL, Client
from tests.support.answering import QUESTIONNAIRE, Answer, answer
from tests.support.services import ServedNode

# A questionnaire into which no test writes: what is counted in it stays, whichever tests ran before.
KEPT_IN = "Kept survey"
OURS = {"location": [KEPT_IN]}
FIRST = datetime(2026, 10, 1, 12, tzinfo=UTC)
# Day n: scores that are all different from each other, two teams, three agents, five customers.
KEPT: list[Answer] = [
    answer(
        questionnaire=KEPT_IN,
        id=f"kept-{number:03}",
        at=FIRST + timedelta(days=number),
        nps=number % 11,
        csat=1 + number % 5,
        ces=1 + number % 7,
        comment="Fine, thank you" if number % 3 else None,
        customer=f"C-{number % 5}",
        agent=f"600{number % 3}",
        team=("5001", "5002")[number % 2],
        mobile=f"+8869123456{number % 5:02}",
    )
    for number in range(40)
]
DISPATCH = "115097d3-ea65-432b-b90a-08aa7e5de361"
MAIL = "delivery_plan: {id: mail, name: m, schedule: [{on_channel: email, text_body: x}]}"
DISPATCHES = {
    DISPATCH: """
name: After a call
delivery_plan:
  id: by-mail-or-sms
  name: An hour later
  repeat_only_after_hours: 24
  unique_customer_id_by_pre_filled_question_tag: cc_CustomerId
  schedule:
    - {on_channel: "email://ours", delay_by_hours: 1, subject: How was it, text_body: "{{ link }}"}
    - {on_channel: sms, text_body: "{{ link }}"}
content_templates: [{id: t-1, name: Plain}]
""",
    "mail-only": f"name: By mail\n{MAIL}",
    "asleep": f"name: Asleep\nis_live: false\n{MAIL}",
    "paused": "name: P\ndelivery_plan: {id: p, name: p, is_live: false, schedule: [{on_channel: sms, text_body: x}]}",
}
# A questionnaire whose answers nobody counts.
ELSEWHERE = "elsewhere"
ROLES: tuple[Role, ...] = ("desktop", "system")


@pytest.fixture(scope="session")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with users whose keys are their names and `-key`, and the kept answers."""
    folder = tmp_path_factory.mktemp("wxm") / "data"
    shutil.copytree(template, folder)
    database = Database(f"sqlite:///{folder / 'pulse.db'}")
    users = Users(database)
    for role in ROLES:
        users.add(role, role)
        users.set_key(role, f"{role}-pin")
        users.set_password(role, f"{role}'s password")
    assert Platform(database).take(KEPT).added == len(KEPT)
    keep_dispatches(database)
    database.close()
    return folder


def keep_dispatches(database: Database) -> None:
    """The dispatches of these tests."""
    with database.write() as connection:
        for identity, text in DISPATCHES.items():
            read = read_dispatch(f"id: {identity}\nquestionnaire_name: {QUESTIONNAIRE}\n{text}")
            dispatches.keep(database, connection, "dispatch", [read.dispatch])
            dispatches.keep(database, connection, "plan", [read.plan])
            dispatches.keep(database, connection, "template", read.templates)


@pytest.fixture(scope="session")
def node(filled: Path) -> Iterator[ServedNode]:
    with ServedNode(filled, {"PULSE_FACES": "api", "PULSE_PUBLIC_URL": PUBLIC_URL}) as served:
        yield served


@pytest.fixture(scope="session")
def anyone(node: ServedNode) -> Client:
    return Client(node.base)


@pytest.fixture(scope="session")
def desktop(anyone: Client) -> Client:
    return anyone.as_bearer(anyone.login(username="desktop", password="desktop-pin").json["access_token"])


@pytest.fixture(scope="session")
def system(anyone: Client) -> Client:
    return anyone.as_bearer(anyone.login(username="system", password="system-pin").json["access_token"])


class Mint:
    """Gives out tokens of a node's users, as the node itself does."""

    def __init__(self, data: Path) -> None:
        self._keys = signing_keys(Settings(data_dir=data))
        self._tokens = ApiTokens(self._keys)
        database = Database(f"sqlite:///{data / 'pulse.db'}")
        self._users = {user.name: user for user in Users(database).list()}
        database.close()

    def token(self, name: str, *, lifetime: int = LIFETIME, scope: Scope | None = None) -> str:
        return self._tokens.issue(self._users[name], lifetime=lifetime, scope=scope)[0]

    def with_claims(self, name: str, **more: object) -> str:
        """One whose claims no scope would make."""
        user = self._users[name]
        claims = {"sub": user.name, "role": user.role, "gen": user.generation, "jti": "an id", **more}
        return SignedClaims(self._keys, "api", AUDIENCE).sign(claims, 60)[0]


@pytest.fixture(scope="session")
def mint(filled: Path, node: ServedNode) -> Mint:
    assert node.process.poll() is None
    return Mint(filled)


@pytest.fixture(scope="session")
def hashed(system: Client) -> str:
    """A question whose answers are kept as hashes alone; it makes the questionnaire `elsewhere`."""
    question: dict[str, object] = {
        "id": "hashed-one",
        "text": "Account number",
        "displayType": "Text",
        "questionTags": ["account"],
    }
    question |= {"displayLocation": [ELSEWHERE], "piiSettings": {"isPII": True, "piiType": "hash"}}
    assert system.post("/api/Questions/add", question).status == 200
    return "hashed-one"
