"""Survey tokens that want a signed answer (docs/cisco/wxm-api.md §4.4): `restrictBySignature` is the passphrase.

It is never shown: a token has `true` in its place, and `true` that is sent back leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from experience.api.support import models
from experience.api.support.errors import Malformed
from experience.surveys.signatures import is_signed
from foundation.errors import Refused

FIELD = "restrictBySignature"
LONGEST = 200

Document = dict[str, Any]


class NotSigned(Refused):
    code = "bad_signature"
    title = "This survey takes signed answers alone: id is the signature over responseDateTime, which is now"


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


def check(invitation: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Refuse an answer that is not signed as its token wants it. Raises NotSigned."""
    passphrase = invitation.get(FIELD)
    if passphrase and not is_signed(
        passphrase, invitation["id"], answer.get("id"), answer.get("responseDateTime"), datetime.now(UTC)
    ):
        raise NotSigned()


def refuse_unsigned(invitation: Mapping[str, Any]) -> None:
    """Refuse what carries no signature at all. Raises NotSigned."""
    if invitation.get(FIELD):
        raise NotSigned("This survey takes signed answers alone, and those whole: POST /api/SurveyByToken")
