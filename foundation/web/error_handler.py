"""Answers every failure of an application: ours as problem documents, the unexpected ones logged with their trace."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import structlog
from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from foundation.causes import cause_of
from foundation.errors import OursDown, PulseError

log = structlog.get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
# In an environ: the error that a request is answered with before anything else is done.
REFUSAL = "pulse.refusal"
_RENDERERS = "pulse.tellers"


def problem(error: PulseError) -> Response:
    """The RFC 9457 answer for an error; `Retry-After` in whole seconds where the error names one."""
    body = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    response = Response(json.dumps(body), error.status, mimetype=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def install(app: Flask, ours: Mapping[type[Exception], str] = MappingProxyType({})) -> None:
    """Answer every failure of `app` as a problem document; the unexpected ones are logged with their trace.

    `ours` names the code for errors of the libraries that reach what we stand on; those of them that have no cause
    there are mistakes of ours.
    """
    app.before_request(_refuse)
    app.register_error_handler(PulseError, _logged_response)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)
    for kind, code in ours.items():
        app.register_error_handler(kind, partial(_ours_down, code))


def _refuse() -> None:
    """Answers what the server refused, with the text and headers of the face that was asked."""
    refusal = request.environ.pop(REFUSAL, None)
    if refusal:
        try:
            raise refusal
        finally:
            # An error that its own traceback holds stays, with all that its frames hold, until it is collected.
            del refusal


def _ours_down(code: str, error: Exception) -> Response:
    """The cause in one word: a driver's own text may hold what is nobody's business."""
    cause = cause_of(error)
    if not cause:
        return _unexpected(error)
    down = OursDown(f"Try again in a moment ({cause}).", retry_after=2)
    down.code = code
    return _logged_response(down)


def render_errors_with(app: Flask, prefix: str, render: Callable[[PulseError], Response]) -> None:
    """Answer errors on paths under `prefix` in the words of another contract."""
    app.extensions.setdefault(_RENDERERS, []).append((f"{prefix}/", render))


def _response(error: PulseError) -> Response:
    renderers: list[tuple[str, Callable[[PulseError], Response]]] = current_app.extensions.get(_RENDERERS, [])
    render = next((render for prefix, render in renderers if f"{request.path}/".startswith(prefix)), problem)
    return render(error)


def _route() -> str:
    """The rule that the path matched: a path may hold a token."""
    return request.url_rule.rule if request.url_rule else "none"


def _logged_response(error: PulseError) -> Response:
    """The problem itself; what a neighbour or we ourselves did wrong is logged with its reason, which names no one."""
    if error.status >= 500:
        log.warning("failed", route=_route(), code=error.code, reason=error.detail)
    return _response(error)


def _http_problem(error: HTTPException) -> Response:
    known = PulseError(error.description or error.name)
    known.status = error.code or 500
    known.code = error.name.lower().replace(" ", "_")
    known.title = error.name
    response = _response(known)
    if error.code == 405:
        response.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return response


def _unexpected(error: Exception) -> Response:
    log.error("unexpected_error", route=_route(), kind=type(error).__name__, exc_info=error)
    return _response(PulseError("The error is in the service's log under this request's X-Request-Id."))
