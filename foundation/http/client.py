"""The one client for outbound HTTP: pooled connections, every wait under one deadline, nothing from the environment.

What stands in the way is raised as one of `failures`.
"""

import ssl
import threading
import time
from collections.abc import Callable, Collection, Mapping
from functools import cache
from secrets import randbelow
from urllib.parse import urlsplit

import urllib3

from foundation.errors import NeighbourDown
from foundation.http.deadline import PacedConnection, PacedSecureConnection
from foundation.http.failures import PASSING, Busy
from foundation.http.upstream import Answer, Upstream
from foundation.setting_rules import LOOPBACK

CALLS_IN_FLIGHT = 128
PAUSE_SECONDS = 0.1
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


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
        self._tls = tls or _system_context
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
        return neighbour.ask(method, path, headers, body, seconds)

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


@cache
def _system_context() -> ssl.SSLContext:
    """The system's authorities alone."""
    return ssl.create_default_context()
