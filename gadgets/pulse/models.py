"""What the routes of figures take and answer (docs/api.md, Pulse)."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from foundation.web.models import Absent, RequestModel, ResponseModel, WholeNumber
from gadgets.pulse.periods import DAYS_AGO, DEFAULT, LENGTHS, RANGE

LONGEST_ARGUMENT = 200
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100

Metric = Literal["nps", "csat", "ces"]
Scale = tuple[int, int]
# How many answers gave each value.
Counts = dict[str, int]
Text = Annotated[str, Field(max_length=LONGEST_ARGUMENT)]


class LimitParameters(RequestModel):
    usage: ClassVar[str] = f"limit is a number from 1 to {LARGEST_LIMIT}."

    limit: WholeNumber = Field(default=DEFAULT_LIMIT, ge=1, le=LARGEST_LIMIT)


class PageParameters(LimitParameters):
    before: str | Absent = Field(default=None, description="The cursor `next` of the page before.")


class PulseParameters(RequestModel, json_schema_extra={"required": ["filterTags"]}):
    """Whose answers, over which days, of which questionnaire. What they mean is read by `scope_of` and `Period`."""

    usage: ClassVar[str] = f"Give each argument once, in {LONGEST_ARGUMENT} characters at most."

    filter_tags: Text = Field(
        default_factory=str,
        description="cc_AgentId, cc_TeamId, or both with a comma: the widest allowed holds.",
        json_schema_extra={"pattern": "^cc_(AgentId|TeamId)(,cc_(AgentId|TeamId))?$"},
    )
    period: Text = Field(
        default=DEFAULT,
        description="today, yesterday, 7d, 30d, 90d, 365d or 2026-10-01..2026-10-31",
        json_schema_extra={"pattern": rf"^({'|'.join([*DAYS_AGO, *LENGTHS])}|{RANGE.pattern})$"},
    )
    team: Text | Absent = Field(default=None, description="One of the teams that the person supervises.")
    agent: Text | Absent = Field(default=None, description="Narrows to one agent, within the teams.")
    questionnaire: Text | Absent = Field(default=None, description="Narrows to one questionnaire, by its name.")


class CommentParameters(PulseParameters, PageParameters):
    """Those of the pulse, and of a page."""


class PulseScope(ResponseModel):
    tag: Literal["cc_AgentId", "cc_TeamId"]
    teams: list[str]
    agent: str | None


class PeriodBefore(ResponseModel):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    until: datetime | None = Field(description="Where the period is today: what was answered later is left out.")


class PulsePeriod(ResponseModel):
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    time_zone: str
    previous: PeriodBefore = Field(description="What it is compared with.")


class NpsBands(ResponseModel):
    promoters: int
    passives: int
    detractors: int


class NpsFigures(NpsBands):
    score: int | None
    responses: int
    previous: int | None
    change: int | None
    margin: float | None = Field(description="A change inside it may be chance (95 %).")
    counts: Counts


class CsatFigures(ResponseModel):
    score: float | None
    mean: float | None
    responses: int
    previous: float | None
    change: float | None
    margin: float | None
    counts: Counts


class CesOnScale(ResponseModel):
    score: float
    mean: float
    of: Scale
    responses: int
    counts: Counts


class CesFigures(ResponseModel):
    score: float | None
    mean: float | None
    of: Scale | None
    responses: int
    previous: float | None
    change: float | None
    margin: float | None
    counts: Counts
    others: list[CesOnScale]


class PulseMetrics(ResponseModel):
    nps: NpsFigures
    csat: CsatFigures
    ces: CesFigures


class Scores(ResponseModel):
    """A score is null where nothing was answered, never 0."""

    nps: int | None
    csat: float | None
    ces: float | None


class TrendScore(ResponseModel):
    """A metric on a day: a score, and by how many answers of this metric."""

    score: float | None
    responses: int


class TrailingMean(TrendScore):
    """Of the answers of so many days, this one the last."""

    days: int


class TrendFigure(TrendScore):
    mean: TrailingMean | Absent = Field(default=None, description="Where the period has more than 14 days.")


class CesTrendFigure(TrendFigure):
    of: Scale | None


class TrendPoint(ResponseModel):
    day: date = Field(alias="date")
    responses: int
    nps: TrendFigure
    csat: TrendFigure
    ces: CesTrendFigure


class Bases(ResponseModel):
    """How many answers each score is of."""

    nps: int
    csat: int
    ces: int


class Margins(ResponseModel):
    """A change inside its margin may be chance (95 %)."""

    nps: float | None
    csat: float | None
    ces: float | None


class TeamFigures(Scores):
    id: str
    name: str
    responses: int
    bases: Bases
    change: Scores
    margin: Margins


class AgentFigures(Scores):
    id: str
    name: str | None
    responses: int
    counts: NpsBands
    bases: Bases
    change: Scores
    margin: Margins


class PulseResponse(ResponseModel):
    """Of one agent's own answers."""

    scope: PulseScope
    period: PulsePeriod
    poll_after: int = Field(description="Ask again after so many seconds.")
    responses: int
    invited: int | None = Field(description="Deferred invitations delivered in the period; null with a remote WxM.")
    invited_answered: int | None = Field(description="How many of those were answered.")
    response_rate: float | None = Field(description="The share of those that was answered.")
    opted_out: int | None = Field(description="How many of those people want no more messages.")
    metrics: PulseMetrics
    trend: list[TrendPoint]


class TeamPulseResponse(PulseResponse):
    """Of the answers of teams."""

    teams: list[TeamFigures]
    agents: list[AgentFigures]
