"""What may be wrong with what a platform is asked; pure."""

from foundation.errors import BadRequest


class BadAnswer(ValueError):
    """An answer cannot be taken; the message says why and shows nothing personal."""


class BadCursor(BadRequest):
    code = "bad_cursor"
    title = "before is no cursor that we gave out"


class UnknownQuestionnaire(BadRequest):
    code = "unknown_questionnaire"
    title = "There is no questionnaire of this name"
