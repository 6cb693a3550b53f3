"""openapi.json, made from the code: the routes that are there, their docstrings, and what views declare.

A view declares what it takes and answers with `described`; a view that declares nothing is listed by its path, methods
and docstring.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import orjson
from flask import Blueprint, Flask, Response
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from typing_extensions import override
from werkzeug.routing import Rule

from foundation.errors import PulseError
from foundation.web.docs_page import page
from foundation.web.error_handler import PROBLEM_JSON
from foundation.web.models import Problem, RequestModel, ResponseModel

TITLE = "Finesse Pulse"
METHODS = ("GET", "POST", "PUT", "DELETE")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
HTML = "text/html"
# Answers without a body.
EMPTY = frozenset({204, 304})
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
# Rules that take what no route takes, to note it: no routes themselves.
_CATCHES_ALL = re.compile(r"(?:^|\.)unknown_")
REFERENCE = "#/components/schemas/{model}"
PROBLEM = {"$ref": REFERENCE.format(model="Problem")}
_MARK = "__described__"
_DESCRIPTIONS = "pulse.openapi"
_MODES: dict[str, JsonSchemaMode] = {"body": "validation", "answer": "serialization"}

Schema = dict[str, Any]
Errors = tuple[type[PulseError], ...]
View = TypeVar("View", bound=Callable[..., object])


class OpenApiResponse(ResponseModel):
    openapi: str
    info: dict[str, str]
    paths: dict[str, dict[str, Schema]]
    components: dict[str, dict[str, Schema]]


def described(*, errors: Errors = (), **facts: Any) -> Callable[[View], View]:
    """Declare of a view: `body`, `form` or `files` (what is sent), `query` (its parameters), `answer` (where all is
    well), its `media` where it is not JSON, its `status` where it is not 200, or several; `errors` that it may raise,
    and `security` (names of schemes). `body`, `query` and `answer` are models, or schemas. What wraps the view later
    keeps it, and may add to it.
    """

    def declare(view: View) -> View:
        known = description(view)
        view.__dict__[_MARK] = {**known, **facts, "errors": (*known.get("errors", ()), *errors)}
        return view

    return declare


def description(view: Callable[..., object]) -> dict[str, Any]:
    """What was declared of a view."""
    facts: dict[str, Any] = getattr(view, _MARK, {})
    return facts


def statuses(facts: Mapping[str, Any]) -> tuple[int, ...]:
    """Of the answers to a view's requests that are no problem documents."""
    status: int | tuple[int, ...] = facts.get("status", 200)
    return status if isinstance(status, tuple) else (status,)


def medias(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The media types of a view's answers; `*/*` where it declared none."""
    media: str | tuple[str, ...] = facts.get("media", JSON if "answer" in facts else "*/*")
    return media if isinstance(media, tuple) else (media,)


def routes_of(app: Flask) -> list[Rule]:
    """Every route, by its path."""
    rules = (rule for rule in app.url_map.iter_rules() if not _CATCHES_ALL.search(rule.endpoint))
    return sorted(rules, key=lambda rule: rule.rule.lower())


def add_schemas(
    app: Flask,
    prefix: str,
    *,
    error: Schema | None = None,
    schemas: Mapping[str, Schema] | None = None,
    security: Schema,
) -> None:
    """What the routes under `prefix` refer to: schemas by name, security schemes, and how they tell errors."""
    app.extensions.setdefault(_DESCRIPTIONS, []).append((prefix, error, schemas or {}, security))


def install(app: Flask) -> None:
    """Once all routes are there."""
    routes = Blueprint("openapi", __name__)

    @cache
    def api_document() -> dict[str, Any]:
        return document(app)

    @routes.get("/openapi.json")
    @described(answer=OpenApiResponse)
    def openapi_json() -> Response:
        """Every route of the faces served, as OpenAPI 3.1."""
        return Response(orjson.dumps(api_document()), mimetype=JSON)

    @routes.get("/docs")
    @described(media=HTML)
    def docs() -> Response:
        """Every route of the faces served, for people."""
        headers = {"Content-Security-Policy": "default-src 'self'"}
        return Response(page(TITLE, api_document()), mimetype=HTML, headers=headers)

    app.register_blueprint(routes)


class _Plain(GenerateJsonSchema):
    """Fields have names, which say as much as titles that are made from them."""

    @override
    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def document(app: Flask) -> dict[str, Any]:
    """The description of all routes of `app`."""
    groups = app.extensions.get(_DESCRIPTIONS, [])
    of_models, schemas = _schemas_of_models(app)
    security: Schema = {}
    for _, _, named, schemes in groups:
        if schemas.keys() & named.keys():
            raise ValueError(f"two schemas of one name: {schemas.keys() & named.keys()}")
        schemas |= named
        security |= schemes
    paths: dict[str, dict[str, Any]] = {}
    for rule in routes_of(app):
        view = app.view_functions[rule.endpoint]
        facts = description(view) | of_models.get(rule.endpoint, {})
        error = next((error for prefix, error, *_ in groups if rule.rule.startswith(prefix)), None)
        for method in METHODS:
            if method in (rule.methods or ()):
                operation = _operation(rule, method, inspect.cleandoc(view.__doc__ or rule.endpoint), facts, error)
                paths.setdefault(_PARAMETER.sub(r"{\2}", rule.rule), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": inspect.cleandoc(__doc__ or "").splitlines()[0]},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security},
    }


def _schemas_of_models(app: Flask) -> tuple[dict[str, dict[str, Schema]], dict[str, Schema]]:
    """The schemas of bodies and answers that are models, by endpoint; and what they refer to, by name."""
    inputs: list[tuple[tuple[str, str], JsonSchemaMode, TypeAdapter[Any]]] = [
        ((endpoint, name), mode, TypeAdapter(facts[name]))
        for endpoint, facts in ((endpoint, description(view)) for endpoint, view in app.view_functions.items())
        for name, mode in _MODES.items()
        if name in facts and not isinstance(facts[name], dict)
    ]
    inputs.append((("", "answer"), "serialization", TypeAdapter(Problem)))
    schemas, shared = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE, schema_generator=_Plain)
    by_endpoint: dict[str, dict[str, Schema]] = {}
    for ((endpoint, name), _), schema in schemas.items():
        by_endpoint.setdefault(endpoint, {})[name] = schema
    return by_endpoint, shared["$defs"]


def _operation(rule: Rule, method: str, text: str, facts: dict[str, Any], error: Schema | None) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}_{re.sub(r'[^A-Za-z0-9]+', '_', rule.rule).strip('_')}",
        "tags": [next(iter(part for part in rule.rule.split("/") if part), "")],
        "summary": text.splitlines()[0],
        "description": text,
        "parameters": [*_path_parameters(rule), *_query_parameters(facts.get("query", {}))],
        "responses": _responses(facts, error),
    }
    if "body" in facts and method == "POST":
        operation["requestBody"] = {"content": {JSON: {"schema": facts["body"]}}}
    for name, media in (("form", FORM), ("files", FILES)):
        if name in facts and method == "POST":
            operation["requestBody"] = {"required": True, "content": {media: {"schema": facts[name]}}}
    if "security" in facts:
        operation["security"] = [{name: []} for name in facts["security"]]
    return operation


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, name in _PARAMETER.findall(rule.rule):
        schema = {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[RequestModel] | dict[str, Schema]) -> Iterator[dict[str, Any]]:
    whole = {"properties": query} if isinstance(query, dict) else query.model_json_schema(schema_generator=_Plain)
    for name, schema in whole.get("properties", {}).items():
        described_schema = {key: value for key, value in schema.items() if (key, value) != ("default", None)}
        yield {"name": name, "in": "query", "required": name in whole.get("required", ()), "schema": described_schema}


def _responses(facts: Mapping[str, Any], error: Schema | None) -> dict[str, Any]:
    bad = {JSON: {"schema": error}} if error else {PROBLEM_JSON: {"schema": PROBLEM}}
    answer_schema = {"schema": facts["answer"]} if "answer" in facts else {}
    good = {media: {} if media.startswith("text/") else answer_schema for media in medias(facts)}
    responses: dict[str, Any] = {}
    for status in statuses(facts):
        responses[str(status)] = {"description": "What was asked for."} | ({} if status in EMPTY else {"content": good})
    for raised in facts.get("errors", ()):
        answer = responses.setdefault(str(raised.status), {"description": "", "content": {}})
        answer["description"] = f"{answer['description']} `{raised.code}`: {raised.title}.".strip()
        answer["content"] = {**answer["content"], **bad}
    return responses | {"default": {"description": "Why it was not done.", "content": bad}}
