"""Questions (docs/cisco/wxm-api.md §5): WxM's documents as they are kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Blueprint, Response
from sqlalchemy import Connection, delete, select

from experience.accounts.api_tokens import Caller
from experience.api.support import bodies, models, restricted
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import TEXT, array_of, holding, ref
from experience.model.questions import QuestionFault, read_question
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.questionnaires.schema import questions
from foundation.web.openapi import described

Document = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_questions", __name__, url_prefix="/api/Questions")
    _reading(routes, platform, gate)
    _writing(routes, platform, gate)
    return routes


def _reading(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("")
    @gate.reading
    @described(answer=array_of(ref("Question")))
    def every(caller: Caller) -> Response:
        """All questions of the account, retired ones too."""
        return bodies.json_response(_documents(platform, caller))

    @routes.get("/Active")
    @gate.reading
    @described(answer=array_of(ref("Question")))
    def active(caller: Caller) -> Response:
        """The questions that are not retired."""
        return bodies.json_response(
            [document for document in _documents(platform, caller) if not document["isRetired"]]
        )

    @routes.post("/Questionnaire")
    @gate.reading
    @described(body=holding(name=TEXT), answer=array_of(ref("Question")))
    def of_questionnaire(caller: Caller) -> Response:
        """The questions of the questionnaire that `name` names."""
        name = bodies.sent_fields().get("name")
        if not isinstance(name, str) or not name:
            raise Malformed("name: which questionnaire?")
        return bodies.json_response(_documents(platform, caller, name))


def _writing(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.post("/add")
    @gate.writing
    @described(body=ref("SentQuestion"), answer=ref("Question"))
    def add(_caller: Caller) -> Response:
        """Add a question; its id is kept, or made where it has none."""
        document = _sent_question()
        document["id"] = document.get("id") or secrets.token_hex(12)
        with _writing_alone(platform) as connection:
            if _find(connection, document["id"]):
                raise Malformed("id: there is such a question, which update changes")
            _keep(platform, connection, document)
        platform.reread()
        return bodies.json_response(models.question(document))

    @routes.post("/update/<identity>")
    @gate.writing
    @described(body=ref("SentQuestion"), answer=ref("Question"))
    def change(_caller: Caller, identity: str) -> Response:
        """Change a question: fields that are not sent stay as they are."""
        sent = _sent_question()
        with _writing_alone(platform) as connection:
            known = _load(connection, identity)
            document = {**known, **sent, "id": identity}
            _keep(platform, connection, document)
        if read_question(document) != read_question(known):
            platform.reread()
        return bodies.json_response(models.question(document))

    @routes.get("/delete/<identity>")
    @gate.writing
    @described(answer={"const": True})
    def remove(_caller: Caller, identity: str) -> Response:
        """Delete a question. Answers to it are kept."""
        with _writing_alone(platform) as connection:
            _load(connection, identity)
            connection.execute(delete(questions).where(questions.c.id == identity))
            catalogue.bump_version(platform.database, connection)
        platform.reread()
        return bodies.json_response(True)


def _documents(platform: Platform, caller: Caller, questionnaire: str | None = None) -> list[Document]:
    with platform.database.read() as connection:
        return restricted.visible(catalogue.documents(connection, questionnaire), caller)


@contextmanager
def _writing_alone(platform: Platform) -> Iterator[Connection]:
    """A transaction in which nobody else changes questions."""
    with platform.database.write() as connection:
        catalogue.lock_catalogue(connection)
        yield connection


def _load(connection: Connection, identity: str) -> Document:
    document = _find(connection, identity)
    if document is None:
        raise Unknown("There is no such question")
    return document


def _find(connection: Connection, identity: object) -> Document | None:
    if not isinstance(identity, str) or "\0" in identity:
        return None
    document = connection.execute(select(questions.c.document).where(questions.c.id == identity)).scalar()
    return None if document is None else dict(orjson.loads(document))


def _sent_question() -> Document:
    document = bodies.camel(bodies.sent())
    if not isinstance(document, dict):
        raise Malformed("The body is not a question")
    return document


def _keep(platform: Platform, connection: Connection, document: Document) -> None:
    try:
        catalogue.keep(platform.database, connection, [document])
    except QuestionFault as fault:
        raise Malformed(str(fault)) from None
