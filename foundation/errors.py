"""The tree of our errors: each has its status, its code and whether a retry can help; pure.

    PulseError                 500 internal_error
    ├─ BadRequest              400 bad_request          the caller must change the request
    ├─ RequestTimeout          408 too_slow             the body did not come in time
    ├─ Refused                 403 refused              the caller may not, whatever he repeats
    ├─ OursDown                503 database_unavailable, cache_unavailable: what we stand on does not answer
    ├─ ServiceUnavailable      503 busy                 too much at once; a later try may succeed
    └─ NeighbourDown           502 neighbour_down       a neighbour failed; a later try may succeed

Packages add their own leaves beside the code that raises them.
"""


class PulseError(Exception):
    """A failure that is reported to the caller: `status`, a `code` for programs, a `title` and `detail` for people."""

    status = 500
    code = "internal_error"
    title = "Something went wrong on our side"
    permanent = True

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after = retry_after


class BadRequest(PulseError):
    status = 400
    code = "bad_request"
    title = "The request cannot be understood"


class RequestTimeout(PulseError):
    status = 408
    code = "too_slow"
    title = "The request did not arrive in time"
    permanent = False


class ServiceUnavailable(PulseError):
    status = 503
    code = "busy"
    title = "The service is busy"
    permanent = False


class Refused(PulseError):
    status = 403
    code = "refused"
    title = "This is not allowed"


class NeighbourDown(PulseError):
    status = 502
    code = "neighbour_down"
    title = "A neighbour did not answer"
    permanent = False


class OursDown(PulseError):
    """The database or the cache does not answer; `/readyz` says which."""

    status = 503
    title = "The service cannot reach what it stands on"
    permanent = False
