"""The built-in platform as a source of journeys and figures; the only file here that asks `experience` for data."""

from typing import cast

from experience.figures.tallies import Figures
from experience.figures.tallies import Scope as TallyScope
from experience.journeys.comments import Comments
from experience.journeys.journey import Journey, Key, UnknownCursor, Who
from experience.platform import Platform
from gadgets.journey.caller import Customer
from gadgets.pulse.periods import Period
from gadgets.pulse.scope import Scope
from gadgets.sources import BadCursor, UnknownQuestionnaire


class Embedded:
    """An ExperienceSource on the database of this service."""

    tells_invitations = True

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def journey(self, customer: Customer, limit: int, before: str | None) -> Journey:
        who = Who(cast(Key, customer.known_by), customer.value)
        try:
            return self._platform.journey(who, limit, before)
        except UnknownCursor as error:
            raise BadCursor() from error

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        self._check(questionnaire)
        days = (period.first, period.last)
        return self._platform.pulse(TallyScope(scope.teams, scope.agent), days, questionnaire, trend=trend)

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        self._check(questionnaire)
        days = (period.first, period.last)
        try:
            return self._platform.comments(TallyScope(scope.teams, scope.agent), days, questionnaire, limit, before)
        except UnknownCursor as error:
            raise BadCursor() from error

    def _check(self, questionnaire: str | None) -> None:
        if questionnaire is not None and questionnaire not in self._platform.catalogue.questionnaires:
            raise UnknownQuestionnaire()
