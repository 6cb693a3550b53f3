"""GET /gadgets/pulse: NPS, CSAT and CES of the signed-in agent, or of the supervisor's teams.

Figures are kept for a second in this process and a second in the cache that all nodes share: whatever the number of
gadgets that ask, a scope is counted about once a second, and an answer shows within three.
"""

import hashlib
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from cachetools import LRUCache
from flask import Blueprint, Response, request

from experience.model.errors import UnknownQuestionnaire
from experience.platform import ExperiencePlatform
from foundation.cache.cache import Cache
from foundation.web.openapi import described
from gadgets.pulse.figures import Names, Pulse
from gadgets.pulse.models import PulseParameters, PulseResponse, TeamPulseResponse
from gadgets.pulse.query import KEPT, QUERY_ERRORS, PulseQuery, query_of
from gadgets.pulse.spreadsheet import filename, sheet
from gadgets.signin.directory import Directory
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person

FRESH_SECONDS = 1
ERRORS = (*QUERY_ERRORS, UnknownQuestionnaire)
AGENT_POLL = 60
SUPERVISOR_POLL = 10


@dataclass(frozen=True, slots=True)
class CachedBody:
    """A body as it is sent, its ETag, and the moment until which it is fresh (monotonic seconds)."""

    body: bytes
    etag: str
    until: float

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.etag, "Cache-Control": "private, no-cache", "Vary": "Origin, Authorization"}


class PulseCache:
    """Counts pulses, each at most about once a second, and keeps what it counted that long."""

    def __init__(self, platform: ExperiencePlatform, directory: Directory, cache: Cache, time_zone: str) -> None:
        self._platform = platform
        self._directory = directory
        self._cache = cache
        self._zone = ZoneInfo(time_zone)
        self._bodies: LRUCache[PulseQuery, CachedBody] = LRUCache(KEPT)
        self._lock = threading.Lock()

    def query(self, person: Person, query_string: bytes) -> PulseQuery:
        """What this person asks with this query string now; raises what `scope_of` and `parse_period` raise."""
        now = datetime.now(self._zone)
        return query_of(person, query_string, now.date()).at(now)

    def body(self, query: PulseQuery) -> CachedBody:
        with self._lock:
            body = self._bodies.get(query)
        if body is None or body.until < time.monotonic():
            body = self._fresh(query)
        return body

    def pulse(self, query: PulseQuery) -> Pulse:
        """Counted now."""
        now = self._platform.figures(query.scope, query.period, query.questionnaire, trend=True)
        before = self._platform.figures(query.scope, query.before, query.questionnaire, trend=False)
        names = Names(self._directory.team_names(query.scope.teams or ()), self._directory.agent_names(now.by_agent))
        invitations = self._platform.invitations(query.scope, query.period, query.questionnaire)
        return Pulse(query, str(self._zone), now, before, names, invitations)

    def _fresh(self, query: PulseQuery) -> CachedBody:
        poll_after = SUPERVISOR_POLL if query.is_of_teams else AGENT_POLL
        text: str = self._cache.shared(
            f"pulse:{query.key}", FRESH_SECONDS, lambda: orjson.dumps(self.pulse(query).to_dict(poll_after)).decode()
        )
        body = text.encode()
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        cached = CachedBody(body, etag, time.monotonic() + FRESH_SECONDS)
        with self._lock:
            self._bodies[query] = cached
        return cached


def blueprint(guard: Guard, board: PulseCache) -> Blueprint:
    routes = Blueprint("pulse", __name__)

    @routes.get("/gadgets/pulse")
    @guard.signed_in
    @described(query=PulseParameters, answer=PulseResponse | TeamPulseResponse, status=(200, 304), errors=ERRORS)
    def pulse(person: Person) -> Response:
        """Scores, their change and spread, the trend, and for supervisors each team and agent."""
        kept = board.body(board.query(person, request.query_string))
        if kept.etag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
            return Response(status=304, headers=kept.headers)
        return Response(kept.body, headers=kept.headers, content_type="application/json")

    @routes.get("/gadgets/pulse.csv")
    @guard.signed_in
    @described(query=PulseParameters, media="text/csv", errors=ERRORS)
    def pulse_csv(person: Person) -> Response:
        """The total, the teams and the agents of the pulse as CSV, for a spreadsheet."""
        counted = board.pulse(board.query(person, request.query_string))
        attached = f'attachment; filename="{filename(counted)}"'
        headers = {"Cache-Control": "no-store", "Content-Disposition": attached}
        return Response(sheet(counted), mimetype="text/csv", headers=headers)

    return routes
