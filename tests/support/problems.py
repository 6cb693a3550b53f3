"""The one shape of every error (docs/api.md, Errors), asserted in one place."""

import json
from typing import Any, Protocol

ABOUT = {"type", "title", "status", "detail", "code"}


class Named(Protocol):
    def __getitem__(self, name: str, /) -> str: ...


class HasBody(Protocol):
    """An answer, of Flask's test client or of urllib3 through `Reply`."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Named: ...
    @property
    def data(self) -> bytes: ...


def assert_problem(answer: HasBody, status: int, code: str) -> dict[str, Any]:
    """RFC 9457, uncached, with our code, a request id and nothing else in it."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.data[
        :500
    ]
    body: dict[str, Any] = json.loads(answer.data)
    assert set(body) == ABOUT
    assert (body["code"], body["status"]) == (code, status)
    assert all(isinstance(body[name], str) and body[name] for name in ABOUT - {"status"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    return body
