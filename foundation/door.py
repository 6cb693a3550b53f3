"""The one door for outbound HTTP: pooled connections, every wait under one deadline, nothing from the environment.

A failure is an answer of its own kind: `NoConnection` (nothing was sent, another node may be asked), `NoAnswer`
(it was sent, and what came of it is unknown). Neither carries the request, so no header can reach a log.
"""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError, SSLError

from foundation.errors import NeighbourDown

CONNECT_SECONDS = 2.0
LARGEST_ANSWER = 4 * 1024 * 1024
FAILURE_REMEMBERED = 3.0
CONNECTIONS_A_HOST = 128


class NoConnection(NeighbourDown):
    """Nothing was sent: name, route, port or certificate stood in the way."""

    code = "no_connection"


class NoAnswer(NeighbourDown):
    """The request went out, and no whole answer came back in time."""

    status = 504
    code = "no_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a neighbour said."""

    status: int
    body: bytes


class Door:
    """Asks neighbours over pooled connections; a host that just refused to connect is not tried again for seconds."""

    def __init__(self) -> None:
        self._tls = ssl.create_default_context()
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._failed: dict[str, float] = {}
        self._lock = threading.Lock()

    def get(self, base: str, path: str, headers: Mapping[str, str], seconds: float) -> Answer:
        """GET `base` + `path` within `seconds` in all; never a redirect, never a retry."""
        self._refuse_what_just_failed(base)
        deadline = time.monotonic() + seconds
        try:
            response = self._pool(base).urlopen(
                "GET",
                path,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=_timeout(seconds),
            )
        except (NewConnectionError, ConnectTimeoutError, NameResolutionError, SSLError) as error:
            self._remember(base)
            raise NoConnection(f"{base} could not be reached ({type(error).__name__})") from error
        except HTTPError as error:
            raise NoAnswer(f"{base} did not answer in time ({type(error).__name__})") from error
        return Answer(response.status, _body(base, response, deadline))

    def _pool(self, base: str) -> urllib3.HTTPConnectionPool:
        """The connections to one host; bases come from settings alone, so there are few."""
        found = self._pools.get(base)
        if found is None:
            tls = {"ssl_context": self._tls} if base.startswith("https:") else {}
            with self._lock:
                fresh = urllib3.connection_from_url(base, maxsize=CONNECTIONS_A_HOST, **tls)
                found = self._pools.setdefault(base, fresh)
        return found

    def _refuse_what_just_failed(self, base: str) -> None:
        if self._failed and self._failed.get(base, 0.0) > time.monotonic():
            raise NoConnection(f"{base} could not be reached a moment ago")

    def _remember(self, base: str) -> None:
        with self._lock:
            self._failed[base] = time.monotonic() + FAILURE_REMEMBERED


@cache
def _timeout(seconds: float) -> urllib3.Timeout:
    return urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), total=seconds)


def _body(base: str, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body, or NoAnswer where it is too large, breaks off, or comes in slower than the deadline allows."""
    parts: list[bytes] = []
    size = 0
    try:
        while response.length_remaining != 0:
            _hurry(response, deadline)
            part = response.read1(65536)
            if not part:
                break
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER or time.monotonic() > deadline:
                response.close()
                raise NoAnswer(f"{base} sent more than can be taken in")
    except HTTPError as error:
        raise NoAnswer(f"{base} broke off in its answer ({type(error).__name__})") from error
    response.release_conn()
    return b"".join(parts)


def _hurry(response: urllib3.BaseHTTPResponse, deadline: float) -> None:
    """urllib3 counts its read timeout anew for each read; what is left of ours is what the next one may wait."""
    wire = getattr(response.connection, "sock", None)
    if wire is not None:
        wire.settimeout(max(0.001, deadline - time.monotonic()))
