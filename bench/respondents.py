"""WxM's micro survey, many times in each order in which its requests may arrive: is each respondent one answer?

    python -m bench.respondents [ROUNDS]      # 200 of each of the 12 orders unless told otherwise

On SQLite and on PostgreSQL (tests/support/databases.py says which). Ends with 1 where an answer, an NPS or a use is
missing or too many.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from foundation.db.schema_version import upgrade
from tests.support.databases import empty_schema
from tests.support.micro_survey import ORDERS, Respondent, kept_scores, system_user, uses_left


def measure(name: str, url: str, folder: Path, rounds: int) -> bool:
    """Run all orders on a database and print what became of them; whether all is right."""
    upgrade(url)
    with system_user(url, folder) as (app, client):
        right = True
        for order in ORDERS:
            before, started = kept_scores(app), time.perf_counter()
            token = client.post("/api/SurveyToken", json={"validUses": rounds + 1}).get_json()["id"]
            for number in range(rounds):
                respondent = Respondent(client, token, number % 11, 4, 5)
                for request in order:
                    respondent.send(request)
            after = kept_scores(app)
            scores = sum(score is not None for score in after) - sum(score is not None for score in before)
            made = len(after) - len(before)
            left = sorted(uses_left(app))
            seconds = time.perf_counter() - started
            right = right and (made, scores) == (rounds, rounds) and set(left) == {1}
            found = f"{made:4} answers {scores:4} NPS  uses left {set(left)}"
            print(f"{name:10} {' '.join(order):20} {found}  {seconds:5.1f} s", flush=True)
    return right


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        on_sqlite = measure("sqlite", f"sqlite:///{folders[0] / 'pulse.db'}", folders[0], rounds)
        on_postgres = measure("postgresql", stack.enter_context(empty_schema()), folders[1], rounds)
    return 0 if on_sqlite and on_postgres else 1


if __name__ == "__main__":
    raise SystemExit(main())
