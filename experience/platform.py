"""The experience platform: what is read of any (journey, figures, comments), and the one that is built in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from experience.answers import rescore, take_in
from experience.answers.filter_cost import BUDGET
from experience.answers.given import check_given
from experience.answers.lengths import check_lengths
from experience.answers.parse import Reader
from experience.answers.take_in import Taken
from experience.figures import invited, part_day, rebuild, tallies
from experience.journeys import comments
from experience.journeys import journey as journeys
from experience.model.customer import Customer
from experience.model.errors import UnknownQuestionnaire
from experience.model.figures import Figures, Invitations
from experience.model.journey import Comments, Journey
from experience.model.lengths import LARGEST_TOKEN
from experience.model.period import Period
from experience.model.scope import Scope
from experience.privacy import pii
from experience.questionnaires import catalogue as questionnaires
from experience.questionnaires import defaults
from experience.questionnaires.catalogue import Catalogue
from foundation.db.database import Database
from foundation.db.deadlines import UNLIMITED
from foundation.settings import PLACEHOLDERS

BATCH = 500
CATALOGUE_SECONDS = 2.0


class ExperiencePlatform(Protocol):
    """What is read of a platform that holds answers: of the one that is built in, or of a WxM (`experience/wxm/`)."""

    def journey(self, customer: Customer, limit: int, before: str | None) -> Journey:
        """A customer's newest answers, older than the cursor `before`. Raises BadCursor."""

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        """Counts of a scope over local days; by day only with `trend`. Raises UnknownQuestionnaire."""

    def invitations(self, scope: Scope, period: Period, questionnaire: str | None) -> Invitations | None:
        """What became of deferred invitations that were delivered over local days; None where it cannot know."""

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        """A scope's newest comments over local days, older than the cursor `before`.

        Raises BadCursor, UnknownQuestionnaire.
        """


class Platform:
    """The platform on one database, an ExperiencePlatform. Safe to share between threads, and between processes.

    At the start it brings its questionnaire along and days into `time_zone`.
    """

    def __init__(
        self,
        database: Database,
        time_zone: str = "UTC",
        phone_region: str | None = None,
        phone_prefixes: Iterable[str] = (),
        *,
        ignored: Iterable[str] = (),
        filter_budget: float = BUDGET,
    ) -> None:
        self.database = database
        # Values that name no customer; those that samples print are nobody's address, whatever the settings say.
        self.ignored = frozenset(value.casefold() for value in (*PLACEHOLDERS, *ignored))
        self.filter_budget = filter_budget
        self.time_zone = time_zone
        self._zone = ZoneInfo(time_zone)
        self._region = phone_region or None
        self._prefixes = tuple(phone_prefixes)
        defaults.seed(database)
        rebuild.into(database, time_zone)
        # SQLite's driver lets go of the interpreter at every row. Many threads that do so at once spend most of their
        # time on getting it back; in turn they are twice as fast together, and a journey takes far below a millisecond.
        self._read_lock = threading.Lock() if database.dialect == "sqlite" else nullcontext()
        self._looked = 0.0
        self._catalogue = self._loaded()
        self._reread_if_due()

    @property
    def catalogue(self) -> Catalogue:
        """Questions and questionnaires, at most a few seconds old."""
        if time.monotonic() - self._looked > CATALOGUE_SECONDS:
            self._looked = time.monotonic()
            with self.database.read() as connection:
                self.refresh_catalogue(connection)
        return self._catalogue

    def list_questionnaires(self) -> list[dict[str, object]]:
        """All questionnaires, as Cloud Connect lists them."""
        return [questionnaire.to_dict() for questionnaire in self.catalogue.questionnaires.values()]

    def refresh_catalogue(self, connection: Connection) -> None:
        """Have the newest catalogue, by a connection that is open: whoever holds rows must not wait for another one."""
        self._catalogue, self._looked = self._current(connection), time.monotonic()

    def take(self, answers: Iterable[Any]) -> Taken:
        """Take WxM Answers in, at most 500 a transaction. What cannot be used is among `faults`, the rest is kept.

        Raises TimeZoneChanged where another process has moved the days to another time zone.
        """
        taken = Taken()
        remaining = iter(answers)
        first = 0
        while batch := list(islice(remaining, BATCH)):
            self._take(batch, first, taken)
            first += len(batch)
        return taken

    def _take(self, batch: list[Any], first: int, taken: Taken) -> None:
        # Read before the write lock is taken: reading a batch takes as long as storing it.
        catalogue = self._catalogue
        rows, faults = take_in.read_all(self._reader(catalogue), batch, first)
        with self.database.write() as connection:
            rebuild.check(connection, self.time_zone)
            self.refresh_catalogue(connection)
            if self._catalogue is not catalogue:
                rows, faults = take_in.read_all(self._reader(self._catalogue), batch, first)
            added = take_in.store(self.database, connection, rows)
            tallies.add(connection, added)
        taken.added += len(added)
        taken.known += len(rows) - len(added)
        taken.faults += faults

    def checked(self, questionnaire: str, responses: list[Any]) -> list[dict[str, Any]]:
        """Responses as an answer would carry them: personal data in one form, hashed where wanted. Raises BadAnswer."""
        moment = datetime.now(UTC).isoformat()
        answer = {"id": "-", "locationId": questionnaire, "responseDateTime": moment, "responses": responses}
        check_lengths(answer, LARGEST_TOKEN)
        check_given(responses, self.catalogue.questions)
        return list(orjson.loads(self._reader(self.catalogue).read(answer)["document"])["responses"])

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction for `add` and `amend`, and what belongs to them. Raises TimeZoneChanged."""
        with self.database.write() as connection:
            rebuild.check(connection, self.time_zone)
            self.refresh_catalogue(connection)
            yield connection

    def add(self, connection: Connection, answer: dict[str, Any]) -> None:
        """Keep one answer in a transaction of `writing`; one whose id is known changes nothing. Raises BadAnswer."""
        check_lengths(answer)
        row = self._reader(self._catalogue).read(answer)
        tallies.add(connection, take_in.store(self.database, connection, [row]))

    def amend(self, connection: Connection, identity: str, changes: dict[str, Any]) -> None:
        """Give a kept answer other fields in a transaction of `writing`. Raises BadAnswer."""
        check_lengths(changes)
        change = rescore.replace(connection, self._reader(self._catalogue), identity, changes)
        tallies.move(connection, [change])

    def phone(self, text: str) -> str | None:
        """The one form of a phone number; None: it is none."""
        return pii.phone(text, self._region, self._prefixes)

    def reread(self) -> int:
        """Read every answer anew by today's questions, some at a time; says how many changed.

        For after an import of questions. Raises TimeZoneChanged as `take` does.
        """
        changed = 0
        following: str | None = ""
        while following is not None:
            with self.database.write() as connection:
                rebuild.check(connection, self.time_zone)
                self.refresh_catalogue(connection)
                following, changes = rescore.rescore_batch(connection, self._reader(self._catalogue), following)
                tallies.move(connection, changes)
            changed += len(changes)
        if changed:
            with self.database.write(UNLIMITED) as connection:
                tallies.drop_zero_counts(connection)
        return changed

    def journey(self, customer: Customer, limit: int = 20, before: str | None = None) -> Journey:
        catalogue = self.catalogue
        with self._read_lock, self.database.read() as connection:
            return journeys.journey(connection, catalogue, customer, limit, before)

    def figures(self, scope: Scope, period: Period, questionnaire: str | None = None, *, trend: bool = True) -> Figures:
        self._check(questionnaire)
        with self.database.read() as connection:
            if period.until:
                return part_day.figures(connection, scope, period.until, questionnaire)
            return tallies.figures(connection, scope, period, questionnaire, trend=trend)

    def invitations(self, scope: Scope, period: Period, questionnaire: str | None = None) -> Invitations:
        self._check(questionnaire)
        with self.database.read() as connection:
            return invited.invitations(connection, scope, period, questionnaire)

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        self._check(questionnaire)
        catalogue = self.catalogue
        with self._read_lock, self.database.read() as connection:
            return comments.comments(connection, catalogue, scope, period, questionnaire, limit, before)

    def _check(self, questionnaire: str | None) -> None:
        if questionnaire is None or questionnaire in self.catalogue.questionnaires:
            return
        # It may have come with an answer a moment ago.
        with self.database.read() as connection:
            self.refresh_catalogue(connection)
        if questionnaire not in self._catalogue.questionnaires:
            raise UnknownQuestionnaire()

    def _reread_if_due(self) -> None:
        """Read all answers anew where a migration wants it."""
        with self.database.read() as connection:
            is_due = rescore.is_due(connection)
        if is_due:
            self.reread()
            with self.database.write() as connection:
                rescore.done(connection)

    def _reader(self, catalogue: Catalogue) -> Reader:
        return Reader(catalogue, self._zone, self._region, self._prefixes)

    def _current(self, connection: Any) -> Catalogue:
        known = self._catalogue
        return known if questionnaires.version(connection) == known.version else questionnaires.load(connection)

    def _loaded(self) -> Catalogue:
        with self.database.read() as connection:
            self._looked = time.monotonic()
            return questionnaires.load(connection)
