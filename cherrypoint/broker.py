"""One token for all who ask, within a process and between nodes that share a cache, renewed ahead of its end.

What is shared, under names that hold the `generation` of the token being replaced:

    token-newest:<key>              the newest token; kept an hour past its end, for its generation
    token-refused:<key>:<g>         a WxM refused generation g: it counts as gone
    token-failed:<key>:<g>          how often replacing g has failed, and for how long nobody tries again
    lease:token:<key>:<g>           who has it replaces g; its holder renews it, and gives it back
    token-lately:<key>              a token was refused in the last seconds

No moment of a wall clock is shared or waited for: nodes' clocks differ, and are set. A process counts by the clock that
never steps, and the age of a shared fact follows from how long the cache will keep it yet.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from secrets import randbelow
from typing import Any, TypeGuard

import structlog
from prometheus_client import Counter, Gauge

from cherrypoint.token import Token
from foundation.cache.cache import Cache
from foundation.causes import cause_of
from foundation.errors import NeighbourDown, PulseError
from foundation.single_flight import SingleFlight

log = structlog.get_logger(__name__)

RENEW_AT = 0.8
POLL_SECONDS = 0.03
# While a renewal is due, so often each process looks whether another node has it, or it may be tried again.
LOOK_SECONDS = 0.25
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
FAILURE_KEPT = 600
PERMANENT = 100
GENERATION_KEPT = 3600
# One refusal in so many seconds has a new token fetched at once; the next ones of tokens so young, after a pause.
YOUNG_SECONDS = 5
# So many may wait as long as a fetch can take; further ones give up soon, and leave the threads to other work.
PATIENT, IMPATIENT_SECONDS = 64, 1.0

FETCHES = Counter("pulse_token_fetches", "Tokens asked for upstream, by what came of it.", ["outcome"])
RENEWALS = Counter("pulse_token_renewals", "Tokens fetched while the one before still lived.")
REFUSALS = Counter("pulse_token_refusals", "Tokens that a WxM turned down.")
# Of several workers, the newest token that any of them holds.
FETCHED_AT = Gauge("pulse_token_fetched_timestamp_seconds", "When the token was fetched.", multiprocess_mode="max")
ENDS_AT = Gauge("pulse_token_ends_timestamp_seconds", "When the token ends.", multiprocess_mode="max")

Fetch = Callable[[], Token]


class CloudConnectUnavailable(NeighbourDown):
    status = 503
    code = "cloud_connect_unavailable"
    title = "No token can be had now"


@dataclass(frozen=True, slots=True)
class HeldToken:
    """A token, and by the clock that never steps: since when it is, from when on to renew it, and its end."""

    token: Token
    fetched_at: float
    renew_at: float
    ends_at: float

    @property
    def lives(self) -> bool:
        return time.monotonic() < self.ends_at


class Broker:
    """Hands out the token of one source; `key` names that source in the cache, `seconds` is the longest fetch."""

    def __init__(
        self, fetch: Fetch, cache: Cache, *, refresh: float, key: str, seconds: float = 10.0, patient: int = PATIENT
    ) -> None:
        self._fetch = fetch
        self._cache = cache
        self._refresh = refresh
        self._key = key
        self._seconds = seconds
        self._patient = patient
        self._held: HeldToken | None = None
        self._lock = threading.Lock()
        self._flights = SingleFlight(timed_out=_fetch_takes_long)
        self._waiting = 0
        self._renewing = False
        self._look_again_at = 0.0

    def token(self) -> Token:
        """A token that lives; CloudConnectUnavailable where there is none and none can be fetched now."""
        held, now = self._held, time.monotonic()
        if held is not None and now < held.ends_at:
            if now >= held.renew_at:
                self._renew_aside(held)
            return held.token
        return self._obtain_together()

    def refused(self, token: Token) -> None:
        """A WxM refused this token: nobody is given it again; a newer one stays."""
        with self._lock:
            held = self._held
            if held is None or held.token.generation != token.generation:
                return
            left = max(1, math.ceil(held.ends_at - time.monotonic()))
            self._cache.set(self._name("refused", token.generation), 1, left)
            self._held = None
        REFUSALS.inc()
        first = self._cache.add(self._name("lately"), 1, YOUNG_SECONDS)
        if not first and time.monotonic() - held.fetched_at < YOUNG_SECONDS:
            self._remember_failure(token.generation, 1)

    def _obtain_together(self) -> Token:
        """What one thread of this process obtains, for all that ask meanwhile."""
        with self._lock:
            patient = self._waiting < self._patient
            self._waiting += 1
        try:
            deadline = time.monotonic() + (self._seconds + 2 if patient else IMPATIENT_SECONDS)
            return self._flights.run("token", self._obtain_unless_held, deadline)
        finally:
            with self._lock:
                self._waiting -= 1

    def _obtain_unless_held(self) -> Token:
        # Another call may have ended between the caller's question and this call.
        held = self._held
        if held is None or not held.lives:
            held = self._obtain()
            self._hold(held)
        return held.token

    def _hold(self, held: HeldToken) -> None:
        with self._lock:
            self._held = held
        _show(held)

    def _obtain(self) -> HeldToken:
        """The shared token; else the one that we, or whoever of all nodes has the lease, fetch."""
        deadline = time.monotonic() + self._seconds + 1
        while time.monotonic() < deadline:
            shared = self._shared()
            if self._is_good(shared):
                return shared
            fetched = self._fetch_leased(shared.token.generation if shared else "none")
            if fetched is not None:
                return fetched
            time.sleep(POLL_SECONDS)
        raise CloudConnectUnavailable("Another node is fetching a token, and it takes long.", retry_after=2)

    def _renew_aside(self, held: HeldToken) -> None:
        """Have one thread look for a newer token, while all go on with this one."""
        with self._lock:
            # Asked here, as a look may have begun and ended since the caller's question.
            if self._renewing or time.monotonic() < self._look_again_at:
                return
            self._renewing = True
        threading.Thread(target=self._renew, args=(held,), name="token-renewal", daemon=True).start()

    def _renew(self, held: HeldToken) -> None:
        try:
            newer = self._newer(held.token.generation)
            if newer is not None:
                self._hold(newer)
        except PulseError:
            """Told where it was met; the token goes on."""
        except Exception as error:
            # The cache may be gone, and the token goes on without it.
            log.warning("token_not_renewed", code=cause_of(error) or type(error).__name__)
        finally:
            with self._lock:
                self._look_again_at = time.monotonic() + LOOK_SECONDS
                self._renewing = False

    def _newer(self, generation: str) -> HeldToken | None:
        """A token after `generation`: another node's, or our own where it is our turn; None where another is at it."""
        shared = self._shared()
        if self._is_good(shared) and shared.token.generation != generation:
            return shared
        fetched = self._fetch_leased(generation)
        if fetched is not None:
            RENEWALS.inc()
        return fetched

    def _fetch_leased(self, generation: str) -> HeldToken | None:
        """The token after `generation`, fetched by one node at a time; None while another is at it."""
        self._attempt(generation)
        with self._cache.lease(f"token:{self._key}:{generation}") as ours:
            if not ours:
                return None
            # Another may have been at it between our look and our turn.
            shared = self._shared()
            if self._is_good(shared) and shared.token.generation != generation:
                return shared
            return self._fetched(generation, self._attempt(generation))

    def _fetched(self, generation: str, attempt: int) -> HeldToken:
        """Fetch, and tell all nodes what came of it."""
        try:
            token = self._fetch()
        except PulseError as error:
            FETCHES.labels("failed").inc()
            # What no repetition mends is asked seldom: an account may be locked by it.
            pause = self._remember_failure(generation, PERMANENT if error.permanent else attempt + 1)
            log.warning("token_not_renewed", code=error.code, reason=error.detail, attempt=attempt + 1)
            raise CloudConnectUnavailable(error.detail, retry_after=math.ceil(pause)) from error
        FETCHES.labels("token").inc()
        life = token.expires_at - time.time()
        kept_for = math.ceil(life) + GENERATION_KEPT
        facts = {"token": asdict(token), "life": life, "renew_after": min(self._refresh, RENEW_AT * life)}
        self._cache.set(self._name("newest"), {**facts, "kept_for": kept_for}, kept_for)
        return _held(facts, 0.0)

    def _shared(self) -> HeldToken | None:
        # What is left is asked first: where another token comes between, it seems older than it is, and no younger.
        left = self._cache.left(self._name("newest"))
        facts: dict[str, Any] | None = self._cache.get(self._name("newest"))
        return _held(facts, facts["kept_for"] - left) if facts and left is not None else None

    def _is_good(self, held: HeldToken | None) -> TypeGuard[HeldToken]:
        return held is not None and held.lives and not self._cache.get(self._name("refused", held.token.generation))

    def _attempt(self, generation: str) -> int:
        """Which try at replacing `generation` is next; CloudConnectUnavailable while nobody may try."""
        left = self._cache.left(self._name("failed", generation))
        failure = self._cache.get(self._name("failed", generation))
        if failure is None or left is None:
            return 0
        wait = failure["pause"] - (FAILURE_KEPT - left)
        if wait > 0:
            raise CloudConnectUnavailable("The last try failed a moment ago.", retry_after=math.ceil(wait))
        return int(failure["attempt"])

    def _remember_failure(self, generation: str, attempt: int) -> float:
        """Let nobody try for a while, longer after each failure; how long."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt - 1, 10)) * (0.75 + randbelow(500) / 1000)
        self._cache.set(self._name("failed", generation), {"attempt": attempt, "pause": pause}, FAILURE_KEPT)
        return pause

    def _name(self, what: str, *parts: str) -> str:
        return ":".join((f"token-{what}", self._key, *parts))


def _held(facts: dict[str, Any], age: float) -> HeldToken:
    """A token that was fetched so many seconds ago."""
    fetched_at = time.monotonic() - age
    return HeldToken(Token(**facts["token"]), fetched_at, fetched_at + facts["renew_after"], fetched_at + facts["life"])


def _show(held: HeldToken) -> None:
    """The token's age as metrics show it: the moments, for what is shown may be read later."""
    FETCHED_AT.set(time.time() - (time.monotonic() - held.fetched_at))
    ENDS_AT.set(held.token.expires_at)


def _fetch_takes_long() -> CloudConnectUnavailable:
    return CloudConnectUnavailable("A token is being fetched, and it takes long.", retry_after=2)
