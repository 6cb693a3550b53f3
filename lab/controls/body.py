"""What a control was asked: JSON objects alone, and the people they name."""

from typing import Any

from flask import abort, request

from lab.people import cast


def body() -> dict[str, Any]:
    """The request's object. A page of another site cannot send JSON without a preflight, and none is ever granted."""
    document = request.get_json()
    if not isinstance(document, dict):
        abort(400, "a JSON object is expected")
    return document


def person(document: dict[str, Any], name: str) -> cast.Person:
    """Whom the body names there, by id or login name."""
    member = cast.find(str(document.get(name, "")))
    if member is None:
        abort(404, f"no such {name}")
    return member


def number(document: dict[str, Any], name: str, most: float) -> float:
    """A number from 0 to `most`; 0 where it is left out."""
    value = document.get(name, 0)
    if not isinstance(value, int | float) or not 0 <= value <= most:
        abort(400, f"{name} is a number from 0 to {most:g}")
    return float(value)
