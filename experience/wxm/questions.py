"""What the questions of a WxM mean to us: asked for once an hour, and at once where something unknown turns up."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cachetools import TTLCache

from experience.model.questions import Question, QuestionFault, read_question
from experience.model.scope import Scope
from experience.questionnaires.catalogue import Catalogue
from experience.wxm.answers import MOST_VALUES
from experience.wxm.calls import WxmCalls, WxmUnavailable, single_flight

FRESH_SECONDS = 3600.0
# What was asked for and is not there is not asked for again at once: answers may name questions that are long gone.
MISSED_SECONDS = 60.0
MOST_DOCUMENTS = 20_000
MOST_MISSED = 10_000
ACTIVE = "/api/Questions/Active"
ALL = "/api/Questions"
QUESTIONNAIRES = "/api/AllSurveyQuestionnaires"


class WxmQuestions:
    """The question map. The same catalogue is given out for as long as WxM tells the same questions."""

    def __init__(self, calls: WxmCalls[Any]) -> None:
        self._calls = calls
        self._catalogue = Catalogue("", {}, {})
        self._names: set[str] = set()
        self._until = 0.0
        self._missed: TTLCache[str, bool] = TTLCache(MOST_MISSED, MISSED_SECONDS)
        self._has_all = False
        self._flights = single_flight()

    def catalogue(self, deadline: float) -> Catalogue:
        """At most an hour old. An old one serves on while WxM does not tell a new one."""
        if self._until <= time.monotonic():
            try:
                self._flights.run_alone("questions", lambda: self._refresh(deadline), deadline)
            except WxmUnavailable:
                if not self._catalogue.version:
                    raise
                self._until = time.monotonic() + MISSED_SECONDS
        return self._catalogue

    def knowing(self, ids: Iterable[str], deadline: float) -> Catalogue:
        """With these questions, where WxM has them: those that it no longer asks, too."""
        wanted = set(ids)
        self._look(lambda: wanted - self._catalogue.questions.keys(), self._fetch_all, deadline)
        return self._catalogue

    def with_role(self, role: str, deadline: float) -> list[Question]:
        """The questions that carry one of our roles, such as `customer_id`, in their order."""

        def missing() -> set[str]:
            return set() if self._of_role(role) else {f"role {role}"}

        self._look(missing, lambda until: self._fetch(ACTIVE, until), deadline)
        return self._of_role(role)

    def carrying(self, scope: Scope, deadline: float) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What a scope's answers are asked by: a question and some of its values, the agent, else the teams."""
        values = (scope.agent,) if scope.agent else sorted(scope.teams or ())
        for question in self.with_role("agent_id" if scope.agent else "team_id", deadline):
            for some in range(0, len(values), MOST_VALUES):
                yield question.id, tuple(values[some : some + MOST_VALUES])

    def for_comments(self, deadline: float) -> list[Question]:
        """The questions that a comment may be written to, those that are asked no more, too."""
        self._look(lambda: set() if self._has_all else {"all questions"}, self._fetch_all, deadline)
        known = self._catalogue.questions.values()
        open_ended = (question for question in known if question.comment or question.multiline)
        return [question for question in open_ended if not (question.prefill or question.role or question.scale)]

    def has_questionnaire(self, name: str, deadline: float) -> bool:
        self._look(lambda: {f"name {name}"} - self._names, self._fetch_names, deadline)
        return f"name {name}" in self._names

    def _look(self, missing: Callable[[], set[str]], fetch: Callable[[float], None], deadline: float) -> None:
        """Fetch where something is missing that was not missed just now."""

        def fetch_missing() -> None:
            if self._is_news(missing()):
                fetch(deadline)
                for name in missing():
                    self._missed[name] = True

        self.catalogue(deadline)
        if self._is_news(missing()):
            self._flights.run_alone("questions", fetch_missing, deadline)

    def _is_news(self, missing: set[str]) -> bool:
        return any(name not in self._missed for name in missing)

    def _refresh(self, deadline: float) -> None:
        if self._until <= time.monotonic():
            self._fetch(ACTIVE, deadline)

    def _of_role(self, role: str) -> list[Question]:
        questions = [question for question in self._catalogue.questions.values() if question.role == role]
        return sorted(questions, key=lambda question: (question.sequence, question.id))

    def _fetch_all(self, deadline: float) -> None:
        try:
            self._fetch(ALL, deadline)
            self._has_all = True
        except WxmUnavailable as error:
            if error.wxm_status is None:
                raise
            self._fetch(ACTIVE, deadline)

    def _fetch_names(self, deadline: float) -> None:
        """Only one call lists questionnaires without questions of their own; not every WxM has it."""
        self._fetch(ACTIVE, deadline)
        try:
            documents = _documents(self._calls.get(QUESTIONNAIRES, deadline))
        except WxmUnavailable as error:
            if error.wxm_status is None:
                raise
            return
        self._names |= {f"name {name}" for document in documents if isinstance(name := document.get("name"), str)}

    def _fetch(self, path: str, deadline: float) -> None:
        documents = _documents(self._calls.get(path, deadline))
        fetched = {question.id: question for document in documents if (question := _question(document))}
        self._names |= {f"name {place}" for document in documents for place in _places(document)}
        # Questions that are asked no more stay known from the time when an answer named them.
        known = {**self._catalogue.questions, **fetched}
        version = hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest()
        if version != self._catalogue.version:
            self._catalogue = Catalogue(version, known, {})
        self._until = time.monotonic() + FRESH_SECONDS


def _documents(body: Any) -> list[dict[str, Any]]:
    if (
        not isinstance(body, list)
        or len(body) > MOST_DOCUMENTS
        or not all(isinstance(document, dict) for document in body)
    ):
        raise WxmUnavailable("WxM sent questions that cannot be read.")
    return body


def _question(document: dict[str, Any]) -> Question | None:
    try:
        return read_question(document)
    except QuestionFault:
        return None


def _places(document: dict[str, Any]) -> list[str]:
    value = document.get("displayLocation")
    return [place for place in value if isinstance(place, str) and place] if isinstance(value, list) else []
