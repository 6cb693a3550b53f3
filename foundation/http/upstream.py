"""One host that is called: its connections, how many calls are under way, what became of them, and their counts."""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import structlog
import urllib3
from prometheus_client import Counter, Gauge
from urllib3.exceptions import HTTPError
from werkzeug.http import parse_date

from foundation.errors import NeighbourDown
from foundation.http.deadline import read_body
from foundation.http.failures import Busy, NoAnswer, NoConnection, again, failure
from foundation.tls import handshake
from foundation.tls.certificates import Certificate, NoCertificate

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 2.0
FAILURE_REMEMBERED = 3.0
# A neighbour whose last word was silence gets an eighth of its calls until it answers again.
WHILE_SILENT = 8
ASK_SOON, ASK_LATER = 1, 5
# A call that was not made, for one failed a moment ago.
REMEMBERED = "remembered"

CALLS = Counter("pulse_neighbour_calls", "Calls made to a neighbour.", ["neighbour"])
FAILED = Counter(
    "pulse_neighbour_failures", "Calls that failed or were not made, by what stood in the way.", ["neighbour", "kind"]
)
UNDER_WAY = Gauge("pulse_neighbour_calls_in_flight", "Calls under way.", ["neighbour"], multiprocess_mode="livesum")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a neighbour said; `retry_after` in seconds, where it asks for a pause."""

    status: int
    body: bytes
    retry_after: float | None = None


class Upstream:
    """One host, with connections made by `tls`. `rsa_only`: Cisco takes no other key there, and the error names it."""

    def __init__(
        self, base: str, pool: urllib3.HTTPConnectionPool, tls: ssl.SSLContext, *, limit: int, rsa_only: bool
    ) -> None:
        self.base = base
        self._limit = limit
        self._rsa_only = rsa_only
        self._lock = threading.Lock()
        self._calls = CALLS.labels(base)
        self._gauge = UNDER_WAY.labels(base)
        self._under_way = 0
        self._silent = False
        self.reset(pool, tls)

    def reset(self, pool: urllib3.HTTPConnectionPool, tls: ssl.SSLContext) -> None:
        """Connections by what is trusted now; what was refused a moment ago may be trusted."""
        self.pool = pool
        self.tls = tls
        self._failed_until = 0.0
        self._failure: NoConnection | None = None
        self._looked_at = 0

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> Answer:
        """One call within `seconds` in all. Raises one of `failures`."""
        self._acquire()
        try:
            deadline = time.monotonic() + seconds
            response = self.pool.urlopen(
                method,
                path,
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=_timeout(max(0.001, seconds)),
            )
            if self._rsa_only and self._looked_at != self.pool.num_connections:
                self._check_key(response)
            content = read_body(self.base, response, deadline)
        except HTTPError as error:
            raise self._failed(error) from error
        except NoAnswer as error:
            raise self._failed(error) from error.__cause__
        finally:
            self._release()
        self._silent = False
        return Answer(response.status, content, _retry_after(response) if response.status >= 400 else None)

    def _acquire(self) -> None:
        """Take one of the places; Busy where there is none, NoConnection where none came about a moment ago."""
        if self._failure and self._failed_until > time.monotonic():
            FAILED.labels(self.base, REMEMBERED).inc()
            raise again(self._failure)
        with self._lock:
            if self._under_way >= (max(1, self._limit // WHILE_SILENT) if self._silent else self._limit):
                FAILED.labels(self.base, Busy.reason).inc()
                wait = ASK_LATER if self._silent else ASK_SOON
                raise Busy(f"{self._under_way} calls to {self.base} are under way", retry_after=wait)
            self._under_way += 1
        self._calls.inc()
        self._gauge.inc()

    def _release(self) -> None:
        with self._lock:
            self._under_way -= 1
        self._gauge.dec()

    def _failed(self, error: Exception) -> NeighbourDown:
        """Our word for a failure; what stood in the way of a connection is remembered, and so is silence."""
        known = error if isinstance(error, NeighbourDown) else failure(error, self.base)
        FAILED.labels(self.base, getattr(known, "reason", "other")).inc()
        if isinstance(known, NoConnection):
            self._failure, self._failed_until = known, time.monotonic() + FAILURE_REMEMBERED
        else:
            self._silent = True
        return known

    def _check_key(self, response: urllib3.BaseHTTPResponse) -> None:
        """Tell once a connection where the key of its certificate is one that Cisco's products refuse."""
        self._looked_at = self.pool.num_connections
        wire = getattr(response.connection, "sock", None)
        presented = wire.getpeercert(binary_form=True) if isinstance(wire, ssl.SSLSocket) else None
        if not presented:
            return
        try:
            fault = handshake.ec_fault(Certificate.of(presented), "{}:{}".format(*handshake.address_of(self.base)))
        except NoCertificate:
            return
        if fault:
            log.warning("neighbour_key", neighbour=self.base, code=fault.code, reason=fault.cause, cure=fault.cure)


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
