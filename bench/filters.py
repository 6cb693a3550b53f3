"""The most expensive requests over many answers, on SQLite and on PostgreSQL, beside an older checkout's.

    python -m bench.filters [--answers 100000] [--beside /path/to/older/checkout] [--postgres URL] [--only NAME]

For each request: the better of two runs in seconds, with its status and the size of its answer. Each runs in a process
of its own and is ended after a minute. The older checkout runs first, on the same answers. `--postgres` names an empty
database to fill; without it SQLite alone is measured. A database that is filled already is taken as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app import create_app
from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import Users
from experience.answers.schema import answers as answers_table
from experience.model.customer import Customer
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import survey_tokens
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.keys import signing_keys
from foundation.settings import Settings
from tests.scripts.make_answers import AGENTS, LAST, QUESTIONS, TEAMS, answers, question
from tests.support.few_customers import of_few

ROOT = Path(__file__).parent.parent
LIMIT = 60
HALF = 2
COMMENT = "64b000000000000000000004"
NPS, CSAT, CES = (f"64b00000000000000000000{number}" for number in (1, 2, 3))
CHOICE = "64b0000000000000000000d1"
CHOOSING = question(CHOICE, 6, "What was it about?", "MultiSelect", "topic", "both", "red", "blue", "green")

Outcome = tuple[int, int]
Ask = Callable[[], Outcome]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--postgres")
    parser.add_argument("--only", default="")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(*arguments.one)))
        return
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{Path(folder) / 'pulse.db'}", *([arguments.postgres] if arguments.postgres else [])]
        for url in urls:
            fill(url, arguments.answers)
        checkouts = [*([arguments.beside] if arguments.beside else []), ROOT]
        compare(urls, checkouts, arguments.only)


def compare(urls: list[str], checkouts: list[Path], only: str) -> None:
    for url in urls:
        print(f"\n{url.partition(':')[0]:34}" + "".join(f"{checkout.name[-20:]:>30}" for checkout in checkouts))
        for name in requests_of(None):
            if only in name:
                cells = (run(checkout, url, name) for checkout in checkouts)
                print(f"{name:34}" + "".join(f"{cell:>30}" for cell in cells), flush=True)


def run(checkout: Path, url: str, name: str) -> str:
    """One request in a process of its own, by the code of a checkout."""
    command = [sys.executable, "-P", str(Path(__file__)), "--one", url, name]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    try:
        done = subprocess.run(
            command, cwd=checkout, env=environment, timeout=LIMIT + 20, capture_output=True, text=True, check=True
        )
    except subprocess.TimeoutExpired:
        return f"> {LIMIT} s"
    seconds, status, size = json.loads(done.stdout.splitlines()[-1])
    return f"{seconds:8.3f} s  {status}  {size / 1024:9.1f} KiB"


def fill(url: str, count: int) -> None:
    """Answers, of which every other one is one customer's, and as many survey tokens as there are answers."""
    upgrade(url)
    database = Database(url)
    with database.write() as connection:
        catalogue.keep(database, connection, [*QUESTIONS, CHOOSING])
    platform = Platform(database)
    with database.read() as connection:
        known = connection.execute(select(func.count()).select_from(answers_table)).scalar_one()
    if not known:
        platform.take(_answers(count))
        for start in range(0, count, 1000):
            tokens = [{"note": f"note {number}", "preFill": []} for number in range(start, start + 1000)]
            with database.write() as connection:
                survey_tokens.make_many(connection, tokens, "Post call survey")
        Users(database).add("system", "system")
    database.close()


def _answers(count: int) -> Iterator[dict[str, Any]]:
    for number, answer in enumerate(answers(count, 7)):
        chosen = {"questionId": CHOICE, "textInput": ("red", "red, blue", "green")[number % 3], "numberInput": 0}
        yield of_few({**answer, "responses": [*answer["responses"], chosen]}, 20_000 if number % HALF else 1)


def measured(url: str, name: str) -> tuple[float, int, int]:
    """The better of two runs."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            public_url="https://p.bora.com",
            data_dir=Path(folder),
            database_url=url,
            secret_key=("bench-" * 8,),
            faces=("api",),
        )
        ask = requests_of(settings)[name]
        runs = []
        for _ in range(2):
            began = time.perf_counter()
            status, size = ask()
            runs.append((time.perf_counter() - began, status, size))
            if runs[0][0] > LIMIT / 2:
                break
        return min(runs)


def requests_of(settings: Settings | None) -> dict[str, Ask]:
    """What is asked, by its name; without settings for the names alone."""
    platform, post, get = _service(settings) if settings else (None, None, None)

    def filtered(path: str, *conditions: dict[str, Any], **fields: Any) -> Ask:
        return lambda: post(path, {"filterquestions": list(conditions), **fields}) if post else (0, 0)

    def sent(path: str, body: object) -> Ask:
        return lambda: post(path, body) if post else (0, 0)

    return {
        **_filters(partial(filtered, "/api/Answers/count")),
        "Answers": filtered("/api/Answers"),
        "Answers, 3 conditions": filtered("/api/Answers", *_texts(3)),
        "Answers/page/0/1000": filtered("/api/Answers/page/0/1000"),
        "Answers/page/99/1000": filtered("/api/Answers/page/99/1000"),
        "summary": filtered("/api/summary"),
        "summary, 30 days": filtered("/api/summary", afterdate="2026-10-20T00:00:00Z"),
        "FlashNPS": filtered("/api/FlashNPS"),
        "Visualize, NPS by day and team": sent("/api/WidgetsSummary/Visualize", _small_widget()),
        "Visualize, 20 widgets, 20 scores": sent("/api/WidgetsSummary/Visualize", _widgets()),
        "SurveyToken/search by note": lambda: get("/api/SurveyToken/search/all/nobody") if get else (0, 0),
        "SurveyToken/page/999": lambda: get("/api/SurveyToken/page/999") if get else (0, 0),
        "openapi.json": lambda: get("/openapi.json") if get else (0, 0),
        "metrics": lambda: get("/metrics") if get else (0, 0),
        **({name: partial(_counted, ask, platform) for name, ask in GADGETS.items()}),
    }


def _filters(count: Callable[..., Ask]) -> dict[str, Ask]:
    numbers = [
        {"questionId": CES, "answerCheck": ["gt"], "number": number / 9, "groupBy": "OR"} for number in range(100)
    ]
    chosen = [{"questionId": CHOICE, "answerCheck": [f"c{n} {m}" for m in range(5)]} for n in range(100)]
    return {
        "count": count(),
        "count, since October": count(afterdate="2026-10-01T00:00:00Z"),
        "count, 1 condition": count(*_texts(1)),
        "count, 3 conditions": count(*_texts(3)),
        "count, 10 conditions": count(*_texts(10)),
        "count, 100 conditions": count(*_texts(100)),
        "count, 100 conditions, 1 month": count(*_texts(100), afterdate="2026-10-20T00:00:00Z"),
        "count, 100 numbers, or": count(*numbers),
        "count, 500 choices, and": count(*chosen),
        "count, 500 choices, or": count(*({**condition, "groupBy": "OR"} for condition in chosen)),
        "count, a channel": count(channel="kiosk"),
        "count, with notes": count(withNotes=True),
    }


def _texts(count: int) -> list[dict[str, Any]]:
    """Conditions that the answers with the comment "null" meet, each another one."""
    return [{"questionId": COMMENT, "answerCheck": ["null", f"x{number}"], "groupBy": "AND"} for number in range(count)]


def _small_widget() -> dict[str, Any]:
    return {"widgets": [{"id": "a", "rows": ["responseDateTime"], "columns": [], "aggregatorQuestionIDs": [NPS]}]}


def _widgets() -> dict[str, Any]:
    rows = [["responseDateTime", CSAT], [CHOICE, CES], [NPS, CSAT, CES], [CHOICE, "responseDateTime"]]
    scores = [question["id"] for question in QUESTIONS] + [CHOICE]
    return {
        "widgets": [
            {"id": str(place), "rows": rows[place % 4], "columns": [], "aggregatorQuestionIDs": scores[:11]}
            for place in range(20)
        ]
    }


YEAR = Period(LAST.date() - timedelta(days=364), LAST.date())
EVERY_TEAM = Scope(frozenset(TEAMS), None)


def _comments(platform: Platform, scope: Scope, days: Period) -> int:
    return len(platform.comments(scope, days, None, 100, None).answers)


GADGETS: dict[str, Callable[[Platform], int]] = {
    "pulse of 8 teams, 365 days": lambda platform: len(platform.figures(EVERY_TEAM, YEAR).by_agent),
    "comments of 8 teams": lambda platform: _comments(platform, EVERY_TEAM, YEAR),
    "comments of an agent": lambda platform: _comments(platform, Scope(frozenset(TEAMS), AGENTS[3]), YEAR),
    "comments of a day long ago": lambda platform: _comments(platform, EVERY_TEAM, Period(YEAR.first, YEAR.first)),
    "journey of 50,000 answers": lambda platform: len(platform.journey(Customer("customerId", "C-0"), 100).answers),
    "journey of few answers": lambda platform: len(platform.journey(Customer("customerId", "C-17"), 100).answers),
}


def _counted(ask: Callable[[Platform], int], platform: Platform | None) -> Outcome:
    return (200, ask(platform)) if platform else (0, 0)


def _service(settings: Settings) -> tuple[Platform, Callable[[str, object], Outcome], Callable[[str], Outcome]]:
    app = create_app(settings)
    (user,) = Users(app.extensions["pulse"]["database"]).list()
    token, _ = ApiTokens(signing_keys(settings)).issue(user)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def post(path: str, body: object) -> Outcome:
        response = client.post(path, json=body, headers=headers)
        return response.status_code, len(response.data)

    def get(path: str) -> Outcome:
        response = client.get(path, headers=headers)
        return response.status_code, len(response.data)

    return app.extensions["pulse"]["platform"], post, get


if __name__ == "__main__":
    main()
