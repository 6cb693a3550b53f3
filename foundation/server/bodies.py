"""Bodies of requests, read in the event loop: who sends slowly, or breaks off, holds no thread."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from foundation.errors import BadRequest, RequestTimeout, ServiceUnavailable

if TYPE_CHECKING:
    from foundation.server.rsgi import Exchange


@dataclass(frozen=True)
class Limits:
    """A body has `grace` seconds, and one more for each `slowest` bytes that came."""

    grace: float = 10.0
    slowest: int = 16 * 1024
    # A larger body is kept in a file.
    in_memory: int = 64 * 1024
    # Of all bodies that are being read or answered.
    total: int = 128 * 1024 * 1024


LIMITS = Limits()


class IncompleteBody(BadRequest):
    code = "incomplete_body"
    title = "The body ended before it was complete"


@dataclass(slots=True)
class Body:
    """What was read; `whole` unless it was larger than it may be: then no more than that was read."""

    content: IO[bytes]
    size: int = 0
    whole: bool = True


class Bodies:
    """All bodies that are held at this moment. For the event loop alone."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    async def read(self, exchange: Exchange, length: int | None, largest: int) -> Body:
        """The body; `length` is what its sender announced. What was read is held until `release`."""
        with ExitStack() as unread:
            content = unread.enter_context(SpooledTemporaryFile(max_size=self._limits.in_memory))
            body = Body(content)
            unread.callback(self._forget, body)
            if length is None or length <= largest:
                await self._receive(exchange, body, length, largest)
            else:
                body.whole = False
            content.seek(0)
            unread.pop_all()
        return body

    def release(self, body: Body) -> None:
        self._forget(body)
        body.content.close()

    def _forget(self, body: Body) -> None:
        self._held -= body.size

    async def _receive(self, exchange: Exchange, body: Body, length: int | None, largest: int) -> None:
        latest, ends = asyncio.get_running_loop().time() + self._limits.grace, 0
        try:
            async with asyncio.timeout_at(latest) as deadline:
                async for chunk in exchange:
                    # granian's last chunk is empty; where the sender broke off, the one before it is, too.
                    ends += not chunk
                    self._keep(body, chunk)
                    body.whole = body.size <= largest
                    if body.size == length or not body.whole:
                        return
                    deadline.reschedule(latest + body.size / self._limits.slowest)
        except TimeoutError as error:
            raise RequestTimeout("Send the body faster.") from error
        if length is not None or ends > 1:
            raise IncompleteBody("Send all of it, and no trailers.")

    def _keep(self, body: Body, chunk: bytes) -> None:
        if self._held + len(chunk) > self._limits.total:
            raise ServiceUnavailable("Too many bodies are being read. Try again in a moment.", retry_after=2)
        self._held += len(chunk)
        body.size += len(chunk)
        body.content.write(chunk)
