"""How much one address may ask of the survey page: links that lead nowhere, and requests at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from experience.survey_web.links import UnknownLink
from foundation.brakes.sign_ins import request_source
from foundation.brakes.store import BrakeStore
from foundation.brakes.throttle import Limit, Throttle
from foundation.errors import PulseError

# Many customers may share an address; a link has 18 random digits.
UNKNOWN_LINKS = Limit(places=20, seconds=10)
REQUESTS = Limit(places=300, seconds=0.05)


class TooManyRequests(PulseError):
    status = 429
    code = "try_later"
    title = "Too many requests from this address"
    permanent = False


class Limits:
    """The brakes of the survey face."""

    def __init__(self, store: BrakeStore, key: bytes) -> None:
        self._links = Throttle(store, "survey-links", key, UNKNOWN_LINKS, _too_many)
        self._requests = Throttle(store, "survey-requests", key, REQUESTS, _too_many)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One request; a link that leads nowhere counts against its address. Raises TooManyRequests."""
        source = request_source()
        with self._requests.place(source) as request, self._links.place(source) as link:
            request.refused()
            try:
                yield
            except UnknownLink:
                link.refused()
                raise


def _too_many(seconds: int) -> PulseError:
    return TooManyRequests("Wait, then try again.", retry_after=seconds)
