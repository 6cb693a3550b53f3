"""Every answer is as its route describes it: compared with the route's model, in every test that asks in process."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter
from typing_extensions import override
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from foundation.web.error_handler import PROBLEM_JSON
from foundation.web.models import Problem
from foundation.web.openapi import EMPTY, JSON, description, medias, routes_of, statuses

DOCS = Path(__file__).parents[2] / "docs/api.md"
WXM = "/api"


class DescribedClient(FlaskClient):
    """Flask's test client, that lets no answer pass which is not as described."""

    @override
    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        assert_described(self.application, response)
        return response


def assert_described(app: Flask, response: TestResponse) -> None:
    """An answer outside /api: its status, media type and body, or its code where it is a problem."""
    rule, method = _rule(app, response), response.request.method
    if response.request.path.startswith(WXM) or method not in {"GET", "POST"}:
        return
    facts = description(app.view_functions[rule.endpoint]) if rule else {}
    if response.mimetype == PROBLEM_JSON:
        problem = _read(Problem, response.data)
        declared = {(error.status, error.code) for error in facts.get("errors", ())}
        # What is above 499 is a failure of ours or of a neighbour: any route may tell it.
        if rule and problem.status < 500:
            assert (problem.status, problem.code) in declared | errors_of_any_route(), (rule, problem)
        return
    assert rule is not None, response.request.path
    assert response.status_code in statuses(facts), (rule, response.status_code)
    if response.status_code in EMPTY:
        return
    assert response.mimetype in medias(facts), (rule, response.mimetype)
    if response.mimetype == JSON and "answer" in facts:
        _read(facts["answer"], response.data)


def _rule(app: Flask, response: TestResponse) -> Rule | None:
    """The route that answered; None where there is none."""
    request = response.request
    try:
        rule, _ = app.url_map.bind("localhost").match(request.path, request.method, return_rule=True)
    except HTTPException:
        return None
    return rule if rule in routes_of(app) else None


def _read(model: Any, body: bytes) -> Any:
    """The body by its model: unknown fields and other types are faults."""
    return _adapter(model).validate_json(body)


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


@cache
def errors_of_any_route() -> frozenset[tuple[int, str]]:
    """The first table of docs/api.md, Errors."""
    section = DOCS.read_text("utf-8").partition("### Errors")[2].partition("### ")[0]
    rows = re.findall(r"^\| ([0-9, ]+) \| (`[a-z_`, ]+`) \|", section, re.MULTILINE)
    pairs = [(int(status), code) for numbers, codes in rows for status, code in _pairs(numbers, codes)]
    return frozenset(pairs)


def _pairs(numbers: str, codes: str) -> list[tuple[str, str]]:
    """`404, 405` with two codes are two errors; one status with two codes, too."""
    statuses, names = numbers.split(", "), [code.strip("`") for code in codes.split(", ")]
    return list(zip(statuses, names, strict=True)) if len(statuses) > 1 else [(statuses[0], name) for name in names]
