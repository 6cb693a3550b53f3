"""The service's figures equal those of a script that imports nothing of ours."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from experience.history import transfer
from experience.model import scores
from experience.model.figures import Tally
from experience.model.period import Period
from experience.model.scope import Scope
from experience.platform import Platform
from foundation.db.database import Database
from tests.scripts import make_answers

SCRIPTS = Path(make_answers.__file__).parent
YEAR = Period(date(2025, 11, 1), date(2026, 11, 30))


@dataclass(frozen=True)
class Imported:
    """A file of answers, and the platform that took them."""

    answers: Path
    questions: Path
    platform: Platform

    def recount(self, *arguments: str) -> Any:
        program = [sys.executable, str(SCRIPTS / "recount.py"), str(self.answers), str(self.questions)]
        process = subprocess.run([*program, "--zone", "Asia/Taipei", *arguments], capture_output=True, check=True)
        return json.loads(process.stdout)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Imported]:
    folder = tmp_path_factory.mktemp("recount")
    questions = make_answers.write(folder / "answers.json", 4000, seed=3)
    (folder / "pulse.db").write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{folder / 'pulse.db'}")
    platform = Platform(database, "Asia/Taipei")
    with questions.open("rb") as stream:
        transfer.bring_in_questions(database, stream, lambda _: None)
    with (folder / "answers.json").open("rb") as stream:
        assert transfer.bring_in(platform, stream, lambda _: None).added == 4000
    yield Imported(folder / "answers.json", questions, platform)
    database.close()


@pytest.mark.parametrize("agent", ["6001", "6043"])
def test_an_agents_figures_equal_the_recount(imported: Imported, agent: str) -> None:
    figures = imported.platform.figures(Scope(None, agent), YEAR)
    assert _to_dict(figures.total) == imported.recount("--agent", agent)


@pytest.mark.parametrize("team", make_answers.TEAMS[:3])
def test_a_teams_figures_equal_the_recount(imported: Imported, team: str) -> None:
    figures = imported.platform.figures(Scope(frozenset({team}), None), YEAR)
    assert _to_dict(figures.total) == imported.recount("--team", team)
    agent = sorted(figures.by_agent)[0]
    assert _to_dict(figures.by_agent[agent]) == imported.recount("--team", team, "--agent", agent)


def test_a_questionnaires_figures_of_a_month_equal_the_recount(imported: Imported) -> None:
    days = Period(date(2026, 3, 1), date(2026, 3, 31))
    figures = imported.platform.figures(Scope(frozenset({"5001"}), None), days, make_answers.CHATS)
    limits = "--from", days.first.isoformat(), "--to", days.last.isoformat()
    assert _to_dict(figures.total) == imported.recount("--team", "5001", "--questionnaire", make_answers.CHATS, *limits)


def test_the_scripts_import_nothing_of_ours() -> None:
    for name in ("recount.py", "make_answers.py"):
        tree = ast.parse((SCRIPTS / name).read_text("utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {module.split(".")[0] for module in imported} <= sys.stdlib_module_names | {"__future__"}


def _to_dict(tally: Tally) -> dict[str, Any]:
    """Figures in the shape of the recount."""
    csat, ces = scores.csat(tally.csat), scores.ces(tally.ces)
    return {
        "responses": tally.responses,
        "nps": {"score": scores.nps(tally.nps), "responses": sum(tally.nps.values()), "counts": _counts(tally.nps)},
        "csat": {
            "score": csat and csat.score,
            "mean": csat and csat.mean,
            "responses": sum(tally.csat.values()),
            "counts": _counts(tally.csat),
        },
        "ces": [_on_scale(metric) for metric in ((ces, *ces.others) if ces else ())],
    }


def _on_scale(ces: scores.Ces) -> dict[str, Any]:
    of = f"{ces.of[0]}-{ces.of[1]}"
    return {"score": ces.score, "of": of, "responses": ces.responses, "counts": _counts(ces.counts)}


def _counts(counts: Any) -> dict[str, int]:
    return {str(value): counts[value] for value in sorted(counts)}
