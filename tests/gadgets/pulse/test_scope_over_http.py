"""Over real HTTP, with generated people, teams and answers: nobody ever sees what the rules do not allow."""

import csv
import io
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from experience.platform import Platform
from foundation.db.database import Database
from gadgets.signin.guard import Sessions
from tests.gadgets.pulse.expected_figures import (
    Filled,
    Refusal,
    Right,
    SignedInUser,
    comments,
    days_of,
    journey,
    pulse,
    right,
)
from tests.support.answering import QUESTIONNAIRE, Answer, answer
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, ScriptedFinesse, basic, dialog
from tests.support.services import Reply, ServedNode
from tests.support.signed_in import make_person

OTHER = "Second survey"
HOME, OWN = "@home", "@own"
TAGS = ("cc_AgentId", "cc_TeamId", "cc_AgentId,cc_TeamId", "cc_TeamId, CC_AGENTID", "cc_TeamId,cc_QueueId", "")
PERIODS = ("7d", "30d", "90d", "365d", "{three}..{now}", "{long}..{now}")
AGES = (0, 0, 1, 3, 6, 7, 13, 29, 30, 59, 60, 89, 200, 364, 365, 500)
worlds = itertools.count(1)
moments = itertools.count(1)


@dataclass(frozen=True)
class Drawn:
    """A world before it has ids: indexes of people, teams and customers."""

    homes: tuple[int, ...]
    supervised: tuple[tuple[int, ...] | None, ...]
    answers: tuple[tuple[Any, ...], ...]
    questions: tuple[tuple[Any, ...], ...]
    calls: tuple[tuple[int, int], ...]


teams = st.integers(0, 2)
optional_team = st.sampled_from([None, 0, 0, 1, 1, 2, 3])
people = st.integers(0, 4)
drawn_answers = st.tuples(
    st.one_of(st.none(), people),
    optional_team,
    st.sampled_from(AGES),
    st.sampled_from([QUESTIONNAIRE, QUESTIONNAIRE, OTHER]),
    st.one_of(st.none(), st.integers(0, 2)),
    st.one_of(st.none(), st.integers(0, 10)),
    st.one_of(st.none(), st.integers(1, 5)),
    st.one_of(st.none(), st.integers(1, 7)),
    st.sampled_from([None, "很好", "<b>", "   "]),
)
questions = st.tuples(
    people,
    st.one_of(st.none(), st.sampled_from(TAGS)),
    st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, HOME, HOME, "", "nowhere"])),
    st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, 4, OWN, OWN, "", "nobody"])),
    st.one_of(st.none(), st.sampled_from(PERIODS)),
    st.one_of(st.none(), st.sampled_from([QUESTIONNAIRE, OTHER])),
)
drawn_worlds = st.builds(
    Drawn,
    st.tuples(*[teams] * 5),
    st.tuples(*[st.one_of(st.none(), st.lists(teams, max_size=3, unique=True).map(tuple))] * 2),
    st.lists(drawn_answers, max_size=16).map(tuple),
    st.lists(questions, min_size=6, max_size=12).map(tuple),
    st.lists(st.tuples(people, st.integers(0, 2)), min_size=1, max_size=4).map(tuple),
)


@dataclass
class World:
    """A drawn world with ids of its own, taken in by the service and known to Finesse."""

    node: ServedNode
    finesse: ScriptedFinesse
    drawn: Drawn
    name: str = ""
    today: date = field(default_factory=date.today)
    people: list[SignedInUser] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    answers: list[Filled] = field(default_factory=list)
    calls: dict[str, tuple[int, str]] = field(default_factory=dict)

    def team(self, index: int | str | None) -> str | None:
        return f"{self.name}T{index}" if isinstance(index, int) else index

    def agent(self, index: int | str | None) -> str | None:
        return f"{self.name}A{index}" if isinstance(index, int) else index

    def settle(self, platform: Platform) -> None:
        self.name = f"w{next(worlds)}"
        self.today = steady_today()
        self._employ()
        for agent, team, age, questionnaire, customer, nps, csat, ces, comment in self.drawn.answers:
            number = next(moments)
            noon = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
            self.answers.append(
                Filled(
                    f"{self.name}-{number}",
                    noon - timedelta(days=age) + timedelta(microseconds=number),
                    questionnaire,
                    self.agent(agent),
                    self.team(team),
                    None if customer is None else f"{self.name}C{customer}",
                    nps,
                    csat,
                    ces,
                    comment,
                )
            )
        assert not platform.take(as_wxm(filled) for filled in self.answers).faults
        for index, (who, customer) in enumerate(self.drawn.calls):
            call, named = f"{self.name}-{index}", f"{self.name}C{customer}"
            self.calls[call] = (who, named)
            self.finesse.dialogs.setdefault(self.people[who].id, []).append(dialog(call, {"POD.ID": named}))

    def _employ(self) -> None:
        for index, home in enumerate(self.drawn.homes):
            supervised = self.drawn.supervised[index] if index < len(self.drawn.supervised) else None
            mine = frozenset(f"{self.name}T{team}" for team in supervised or ())
            who = SignedInUser(
                f"{self.name}U{index}", f"{self.name}A{index}", f"{self.name}T{home}", supervised is not None, mine
            )
            account = Account(
                who.id,
                f"{self.name}login{index}",
                roles=("Agent", "Supervisor") if who.is_supervisor else ("Agent",),
                team=(who.home, f"Team {who.home}"),
                supervises=tuple((team, f"Team {team}") for team in sorted(mine)),
                skill_target_id=who.agent_id,
            )
            self.finesse.add(account)
            self.people.append(who)
            self.tokens.append(self._sign_in(who))

    def _sign_in(self, who: SignedInUser) -> str:
        reply = self.node.request(
            "POST", "/gadgets/session", {"Authorization": basic(who.id, "right")}, {"user": who.id}
        )
        assert reply.status_code == 200
        person = reply.json["person"]
        assert (person["id"], person["agentId"], person["team"]["id"]) == (who.id, who.agent_id, who.home)
        assert {team["id"] for team in person["supervises"]} == who.supervises
        assert ("Supervisor" in person["roles"]) is who.is_supervisor
        return str(reply.json["access_token"])

    def get(self, who: int, path: str, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.node.request("GET", path, {"Authorization": f"Bearer {self.tokens[who]}", **named})

    def parameters(self, question: tuple[Any, ...]) -> dict[str, str]:
        """The arguments of a drawn question; an empty one counts as not given."""
        index, tags, team, agent, period, questionnaire = question
        who = self.people[index]
        parameters = {
            "filterTags": tags,
            "team": who.home if team == HOME else self.team(team),
            "agent": who.agent_id if agent == OWN else self.agent(agent),
            "period": self._period(period),
            "questionnaire": questionnaire,
        }
        return {name: text for name, text in parameters.items() if text is not None}

    def _period(self, period: str | None) -> str | None:
        now = self.today
        three, long = now - timedelta(days=2), now - timedelta(days=700)
        return period and period.format(now=now, three=three, long=long)


def steady_today() -> date:
    """Today in UTC, with a minute of it left: the service must not see another day than we do."""
    now = datetime.now(UTC)
    left = (datetime.combine(now.date(), datetime.min.time(), UTC) + timedelta(days=1) - now).total_seconds()
    if left < 60:
        time.sleep(left + 0.1)
    return datetime.now(UTC).date()


def as_wxm(filled: Filled) -> Answer:
    return answer(
        id=filled.id,
        at=filled.at,
        questionnaire=filled.questionnaire,
        nps=filled.nps,
        csat=filled.csat,
        ces=filled.ces,
        agent=filled.agent,
        team=filled.team,
        customer=filled.customer,
        comment=filled.comment,
    )


@pytest.fixture(scope="module")
def platform(node: ServedNode) -> Iterator[Platform]:
    """The platform of the node's own database, which knows the second questionnaire already."""
    database = Database(f"sqlite:///{node.data / 'pulse.db'}")
    platform = Platform(database)
    platform.take([answer(questionnaire=OTHER)])
    deadline = time.monotonic() + 15
    while not knows(node, OTHER):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield platform
    database.close()


def knows(node: ServedNode, questionnaire: str) -> bool:
    token = Sessions((node.data.joinpath("secret.key").read_bytes().strip(),)).issue(make_person())
    query = urlencode({"filterTags": "cc_AgentId", "questionnaire": questionnaire})
    reply = node.request("GET", f"/gadgets/pulse?{query}", {"Authorization": f"Bearer {token}"})
    return reply.status_code == 200


@settings(
    max_examples=50,
    deadline=None,
    # To make a failing world smaller takes minutes over HTTP; the one that was found says enough.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=drawn_worlds)
def test_nobody_sees_what_the_rules_do_not_allow(
    node: ServedNode, finesse: ScriptedFinesse, platform: Platform, drawn: Drawn
) -> None:
    world = World(node, finesse, drawn)
    world.settle(platform)
    seen: dict[str, tuple[bytes, str]] = {}
    for _cold_then_warm in range(2):
        for question in drawn.questions:
            check_pulse(world, question, seen)
            check_csv(world, question)
            check_comments(world, question)
    check_foreign_etags(world, seen)
    check_journeys(world)


def check_pulse(world: World, question: tuple[Any, ...], seen: dict[str, tuple[bytes, str]]) -> None:
    query = world.parameters(question)
    expected = expectation(world, question)
    path = f"/gadgets/pulse?{urlencode(query)}"
    reply = world.get(question[0], path)
    if isinstance(expected, Refusal):
        assert_problem(reply, expected.status, expected.code)
        return
    assert reply.status_code == 200, reply.data
    assert figures_of(reply.json) == expected
    seen[f"{question[0]} {path}"] = (reply.data, reply.headers["ETag"])
    again = world.get(question[0], path, If_None_Match=reply.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def check_csv(world: World, question: tuple[Any, ...]) -> None:
    expected = expectation(world, question)
    reply = world.get(question[0], f"/gadgets/pulse.csv?{urlencode(world.parameters(question))}")
    if isinstance(expected, Refusal):
        assert_problem(reply, expected.status, expected.code)
        return
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"), newline="")))
    counts = {(row["row"], row["id"]): int(row["responses"]) for row in rows}
    wanted = {("total", ""): expected["responses"]}
    for kind in ("team", "agent"):
        wanted |= {(kind, key): row["responses"] for key, row in expected.get(f"{kind}s", {}).items()}
    assert counts == wanted


def check_comments(world: World, question: tuple[Any, ...]) -> None:
    """Page by page, everything that may be seen and nothing else; another's cursor opens nothing more."""
    query = {name: text for name, text in world.parameters(question).items() if text}
    verdict: Right | Refusal = right(world.people[question[0]], query)
    path = f"/gadgets/comments?{urlencode(world.parameters(question))}&limit=2"
    reply = world.get(question[0], path)
    if isinstance(verdict, Refusal):
        assert_problem(reply, verdict.status, verdict.code)
        return
    first, last = days_of(query.get("period", "30d"), world.today)
    expected = comments(world.answers, verdict, first, last, query.get("questionnaire"))
    identities = []
    while True:
        assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
        identities += [comment["id"] for comment in reply.json["comments"]]
        if reply.json["next"] is None:
            break
        reply = world.get(question[0], f"{path}&before={reply.json['next']}")
    assert identities == expected


def check_foreign_etags(world: World, seen: dict[str, tuple[bytes, str]]) -> None:
    """304 says "you have it already": to nobody but one who would be told the very same bytes."""
    for (own, (body, _)), (_, (foreign, etag)) in itertools.islice(itertools.permutations(seen.items(), 2), 30):
        who, _, path = own.partition(" ")
        reply = world.get(int(who), path, If_None_Match=etag)
        assert reply.status_code == (304 if foreign == body else 200)
        assert reply.data == (b"" if foreign == body else body)


def check_journeys(world: World) -> None:
    for call, (owner, customer) in world.calls.items():
        own = world.people[owner]
        path = f"/gadgets/journey?dialogId={call}&limit=100"
        reply = world.get(owner, path, X_Finesse_Authorization=basic(own.id, "right"))
        assert reply.status_code == 200
        assert [response["id"] for response in reply.json["responses"]] == journey(world.answers, customer)
        assert reply.json["customer"]["customerId"] == customer
        by_reference = f"/gadgets/journey?customerRef={reply.json['customerRef']}&limit=100"
        shown = world.get(owner, by_reference).json
        assert shown["responses"] == reply.json["responses"]
        for index, other in enumerate(world.people):
            if index != owner:
                credential = basic(other.id, "right")
                assert_problem(world.get(index, path, X_Finesse_Authorization=credential), 404, "no_dialog")
                assert_problem(world.get(index, by_reference), 404, "no_customer_ref")
    borrowed = basic(world.people[owner].id, "right")
    assert_problem(world.get((owner + 1) % 5, path, X_Finesse_Authorization=borrowed), 403, "not_your_user")


def expectation(world: World, question: tuple[Any, ...]) -> dict[str, Any] | Refusal:
    query = {name: text for name, text in world.parameters(question).items() if text}
    verdict: Right | Refusal = right(world.people[question[0]], query)
    if isinstance(verdict, Refusal):
        return verdict
    first, last = days_of(query.get("period", "30d"), world.today)
    return pulse(world.answers, verdict, first, last, query.get("questionnaire"))


def based(figure: dict[str, Any]) -> list[Any]:
    """A score and its base; of the mean that a short line has not, nothing."""
    return [figure["score"], figure["responses"]] if figure else []


def figures_of(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a pulse that `expected_figures` computes."""
    names = ("nps", "csat", "ces")
    figures = ("responses", *names)
    computed: dict[str, Any] = {
        "responses": body["responses"],
        "metrics": {
            name: {key: metric[key] for key in ("score", "previous", "responses", "counts")}
            for name, metric in body["metrics"].items()
        },
        "trend": [{name: based(day[name]) for name in names} for day in body["trend"]],
        "means": [{name: based(day[name].get("mean", {})) for name in names} for day in body["trend"]],
    }
    for name in ("teams", "agents"):
        if name in body:
            computed[name] = {row["id"]: {key: row[key] for key in figures} for row in body[name]}
            assert len(computed[name]) == len(body[name])
    return computed
