"""One host that is called: its connections, how many calls are under way, what became of them, and their counts."""

import ssl
import threading
import time

import structlog
import urllib3
from prometheus_client import Counter, Gauge

from foundation.errors import NeighbourDown
from foundation.http.failures import Busy, NoConnection, again, failure
from foundation.tls import handshake
from foundation.tls.certificates import Certificate, NoCertificate

log = structlog.get_logger(__name__)

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


class Upstream:
    """One host, with connections made by `tls`. `rsa_only`: Cisco takes no other key there, which is told."""

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

    def acquire(self) -> None:
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

    def release(self) -> None:
        with self._lock:
            self._under_way -= 1
        self._gauge.dec()

    def answered(self) -> None:
        self._silent = False

    def failed(self, error: Exception) -> NeighbourDown:
        """Our word for a failure; what stood in the way of a connection is remembered, and so is silence."""
        known = error if isinstance(error, NeighbourDown) else failure(error, self.base)
        FAILED.labels(self.base, getattr(known, "reason", "other")).inc()
        if isinstance(known, NoConnection):
            self._failure, self._failed_until = known, time.monotonic() + FAILURE_REMEMBERED
        else:
            self._silent = True
        return known

    def check_key(self, response: urllib3.BaseHTTPResponse) -> None:
        """Tell once a connection where the key of its certificate is one that Cisco's products refuse."""
        if not self._rsa_only or self._looked_at == self.pool.num_connections:
            return
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
