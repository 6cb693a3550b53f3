"""The Flask application as granian's RSGI interface wants it: a thread is taken when all of a request is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from foundation.errors import PulseError, ServiceUnavailable
from foundation.server.answers import Sender
from foundation.server.bodies import LIMITS, Bodies, Body, Limits
from foundation.server.environ import content_length, environ_of, has_body
from foundation.server.load import Load
from foundation.server.pool import PATIENCE_SECONDS, Pool
from foundation.web.error_handler import REFUSAL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from foundation.server.rsgi import Exchange, Scope

HEARTBEAT_SECONDS = 0.5
# Threads that go on while all others are held: some tell who was refused, and why, others how the server does.
REFUSERS = PROBERS = 2
RETRY_AFTER_SECONDS = 2
ALIVE, PROBES = "/healthz", frozenset({"/readyz", "/metrics"})


class Adapter:
    """RSGI around a WSGI application. `largest` says how long a body on a path may be, before its route is known;
    `listening` is called once when the server listens."""

    def __init__(
        self,
        app: WSGIApplication,
        threads: int,
        load: Load,
        largest: Callable[[str], int],
        limits: Limits = LIMITS,
        patience: float = PATIENCE_SECONDS,
        listening: Callable[[], object] = bool,
    ) -> None:
        self._sender = Sender(app)
        self._largest = largest
        self._listening = listening
        self._load = load
        self._bodies = Bodies(limits)
        self._pool = Pool("request", threads, patience)
        # What is asked of a database that hangs must not keep refusals waiting, nor the other way round.
        self._refusals, self._probes = Pool("refusal", REFUSERS), Pool("probe", PROBERS)
        load.follow(lambda: self._pool.saturated)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._sender.start(loop)
        for pool in (self._pool, self._refusals, self._probes):
            pool.start(loop)
        # The loop turns when granian has set up everything else.
        loop.call_soon(self._listening)
        loop.call_soon(self._heartbeat)

    async def __call__(self, scope: Scope, exchange: Exchange) -> None:
        environ = environ_of(scope)
        path, with_body = environ["PATH_INFO"], has_body(environ)
        if path == ALIVE:
            # Here and now: it must be answered when no thread is left.
            self._sender.answer(environ, exchange, with_body)
        elif path in PROBES:
            await self._probes.run(partial(self._sender.answer, environ, exchange, with_body))
        elif self._pool.saturated:
            busy = ServiceUnavailable("Too many requests wait. Try again in a moment.", retry_after=RETRY_AFTER_SECONDS)
            await self._refuse(environ, exchange, busy)
        elif with_body:
            await self._with_body(environ, exchange, path)
        else:
            await self._pool.run(partial(self._sender.answer, environ, exchange, False))

    async def _with_body(self, environ: WSGIEnvironment, exchange: Exchange, path: str) -> None:
        try:
            body = await self._bodies.read(exchange, content_length(environ), self._largest(path))
        except PulseError as error:
            # Without its traceback, whose frames hold the exchange: while anything does, a body is still expected.
            refusal = type(error)(error.detail, retry_after=error.retry_after)
        else:
            await self._answer_with(body, environ, exchange)
            return
        await self._refuse(environ, exchange, refusal)

    async def _answer_with(self, body: Body, environ: WSGIEnvironment, exchange: Exchange) -> None:
        environ["wsgi.input"] = body.content
        if environ.pop("HTTP_TRANSFER_ENCODING", None):
            # Flask cuts off, and does not refuse, what is too long and came in chunks: it gets the length.
            environ["CONTENT_LENGTH"] = str(body.size)
        try:
            await self._pool.run(partial(self._sender.answer, environ, exchange, not body.whole))
        finally:
            self._bodies.release(body)

    async def _refuse(self, environ: WSGIEnvironment, exchange: Exchange, error: PulseError) -> None:
        """The application tells it, in the words and with the headers of the face that was asked."""
        environ[REFUSAL] = error
        await self._refusals.run(partial(self._sender.answer, environ, exchange, has_body(environ)))

    def _heartbeat(self) -> None:
        self._load.beat()
        self._loop.call_later(HEARTBEAT_SECONDS, self._heartbeat)
