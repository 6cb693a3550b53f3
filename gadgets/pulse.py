"""GET /gadgets/pulse: NPS, CSAT and CES of the signed-in agent, or of the supervisor's teams.

Figures are kept for a second in this process and a second in the cache that all nodes share: whatever the number of
gadgets that ask, a scope is counted about once a second, and an answer shows within three.
"""

import csv
import hashlib
import io
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response, request

from foundation.cache import Cache
from foundation.errors import BadRequest
from gadgets.directory import Directory
from gadgets.figures import Names, Pulse
from gadgets.people import Guard
from gadgets.periods import DEFAULT, Period
from gadgets.person import Person
from gadgets.scope import Scope, scope_of
from gadgets.sources import ExperienceSource

FRESH_SECONDS = 1
KEPT = 5_000
AGENT_POLL = 60
SUPERVISOR_POLL = 10
ARGUMENTS = frozenset({"filterTags", "period", "team", "agent", "questionnaire"})
LONGEST_ARGUMENT = 200
RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = ("row", "id", "name", "responses", "nps", "csat", "ces", "nps_change", "csat_change", "ces_change")


@dataclass(frozen=True, slots=True)
class Kept:
    """A body as it is sent, its ETag, and the moment until which it is fresh (monotonic seconds)."""

    body: bytes
    etag: str
    until: float

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag, "Cache-Control": "private, no-cache", "Vary": "Origin, Authorization"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the pulse; whoever may ask the same gets the same answer."""

    scope: Scope
    period: Period
    questionnaire: str | None

    @property
    def key(self) -> str:
        """Everything that the answer depends on."""
        scope = [self.scope.tag, sorted(self.scope.teams) if self.scope.teams is not None else None, self.scope.agent]
        facts = [*scope, self.period.first, self.period.last, self.questionnaire]
        return f"pulse:{hashlib.sha256(orjson.dumps(facts)).hexdigest()}"


class Board:
    """Counts pulses, each at most about once a second, and keeps what it counted that long."""

    def __init__(self, source: ExperienceSource, directory: Directory, cache: Cache, time_zone: str) -> None:
        self._source = source
        self._directory = directory
        self._cache = cache
        self._zone = ZoneInfo(time_zone)
        self._kept: dict[Asked, Kept] = {}
        self._lock = threading.Lock()

    def asked(self, person: Person, query: bytes) -> Asked:
        """What this person asks with this query string today; raises what `scope_of` and `Period.parse` raise."""
        return _asked(person, query, datetime.now(self._zone).date())

    def body(self, asked: Asked) -> Kept:
        kept = self._kept.get(asked)
        if kept is None or kept.until < time.monotonic():
            kept = self._fresh(asked)
        return kept

    def pulse(self, asked: Asked) -> Pulse:
        """Counted now."""
        now = self._source.figures(asked.scope, asked.period, asked.questionnaire, trend=True)
        before = self._source.figures(asked.scope, asked.period.previous, asked.questionnaire, trend=False)
        names = Names(self._directory.team_names(asked.scope.teams or ()), self._directory.agent_names(now.by_agent))
        invited = 0 if self._source.tells_invitations else None
        return Pulse(asked.scope, asked.period, str(self._zone), now, before, names, invited)

    def _fresh(self, asked: Asked) -> Kept:
        poll_after = SUPERVISOR_POLL if asked.scope.is_of_teams else AGENT_POLL
        text: str = self._cache.once(
            asked.key, FRESH_SECONDS, lambda: orjson.dumps(self.pulse(asked).told(poll_after)).decode()
        )
        body = text.encode()
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        kept = Kept(body, etag, time.monotonic() + FRESH_SECONDS)
        with self._lock:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[asked] = kept
        return kept


def blueprint(guard: Guard, board: Board) -> Blueprint:
    routes = Blueprint("pulse", __name__)

    @routes.get("/gadgets/pulse")
    @guard.signed_in
    def pulse(person: Person) -> Response:
        """Scores, their change and spread, the trend, and for supervisors each team and agent."""
        kept = board.body(board.asked(person, request.query_string))
        if kept.etag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
            return Response(status=304, headers=kept.headers)
        return Response(kept.body, headers=kept.headers, content_type="application/json")

    @routes.get("/gadgets/pulse.csv")
    @guard.signed_in
    def pulse_csv(person: Person) -> Response:
        """The rows of the pulse, for a spreadsheet."""
        text = table(board.pulse(board.asked(person, request.query_string)))
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="pulse.csv"'}
        return Response(text, mimetype="text/csv", headers=headers)

    return routes


def table(pulse: Pulse) -> str:
    """The total, then each team and agent, one row each; text that a spreadsheet would run gets an apostrophe."""
    body = pulse.told(0)
    total = {"id": "", "name": "", "responses": body["responses"]}
    total |= {name: metric["score"] for name, metric in body["metrics"].items()}
    total["change"] = {name: metric["change"] for name, metric in body["metrics"].items()}
    rows = [("total", total)]
    rows += [("team", row) for row in body.get("teams", [])] + [("agent", row) for row in body.get("agents", [])]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for kind, row in rows:
        changes = [row["change"][name] for name in ("nps", "csat", "ces")]
        figures = [row["responses"], row["nps"], row["csat"], row["ces"], *changes]
        writer.writerow([kind, harmless(row["id"]), harmless(row["name"]), *figures])
    return out.getvalue()


def harmless(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(RUNNABLE) or cell.startswith(RUNNABLE) else cell


@lru_cache(maxsize=KEPT)
def _asked(person: Person, query: bytes, today: date) -> Asked:
    arguments = _arguments(query)
    period = Period.parse(arguments.get("period") or DEFAULT, today)
    return Asked(scope_of(person, arguments), period, arguments.get("questionnaire") or None)


def _arguments(query: bytes) -> dict[str, str]:
    """The arguments that the pulse knows; one given twice could mean either, so it is refused."""
    given = [(name, value) for name, value in parse_qsl(query.decode(errors="replace")) if name in ARGUMENTS]
    found = dict(given)
    if len(found) < len(given) or any(len(value) > LONGEST_ARGUMENT for value in found.values()):
        raise BadRequest(f"Give each argument once, in {LONGEST_ARGUMENT} characters at most.")
    return found
