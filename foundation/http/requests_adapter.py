"""The HTTP client for libraries that speak `requests`: our limits, deadlines, certificates and proxy for them too."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from typing_extensions import override

from foundation.http.client import HttpClient


class Adapter(BaseAdapter):
    """Sends what a session prepared through our client, within `seconds` in all."""

    def __init__(self, http: HttpClient, seconds: float) -> None:
        super().__init__()
        self._http = http
        self._seconds = seconds

    @override
    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        parts = urlsplit(str(request.url))
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = self._http.ask(
            str(request.method),
            f"{parts.scheme}://{parts.netloc}",
            str(request.path_url),
            headers=dict(request.headers),
            body=bytes(body) if isinstance(body, bytes) else None,
            seconds=self._seconds,
        )
        return _response(request, answer.status, answer.body)

    @override
    def close(self) -> None:
        """The client keeps its connections."""


def through(session: Session, http: HttpClient, seconds: float) -> None:
    """Let a session go through our client alone, and take nothing from the environment."""
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, Adapter(http, seconds))


def _response(request: PreparedRequest, status: int, body: bytes) -> Response:
    response = Response()
    response.request = request
    response.url = str(request.url)
    response.status_code = status
    response.headers = CaseInsensitiveDict({"Content-Type": "application/json; charset=utf-8"})
    response._content = body
    return response
