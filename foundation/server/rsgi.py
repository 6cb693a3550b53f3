"""What granian hands over with a request, as far as we use it (RSGI 1.6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

HeaderList = list[tuple[str, str]]


class Headers(Protocol):
    """Of the request: names in small letters, and only such values as are ASCII."""

    def keys(self) -> Sequence[str]: ...
    def items(self) -> Sequence[tuple[str, str]]: ...


class Scope(Protocol):
    """The head of the request; `path` is decoded, and holds U+FFFD for what is not UTF-8."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> Headers: ...


class Exchange(Protocol):
    """The body of the request, and one answer, which any thread may give."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: HeaderList, body: bytes) -> None: ...
    def response_file(self, status: int, headers: HeaderList, file: str) -> None: ...
