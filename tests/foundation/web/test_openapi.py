"""Every route says what it answers, and a test notices an answer that is otherwise."""

import json
from typing import Any, Literal, get_args

import pytest
from flask import Flask, Response
from pydantic import ValidationError

from foundation.errors import BadRequest, PulseError, Refused
from foundation.web import error_handler, openapi
from foundation.web.error_handler import PROBLEM_JSON
from foundation.web.models import Absent, RequestModel, ResponseModel
from foundation.web.openapi import JSON, described, description, document, medias, routes_of
from tests.support.described import WXM, DescribedClient
from tests.support.services import Service


class Colour(ResponseModel):
    colour_name: str
    shades: int | Absent = None


class ColourParameters(RequestModel):
    kind: Literal["light", "dark"]


class NoColour(PulseError):
    status = 404
    code = "no_colour"
    title = "There is no such colour"


def painted(answer: Response | PulseError, **facts: Any) -> Flask:
    """An application with one route."""
    app = Flask("painted", static_folder=None)
    app.test_client_class = DescribedClient
    error_handler.install(app)

    @app.get("/colour")
    @described(**{"answer": Colour, "query": ColourParameters, "errors": (NoColour,), **facts})
    def colour() -> Response:
        """A colour."""
        if isinstance(answer, PulseError):
            raise answer
        return answer

    return app


def of_json(body: object, status: int = 200, mimetype: str = JSON) -> Response:
    return Response(json.dumps(body), status, mimetype=mimetype)


def test_every_route_outside_the_wxm_api_says_what_it_answers(service: Service) -> None:
    routes = [rule for rule in routes_of(service.app) if not rule.rule.startswith(WXM)]
    assert len(routes) > 25
    for rule in routes:
        facts = description(service.app.view_functions[rule.endpoint])
        assert "*/*" not in medias(facts), f"{rule.rule} does not say what it answers"
        if medias(facts) == (JSON,):
            models = get_args(facts["answer"]) or (facts["answer"],)
            assert all(issubclass(model, ResponseModel) for model in models), f"{rule.rule} answers without a model"


def test_every_scheme_that_a_route_names_is_explained(service: Service) -> None:
    api_document = document(service.app)
    named = {
        scheme
        for operations in api_document["paths"].values()
        for operation in operations.values()
        for requirement in operation.get("security", ())
        for scheme in requirement
    }
    assert named == set(api_document["components"]["securitySchemes"])


def test_a_model_describes_its_route() -> None:
    api_document = document(painted(of_json({"colourName": "red"})))
    operation = api_document["paths"]["/colour"]["get"]
    assert operation["parameters"] == [
        {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["light", "dark"], "type": "string"}}
    ]
    assert operation["responses"]["200"]["content"][JSON]["schema"] == {"$ref": "#/components/schemas/Colour"}
    assert "no_colour" in operation["responses"]["404"]["description"]
    assert PROBLEM_JSON in operation["responses"]["404"]["content"]
    colour = api_document["components"]["schemas"]["Colour"]
    assert (set(colour["properties"]), colour["required"]) == ({"colourName", "shades"}, ["colourName"])


def test_the_description_leaves_room_for_new_fields(service: Service) -> None:
    schemas_text = json.dumps(document(service.app)["components"]["schemas"]["PulseResponse"])
    assert "additionalProperties" not in schemas_text


def test_two_schemas_of_one_name_are_refused() -> None:
    app = painted(of_json({"colourName": "red"}))
    openapi.add_schemas(app, "/other", security={}, schemas={"Colour": {"type": "string"}})
    with pytest.raises(ValueError, match="Colour"):
        document(app)


@pytest.mark.parametrize(
    "answer",
    [
        of_json({"colourName": "red"}),
        of_json({"colourName": "red", "shades": 3}),
        NoColour(),
        BadRequest(),
    ],
)
def test_an_answer_as_described_passes(answer: Response | PulseError) -> None:
    assert painted(answer).test_client().get("/colour").data


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(of_json({"colourName": "red", "size": 3}), id="unknown field"),
        pytest.param(of_json({}), id="missing field"),
        pytest.param(of_json({"colour_name": "red"}), id="another name"),
        pytest.param(of_json({"colourName": 3}), id="another type"),
        pytest.param(of_json({"colourName": "red", "shades": "3"}), id="a number as text"),
        pytest.param(of_json({"colourName": "red"}, 201), id="another status"),
        pytest.param(of_json({"colourName": "red"}, mimetype="text/html"), id="another media type"),
        pytest.param(Refused(), id="an error that the route does not name"),
        pytest.param(of_json({"code": "no_colour"}, 404, PROBLEM_JSON), id="half a problem"),
    ],
)
def test_an_answer_that_is_otherwise_is_noticed(answer: Response | PulseError) -> None:
    with pytest.raises((AssertionError, ValidationError)):
        painted(answer).test_client().get("/colour")
