"""A WxM's questionnaires as Cloud Connect lists them, asked for once an hour (docs/cisco/wxm-api.md §8.2)."""

import time
from typing import Any

from experience.wxm.calls import WxmCalls, WxmUnavailable, single_flight

SECONDS = 8.0
FRESH_SECONDS = 3600.0
# While WxM does not tell a new list, the old one serves on, and it is asked again so soon.
AGAIN_SECONDS = 60.0
ALL = "/api/AllSurveyQuestionnaires"

Listed = list[dict[str, object]]


class WxmQuestionnaires:
    """The questionnaires of one WxM."""

    def __init__(self, calls: WxmCalls[Any]) -> None:
        self._calls = calls
        self._listed: Listed | None = None
        self._until = 0.0
        self._flights = single_flight()

    def listed(self) -> Listed:
        """At most an hour old, where WxM answers. Raises WxmUnavailable where it never did."""
        if self._until > time.monotonic() and self._listed is not None:
            return self._listed
        deadline = time.monotonic() + SECONDS
        try:
            self._flights.run(ALL, lambda: self._fetch(deadline), deadline)
        except WxmUnavailable:
            if self._listed is None:
                raise
            self._until = time.monotonic() + AGAIN_SECONDS
        return self._listed or []

    def _fetch(self, deadline: float) -> None:
        if self._until <= time.monotonic():
            self._listed = _listed(self._calls.get(ALL, deadline))
            self._until = time.monotonic() + FRESH_SECONDS


def _listed(body: Any) -> Listed:
    if not isinstance(body, list) or not all(isinstance(document, dict) for document in body):
        raise WxmUnavailable("WxM sent questionnaires that cannot be read.")
    return [_facts(document) for document in body if isinstance(document.get("name"), str) and document["name"]]


def _facts(document: dict[str, Any]) -> dict[str, object]:
    """In the form of our own; one without a display name shows its name."""
    return {
        "name": document["name"],
        "displayName": document.get("displayName") or document["name"],
        "hashPIIBy": document.get("hashPIIBy"),
    }
