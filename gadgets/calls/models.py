"""What the route of calls takes and answers (docs/api.md, Calls and surveys)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from experience.model.call import SurveyWord
from foundation.web.models import Absent, RequestModel, ResponseModel

Survey = Annotated[
    SurveyWord,
    Field(
        description="`no_rule`: none of the rules sends a survey after this call. `too_soon`: the customer was asked a "
        "short while ago. `opted_out`: the customer did not agree to surveys, or unsubscribed."
    ),
]


class CallReport(RequestModel, extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1}):
    """The call has ended, or its customer wants no survey."""

    usage = 'Send {"state": "ended"} or {"survey": "declined"} as JSON.'
    state: Literal["ended"] | Absent = None
    survey: Literal["declined"] | Absent = None

    @model_validator(mode="after")
    def _of_one_field(self) -> Self:
        if len(self.model_fields_set) != 1 or not (self.state or self.survey):
            raise ValueError("one field")
        return self


class CallSurveyResponse(ResponseModel):
    survey: Survey
