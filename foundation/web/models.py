"""What the models of a route's request and answer share: requests are parsed by theirs, answers are described by it.

No answer is validated while it is served: tests compare every answer with its model (`tests/support/described.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from foundation.errors import BadRequest

# `int | Absent = None`: the field may be missing, and is never null.
Absent = SkipJsonSchema[None]
# A moment in UTC, to the second.
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", json_schema_extra={"format": "date-time"})]


class RequestModel(BaseModel):
    """A body or a query as it is sent; fields that it does not name are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)
    error: ClassVar[type[BadRequest]] = BadRequest
    usage: ClassVar[str] = ""

    @classmethod
    def parse(cls, sent: object) -> Self:
        """Raises `error`, with what to send instead."""
        try:
            return cls.model_validate(sent)
        except ValidationError as error:
            # Nothing of what was sent goes along: it may be personal.
            place = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise cls.error(cls.usage_of(str(place[0]) if place else ""))

    @classmethod
    def usage_of(cls, _field: str) -> str:
        """What to send, where this is the first field that cannot be used; "" where it is the whole."""
        return cls.usage


def _leave_room(schema: dict[str, Any]) -> None:
    """Clients ignore fields that they do not know, so that fields may be added; tests let no such field pass."""
    schema.pop("additionalProperties", None)


class ResponseModel(BaseModel):
    """A body as it is answered."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, json_schema_extra=_leave_room)


class Problem(ResponseModel):
    """Why something was not done (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="A word that a program can rely on.")


def _whole_number(text: object) -> object:
    """Digits alone: Python would also read `+5`, ` 5` and `1_0`."""
    if isinstance(text, str) and not (text.isascii() and text.isdecimal() and not text.startswith("0")):
        raise ValueError("not a whole number")
    return text


WholeNumber = Annotated[int, BeforeValidator(_whole_number)]
