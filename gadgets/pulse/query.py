"""What a request asks of the figures and comments: whose, over which days, of which questionnaire; from its query."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

from experience.model.period import Period
from experience.model.scope import Scope
from foundation.errors import BadRequest
from gadgets.pulse.periods import DEFAULT, parse_period
from gadgets.pulse.scope import TEAM_TAG, scope_of
from gadgets.signin.person import Person

KEPT = 5_000
LONGEST_ARGUMENT = 200
# Questions are kept by their query string, with whatever else stands in it; all arguments of ours fit in.
LONGEST_QUERY = 8_000
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100

TEXT = {"type": "string", "maxLength": LONGEST_ARGUMENT}
QUERY: dict[str, dict[str, Any]] = {
    "filterTags": {**TEXT, "description": "cc_AgentId, cc_TeamId, or both with a comma: the widest allowed holds."},
    "period": {**TEXT, "description": "7d, 30d, 90d, 365d or 2026-10-01..2026-10-31", "default": DEFAULT},
    "team": {**TEXT, "description": "One of the teams that the person supervises."},
    "agent": {**TEXT, "description": "Narrows to one agent, within the teams."},
    "questionnaire": {**TEXT, "description": "Narrows to one questionnaire, by its name."},
}
PAGING: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT},
    "before": {"type": "string", "description": "The cursor `next` of the page before."},
}


@dataclass(frozen=True, slots=True)
class PulseQuery:
    """One question; whoever may ask the same gets the same answer. `tag` is the kind of scope that was asked for."""

    tag: str
    scope: Scope
    period: Period
    questionnaire: str | None

    @property
    def is_of_teams(self) -> bool:
        """Whether it is split by team and by agent."""
        return self.tag == TEAM_TAG

    @property
    def key(self) -> str:
        """Everything that the answer depends on."""
        scope = [self.tag, sorted(self.scope.teams) if self.scope.teams is not None else None, self.scope.agent]
        facts = [*scope, self.period.first, self.period.last, self.questionnaire]
        return hashlib.sha256(orjson.dumps(facts)).hexdigest()


@lru_cache(maxsize=KEPT)
def asked_of(person: Person, query: bytes, today: date) -> PulseQuery:
    """What this person asks with this query string today; raises what `scope_of` and `parse_period` raise."""
    arguments = _arguments(query)
    period = parse_period(arguments.get("period") or DEFAULT, today)
    return PulseQuery(*scope_of(person, arguments), period, arguments.get("questionnaire") or None)


def limit_of(arguments: Mapping[str, str]) -> int:
    """How many answers a page holds."""
    text = arguments.get("limit", str(DEFAULT_LIMIT))
    if not (re.fullmatch(r"[1-9][0-9]{0,2}", text) and int(text) <= LARGEST_LIMIT):
        raise BadRequest(f"limit is a number from 1 to {LARGEST_LIMIT}.")
    return int(text)


def _arguments(query: bytes) -> dict[str, str]:
    """The arguments that we know; one given twice could mean either, so it is refused.

    What is no text, or none that PostgreSQL can be asked with, becomes a sign that nothing is called by.
    """
    if len(query) > LONGEST_QUERY:
        raise BadRequest(f"A query has {LONGEST_QUERY} characters at most.")
    pairs = parse_qsl(query.decode(errors="replace"))
    given = [(name, value.replace("\0", "\ufffd")) for name, value in pairs if name in QUERY]
    found = dict(given)
    if len(found) < len(given) or any(len(value) > LONGEST_ARGUMENT for value in found.values()):
        raise BadRequest(f"Give each argument once, in {LONGEST_ARGUMENT} characters at most.")
    return found
