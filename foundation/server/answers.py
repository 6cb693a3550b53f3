"""Calls the application and sends its answer: a long one from a file, so that a slow reader holds no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from foundation.server.rsgi import HeaderList

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from foundation.server.rsgi import Exchange

# Longer answers leave through a file.
IN_MEMORY = 128 * 1024
# granian opens the file a moment after it was asked to.
OPENED_SECONDS = 5.0
CLOSE = ("Connection", "close")


class Sender:
    """Sends what the application answers; needs no thread once the answer is made."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def answer(self, environ: WSGIEnvironment, exchange: Exchange, close: bool) -> None:
        """`close`: the connection ends, which a header announces, because a body was not read to its end."""
        status, headers = 500, HeaderList()
        parts: list[bytes] = []

        def start_response(line: str, sent: HeaderList, *_: object) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = int(line[:3]), sent
            return parts.append

        chunks = self._app(environ, start_response)
        try:
            file = _collect(parts, chunks)
        finally:
            getattr(chunks, "close", _nothing)()
        if close:
            headers.append(CLOSE)
        if file:
            self._send_file(exchange, status, headers, file)
        else:
            exchange.response_bytes(status, headers, b"".join(parts))
        # An error's traceback may keep this frame; a connection whose body was not read ends when nothing holds this.
        del exchange

    def _send_file(self, exchange: Exchange, status: int, headers: HeaderList, file: IO[bytes]) -> None:
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(file.tell())))
        file.seek(0)
        # The file has no name of its own: it is gone with this process, whatever happens.
        exchange.response_file(status, headers, f"/dev/fd/{file.fileno()}")
        self._loop.call_soon_threadsafe(self._loop.call_later, OPENED_SECONDS, file.close)


def _collect(parts: list[bytes], chunks: Iterable[bytes]) -> IO[bytes] | None:
    """All chunks, in `parts`; where they are long, in a file that is returned."""
    size = 0
    chunks = iter(chunks)
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > IN_MEMORY:
            return _spool(chain(parts, chunks))
    return None


def _spool(chunks: Iterable[bytes]) -> IO[bytes]:
    with ExitStack() as failed:
        file = failed.enter_context(TemporaryFile())
        file.writelines(chunks)
        file.flush()
        failed.pop_all()
    return file


def _nothing() -> None:
    """An iterable without `close` has nothing to close."""
