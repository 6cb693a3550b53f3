"""A node whose WXM_URL is another node of ours: login, HTTPS, journeys and pulses as if the answers were its own."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experience.accounts.users import Users
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.db.database import Database
from foundation.tls.certificates import from_pem
from foundation.tls.trust import Trust
from gadgets.signin.person import Person
from tests.scripts.make_answers import CALLS, CHATS, QUESTIONS, TEAMS, answers
from tests.support.few_customers import of_few
from tests.support.services import ServedNode, Service, settings_for
from tests.support.signed_in import make_person
from tests.support.tls import authority, leaf

ZONE = "Asia/Taipei"
COUNT = 3_000
CUSTOMERS = 150
DAYS = ("2026-11-20..2026-11-20", "2026-11-14..2026-11-20", "2026-10-22..2026-11-20", "2026-08-01..2026-10-31")
YEAR = "2025-11-21..2026-11-20"


@pytest.fixture(scope="module")
def folder(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all answers, and the key of its read-only WxM user in a file."""
    data = tmp_path_factory.mktemp("held")
    shutil.copytree(template, data, dirs_exist_ok=True)
    database = Database(f"sqlite:///{data / 'pulse.db'}")
    with database.write() as connection:
        catalogue.keep(database, connection, QUESTIONS)
    platform = Platform(database, ZONE, "TW", ())
    assert not platform.take(of_few(answer, CUSTOMERS) for answer in answers(COUNT, 7)).faults
    users = Users(database)
    users.add("desktop", "desktop")
    (data / "key").write_text(users.new_key("desktop"))
    database.close()
    return data


@pytest.fixture(scope="module")
def embedded(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The answers in a service's own database."""
    data = tmp_path_factory.mktemp("embedded")
    settings = settings_for(data, ["http://127.0.0.1:1"], time_zone=ZONE, phone_region="TW", journey_access="any")
    with Service(settings, folder) as service:
        yield service


@pytest.fixture(scope="module")
def node(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """The same answers behind the api face of a node that serves HTTPS with a certificate made on the spot."""
    place, ca = tmp_path_factory.mktemp("certificates"), authority()
    made = leaf(ca, "127.0.0.1")
    ca.cert_pem.write_to_path(str(place / "ca.pem"))
    made.cert_chain_pems[0].write_to_path(str(place / "cert.pem"))
    made.private_key_pem.write_to_path(str(place / "key.pem"))
    data = tmp_path_factory.mktemp("node")
    shutil.copytree(folder, data, dirs_exist_ok=True)
    environ = {
        "PULSE_PUBLIC_URL": "https://wxm.bora.com",
        "PULSE_FACES": "api",
        "PULSE_TIME_ZONE": ZONE,
        "PULSE_PHONE_REGION": "TW",
        "PULSE_THREADS": "16",
        "PULSE_TLS_CERT": str(place / "cert.pem"),
        "PULSE_TLS_KEY": str(place / "key.pem"),
    }
    with ServedNode(data, environ, place / "ca.pem") as served:
        yield served


@pytest.fixture(scope="module")
def remote(
    node: ServedNode, folder: Path, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service without answers of its own, that trusts the node's authority."""
    data = tmp_path_factory.mktemp("remote")
    shutil.copytree(template, data, dirs_exist_ok=True)
    database = Database(f"sqlite:///{data / 'pulse.db'}")
    pem = node.authority.read_bytes() if node.authority else b""
    Trust(database).add(f"127.0.0.1:{node.port}", from_pem(pem)[0], "issuer")
    database.close()
    wxm = {"wxm_url": node.base, "wxm_username": "desktop", "wxm_api_key": (folder / "key").read_text()}
    settings = settings_for(
        data, ["http://127.0.0.1:1"], time_zone=ZONE, phone_region="TW", journey_access="any", **wxm
    )
    with Service(settings, template) as service:
        yield service


def fetched(service: Service, path: str, who: Person) -> dict[str, Any]:
    response = service.get(path, who)
    assert response.status_code == 200, response.data
    body: dict[str, Any] = json.loads(response.data)
    return body


def persons() -> list[tuple[Person, str]]:
    """Agents, and supervisors of one, of some and of all teams, with the filter that they ask by."""
    agents = [make_person(str(number), agent_id=f"6{number:03}", team=("", "")) for number in (1, 42, 99)]
    lists: tuple[list[str], ...] = (TEAMS[:1], TEAMS[2:5], TEAMS, [])
    supervisors = [
        make_person(f"11{number}", agent_id="6500", supervises=tuple((team, f"Team {team}") for team in teams))
        for number, teams in enumerate(lists)
    ]
    return [(agent, "cc_AgentId") for agent in agents] + [
        (person, "cc_TeamId") for person in supervisors if person.supervises
    ]


@pytest.mark.timeout(300)
def test_pulses_are_equal_field_by_field(embedded: Service, remote: Service) -> None:
    chance = random.Random(5)
    counted = 0
    for who, tag in persons():
        for period in (*DAYS, YEAR):
            for more in ("", narrowed(who, chance)):
                path = f"/gadgets/pulse?filterTags={tag}&period={period}{more}"
                expected, actual = fetched(embedded, path, who), fetched(remote, path, who)
                rates = ("invited", "invitedAnswered", "responseRate", "optedOut")
                assert [expected.pop(name) for name in rates] == [0, 0, None, 0]
                assert [actual.pop(name) for name in rates] == [None] * 4
                assert actual == expected, path
                counted = max(counted, actual["responses"])
    assert counted > 0.9 * COUNT


def narrowed(who: Person, chance: random.Random) -> str:
    """To a questionnaire, and for supervisors to a team, to an agent, or both."""
    narrowing = chance.choice(["", f"&questionnaire={CALLS}", f"&questionnaire={CHATS}"])
    if who.supervises:
        narrowing += chance.choice(["", f"&team={chance.choice(who.supervises)[0]}"]) + chance.choice(
            ["", "&agent=6007"]
        )
    return narrowing


def test_journeys_are_equal_field_by_field(embedded: Service, remote: Service) -> None:
    chance = random.Random(6)
    who = make_person()
    shown = 0
    for number in chance.sample(range(CUSTOMERS), 40):
        key, value = chance.choice(
            [("customerId", f"C-{number}"), ("mobile", f"09123{number:05}"), ("email", f"CUSTOMER{number}@example.com")]
        )
        pages = [pages_of(service, who, {key: value}) for service in (embedded, remote)]
        assert pages[0] == pages[1], key
        shown += len(pages[0])
    assert shown > 60


def pages_of(service: Service, who: Person, customer: dict[str, str]) -> list[dict[str, Any]]:
    """All pages of seven answers, without the references, which are never twice the same."""
    response = service.post("/gadgets/journey?limit=7", customer, who)
    assert response.status_code == 200, response.data
    bodies = [json.loads(response.data)]
    reference = bodies[0].pop("customerRef")
    while bodies[-1]["next"]:
        path = f"/gadgets/journey?customerRef={reference}&limit=7&before={bodies[-1]['next']}"
        bodies.append(fetched(service, path, who))
        bodies[-1].pop("customerRef")
    return bodies


@pytest.mark.timeout(300)
def test_comments_are_equal_field_by_field(embedded: Service, remote: Service) -> None:
    chance = random.Random(7)
    shown = 0
    for who, tag in persons():
        for period in (*DAYS, YEAR):
            for more in ("", narrowed(who, chance)):
                query = f"filterTags={tag}&period={period}&limit={chance.choice([5, 20, 100])}{more}"
                expected, actual = (comment_pages(service, query, who) for service in (embedded, remote))
                assert actual == expected, query
                shown += len(actual)
    assert shown > 500


def comment_pages(service: Service, query: str, who: Person) -> list[dict[str, Any]]:
    """The comments of the first pages, with the cursor of the last."""
    comments: list[dict[str, Any]] = []
    body: dict[str, Any] = {"next": ""}
    for _ in range(6):
        more = f"&before={body['next']}" if body["next"] else ""
        body = fetched(service, f"/gadgets/comments?{query}{more}", who)
        comments += body["comments"]
        if body["next"] is None:
            break
    return [*comments, {"next": body["next"]}]


def test_what_cannot_be_is_refused_alike(embedded: Service, remote: Service) -> None:
    who = make_person()
    for path in (
        "/gadgets/pulse?filterTags=cc_AgentId&questionnaire=No+such+survey",
        "/gadgets/pulse?filterTags=cc_TeamId",
        "/gadgets/comments?filterTags=cc_AgentId&questionnaire=No+such+survey",
        "/gadgets/comments?filterTags=cc_TeamId",
        "/gadgets/comments?filterTags=cc_AgentId&before=nonsense",
        "/gadgets/comments?filterTags=cc_AgentId&limit=0",
    ):
        refused = [service.get(path, who) for service in (embedded, remote)]
        assert refused[0].status_code in {400, 403}
        assert refused[0].status_code == refused[1].status_code
        assert json.loads(refused[0].data) == json.loads(refused[1].data)
