"""Several writers at once: every answer counted once, readers see whole transactions."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import orjson

from experience.figures import rebuild
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.db.database import Database
from tests.experience.samples import Answer, answer, tallies_of

TEAMS = Scope(frozenset({"5001", "5002"}), None)
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))
IMPORTER = """
import sys, orjson
from foundation.db.database import Database
from experience.platform import Platform
platform = Platform(Database(sys.argv[1]), "UTC")
taken = platform.take(orjson.loads(open(sys.argv[2], "rb").read()))
print(taken.added, taken.known, len(taken.faults))
"""


def _answers(count: int) -> list[Answer]:
    return [answer(f"a{n:05}", nps=n % 11, agent=f"60{n % 5}", team=f"500{1 + n % 2}") for n in range(count)]


def test_processes_importing_the_same_answers_count_each_once(url: str, database: Database, tmp_path: Path) -> None:
    Platform(database, "UTC")
    files = []
    for number in range(2):
        shuffled = _answers(600)
        random.Random(number).shuffle(shuffled)
        files.append(tmp_path / f"{number}.json")
        files[-1].write_bytes(orjson.dumps(shuffled))
    running = [
        subprocess.Popen([sys.executable, "-c", IMPORTER, url, str(file)], stdout=subprocess.PIPE, encoding="utf-8")
        for file in files
    ]
    counts = [[int(word) for word in process.communicate(timeout=60)[0].split()] for process in running]
    assert sum(added for added, _, _ in counts) == 600
    assert all((added + known, bad) == (600, 0) for added, known, bad in counts)
    _counted_once(database, 600)


def test_threads_on_one_platform_count_each_once(platform: Platform) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda start: platform.take(_answers(400)[start:] + _answers(start)), range(0, 400, 50)))
    assert sum(result.added for result in taken) == 400
    assert sum(result.known for result in taken) == 7 * 400
    _counted_once(platform.database, 400)


def test_readers_see_whole_transactions(platform: Platform) -> None:
    def write() -> None:
        for batch in range(20):
            platform.take([answer(f"b{batch}-{n}", nps=9, agent="6001", team="5001") for n in range(10)])

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            figures = platform.figures(TEAMS, PERIOD)
            assert figures.total.responses % 10 == 0
            assert figures.by_team.keys() == figures.by_agent.keys() or figures.total.responses
            assert sum(tally.responses for tally in figures.by_agent.values()) == figures.total.responses
            assert sum(tally.responses for tally in figures.by_day.values()) == figures.total.responses
        writing.result()
    assert platform.figures(TEAMS, PERIOD).total.responses == 200


def test_a_question_and_an_answer_bring_a_questionnaire_at_once(platform: Platform) -> None:
    database, place = platform.database, "Both at once"
    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            catalogue.lock_catalogue(connection)
            taking = pool.submit(platform.take, [answer("both", nps=9) | {"locationId": place}])
            # By now the answer waits for us: at the latest where it would give the catalogue its version.
            time.sleep(1)
            catalogue.keep(database, connection, [{"id": "at once", "displayLocation": [place]}])
        assert taking.result().added == 1
    with database.read() as connection:
        assert place in catalogue.load(connection).questionnaires


def _counted_once(database: Database, count: int) -> None:
    counted = tallies_of(database)
    assert sum(row[-1] for row in counted[1] if row[3] == "responses") == count
    with database.write() as connection:
        rebuild.recount(connection)
    assert tallies_of(database) == counted
