"""The history of a WxM elsewhere, over its public API alone: what `history` works on where WXM_URL names one.

A move that broke off is begun again: what is there is known by its id, and is not written twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import quote

import orjson

from cherrypoint.neighbours import broker_of
from cherrypoint.token import Token
from commands.store import opened_database
from experience.answers import past
from experience.answers.parse import Reader
from experience.history.json_stream import items
from experience.history.transfer import Imported, LineFault, id_of
from experience.model.errors import BadAnswer
from experience.model.questions import Question, QuestionFault
from experience.privacy import pii
from experience.questionnaires import catalogue
from experience.questionnaires.catalogue import Catalogue
from experience.wxm.answers import FEWEST_ROWS, ROWS, Answer, Page, WxmAnswers
from experience.wxm.calls import WxmCalls, WxmTooLarge, WxmUnavailable
from foundation.cache.cache import Cache
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.failures import PASSING
from foundation.settings import PREFIX, Settings, SettingsError
from foundation.tls.trust import Trust

QUESTIONS = "/api/Questions"
# A pause that WxM asks for may be long; what only fails is tried for a while, longer than the client remembers it.
LONGEST_WAIT, PATIENCE, PAUSE = 3600.0, 120.0, 4.0
READINGS = 3
# What is wrong with one record; any other refusal would meet every record.
BAD_RECORD = frozenset({400, 409, 413, 422})

T = TypeVar("T")


@contextmanager
def opened_elsewhere(settings: Settings) -> Iterator[Elsewhere]:
    """The WxM at WXM_URL, with a token of Cloud Connect's, or of its own login. Raises NeighbourDown."""
    needed = ("wxm_url",) if settings.cloudconnect_publisher else ("wxm_url", "wxm_username", "wxm_api_key")
    missing = [name for name in needed if not getattr(settings, name)]
    with opened_database() as database:
        trusted = Trust(database).context()
        http = HttpClient(settings.proxy, lambda: trusted)
        # A token of this command's own: what it meets must not hold the service up.
        broker = broker_of(settings, http, Cache(""))
        if missing or broker is None:
            raise SettingsError([f"{PREFIX}{name.upper()}: is required" for name in missing])
        # A login that is refused is no failure to wait for.
        broker.token()
        yield Elsewhere(WxmCalls(http, settings.wxm_url, broker))


class Elsewhere:
    """Reads and writes answers and questions of one WxM. Everything here raises NeighbourDown."""

    def __init__(self, calls: WxmCalls[Token]) -> None:
        self._calls = calls
        self._answers = WxmAnswers(calls)

    def take_out(self, stream: BinaryIO, moved: Callable[[int, int], object]) -> int:
        """Write every answer, one a line, in the order in which WxM tells them; says how many."""
        count = 0
        for answer in self._every(moved):
            stream.write(orjson.dumps(answer) + b"\n")
            count += 1
        return count

    def take_out_questions(self, stream: BinaryIO) -> int:
        """Write every question as WxM's array, one a line; says how many."""
        kept = self._questions()
        stream.write(b"[\n" + b",\n".join(orjson.dumps(document) for document in kept) + b"\n]\n")
        return len(kept)

    def bring_in_questions(self, stream: BinaryIO, report: Callable[[LineFault], None]) -> Imported:
        """Add every question of a stream; what is known by its id is changed where it differs."""
        known = {document.get("id"): document for document in self._questions()}
        done = Imported()
        for item in items(stream):
            document = cast(dict[str, Any], item.value)
            reason = item.fault or _reason(catalogue.check, item.value)
            reason = reason or self._write_question(known.get(document["id"]), document)
            if reason:
                done.bad += 1
                report(LineFault(item.line, reason))
            else:
                done.added += 1
        return done

    def bring_in(
        self, stream: BinaryIO, report: Callable[[LineFault], None], moved: Callable[[Imported], None]
    ) -> Imported:
        """Add every answer of a stream whose id is not there; bad ones are reported and not sent to WxM."""
        known = {answer["id"] for answer in self._every(lambda *_: None)}
        reader = Reader(self._catalogue(), UTC)
        done = Imported()
        for item in items(stream):
            value, remarks = past.judge(item.value, reader.catalogue.questions, pii.phone)
            answer = cast(Answer, value)
            reason = item.fault or _reason(reader.read, value)
            if not reason and answer["id"] in known:
                done.known += 1
            elif reason := reason or self._write("/api/Answers/add", answer):
                done.bad += 1
                report(LineFault(item.line, reason, id_of(item.value)))
            else:
                known.add(answer["id"])
                done.added += 1
            for remark in () if reason else done.note(item, remarks):
                report(remark)
            moved(done)
        return done

    def _every(self, moved: Callable[[int, int], object]) -> Iterator[Answer]:
        """Every answer once, however many come meanwhile and wherever WxM puts them."""
        seen: set[str] = set()
        for _ in range(READINGS):
            total = yield from self._read(seen, moved)
            if len(seen) >= total:
                return
        raise WxmUnavailable("WxM's pages do not add up.")

    def _read(self, seen: set[str], moved: Callable[[int, int], object]) -> Generator[Answer, None, int]:
        """The answers of all pages that are not in `seen`; how many WxM says there are."""
        number, rows = 0, ROWS
        while True:
            try:
                page = self._page(number, rows)
            except WxmTooLarge:
                if rows <= FEWEST_ROWS:
                    raise
                number, rows = number * 5, rows // 5
                continue
            for answer in page.answers:
                if answer["id"] not in seen:
                    seen.add(answer["id"])
                    yield answer
            moved(len(seen), page.total)
            number += 1
            # A WxM may give fewer rows than were asked; one at least, or there are no more.
            if not page.answers or len(seen) >= page.total or number > page.total:
                return page.total

    def _page(self, number: int, rows: int) -> Page:
        return _patiently(lambda until: self._answers.page(None, number, rows, until))

    def _questions(self) -> list[dict[str, Any]]:
        documents = _patiently(lambda until: self._calls.get(QUESTIONS, until))
        if not isinstance(documents, list) or not all(isinstance(document, dict) for document in documents):
            raise WxmUnavailable("WxM sent questions that cannot be read.")
        return documents

    def _catalogue(self) -> Catalogue:
        """What the questions of that WxM mean; one that we cannot read means nothing, as everywhere."""
        known: dict[str, Question] = {}
        for document in self._questions():
            if not _reason(catalogue.check, document):
                question = catalogue.check(document)
                known[question.id] = question
        return Catalogue("", known, {})

    def _write_question(self, known: Mapping[str, Any] | None, document: dict[str, Any]) -> str:
        if known is None:
            return self._write(f"{QUESTIONS}/add", document)
        if {**known, **document} == known:
            return ""
        return self._write(f"{QUESTIONS}/update/{quote(document['id'], safe='')}", document)

    def _write(self, path: str, document: dict[str, Any]) -> str:
        """Why WxM does not take it; empty where it did. Its id makes that a repetition changes nothing."""
        try:
            kept = _patiently(lambda until: self._calls.post(path, document, until))
        except WxmUnavailable as error:
            if error.wxm_status not in BAD_RECORD:
                raise
            return f"this WxM does not take it ({error.wxm_status})"
        if not isinstance(kept, dict) or kept.get("id") != document["id"]:
            raise WxmUnavailable("This WxM does not keep the ids that are sent: a second import would add all again.")
        return ""


def _reason(read: Callable[[Any], object], value: object) -> str:
    """Why a record cannot be used; empty where it can."""
    if not isinstance(value, dict):
        return "not an object"
    try:
        read(value)
    except (BadAnswer, QuestionFault) as fault:
        return str(fault)
    return ""


def _patiently(call: Callable[[float], T]) -> T:
    """What a call answers; where it fails in a way that may pass, it is made again for a while."""
    began = time.monotonic()
    while True:
        try:
            return call(time.monotonic() + LONGEST_WAIT)
        except WxmTooLarge:
            raise
        except NeighbourDown as error:
            status = getattr(error, "wxm_status", None)
            if error.permanent or status not in {None, *PASSING} or time.monotonic() + PAUSE > began + PATIENCE:
                raise
        time.sleep(PAUSE)
