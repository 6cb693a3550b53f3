"""Every way in which a call to a neighbour fails, in one table: what is fatal, what may pass, and in which words.

A failure is an answer of its own kind: `NoConnection` (nothing was sent, another node may be asked), `NoAnswer`
(it was sent, and what came of it is unknown), `Busy` (not sent, for too much is under way). None carries the request,
so no header can reach a log.
"""

import ssl

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

from foundation.errors import NeighbourDown
from foundation.tls import handshake


class NoConnection(NeighbourDown):
    """Nothing was sent: `reason` says what stood in the way."""

    code = "no_connection"
    reason = "connection"


class NoName(NoConnection):
    reason = "name"


class NoProxy(NoConnection):
    reason = "proxy"


class NoTrust(NoConnection):
    """The certificate, or the speaking of TLS, is not what we may trust: the next try finds the same.

    `code` is the word for it: expired, wrong_name, unknown_issuer and the others of `handshake`.
    """

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
    reason = "busy"
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


def failure(error: Exception, base: str) -> NeighbourDown:
    """Our word for what a call to `base` ran into; what TLS ran into stands inside urllib3's own error."""
    inner = error.args[0] if isinstance(error, SSLError) and error.args else None
    kind = next(kind for row, kind in FAILURES if isinstance(inner, row) or isinstance(error, row))
    if kind is NoTrust:
        return _no_trust(inner, base)
    what = "could not be reached" if issubclass(kind, NoConnection) else "did not answer in time"
    return kind(f"{base} {what} ({type(error).__name__})")


def again(error: NoConnection) -> NoConnection:
    """The same for one who asks a moment later: an exception is raised once."""
    repeated = type(error)(f"{error.detail} (a moment ago)")
    repeated.code = error.code
    return repeated


def _no_trust(error: object, base: str) -> NoTrust:
    """What of the certificate, or of TLS, was wrong, and the cure."""
    address = "{}:{}".format(*handshake.address_of(base))
    if isinstance(error, ssl.SSLCertVerificationError):
        fault = handshake.explain(error, address)
    elif isinstance(error, ssl.SSLError):
        fault = handshake.unreachable(error, address)
    else:
        return NoTrust(f"{base} could not be reached ({type(error).__name__})")
    no_trust = NoTrust(f"{fault.cause}; {fault.cure}")
    no_trust.code = fault.code
    return no_trust
