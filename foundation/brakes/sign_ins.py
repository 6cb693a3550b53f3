"""Refused sign-ins of every face: a line of the audit trail, and a count by face and reason."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import request
from prometheus_client import Counter

from foundation.brakes.store import fingerprint
from foundation.errors import PulseError
from foundation.web.logs import audit
from foundation.web.proxies import source_of

# Who is not who he says, may not come in, cannot be told apart from others, or has to wait.
REFUSED = frozenset({401, 403, 409, 429})
REFUSED_SIGN_INS = Counter("pulse_refused_sign_ins", "Sign-ins that were refused.", ["face", "reason"])


def request_source() -> str:
    """Where the request comes from, as brakes tell callers apart."""
    return source_of(request.remote_addr or "")


def note_refusal(face: str, reason: str, user: str) -> None:
    """Write it down. `user` is a name that is known here, or what stands for another one."""
    REFUSED_SIGN_INS.labels(face, reason).inc()
    route, address = str(request.url_rule or ""), request.remote_addr or ""
    audit("refused_sign_in", face=face, route=route, reason=reason, user=user, address=address)


def unknown_user(key: bytes, name: str) -> str:
    """What stands for a name that nobody here has: some people type a password into its field."""
    return f"unknown-{fingerprint(key, 'unknown user', name)[:12]}" if name else "unknown"


@contextmanager
def refusals_noted(face: str, user: Callable[[], str], statuses: frozenset[int] = REFUSED) -> Iterator[None]:
    """Note every refusal that is raised within; `user` is asked only then."""
    try:
        yield
    except PulseError as error:
        if error.status in statuses:
            note_refusal(face, error.code, user())
        raise
