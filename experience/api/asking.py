"""Questions (contract/wxm-api.md §5): WxM's documents as they are kept."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import delete, select

from experience import questionnaires
from experience.api import bodies, restricting
from experience.api.callers import Gate
from experience.api.faults import Malformed, Unknown
from experience.api.shapes import TEXT, each, holding, ref
from experience.platform import Platform
from experience.questions import QuestionFault, read_question
from experience.schema import questions
from experience.tokens import Caller
from foundation.openapi import described

Document = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_questions", __name__, url_prefix="/api/Questions")
    _reading(routes, platform, gate)
    _writing(routes, platform, gate)
    return routes


def _reading(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.get("")
    @gate.reading
    @described(answer=each(ref("Question")))
    def every(caller: Caller) -> Response:
        """All questions of the account, retired ones too."""
        return bodies.told(_documents(platform, caller))

    @routes.get("/Active")
    @gate.reading
    @described(answer=each(ref("Question")))
    def active(caller: Caller) -> Response:
        """The questions that are not retired."""
        return bodies.told([document for document in _documents(platform, caller) if not document.get("isRetired")])

    @routes.post("/Questionnaire")
    @gate.reading
    @described(body=holding(name=TEXT), answer=each(ref("Question")))
    def of_questionnaire(caller: Caller) -> Response:
        """The questions of the questionnaire that `name` names."""
        name = bodies.sent_fields().get("name")
        if not isinstance(name, str) or not name:
            raise Malformed("name: which questionnaire?")
        return bodies.told(_documents(platform, caller, name))


def _writing(routes: Blueprint, platform: Platform, gate: Gate) -> None:
    @routes.post("/add")
    @gate.writing
    @described(body=ref("SentQuestion"), answer=ref("Question"))
    def add(_caller: Caller) -> Response:
        """Add a question; its id is kept, or made where it has none."""
        document = _sent_question()
        identity = document.get("id") or secrets.token_hex(12)
        if not isinstance(identity, str) or identity in platform.catalogue.questions:
            raise Malformed("id: is not text, or there is such a question, which update changes")
        document["id"] = identity
        return bodies.told(_keep(platform, document))

    @routes.post("/update/<identity>")
    @gate.writing
    @described(body=ref("SentQuestion"), answer=ref("Question"))
    def change(_caller: Caller, identity: str) -> Response:
        """Change a question: fields that are not sent stay as they are."""
        known = _one(platform, identity)
        return bodies.told(_keep(platform, {**known, **_sent_question(), "id": identity}))

    @routes.get("/delete/<identity>")
    @gate.writing
    @described(answer={"const": True})
    def remove(_caller: Caller, identity: str) -> Response:
        """Delete a question. Answers to it are kept."""
        _one(platform, identity)
        with platform.database.write() as connection:
            connection.execute(delete(questions).where(questions.c.id == identity))
            questionnaires.renew(platform.database, connection)
        platform.reread()
        return bodies.told(True)


def _documents(platform: Platform, caller: Caller, questionnaire: str | None = None) -> list[Document]:
    with platform.database.read() as connection:
        return restricting.visible(questionnaires.documents(connection, questionnaire), caller)


def _one(platform: Platform, identity: str) -> Document:
    with platform.database.read() as connection:
        wanted = select(questions.c.id).where(questions.c.id == identity)
        if "\0" in identity or connection.execute(wanted).scalar() is None:
            raise Unknown("There is no such question")
        return next(each for each in questionnaires.documents(connection) if each["id"] == identity)


def _sent_question() -> Document:
    document = bodies.camel(bodies.sent())
    if not isinstance(document, dict):
        raise Malformed("The body is not a question")
    return document


def _keep(platform: Platform, document: Document) -> Document:
    """Keep a question; answers are read anew where it now means something else."""
    meant = platform.catalogue.questions.get(document["id"])
    try:
        with platform.database.write() as connection:
            questionnaires.keep(platform.database, connection, [document])
    except QuestionFault as fault:
        raise Malformed(str(fault)) from None
    if read_question(document) != meant:
        platform.reread()
    return document
