"""A plain HTTP client of WxM's API, as clients of WxM are: urllib3, a bearer token or Basic, JSON."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import urllib3

PUBLIC_URL = "https://pulse.bora.com"


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def error(self) -> str:
        """The error's name, of an answer that has exactly the two fields of WxM's errors."""
        assert set(self.json) == {"error", "error_description"}
        return str(self.json["error"])


class Client:
    """Calls one node; `who` is what stands in Authorization."""

    def __init__(self, base: str, who: str = "") -> None:
        self.base = base
        self._who = who
        self._pool = urllib3.PoolManager(retries=False, timeout=20)

    def get(self, path: str, **headers: str) -> Reply:
        return self._call("GET", path, None, headers)

    def post(self, path: str, body: object = None, **headers: str) -> Reply:
        return self._call("POST", path, b"" if body is None else json.dumps(body).encode(), headers)

    def raw(self, path: str, body: bytes, **headers: str) -> Reply:
        return self._call("POST", path, body, headers)

    def untyped(self, path: str, body: bytes, **headers: str) -> Reply:
        """A body with no Content-Type but one of `headers`."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        reply = self._pool.request("POST", self.base + path, headers=sent, body=body, redirect=False)
        return Reply(reply.status, reply.headers, reply.data)

    def upload(self, path: str, filename: str, content: bytes, media: str = "text/csv", part: str = "files") -> Reply:
        body, kind = urllib3.encode_multipart_formdata({part: (filename, content, media)})
        return self._call("POST", path, body, {"Content-Type": kind})

    def call(self, method: str, path: str, **headers: str) -> Reply:
        return self._call(method, path, None, headers)

    def login(self, path: str = "/api/LoginToken", **form: str) -> Reply:
        fields = {"grant_type": "password", **form}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, urlencode(fields).encode(), headers)

    def as_bearer(self, token: str) -> Self:
        return type(self)(self.base, f"Bearer {token}")

    def as_basic(self, name: str, secret: str) -> Self:
        return type(self)(self.base, f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}")

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if self._who:
            sent.setdefault("Authorization", self._who)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        reply = self._pool.request(method, self.base + path, headers=sent, body=body, redirect=False)
        return Reply(reply.status, reply.headers, reply.data)
