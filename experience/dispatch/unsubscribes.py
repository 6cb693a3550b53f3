"""Who wants no more messages."""

from __future__ import annotations

from sqlalchemy import Connection

from experience.dispatch import events
from experience.dispatch.events import Happened
from experience.surveys import survey_tokens


def opt_out(connection: Connection, token: str) -> None:
    """Write no more to a recipient; an unknown token changes nothing, and looks the same."""
    invitation = survey_tokens.find(connection, token, to_change=True)
    dispatch = (invitation or {}).get("dispatchId")
    if isinstance(dispatch, str) and all(
        event.action != "Unsubscribed" for event in events.of_target(connection, token)
    ):
        events.append(connection, [Happened(token, dispatch, "Unsubscribed")])
