"""The lab's surveys: two dispatches and a rule, taken in as their imports do; what a person made of them stays."""

from __future__ import annotations

from pathlib import Path

from experience.dispatch import dispatches, rules
from experience.dispatch.files import Dispatched, read_dispatch
from experience.platform import Platform

FOLDER = Path(__file__).parents[1] / "lab/surveys"
DISPATCHES = ("email.yaml", "sms.yaml")
RULES = "rules.yaml"


def introduce(platform: Platform) -> None:
    """Bring along what is not there yet."""
    database = platform.database
    with database.write() as connection:
        for dispatched in map(_read, DISPATCHES):
            if dispatches.find(connection, "dispatch", dispatched.dispatch["id"]) is None:
                dispatches.keep(database, connection, "plan", [dispatched.plan])
                dispatches.keep(database, connection, "dispatch", [dispatched.dispatch])
        if dispatches.find(connection, "rules", rules.DOCUMENT) is None:
            rules.keep(database, connection, rules.read_rules((FOLDER / RULES).read_text("utf-8")))


def _read(name: str) -> Dispatched:
    return read_dispatch((FOLDER / name).read_text("utf-8"))
