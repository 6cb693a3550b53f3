"""Batches of deferred surveys that CVP posts to our Cloud Connect (docs/api.md, Batches)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint, Flask, Response, json, request

from cherrypoint.models import BatchDispatch, BatchRecipient, BatchResponse
from experience.dispatch.batches import TooLarge, Unreadable
from experience.dispatch.intake import Taken
from foundation.errors import BadRequest, PulseError
from foundation.web.openapi import View

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/cherrypoint/surveydispatch", "/cherrypoint/surveyendpoint")
LARGEST_BATCH = 16 * 1024 * 1024
BATCH_BODY = list[BatchDispatch] | list[BatchRecipient] | BatchDispatch | BatchRecipient
_SLASHES = re.compile("/+")

Described = Callable[..., Callable[[View], View]]


class TakeBatch(Protocol):
    def __call__(self, content: bytes, content_type: str, path: str, named: str) -> Taken:
        """What became of a body, once all of it is kept; `named` is its sender's name for it."""


class UnreadableBatch(BadRequest):
    code = "unreadable_batch"
    title = "The body is no batch of recipients. It is kept for the administrator"


class BatchTooLarge(PulseError):
    status = 413
    code = "batch_too_large"
    title = "More recipients than one request may carry"


class Spelled:
    """WSGI that rewrites the path of a batch, in any letter case and with a slash behind, to that of its route."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if (path := spelled(environ["PATH_INFO"])) in PATHS:
            environ["PATH_INFO"] = path
        return self._inner(environ, start_response)


def spelled(path: str) -> str:
    """A path as our routes are written."""
    return _SLASHES.sub("/", path).rstrip("/").lower()


def install(app: Flask) -> None:
    app.wsgi_app = Spelled(app.wsgi_app)


def add_routes(routes: Blueprint, take: TakeBatch, answers: Described[Any]) -> None:
    @routes.post(PATHS[0])
    @routes.post(PATHS[1], endpoint="surveyendpoint")
    @answers(BatchResponse, UnreadableBatch, BatchTooLarge, body=BATCH_BODY, status=(202, 207))
    def surveydispatch() -> Response:
        """Take recipients of deferred surveys: 202 where all were taken, else 207 with a status an item.

        All of it is kept before the answer. A recipient whose dispatch is not known here waits (`dispatch replay`). One
        that comes again is not taken twice: known by its call, else by its place under the header BatchID, else as
        identical within ten minutes.
        """
        request.max_content_length = LARGEST_BATCH
        try:
            taken = take(
                request.get_data(),
                request.headers.get("Content-Type", ""),
                request.path,
                request.headers.get("BatchID", ""),
            )
        except Unreadable as reason:
            raise UnreadableBatch(f"{reason}. It is kept: app.py dispatch list --unread") from None
        except TooLarge as reason:
            raise BatchTooLarge(str(reason)) from None
        return _response(taken)


def _response(taken: Taken) -> Response:
    counts = {"accepted": taken.count("accepted"), "waiting": taken.count("waiting"), "refused": taken.count("refused")}
    body: dict[str, object] = {"batchId": taken.batch_id, **counts}
    if counts["accepted"] < len(taken.items):
        body["items"] = [
            {"position": item.position, "status": 400 if item.state == "refused" else 202, "state": item.state}
            | ({"reason": item.reason} if item.reason else {})
            for item in taken.items
        ]
    status = 207 if counts["refused"] else 202
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
