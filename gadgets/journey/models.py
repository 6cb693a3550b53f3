"""What the routes of journeys and comments take and answer (docs/api.md, Journey and Comments)."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from foundation.errors import BadRequest
from foundation.web.models import Absent, Moment, RequestModel, ResponseModel
from gadgets.calls.models import Survey
from gadgets.pulse.models import Metric, PageParameters, Scale

LONGEST_SUBJECT = 320


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("signs that cannot be printed")
    return text


Subject = Annotated[str, Field(min_length=1, max_length=LONGEST_SUBJECT), AfterValidator(_printable)]


class JourneyRequest(RequestModel, extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1}):
    """One customer: who is on a call, or one who is named."""

    dialog_id: Subject = Field(default_factory=str)
    customer_id: Subject = Field(default_factory=str)
    mobile: Subject = Field(default_factory=str)
    email: Subject = Field(default_factory=str)

    @model_validator(mode="before")
    @classmethod
    def _of_one_field(cls, sent: object) -> object:
        if isinstance(sent, dict) and len(sent) != 1:
            raise ValueError("one field")
        return sent

    @classmethod
    def usage_of(cls, field: str) -> str:
        if field in {about.alias for about in cls.model_fields.values()}:
            return f"{field} is a text of 1 to {LONGEST_SUBJECT} characters that can be printed."
        return "Send one of dialogId, customerId, mobile and email as JSON."

    @property
    def subject(self) -> dict[str, str]:
        """The one field that was sent, and its text."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class JourneyParameters(PageParameters):
    dialog_id: str | Absent = Field(default=None, description="One of the person's calls.")
    customer_ref: str | Absent = Field(default=None, description="A customer that was shown before.")

    @model_validator(mode="after")
    def _of_one_customer(self) -> Self:
        if bool(self.dialog_id) == bool(self.customer_ref):
            raise BadRequest("Name either dialogId or customerRef.")
        return self


class MaskedCustomer(ResponseModel):
    customer_id: str | None
    email: str | None = Field(description="Masked, as `mobile` is.")
    mobile: str | None
    known_by: Literal["customerId", "mobile", "email"]


class MetricSummary(ResponseModel):
    last: float | None
    mean: float | None


class JourneySummary(ResponseModel):
    responses: int
    first: Moment | None
    last: Moment | None
    nps: MetricSummary
    csat: MetricSummary
    ces: MetricSummary


class CustomerAnswer(ResponseModel):
    id: str
    responded_at: Moment
    channel: str | None
    questionnaire: str
    scores: dict[Metric, float]
    scales: dict[Metric, Scale] = Field(description="The lowest and the highest value that each score could have.")
    band: Literal["promoter", "passive", "detractor"] | None
    comment: str | None
    agent_id: str | None
    agent_name: str | None
    team_id: str | None
    team_name: str | None


class QuestionValue(ResponseModel):
    question: str
    kind: Literal["scale", "choice", "text"]
    value: float | str
    of: Scale | Absent = Field(default=None, description="The lowest and the highest value of a scale.")
    metric: Metric | Absent = Field(default=None, description="The answer is this metric's score.")
    comment: Literal[True] | Absent = Field(default=None, description="The answer is the comment.")


class JourneyAnswer(CustomerAnswer):
    answers: list[QuestionValue]


class JourneyResponse(ResponseModel):
    shared_by: int | Absent = Field(default=None, description="So many customers share this number or address.")
    customer: MaskedCustomer | None
    customer_ref: str | None = Field(description="For this person and this customer, for 30 minutes.")
    survey: Survey | Absent = Field(
        default=None, description="What will happen after the call that was named; absent where there are no rules."
    )
    summary: JourneySummary
    responses: list[JourneyAnswer]
    next: str | None


class CustomerComment(CustomerAnswer):
    comment: str


class CommentsResponse(ResponseModel):
    comments: list[CustomerComment]
    next: str | None
