"""The same answers, built in or behind a WxM, make the same figures, journeys and comments (docs/wxm.md)."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from experience.history import transfer
from experience.model.customer import Customer, Key
from experience.model.errors import BadCursor, UnknownQuestionnaire
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import ExperiencePlatform, Platform
from experience.questionnaires import catalogue
from experience.wxm.platform import Wxm
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.http.client import HttpClient
from tests.scripts.make_answers import AGENTS, CALLS, CHATS, QUESTIONS, TEAMS, answers
from tests.support.few_customers import of_few
from tests.support.scripted_wxm import ScriptedWxm, scripted_wxm
from tests.support.wxm_login import Login

ZONE = "Asia/Taipei"
TODAY = date(2026, 11, 20)
COUNT = 700
# So few that most gave more answers than a page holds.
CUSTOMERS = 30


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('built_in') / 'pulse.db'}"
    upgrade(url)
    connected = Database(url)
    with connected.write() as connection:
        catalogue.keep(connected, connection, QUESTIONS)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def built_in(database: Database) -> Platform:
    platform = Platform(database, ZONE, "TW", ())
    assert not platform.take(of_few(answer, CUSTOMERS) for answer in answers(COUNT, 7)).faults
    return platform


@pytest.fixture(scope="module")
def remote(built_in: Platform, database: Database) -> Iterator[ScriptedWxm]:
    """The answers as a platform stores them: with personal data in one form, or hashed; an odd number a page."""
    with scripted_wxm() as wxm:
        wxm.answers = [orjson.loads(document) for document in transfer.documents(database)]
        wxm.most_rows = 73
        yield wxm


@pytest.fixture(scope="module")
def wxm(remote: ScriptedWxm) -> Wxm:
    return Wxm(HttpClient(), remote.base, Login(), time_zone=ZONE, phone_region="TW")


def all_pages(source: ExperiencePlatform, customer: Customer, limit: int) -> list[Any]:
    pages = [source.journey(customer, limit, None)]
    while pages[-1].next:
        pages.append(source.journey(customer, limit, pages[-1].next))
    return pages


@pytest.mark.parametrize("key", ["customerId", "mobile", "email"])
def test_journeys_are_equal_page_by_page(built_in: Platform, wxm: Wxm, key: Key) -> None:
    forms = {"customerId": "C-{}", "mobile": "+8869123{:05}", "email": "customer{}@example.com"}
    pages = shared = 0
    for number in range(CUSTOMERS + 1):
        customer = Customer(key, forms[key].format(number))
        pages_of_wxm = all_pages(wxm, customer, 7)
        assert pages_of_wxm == all_pages(built_in, customer, 7)
        pages += len(pages_of_wxm)
        shared += pages_of_wxm[0].shared_by is not None
    assert pages > CUSTOMERS
    assert shared == (CUSTOMERS // 10 if key == "mobile" else 0)


def test_pulses_are_equal_in_every_scope(built_in: Platform, wxm: Wxm) -> None:
    chance = random.Random(3)
    for _ in range(40):
        scope = a_scope(chance)
        first = TODAY - timedelta(days=chance.randrange(400))
        period = Period(first, first + timedelta(days=chance.choice([0, 6, 29, 89, 364])))
        questionnaire = chance.choice([None, None, CALLS, CHATS])
        trend = chance.random() < 0.7
        expected = built_in.figures(scope, period, questionnaire, trend=trend)
        assert wxm.figures(scope, period, questionnaire, trend=trend) == expected, (scope, period, questionnaire)


def test_a_day_up_to_an_hour_is_counted_equally_and_no_later_answer_is_in_it(built_in: Platform, wxm: Wxm) -> None:
    chance = random.Random(5)
    scope, counted = Scope(frozenset(TEAMS), None), 0
    for _ in range(60):
        day = TODAY - timedelta(days=chance.randrange(300))
        until = datetime(day.year, day.month, day.day, chance.randrange(24), 30, tzinfo=ZoneInfo(ZONE))
        for narrowed in (scope, a_scope(chance)):
            expected = built_in.figures(narrowed, Period(day, day, until), None, trend=False)
            assert wxm.figures(narrowed, Period(day, day, until), None, trend=False) == expected, (narrowed, until)
        told = built_in.comments(scope, Period(day, day), None, 100, None).answers
        whole = built_in.figures(scope, Period(day, day), None, trend=False).total.responses
        part = built_in.figures(scope, Period(day, day, until), None, trend=False).total.responses
        late = sum(answer.responded_at >= until for answer in told)
        assert late <= whole - part <= whole
        counted += 0 < part < whole
    assert counted > 5


def test_comments_are_equal_page_by_page_in_every_scope(built_in: Platform, wxm: Wxm) -> None:
    chance = random.Random(4)
    shown = 0
    for _ in range(50):
        first = TODAY - timedelta(days=chance.randrange(400))
        period = Period(first, first + timedelta(days=chance.choice([0, 6, 29, 89, 364])))
        query = (a_scope(chance), period, chance.choice([None, None, CALLS, CHATS]), chance.choice([1, 7, 20]))
        before = None
        for _ in range(5):
            expected = built_in.comments(*query, before)
            assert wxm.comments(*query, before) == expected, (query, before)
            shown += len(expected.answers)
            before = expected.next
            if before is None:
                break
    assert shown > 100


def a_scope(chance: random.Random) -> Scope:
    if chance.random() < 0.4:
        return Scope(chance.choice([None, frozenset({chance.choice(TEAMS)})]), chance.choice(AGENTS))
    teams = frozenset(chance.sample(TEAMS, chance.randrange(len(TEAMS) + 1)))
    return Scope(teams, chance.choice([None, None, chance.choice(AGENTS)]))


@pytest.mark.parametrize("source", ["built_in", "wxm"])
def test_what_is_unknown_is_refused_by_both(source: str, request: pytest.FixtureRequest) -> None:
    platform: ExperiencePlatform = request.getfixturevalue(source)
    with pytest.raises(BadCursor):
        platform.journey(Customer("customerId", "C-1"), 20, "nonsense")
    with pytest.raises(UnknownQuestionnaire):
        platform.figures(Scope(None, "6001"), Period(TODAY, TODAY), "No such survey", trend=True)
    with pytest.raises(UnknownQuestionnaire):
        platform.comments(Scope(None, "6001"), Period(TODAY, TODAY), "No such survey", 20, None)
    for cursor in ("nonsense", "", "é", "!"):
        with pytest.raises(BadCursor):
            platform.comments(Scope(None, "6001"), Period(TODAY, TODAY), None, 20, cursor)


def test_nobody_and_no_team_are_nothing_in_both(built_in: Platform, wxm: Wxm) -> None:
    nobody, no_team = Customer("customerId", "C-none"), Scope(frozenset(), None)
    assert wxm.journey(nobody, 20, None) == built_in.journey(nobody, 20, None)
    period = Period(TODAY, TODAY)
    assert wxm.figures(no_team, period, None, trend=True) == built_in.figures(no_team, period, None, trend=True)
    assert wxm.comments(no_team, period, None, 20, None) == built_in.comments(no_team, period, None, 20, None)
