"""A WxM over HTTP as a source of experience, by WxM's public calls alone; nothing that it says is trusted."""

import time
from typing import TypeVar
from zoneinfo import ZoneInfo

from experience.model.customer import Customer
from experience.model.errors import UnknownQuestionnaire
from experience.model.figures import Figures
from experience.model.journey import Comments, Journey
from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm.answers import WxmAnswers
from experience.wxm.calls import HasToken, Tokens, WxmCalls
from experience.wxm.comments import WxmComments
from experience.wxm.figures import WxmFigures
from experience.wxm.journeys import Reading, WxmJourneys
from experience.wxm.questions import WxmQuestions
from foundation.http.client import HttpClient

QUESTIONNAIRE_SECONDS = 8.0

T = TypeVar("T", bound=HasToken)


class Wxm:
    """An ExperiencePlatform on the WxM at `base`, asked with `tokens`."""

    def __init__(
        self,
        http: HttpClient,
        base: str,
        tokens: Tokens[T],
        *,
        time_zone: str,
        phone_region: str | None = None,
        phone_prefixes: tuple[str, ...] = (),
    ) -> None:
        calls = WxmCalls(http, base, tokens)
        reading = Reading(ZoneInfo(time_zone), phone_region or None, phone_prefixes)
        answers = WxmAnswers(calls)
        self._questions = WxmQuestions(calls)
        self._journeys = WxmJourneys(self._questions, answers, reading)
        self._figures = WxmFigures(self._questions, answers, reading)
        self._comments = WxmComments(self._questions, answers, reading)

    def journey(self, customer: Customer, limit: int, before: str | None) -> Journey:
        """Raises BadCursor, WxmUnavailable, and what `tokens` raise; so do the others."""
        return self._journeys.journey(customer, limit, before)

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        self._check(questionnaire)
        return self._figures.figures(scope, period, questionnaire, trend=trend)

    def invitations(self, scope: Scope, period: Period, questionnaire: str | None) -> None:
        """No client of a WxM can know how many invitations were delivered for an agent or a team."""

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        self._check(questionnaire)
        return self._comments.comments(scope, period, questionnaire, limit, before)

    def _check(self, questionnaire: str | None) -> None:
        deadline = time.monotonic() + QUESTIONNAIRE_SECONDS
        if questionnaire is not None and not self._questions.has_questionnaire(questionnaire, deadline):
            raise UnknownQuestionnaire()
