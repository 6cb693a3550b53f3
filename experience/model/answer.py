"""An answer as it is kept, and as a journey and comments show it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from experience.model import answer_json, scores
from experience.model.answer_json import Questions
from experience.model.cursors import Position
from experience.model.questions import METRICS
from experience.model.scores import CSAT_SCALE, NPS_SCALE, Scale
from experience.model.timestamps import moment

LARGEST_KEPT = 16 * 1024


class AnswerRow(NamedTuple):
    """What a journey reads of the table `answers`: columns by their names."""

    id: str
    responded_at: int
    channel: str | None
    questionnaire: str
    customer_id: str | None
    agent_id: str | None
    team_id: str | None
    nps: int | None
    csat: int | None
    ces: int | None
    ces_low: int | None
    ces_high: int | None
    document: str

    @property
    def position(self) -> Position:
        """Where it stands among answers: by their moments, then by their ids."""
        return Position(self.responded_at, self.id)


@dataclass(frozen=True, slots=True)
class JourneyAnswer:
    """One answer: `scores` by metric with the `scales` they are on, `band` of its NPS.

    `answers` are {question, kind, value, of, metric, comment} without prefills: `metric` where the answer is the score
    of a metric, `comment` where it is the comment.
    """

    id: str
    responded_at: datetime
    channel: str | None
    questionnaire: str
    scores: dict[str, int | float]
    scales: dict[str, Scale]
    band: str | None
    answers: list[dict[str, Any]]
    comment: str | None
    agent_id: str | None
    team_id: str | None


def from_row(row: AnswerRow, catalogue: Questions) -> JourneyAnswer:
    """A row of `answers` as people read it.

    Kept: a customer on the phone is looked up as the phone rings, on a transfer and for the wrap-up. Thousands are
    kept, so a large one is not.
    """
    return (_kept if len(row.document) <= LARGEST_KEPT else _read)(row, catalogue)


def _read(row: AnswerRow, catalogue: Questions) -> JourneyAnswer:
    responses, comment = answer_json.to_json(orjson.loads(row.document), catalogue)
    return JourneyAnswer(
        id=row.id,
        responded_at=moment(row.responded_at),
        channel=row.channel,
        questionnaire=row.questionnaire,
        scores={metric: value for metric in METRICS if (value := getattr(row, metric)) is not None},
        scales=_scales(row),
        band=None if row.nps is None else scores.band(row.nps),
        answers=responses,
        comment=comment,
        agent_id=row.agent_id,
        team_id=row.team_id,
    )


def _scales(row: AnswerRow) -> dict[str, Scale]:
    scales = {"nps": NPS_SCALE, "csat": CSAT_SCALE, "ces": (row.ces_low or 0, row.ces_high or 0)}
    return {metric: scale for metric, scale in scales.items() if getattr(row, metric) is not None}


_kept = lru_cache(maxsize=4096)(_read)
