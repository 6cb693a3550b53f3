"""summary and FlashNPS (docs/cisco/wxm-api.md §7).

`response` counts the options of a question, at most 200, the most frequent first; texts that customers wrote are not
counted. `ratingTrend` is the mean of a scale a day, under the day's first moment in TIME_ZONE, as UTC: means
only. Exact counts a day come from WidgetsSummary/Visualize. `weightedScore` is the NPS, 0 where there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response

from experience.accounts.api_tokens import Caller
from experience.api.answers import conditions
from experience.api.support import bodies, restricted
from experience.api.support.callers import Gate
from experience.api.support.schemas import ref
from experience.figures import distributions
from experience.figures.distributions import DAY, Keys, Spread
from experience.model import scores, timestamps
from experience.platform import Platform
from experience.questionnaires import catalogue as questionnaires
from experience.questionnaires.catalogue import Catalogue
from foundation.web.openapi import described

MOST_OPTIONS = 200
_COUNTED_ROLES = frozenset({"agent_id", "team_id", "channel"})
Body = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_summaries", __name__, url_prefix="/api")

    @routes.get("/summary")
    @routes.post("/summary")
    @gate.reading
    @described(body=ref("FilterBy"), answer=ref("Summary"))
    def summary(caller: Caller) -> Response:
        """What was answered to each question, of the answers that a filter lets through."""
        return bodies.json_response(_summary(platform, caller))

    @routes.get("/FlashNPS")
    @routes.post("/FlashNPS")
    @gate.reading
    @described(body=ref("FilterBy"), answer=ref("FlashNps"))
    def flash_nps(caller: Caller) -> Response:
        """The NPS of the answers that a filter lets through."""
        catalogue = restricted.seen(platform.catalogue, caller)
        wanted = conditions(platform, caller)
        with platform.database.read() as connection:
            counted = distributions.count(connection, platform.catalogue, wanted, [(), _nps_questions(catalogue)])
        return bodies.json_response({"totalResponses": counted[()][()], "netPromoter": _nps(catalogue, counted)})

    return routes


def _summary(platform: Platform, caller: Caller) -> Body:
    catalogue, wanted = restricted.seen(platform.catalogue, caller), conditions(platform, caller)
    chosen = [key for key, question in catalogue.questions.items() if _is_counted(catalogue, key) and question]
    scaled = [key for key in chosen if catalogue.questions[key].scale]
    groupings: list[Keys] = [
        (),
        _nps_questions(catalogue),
        *((key,) for key in chosen),
        *((key, DAY) for key in scaled),
    ]
    with platform.database.read() as connection:
        documents = restricted.visible(questionnaires.documents(connection), caller)
        counted = restricted.counted(distributions.count(connection, platform.catalogue, wanted, groupings), caller)
    promoters = _nps(catalogue, counted)
    zone = ZoneInfo(platform.time_zone)
    return {
        "summary": [
            {
                "askedQuestion": document,
                "response": _options(counted.get((document["id"],), Spread())),
                "ratingTrend": _trend(counted.get((document["id"], DAY), Spread()), zone),
            }
            for document in documents
        ],
        "weightedScore": promoters["netPromoters"],
        "responseCount": counted[()][()],
        "assortedWordCloud": [],
        "tags": [],
        "netPromoter": promoters,
    }


def _is_counted(catalogue: Catalogue, key: str) -> bool:
    question = catalogue.questions[key]
    return bool(question.scale) or question.kind == "choice" or question.role in _COUNTED_ROLES


def _options(spread: Spread) -> dict[str, int]:
    options = [(str(value), count) for (value,), count in spread.items() if value is not None]
    return dict(sorted(options, key=lambda option: (-option[1], option[0]))[:MOST_OPTIONS])


def _trend(spread: Spread, zone: ZoneInfo) -> dict[str, float]:
    """The mean of each day."""
    days: dict[str, list[float]] = {}
    for (value, day), count in spread.items():
        if isinstance(value, int | float):
            sums = days.setdefault(str(day), [0, 0])
            sums[0] += value * count
            sums[1] += count
    return {_moment(day, zone): total / count for day, (total, count) in sorted(days.items())}


def _moment(day: str, zone: ZoneInfo) -> str:
    return timestamps.format_utc(datetime.fromisoformat(day).replace(tzinfo=zone))


def _nps_questions(catalogue: Catalogue) -> Keys:
    questions = [question for question in catalogue.questions.values() if question.metric == "nps"]
    return tuple(question.id for question in sorted(questions, key=lambda question: (question.sequence, question.id)))


def _nps(catalogue: Catalogue, counted: Mapping[Keys, Spread]) -> Body:
    """The NPS of all questions with the tag: in an answer the first that was answered counts, the others do not."""
    questions = _nps_questions(catalogue)
    counts: Counter[int] = Counter()
    answered: set[str] = set()
    for values, count in counted[questions].items():
        scored = ((question, value) for question, value in zip(questions, values, strict=True) if value is not None)
        for question, value in islice(scored, 1):
            counts[int(value)] += count
            answered.add(question)
    shown = next((question for question in questions if question in answered), next(iter(questions), None))
    bands = scores.bands(counts)
    return {
        "questionID": shown,
        "questionText": catalogue.questions[shown].text if shown else None,
        "promoters": bands.promoters,
        "passive": bands.passives,
        "detractors": bands.detractors,
        "netPromoters": scores.nps(counts) or 0,
        "defaultIndex": True,
    }
