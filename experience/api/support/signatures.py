"""Survey tokens that want a signed answer (docs/cisco/wxm-api.md §4.4): `restrictBySignature` is the passphrase.

It is never shown: a token has `true` in its place, and `true` that is sent back leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experience.api.support import models
from experience.api.support.errors import Malformed
from experience.surveys.signatures import FIELD

LONGEST = 200

Document = dict[str, Any]


def shown(token: Mapping[str, Any]) -> Document:
    """A survey token as it may be told."""
    document = models.whole(models.SURVEY_TOKEN, {**token, "preFill": models.responses(token.get("preFill"))})
    return {**document, FIELD: True} if token.get(FIELD) else document


def restricted(document: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Document:
    """A survey token with the passphrase that is meant. Raises Malformed."""
    wanted = document.get(FIELD)
    if wanted is True and known and known.get(FIELD):
        return {**document, FIELD: known[FIELD]}
    if wanted in (None, False, ""):
        return {name: value for name, value in document.items() if name != FIELD}
    if not isinstance(wanted, str) or len(wanted) > LONGEST:
        raise Malformed(f"{FIELD}: the passphrase, a text of at most {LONGEST} letters")
    return dict(document)
