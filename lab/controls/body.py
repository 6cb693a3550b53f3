"""What a control was asked: JSON objects alone, and the people they name."""

from typing import Any

from flask import abort, request

from lab.people import cast


def body() -> dict[str, Any]:
    """The request's object. A page of another site cannot send JSON without a preflight, and none is ever granted."""
    found = request.get_json()
    if not isinstance(found, dict):
        abort(400, "a JSON object is expected")
    return found


def person(asked: dict[str, Any], name: str) -> cast.Person:
    """Whom the body names there, by id or login name."""
    found = cast.find(str(asked.get(name, "")))
    if found is None:
        abort(404, f"no such {name}")
    return found


def number(asked: dict[str, Any], name: str, most: float) -> float:
    """A number from 0 to `most`; 0 where it is left out."""
    found = asked.get(name, 0)
    if not isinstance(found, int | float) or not 0 <= found <= most:
        abort(400, f"{name} is a number from 0 to {most:g}")
    return float(found)
