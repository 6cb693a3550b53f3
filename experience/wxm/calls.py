"""Calls to a WxM: a token on each, one new token where it is refused, a pause where WxM asks for one, JSON back.

Nothing of what WxM says reaches a log or an error: the words are ours, with a status at most.
"""

import math
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

import orjson

from foundation import broken_text
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.failures import TooLarge
from foundation.single_flight import SingleFlight

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0
CALL_SECONDS = 6.0
# After a failure, so long nobody asks for the same again.
FAILURE_PAUSE = 2.0
# A batch is answered with a status of its own, and what stands in it says more.
ANSWERED = frozenset({200, 207})
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "FinessePulse"}


class WxmUnavailable(NeighbourDown):
    """WxM is down, slow, busy, or says what makes no sense; `said` is the status that it answered with."""

    code = "wxm_unavailable"
    title = "The experience platform did not answer as it should"

    def __init__(
        self, detail: str = "", *, status: int = 502, retry_after: int | None = None, wxm_status: int | None = None
    ) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.status = status
        self.wxm_status = wxm_status


class WxmTooLarge(WxmUnavailable):
    """More in one answer than the client takes: a smaller page may pass."""


def single_flight() -> SingleFlight:
    """The same question of many gadgets is asked once: the others wait for its answer, or hear of its failure."""
    return SingleFlight(timed_out=_too_slow, remembered=WxmUnavailable, pause=FAILURE_PAUSE)


def _too_slow() -> WxmUnavailable:
    return WxmUnavailable("WxM answered too slowly.", status=504)


class HasToken(Protocol):
    """What of a token is needed here; its other parts are the giver's."""

    @property
    def access_token(self) -> str: ...


T = TypeVar("T", bound=HasToken)


class Tokens(Protocol[T]):
    """Gives tokens of a WxM."""

    def token(self) -> T:
        """The one to ask with now; raises what stands in its way."""

    def refused(self, token: T) -> None:
        """The WxM turned this one down; the next one is another."""


class WxmCalls(Generic[T]):
    """One WxM at `base`, asked with `tokens`."""

    def __init__(self, http: HttpClient, base: str, tokens: Tokens[T]) -> None:
        self._http = http
        self._base = base
        self._tokens = tokens
        self._quiet_until = 0.0

    def get(self, path: str, deadline: float) -> Any:
        """What stands at a path, by a moment of `time.monotonic`. Raises WxmUnavailable and what `tokens` raise."""
        return self._json("GET", path, None, deadline, {})

    def post(self, path: str, body: object, deadline: float, headers: Mapping[str, str] = MappingProxyType({})) -> Any:
        """As `get`, with a body. It is made again only where WxM did nothing: after 401 and 429."""
        return self._json("POST", path, orjson.dumps(body), deadline, headers)

    def _json(self, method: str, path: str, body: bytes | None, deadline: float, more: Mapping[str, str]) -> Any:
        tries = 0
        while True:
            self._keep_quiet(deadline)
            status, answered, pause = self._authorized(method, path, body, deadline, more)
            if status in ANSWERED:
                return _read(answered)
            if status != 429:
                raise WxmUnavailable(f"WxM answered {path} with {status}.", wxm_status=status)
            wait = pause if pause is not None else FIRST_PAUSE if not tries else LONGEST_PAUSE
            self._quiet_until = max(self._quiet_until, time.monotonic() + min(wait, 3600.0))
            tries += 1

    def _keep_quiet(self, deadline: float) -> None:
        """Wait until WxM may be asked again; where that is too late for this caller, say so at once."""
        until = self._quiet_until
        pause = until - time.monotonic()
        if pause <= 0:
            return
        if until >= deadline:
            raise WxmUnavailable("WxM asks for a pause.", status=503, retry_after=math.ceil(pause))
        time.sleep(pause)

    def _authorized(
        self, method: str, path: str, body: bytes | None, deadline: float, more: Mapping[str, str]
    ) -> tuple[int, bytes, float | None]:
        """Status, body and the pause asked for; on 401 the call is made once more with a new token."""
        for again in (True, False):
            token = self._tokens.token()
            answer = self._send(method, path, body, token, deadline, more)
            if answer[0] != 401:
                return answer
            self._tokens.refused(token)
            if not again:
                break
        raise WxmUnavailable("WxM refused a new token, too.")

    def _send(
        self, method: str, path: str, body: bytes | None, token: T, deadline: float, more: Mapping[str, str]
    ) -> tuple[int, bytes, float | None]:
        seconds = min(CALL_SECONDS, deadline - time.monotonic())
        if seconds <= 0:
            raise _too_slow()
        headers = {**HEADERS, **more, "Authorization": f"Bearer {token.access_token}"}
        try:
            answer = self._http.ask(method, self._base, path, headers=headers, body=body, seconds=seconds)
        except TooLarge as error:
            raise WxmTooLarge(error.detail) from error
        except NeighbourDown as error:
            failed = WxmUnavailable(error.detail, status=error.status, retry_after=error.retry_after)
            failed.permanent = error.permanent
            raise failed from error
        return answer.status, answer.body, answer.retry_after


def _read(body: bytes) -> Any:
    try:
        return broken_text.loads(body)
    except ValueError as error:
        raise WxmUnavailable("WxM sent what is no JSON.") from error
