"""The one client for outbound HTTP: pooled connections, every wait under one deadline, nothing from the environment.

What stands in the way is raised as one of `failures`.
"""

import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from secrets import randbelow
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from werkzeug.http import parse_date

from foundation.errors import NeighbourDown
from foundation.http.deadline import PacedConnection, PacedSecureConnection
from foundation.http.failures import PASSING, Busy, NoAnswer, TooLarge
from foundation.http.upstream import Upstream
from foundation.setting_rules import LOOPBACK

CONNECT_SECONDS = 2.0
LARGEST_ANSWER = 4 * 1024 * 1024
CALLS_IN_FLIGHT = 128
PAUSE_SECONDS = 0.1
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a neighbour said; `retry_after` in seconds, where it asks for a pause."""

    status: int
    body: bytes
    retry_after: float | None = None


class HttpClient:
    """Asks neighbours; each has its own connections and its own limit, so that one that hangs costs only its own."""

    def __init__(
        self,
        proxy: str = "",
        tls: Callable[[], ssl.SSLContext] | None = None,
        *,
        limit: int = CALLS_IN_FLIGHT,
        rsa_only: Collection[str] = (),
    ) -> None:
        """`tls` gives what to verify by now; towards the bases in `rsa_only` Cisco's products take RSA keys alone."""
        self._tls = tls or _system()
        self._limit = limit
        self._rsa_only = frozenset(rsa_only)
        self._proxy = proxy
        self._neighbours: dict[str, Upstream] = {}
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
        return self._once(method, base, path, headers, body, deadline - time.monotonic())

    def _once(
        self, method: str, base: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float
    ) -> Answer:
        tls = self._tls()
        neighbour = self._neighbours.get(base)
        if neighbour is None or neighbour.tls is not tls:
            neighbour = self._meet(base, tls)
        neighbour.acquire()
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
                timeout=_timeout(max(0.001, seconds)),
            )
            neighbour.check_key(response)
            content = _body(base, response, deadline)
        except HTTPError as error:
            raise neighbour.failed(error) from error
        except NoAnswer as error:
            raise neighbour.failed(error) from error.__cause__
        finally:
            neighbour.release()
        neighbour.answered()
        return Answer(response.status, content, _retry_after(response) if response.status >= 400 else None)

    def _meet(self, base: str, tls: ssl.SSLContext) -> Upstream:
        """One host, with connections by what is trusted now; bases come from settings alone, so there are few."""
        with self._lock:
            upstream = self._neighbours.get(base)
            if upstream is None:
                pool, rsa_only = self._pool(base, tls), base in self._rsa_only
                upstream = self._neighbours[base] = Upstream(base, pool, tls, limit=self._limit, rsa_only=rsa_only)
            elif upstream.tls is not tls:
                upstream.reset(self._pool(base, tls), tls)
            return upstream

    def _pool(self, base: str, tls: ssl.SSLContext) -> urllib3.HTTPConnectionPool:
        parts = urlsplit(base)
        if self._proxy and parts.scheme == "https" and parts.hostname not in LOOPBACK:
            proxy = urllib3.ProxyManager(self._proxy, maxsize=self._limit, ssl_context=tls)
            pool = proxy.connection_from_url(base)
        else:
            known = {"ssl_context": tls} if parts.scheme == "https" else {}
            pool = urllib3.connection_from_url(base, maxsize=self._limit, **known)
        pool.ConnectionCls = PacedSecureConnection if parts.scheme == "https" else PacedConnection
        return pool


def _system() -> Callable[[], ssl.SSLContext]:
    """The system's authorities alone."""
    context = ssl.create_default_context()
    return lambda: context


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
