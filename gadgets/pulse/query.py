"""What a request asks of the figures and comments: whose, over which days, of which questionnaire; from its query."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Self
from urllib.parse import parse_qsl

import orjson

from experience.model.period import Period
from experience.model.scope import Scope
from foundation.errors import BadRequest
from gadgets.pulse.models import PulseParameters
from gadgets.pulse.periods import DEFAULT, BadPeriod, parse_period, yesterday_until
from gadgets.pulse.scope import TEAM_TAG, NotYours, NotYourTeam, SupervisorsOnly, UnknownFilter, scope_of
from gadgets.signin.person import Person

KEPT = 5_000
# Questions are kept by their query string, with whatever else stands in it; all arguments of ours fit in.
LONGEST_QUERY = 8_000
ARGUMENTS = frozenset(about.alias for about in PulseParameters.model_fields.values())
# What `query_of` raises, but for BadRequest.
QUERY_ERRORS = (UnknownFilter, BadPeriod, SupervisorsOnly, NotYours, NotYourTeam)


@dataclass(frozen=True, slots=True)
class PulseQuery:
    """One question; whoever may ask the same gets the same answer.

    `tag` is the kind of scope that was asked for, `before` the period that the figures are compared with.
    """

    tag: str
    scope: Scope
    period: Period
    before: Period
    questionnaire: str | None

    @property
    def is_of_teams(self) -> bool:
        """Whether it is split by team and by agent."""
        return self.tag == TEAM_TAG

    def at(self, now: datetime) -> Self:
        """As it is asked at a local time: today is not over, and is compared with as much of yesterday."""
        is_today = self.period == Period(now.date(), now.date())
        return replace(self, before=yesterday_until(now)) if is_today else self

    @property
    def key(self) -> str:
        """Everything that the answer depends on."""
        scope = [self.tag, sorted(self.scope.teams) if self.scope.teams is not None else None, self.scope.agent]
        facts = [*scope, self.period.first, self.period.last, self.before.until, self.questionnaire]
        return hashlib.sha256(orjson.dumps(facts)).hexdigest()


@lru_cache(maxsize=KEPT)
def query_of(person: Person, query: bytes, today: date) -> PulseQuery:
    """What this person asks with this query string today; raises what `scope_of` and `parse_period` raise."""
    arguments = _arguments(query)
    period = parse_period(arguments.get("period") or DEFAULT, today)
    questionnaire = arguments.get("questionnaire") or None
    return PulseQuery(*scope_of(person, arguments), period, period.previous, questionnaire)


def _arguments(query: bytes) -> dict[str, str]:
    """The arguments that we know; one given twice could mean either, so it is refused.

    What is no text, or none that PostgreSQL can be asked with, becomes a sign that nothing is called by.
    """
    if len(query) > LONGEST_QUERY:
        raise BadRequest(f"A query has {LONGEST_QUERY} characters at most.")
    pairs = parse_qsl(query.decode(errors="replace"))
    known = [(name, value.replace("\0", "\ufffd")) for name, value in pairs if name in ARGUMENTS]
    arguments = dict(known)
    if len(arguments) < len(known):
        raise BadRequest(PulseParameters.usage)
    return PulseParameters.parse(arguments).model_dump(by_alias=True, exclude_unset=True)
