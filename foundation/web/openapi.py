"""openapi.json and /docs, made from the code: the routes that are there, their docstrings, and what views declare.

A view declares its bodies with `described`; a view that declares nothing is told by its path, methods and docstring.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from typing import Any, TypeVar

import orjson
from flask import Blueprint, Flask, Response
from werkzeug.routing import Rule

from foundation.web.error_handler import PROBLEM_JSON

TITLE = "Finesse Pulse"
METHODS = ("GET", "POST", "PUT", "DELETE")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "A word that a program can rely on."},
    },
}
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
# Rules that take what no route takes, to note it: no routes themselves.
_CATCHES_ALL = re.compile(r"(?:^|\.)unknown_")
_MARK = "__described__"
_DESCRIPTIONS = "pulse.openapi"

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., object])


def described(**facts: Any) -> Callable[[View], View]:
    """Declare of a view: `body`, `form` or `files` (schemas of what is sent), `query` (parameters by name), `answer`
    (where all is well), its `media` where it is not JSON, its `status` where it is not 200, and `security` (names of
    schemes). What wraps the view later keeps it.
    """

    def declare(view: View) -> View:
        view.__dict__[_MARK] = {**view.__dict__.get(_MARK, {}), **facts}
        return view

    return declare


def add_schemas(app: Flask, prefix: str, error: Schema, schemas: dict[str, Schema], security: Schema) -> None:
    """What the routes under `prefix` refer to: schemas by name, security schemes, and how they tell errors."""
    app.extensions.setdefault(_DESCRIPTIONS, []).append((prefix, error, schemas, security))


def install(app: Flask) -> None:
    """Once all routes are there."""
    routes = Blueprint("openapi", __name__)

    @cache
    def told() -> dict[str, Any]:
        return document(app)

    @routes.get("/openapi.json")
    @described(answer={"type": "object", "required": ["openapi", "info", "paths"]})
    def openapi_json() -> Response:
        """Every route of the faces served, as OpenAPI 3.1."""
        return Response(orjson.dumps(told()), mimetype=JSON)

    @routes.get("/docs")
    def docs() -> Response:
        """Every route of the faces served, for people."""
        return Response(page(told()), mimetype="text/html", headers={"Content-Security-Policy": "default-src 'self'"})

    app.register_blueprint(routes)


def document(app: Flask) -> dict[str, Any]:
    """The description of all routes of `app`."""
    groups = app.extensions.get(_DESCRIPTIONS, [])
    schemas: dict[str, Schema] = {"Problem": PROBLEM}
    security: Schema = {}
    for _, _, named, schemes in groups:
        schemas |= named
        security |= schemes
    paths: dict[str, dict[str, Any]] = {}
    rules = (rule for rule in app.url_map.iter_rules() if not _CATCHES_ALL.search(rule.endpoint))
    for rule in sorted(rules, key=lambda rule: rule.rule.lower()):
        view = app.view_functions[rule.endpoint]
        for method in METHODS:
            if method in (rule.methods or ()):
                error = next((error for prefix, error, *_ in groups if rule.rule.startswith(prefix)), None)
                operation = _operation(rule, method, view, error)
                paths.setdefault(_PARAMETER.sub(r"{\2}", rule.rule), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": inspect.cleandoc(__doc__ or "").splitlines()[0]},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": security},
    }


def _operation(rule: Rule, method: str, view: Callable[..., object], error: Schema | None) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(view, _MARK, {})
    text = inspect.cleandoc(view.__doc__ or rule.endpoint)
    told: dict[str, Any] = {
        "operationId": f"{method.lower()}_{re.sub(r'[^A-Za-z0-9]+', '_', rule.rule).strip('_')}",
        "tags": [next(iter(part for part in rule.rule.split("/") if part), "")],
        "summary": text.splitlines()[0],
        "description": text,
        "parameters": [*_path_parameters(rule), *_query_parameters(facts.get("query", {}))],
        "responses": _responses(facts, error),
    }
    if "body" in facts and method == "POST":
        told["requestBody"] = {"content": {JSON: {"schema": facts["body"]}}}
    for name, media in (("form", FORM), ("files", FILES)):
        if name in facts and method == "POST":
            told["requestBody"] = {"required": True, "content": {media: {"schema": facts[name]}}}
    if "security" in facts:
        told["security"] = [{name: []} for name in facts["security"]]
    return told


def _path_parameters(rule: Rule) -> Iterator[dict[str, Any]]:
    for kind, name in _PARAMETER.findall(rule.rule):
        schema = {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: dict[str, Schema]) -> Iterator[dict[str, Any]]:
    for name, schema in query.items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _responses(facts: dict[str, Any], error: Schema | None) -> dict[str, Any]:
    answer, status = facts.get("answer"), facts.get("status", 200)
    good = {JSON: {"schema": answer}} if answer is not None else {facts.get("media", "*/*"): {}}
    bad = {JSON: {"schema": error}} if error else {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    well: dict[str, Any] = {"description": "What was asked for."}
    return {
        str(status): well if status == 204 else {**well, "content": good},
        "default": {"description": "Why it was not done.", "content": bad},
    }


def page(told: dict[str, Any]) -> str:
    """The description as a page that needs nothing from anywhere else."""
    parts = [f"<!doctype html><meta charset=utf-8><title>{TITLE}</title><h1>{TITLE}</h1>"]
    parts.append('<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>')
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            parts.append(
                f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['description'])}</p>"
            )
            parts += _details(operation)
    return "\n".join(parts)


def _details(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation["parameters"]:
        kind = parameter["schema"].get("type", "")
        yield f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']}, {escape(str(kind))})</p>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield _shown("Sent as", media, content)
    answered = next(answer for status, answer in operation["responses"].items() if status != "default")
    for media, content in answered.get("content", {}).items():
        if content:
            yield _shown("Answered as", media, content)


def _shown(words: str, media: str, content: dict[str, Any]) -> str:
    text = orjson.dumps(content["schema"], option=orjson.OPT_INDENT_2).decode()
    return f"<details><summary>{words} {escape(media)}</summary><pre>{escape(text)}</pre></details>"
