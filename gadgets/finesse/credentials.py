"""A Finesse credential on its way through: parsed, never kept, never shown; pure."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Self

from foundation.errors import PulseError

LONGEST = 8192
HEADER = re.compile(r"(?P<scheme>[Bb]asic|[Bb]earer) +(?P<value>[A-Za-z0-9._~+/=-]+)")


class InvalidCredentials(PulseError):
    status = 401
    code = "invalid_credentials"
    title = "Finesse does not accept this credential"


@dataclass(frozen=True, slots=True)
class Credential:
    """An `Authorization` header as Finesse's library made it.

    `name` is who a Basic one says it is, else None; `secret` the password of a Basic one, else the token.
    """

    header: str = field(repr=False)
    name: str | None
    secret: str = field(repr=False)

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Raises InvalidCredentials for anything but one well-formed Basic or Bearer value."""
        match = HEADER.fullmatch(header or "") if len(header or "") <= LONGEST else None
        if match is None:
            raise InvalidCredentials("Send Finesse's own Authorization header: Basic or Bearer.")
        if match["scheme"].lower() == "bearer":
            return cls(match[0], None, match["value"])
        return cls(match[0], *_name_and_password(match["value"]))

    def is_for(self, *names: str) -> bool:
        """Whether a Basic credential is of one of these names, in any case; a Bearer one does not say."""
        return self.name is None or self.name.casefold() in {name.casefold() for name in names if name}


def _name_and_password(encoded: str) -> tuple[str, str]:
    try:
        pair = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise InvalidCredentials("The Basic credential is not Base64.") from error
    name, colon, password = pair.partition(b":")
    text = _text(name)
    if not colon or not text or not text.isprintable():
        raise InvalidCredentials("The Basic credential holds no name and password.")
    return text, _text(password)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
