"""Journeys and pulses from a WxM, another node of ours over HTTP, beside the same answers built in.

    python -m bench.wxm [--answers 20000]

For each question: calls to the WxM and milliseconds, the first time and again when what was kept is no news any more.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from cherrypoint.broker import Broker
from cherrypoint.login import Login
from cherrypoint.token import Token
from experience.accounts.users import Users
from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import ExperiencePlatform, Platform
from experience.questionnaires import catalogue
from experience.wxm.platform import Wxm
from foundation.cache.cache import Cache
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.http.client import HttpClient
from tests.scripts.make_answers import LAST, QUESTIONS, TEAMS, answers
from tests.support.few_customers import of_few
from tests.support.services import ServedNode

AGAIN = 5
NO_NEWS_AFTER = 1.1
CUSTOMERS = 900
AGENT = Scope(None, "6017")
TEAM = Scope(frozenset(TEAMS[:1]), None)
ALL = Scope(frozenset(TEAMS), None)


class Counted:
    """Tokens as a broker gives them, with a count: each call takes one."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.calls = 0

    def token(self) -> Token:
        self.calls += 1
        return self._broker.token()

    def refused(self, token: Token) -> None:
        self._broker.refused(token)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        platform, key = filled(data, arguments.answers)
        with ServedNode(data, {"PULSE_PUBLIC_URL": "https://wxm.bora.com", "PULSE_FACES": "api"}) as node:
            compare(platform, node.base, key)
        platform.database.close()


def filled(data: Path, count: int) -> tuple[Platform, str]:
    """A platform with answers, and the key of its read-only WxM user."""
    url = f"sqlite:///{data / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        catalogue.keep(database, connection, QUESTIONS)
    platform = Platform(database)
    platform.take(of_few(answer, CUSTOMERS) for answer in answers(count, 7))
    users = Users(database)
    users.add("desktop", "desktop")
    return platform, users.new_key("desktop")


def compare(built_in: ExperiencePlatform, base: str, key: str) -> None:
    http = HttpClient()
    broker = Broker(Login(http, base, "desktop", key, 10).fetch, Cache(), refresh=1800, key="bench")
    counted = Counted(broker)
    wxm = Wxm(http, base, counted, time_zone="UTC")
    wxm.journey(Customer("customerId", "nobody"), 20, None)
    print(f"{'':31}built in      WxM, first time      again\n{'':31}      ms      calls        ms      calls    ms")
    for name, ask in questions().items():
        ours, _ = taken(partial(ask, built_in), counted)
        first, calls = taken(partial(ask, wxm), counted)
        again = [later(partial(ask, wxm), counted) for _ in range(AGAIN)]
        ms, more = statistics.median(run[0] for run in again), max(run[1] for run in again)
        print(f"{name:31}{ours:8.1f}{calls:11}{first:10.1f}{more:11}{ms:6.1f}")


def questions() -> dict[str, Callable[[ExperiencePlatform], object]]:
    """What gadgets ask, by what it is called."""
    scopes = {"agent": AGENT, "supervisor of 1 team": TEAM, "supervisor of 8 teams": ALL}
    pulses = {
        f"{name}, {days} days": partial(pulse, scope, days) for name, scope in scopes.items() for days in (30, 365)
    }
    return {"journey": lambda source: source.journey(Customer("customerId", "C-17"), 20, None), **pulses}


def pulse(scope: Scope, days: int, source: ExperiencePlatform) -> None:
    """As the board asks: with the period before."""
    period = Period(LAST.date() - timedelta(days=days - 1), LAST.date())
    source.figures(scope, period, None, trend=True)
    source.figures(scope, period.previous, None, trend=False)


def later(ask: Callable[[], object], counted: Counted) -> tuple[float, int]:
    time.sleep(NO_NEWS_AFTER)
    return taken(ask, counted)


def taken(ask: Callable[[], object], counted: Counted) -> tuple[float, int]:
    """Milliseconds and calls."""
    calls, began = counted.calls, time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000, counted.calls - calls


if __name__ == "__main__":
    main()
