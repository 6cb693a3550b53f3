"""The one door for outbound HTTP: pooled connections, every wait under one deadline, nothing from the environment.

A failure is an answer of its own kind: `NoConnection` (nothing was sent, another node may be asked), `NoAnswer`
(it was sent, and what came of it is unknown), `Busy` (not sent, for too much is under way). None carries the request,
so no header can reach a log.
"""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from secrets import randbelow
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)
from werkzeug.http import parse_date

from foundation.errors import NeighbourDown
from foundation.setting_rules import LOOPBACK

CONNECT_SECONDS = 2.0
LARGEST_ANSWER = 4 * 1024 * 1024
FAILURE_REMEMBERED = 3.0
CALLS_IN_FLIGHT = 128
# A neighbour whose last word was silence gets an eighth of its calls until it answers again.
WHILE_SILENT = 8
ASK_SOON, ASK_LATER = 1, 5
PAUSE_SECONDS = 0.1
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class NoConnection(NeighbourDown):
    """Nothing was sent: `reason` says what stood in the way."""

    code = "no_connection"
    reason = "connection"


class NoName(NoConnection):
    reason = "name"


class NoProxy(NoConnection):
    reason = "proxy"


class NoTrust(NoConnection):
    """The certificate, or the speaking of TLS, is not what we may trust: the next try finds the same."""

    reason = "certificate"
    permanent = True


class NoAnswer(NeighbourDown):
    """The request went out, and no whole answer came back in time."""

    status = 504
    code = "no_answer"
    reason = "silence"


class TooLarge(NoAnswer):
    reason = "size"
    permanent = True


class Busy(NeighbourDown):
    """So many calls to this neighbour are under way that one more would only wait."""

    status = 503
    code = "neighbour_busy"
    title = "A neighbour is slow, and enough is waiting for it"


# What is fatal and what is passing, for every failure and every status. What is `permanent` the next try would meet
# again; the rest may pass, and an idempotent call may be made once more.
FAILURES: tuple[tuple[type[Exception], type[NeighbourDown]], ...] = (
    (NameResolutionError, NoName),
    (ProxyError, NoProxy),
    (ssl.SSLEOFError, NoAnswer),
    (ssl.SSLZeroReturnError, NoAnswer),
    (SSLError, NoTrust),
    (NewConnectionError, NoConnection),
    (ConnectTimeoutError, NoConnection),
    (HTTPError, NoAnswer),
)
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a neighbour said; `retry_after` in seconds, where it asks for a pause."""

    status: int
    body: bytes
    retry_after: float | None = None


class Neighbour:
    """One host: its connections, how many calls are under way, and what became of the last ones."""

    def __init__(self, base: str, pool: urllib3.HTTPConnectionPool, limit: int) -> None:
        self.base = base
        self.pool = pool
        self.failed_until = 0.0
        self.silent = False
        self._limit = limit
        self._under_way = 0
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Take one of the places; Busy where there is none, NoConnection where none came about a moment ago."""
        if self.failed_until > time.monotonic():
            raise NoConnection(f"{self.base} could not be reached a moment ago")
        with self._lock:
            if self._under_way >= (max(1, self._limit // WHILE_SILENT) if self.silent else self._limit):
                wait = ASK_LATER if self.silent else ASK_SOON
                raise Busy(f"{self._under_way} calls to {self.base} are under way", retry_after=wait)
            self._under_way += 1

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1

    def failed(self, error: Exception) -> NeighbourDown:
        """Our word for a failure; what stood in the way of a connection is remembered, and so is silence."""
        kind = kind_of(error)
        if issubclass(kind, NoConnection):
            self.failed_until = time.monotonic() + FAILURE_REMEMBERED
            return kind(f"{self.base} could not be reached ({type(error).__name__})")
        self.silent = True
        return kind(f"{self.base} did not answer in time ({type(error).__name__})")


class Door:
    """Asks neighbours; each has its own connections and its own limit, so that one that hangs costs only its own."""

    def __init__(self, proxy: str = "", tls: ssl.SSLContext | None = None, *, limit: int = CALLS_IN_FLIGHT) -> None:
        self._tls = tls or ssl.create_default_context()
        self._limit = limit
        self._proxy = urllib3.ProxyManager(proxy, maxsize=limit, ssl_context=self._tls) if proxy else None
        self._neighbours: dict[str, Neighbour] = {}
        self._lock = threading.Lock()

    def get(self, base: str, path: str, headers: Mapping[str, str], seconds: float) -> Answer:
        """GET `base` + `path` within `seconds` in all; never a redirect, never a retry."""
        return self._once("GET", base, path, headers, None, seconds)

    def ask(
        self,
        method: str,
        base: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds: float,
        tries: int = 1,
    ) -> Answer:
        """One call within `seconds` in all; more than one try only where it is idempotent and the failure may pass."""
        deadline = time.monotonic() + seconds
        for left in range(tries - 1 if method in IDEMPOTENT else 0, 0, -1):
            pause = (0.5 + randbelow(1000) / 1000) * PAUSE_SECONDS * (tries - left)
            try:
                answer = self._once(method, base, path, headers, body, deadline - time.monotonic())
                if answer.status not in PASSING:
                    return answer
                pause = max(pause, answer.retry_after or 0.0)
            except NeighbourDown as error:
                if error.permanent or isinstance(error, Busy):
                    raise
            if time.monotonic() + pause >= deadline:
                break
            time.sleep(pause)
        return self._once(method, base, path, headers, body, max(0.001, deadline - time.monotonic()))

    def _once(
        self, method: str, base: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        neighbour = self._neighbours.get(base) or self._meet(base)
        neighbour.enter()
        try:
            deadline = time.monotonic() + seconds
            response = neighbour.pool.urlopen(
                method,
                path,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=_timeout(seconds),
            )
            found = _body(base, response, deadline)
        except HTTPError as error:
            raise neighbour.failed(error) from error
        except NoAnswer:
            neighbour.silent = True
            raise
        finally:
            neighbour.leave()
        neighbour.silent = False
        return Answer(response.status, found, _retry_after(response) if response.status >= 400 else None)

    def _meet(self, base: str) -> Neighbour:
        """The connections to one host; bases come from settings alone, so there are few."""
        with self._lock:
            if base not in self._neighbours:
                self._neighbours[base] = Neighbour(base, self._pool(base), self._limit)
            return self._neighbours[base]

    def _pool(self, base: str) -> urllib3.HTTPConnectionPool:
        parts = urlsplit(base)
        if self._proxy and parts.scheme == "https" and parts.hostname not in LOOPBACK:
            return self._proxy.connection_from_url(base)
        tls = {"ssl_context": self._tls} if parts.scheme == "https" else {}
        return urllib3.connection_from_url(base, maxsize=self._limit, **tls)


def kind_of(error: Exception) -> type[NeighbourDown]:
    """The row of the table that a failure belongs to; what TLS ran into stands inside urllib3's own error."""
    inner = error.args[0] if isinstance(error, SSLError) and error.args else None
    return next(kind for row, kind in FAILURES if isinstance(inner, row) or isinstance(error, row))


@lru_cache(maxsize=256)
def _timeout(seconds: float) -> urllib3.Timeout:
    return urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), total=seconds)


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    """`Retry-After` in seconds or as a date; nothing where it is neither."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text[:9])
    moment = parse_date(text)
    return max(0.0, moment.timestamp() - time.time()) if moment else None


def _body(base: str, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body; an error where it is too large, breaks off, or comes in slower than the deadline allows."""
    parts: list[bytes] = []
    size = 0
    while response.length_remaining != 0:
        _hurry(response, deadline)
        part = response.read1(65536)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            response.close()
            raise TooLarge(f"{base} sent more than can be taken in")
        if time.monotonic() > deadline:
            response.close()
            raise NoAnswer(f"{base} sent too slowly")
    response.release_conn()
    return b"".join(parts)


def _hurry(response: urllib3.BaseHTTPResponse, deadline: float) -> None:
    """urllib3 counts its read timeout anew for each read; what is left of ours is what the next one may wait."""
    wire = getattr(response.connection, "sock", None)
    if wire is not None:
        wire.settimeout(max(0.001, deadline - time.monotonic()))
