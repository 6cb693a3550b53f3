"""Finesse on a bad day: what every REST request gets while a fault is switched on."""

import threading
from dataclasses import dataclass

from flask import Response

from lab.finesse import documents

HANG_SECONDS = 60.0
SLOW_SECONDS = 2.0
_PAGE = "<!doctype html><html><head><title>{0}</title></head><body><h1>HTTP Status {0}</h1></body></html>"
_BOMB = '<!DOCTYPE User [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><User><loginId>&b;</loginId></User>'


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    kind: str


ANSWERS = {
    "html401": Answer(401, _PAGE.format(401), "text/html"),
    "html500": Answer(500, _PAGE.format(500), "text/html"),
    "html503": Answer(503, _PAGE.format(503), "text/html"),
    "html200": Answer(200, _PAGE.format(200), "text/html"),
    "xml500": Answer(500, documents.errors("Internal Server Error", "Runtime Exception", ""), "application/xml"),
    "xml503": Answer(503, documents.errors("Service Unavailable", "OUT_OF_SERVICE", ""), "application/xml"),
    "broken": Answer(200, "<User><loginId>1001</logi", "application/xml"),
    "bomb": Answer(200, _BOMB, "application/xml"),
    "huge": Answer(200, "<User>" + "<x/>" * 4_000_000 + "</User>", "application/xml"),
    "redirect": Answer(302, "", "text/html"),
}
WORDS = (*ANSWERS, "hang", "slow")


class Faults:
    """One switch for all; `only` narrows it to paths that hold that text."""

    def __init__(self) -> None:
        self.word: str | None = None
        self._only = ""
        self._lifted = threading.Event()

    def switch(self, word: str | None, only: str = "") -> None:
        """None lifts the fault and lets go of whoever hangs."""
        self._lifted.set()
        self._lifted = threading.Event()
        self.word, self._only = word, only

    def strike(self, path: str) -> Response | None:
        """The answer instead of the right one, or None to go on (perhaps late)."""
        if self.word is None or self._only not in path:
            return None
        if self.word in ("hang", "slow"):
            self._lifted.wait(HANG_SECONDS if self.word == "hang" else SLOW_SECONDS)
            return None
        answer = ANSWERS[self.word]
        response = Response(answer.body, answer.status, content_type=answer.kind)
        if answer.status == 302:
            response.headers["Location"] = "/desktop"
        return response
