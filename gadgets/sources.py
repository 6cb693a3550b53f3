"""Where past answers and figures come from, as the gadget backend asks for them: the interface alone."""

from typing import Protocol

from experience.figures.tallies import Figures
from experience.journeys.comments import Comments
from experience.journeys.journey import Journey
from foundation.errors import BadRequest
from gadgets.journey.caller import Customer
from gadgets.pulse.periods import Period
from gadgets.pulse.scope import Scope


class BadCursor(BadRequest):
    code = "bad_cursor"
    title = "before is no cursor that we gave out"


class UnknownQuestionnaire(BadRequest):
    code = "unknown_questionnaire"
    title = "There is no questionnaire of this name"


class ExperienceSource(Protocol):
    """A platform that holds answers: the built-in one, or a WxM over HTTP."""

    @property
    def tells_invitations(self) -> bool:
        """Whether it can know how many deferred invitations were delivered."""

    def journey(self, customer: Customer, limit: int, before: str | None) -> Journey:
        """A customer's newest answers, older than the cursor `before`. Raises BadCursor."""

    def figures(self, scope: Scope, period: Period, questionnaire: str | None, *, trend: bool) -> Figures:
        """Counts of a scope over local days; by day only with `trend`. Raises UnknownQuestionnaire."""

    def comments(
        self, scope: Scope, period: Period, questionnaire: str | None, limit: int, before: str | None
    ) -> Comments:
        """A scope's newest comments over local days, older than the cursor `before`.

        Raises BadCursor, UnknownQuestionnaire.
        """
