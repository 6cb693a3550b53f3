"""What a link leads to: a survey that may be answered, or why it may not be; each reason with its status and code."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from experience.model import timestamps
from experience.surveys import signatures, survey_tokens
from foundation.errors import PulseError

Document = dict[str, Any]


class LinkError(PulseError):
    """A link that leads to no survey; `invitation` where there is one, whose organisation then says so."""

    permanent = True

    def __init__(self, invitation: Document | None = None) -> None:
        super().__init__()
        self.invitation = invitation


class UnknownLink(LinkError):
    status = 404
    code = "unknown_link"
    title = "This link leads to no survey"


class UsedUp(LinkError):
    status = 410
    code = "used_up"
    title = "This survey has been answered as often as it may be"


class Expired(LinkError):
    status = 410
    code = "expired"
    title = "The time to answer this survey is over"


class NotYetValid(LinkError):
    status = 403
    code = "not_yet_valid"
    title = "The time to answer this survey has not begun"


LINK_ERRORS = (UnknownLink, UsedUp, Expired, NotYetValid)


def usable(connection: Connection, token: str, *, to_change: bool = False) -> Document:
    """The invitation of a token that may be answered here. Raises a LinkError.

    Signed answers alone are no page's business: such a token is no link.
    """
    if to_change:
        survey_tokens.hold(connection, token)
    invitation, is_usable = survey_tokens.find_with_state(connection, token)
    if invitation is None or invitation.get(signatures.FIELD):
        raise UnknownLink()
    if not is_usable:
        raise _reason(invitation)
    return invitation


def _reason(invitation: Document) -> LinkError:
    now = timestamps.format_utc(datetime.now(UTC))
    if str(invitation.get("validAfter") or "") > now:
        return NotYetValid(invitation)
    return Expired(invitation) if str(invitation["validTill"]) <= now else UsedUp(invitation)
