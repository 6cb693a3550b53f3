"""Cloud Connect when it is ours: the routes that CVP, CCE Administration and Finesse call (docs/api.md)."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, json, request
from werkzeug.exceptions import NotFound

from cherrypoint import batches
from cherrypoint.batches import TakeBatch
from cherrypoint.gate import CredentialRequired, Gate, TooManyGuesses
from cherrypoint.models import (
    AuthTokenResponse,
    DispatchTemplateResponse,
    PingResponse,
    QuestionnaireResponse,
    StatusParameters,
    StatusResponse,
)
from cherrypoint.token import Token
from cherrypoint.unknown_paths import UnknownPaths
from foundation.brakes.sign_ins import refusals_noted, request_source
from foundation.errors import PulseError
from foundation.web.error_handler import problem
from foundation.web.openapi import Errors, View, described

PREFIXES = ("cherrypoint", "cloudconnectmgmt", "contm")
SECURITY = {"cloudConnect": {"type": "http", "scheme": "basic", "description": "CLOUDCONNECT_USERNAME, _PASSWORD."}}
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]

Listed = list[dict[str, object]]


class UnknownQuestionnaire(PulseError):
    status = 404
    code = "unknown_questionnaire"
    title = "There is no questionnaire of this name"


class UnknownDispatch(PulseError):
    status = 404
    code = "unknown_dispatch"
    title = "There is no dispatch of this id"


@dataclass(frozen=True, slots=True)
class CloudConnectBackend:
    """What our Cloud Connect stands for: a token, questionnaires, dispatches, and whether all of it can be used."""

    token: Callable[[], Token]
    questionnaires: Callable[[], Listed]
    dispatches: Callable[[], Listed]
    failing: Callable[[], Mapping[str, str]]
    take_batch: TakeBatch


def blueprint(gate: Gate, behind: CloudConnectBackend, unknown_paths: UnknownPaths) -> Blueprint:
    routes = Blueprint("cherrypoint", __name__)
    _guard(routes, gate)
    _status(routes, behind)
    _surveys(routes, behind)
    batches.add_routes(routes, behind.take_batch, _answers)
    _everything_else(routes, unknown_paths)
    return routes


def _answers(model: Any, *errors: type[PulseError], **facts: Any) -> Callable[[View], View]:
    """What a route answers the administrator; anybody else is refused."""
    refusals: Errors = (CredentialRequired, TooManyGuesses)
    return described(answer=model, errors=(*refusals, *errors), security=tuple(SECURITY), **facts)


def _guard(routes: Blueprint, gate: Gate) -> None:
    @routes.before_request
    def check() -> None:
        if "Authorization" not in request.headers:
            raise CredentialRequired()
        with refusals_noted("cherrypoint", lambda: gate.shown(request.authorization)):
            gate.check(request.authorization, request_source())

    @routes.errorhandler(CredentialRequired)
    def challenge(error: CredentialRequired) -> Response:
        response = problem(error)
        response.headers["WWW-Authenticate"] = 'Basic realm="Cloud Connect", charset="UTF-8"'
        return response


def _status(routes: Blueprint, behind: CloudConnectBackend) -> None:
    @routes.route("/cherrypoint/status", methods=["GET", "POST"])
    @routes.route("/cloudconnectmgmt/status", methods=["GET", "POST"], endpoint="management_status")
    @_answers(StatusResponse, query=StatusParameters, status=(200, 503))
    def status() -> Response:
        """Whether surveys can be had: CCE Administration shows its survey box by this; 503 says what is wrong."""
        failing = behind.failing()
        body: dict[str, object] = {"status": "down" if failing else "up"}
        if failing:
            body["reason"] = "; ".join(f"{name}: {why}" for name, why in failing.items())
        if StatusParameters.parse(request.args.to_dict()).details.lower() == "true":
            body["details"] = {"name": "cherrypoint", "time": int(time.time() * 1000), "failing": dict(failing)}
        return _json(body, 503 if failing else 200)

    @routes.get("/contm/ping")
    @_answers(PingResponse)
    def ping() -> Response:
        """The container manager answers."""
        return _json({"status": "up"})


def _surveys(routes: Blueprint, behind: CloudConnectBackend) -> None:
    @routes.get("/cherrypoint/authtoken")
    @_answers(AuthTokenResponse)
    def authtoken() -> Response:
        """A token of the System (read and write) user."""
        token = behind.token()
        return _json(
            {
                "access_token": token.access_token,
                "token_type": "bearer",
                "expires_in": max(0, int(token.expires_at - time.time())),
                "expires_at": int(token.expires_at * 1000),
            }
        )

    @routes.get("/cherrypoint/questionnaires")
    @routes.get("/cherrypoint/questionnaires/v2", endpoint="questionnaires_v2")
    @_answers(list[QuestionnaireResponse])
    def questionnaires() -> Response:
        """What an inline survey can be picked from."""
        return _json(behind.questionnaires())

    @routes.get("/cherrypoint/questionnaires/v2/<name>")
    @_answers(QuestionnaireResponse, UnknownQuestionnaire)
    def questionnaire(name: str) -> Response:
        """One questionnaire."""
        matching = [document for document in behind.questionnaires() if document["name"] == name]
        if not matching:
            raise UnknownQuestionnaire()
        return _json(matching[0])

    @routes.get("/cherrypoint/dispatchtemplates")
    @_answers(list[DispatchTemplateResponse])
    def dispatchtemplates() -> Response:
        """What a deferred survey can be picked from."""
        return _json(behind.dispatches())

    @routes.get("/cherrypoint/dispatchtemplates/<identity>")
    @_answers(DispatchTemplateResponse, UnknownDispatch)
    def dispatchtemplate(identity: str) -> Response:
        """One of them."""
        matching = [document for document in behind.dispatches() if document["id"] == identity]
        if not matching:
            raise UnknownDispatch()
        return _json(matching[0])


def _everything_else(routes: Blueprint, unknown_paths: UnknownPaths) -> None:
    def unknown(**_: str) -> Response:
        """Nothing that we know: kept for the administrator."""
        unknown_paths.note(request.method, request.path, request.content_length or 0)
        raise NotFound()

    for prefix in PREFIXES:
        routes.add_url_rule(f"/{prefix}", f"unknown_{prefix}", unknown, methods=METHODS)
        routes.add_url_rule(f"/{prefix}/", f"unknown_{prefix}_root", unknown, methods=METHODS)
        routes.add_url_rule(f"/{prefix}/<path:rest>", f"unknown_{prefix}_path", unknown, methods=METHODS)


def _json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json", headers={"Cache-Control": "no-store"})
