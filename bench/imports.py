"""`history import` beside bare inserts of the same rows, and beside an older checkout's, on SQLite.

    python -m bench.imports [--answers 20000] [--rounds 5] [--beside /path/to/older/checkout]

Processor time of the whole command, user and system, in turn; the median of the rounds, and of their ratios. Bare
inserts are the rows as they are kept, 500 a transaction, without reading, judging or counting.
"""

from __future__ import annotations

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.scripts.make_answers import write

ROOT = Path(__file__).parent.parent
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=Path)
    options = parser.parse_args()
    checkouts = [ROOT, *([options.beside] if options.beside else [])]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answers.json"
        write(file, options.answers, 1)
        rounds = [measured(checkouts, file, Path(folder) / str(number)) for number in range(options.rounds)]
    for name, seconds in zip([*map(str, checkouts), "bare inserts"], zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(times[0] / time for times, time in zip(rounds, seconds, strict=True))
        print(f"{name:40}{statistics.median(seconds):8.2f} s{ratio:8.2f} of it here")


def measured(checkouts: list[Path], file: Path, folder: Path) -> list[float]:
    """Seconds of one round: of each checkout, then of bare inserts."""
    seconds = [imported(checkout, file, folder / str(place)) for place, checkout in enumerate(checkouts)]
    return [*seconds, inserted(folder / "0" / "pulse.db", folder / "bare.db")]


def imported(checkout: Path, file: Path, data: Path) -> float:
    questions = file.with_name(file.name + ".questions.json")
    run(checkout, data, "db", "upgrade")
    return run(checkout, data, "history", "import", str(file), "--questions", str(questions))


def run(checkout: Path, data: Path, *arguments: str) -> float:
    """Processor time of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PULSE_DATA_DIR": str(data)}
    command = [sys.executable, "app.py", *arguments]
    subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def inserted(source: Path, target: Path) -> float:
    """Processor time of inserting the rows of one database into a table with the same columns."""
    with sqlite3.connect(source) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(answers)")]
        rows = connection.execute("SELECT * FROM answers").fetchall()
    before = resource.getrusage(resource.RUSAGE_SELF)
    with sqlite3.connect(target) as connection:
        connection.execute(f"CREATE TABLE answers ({', '.join(columns)})")
        for start in range(0, len(rows), BATCH):
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO answers VALUES ({places})", rows[start : start + BATCH])
            connection.commit()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
