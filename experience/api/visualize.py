"""WidgetsSummary/Visualize (docs/cisco/wxm-api.md §7): exact counts by the values of questions, for any metric.

A widget names questions in `rows` and in `columns`; answers are grouped by their values together. Its
`aggregatorQuestionIDs` are the scores of interest: there is one item for each group and each of them, in which

    id.responses                    the group's values, in the order of the widget's questions; null: not answered
    id.rowValues, id.columnValues   the same as one text each, with `|` between them
    id.groupKey                     the question of the scores (null where the widget names none)
    value.count                     the answers in the group, scored or not
    value.distributedCount          score -> answers that gave it
    value.score                     by `aggregator`: Count (the default), Average, NPS, T1B, T2B, T3B

Without `aggregatorQuestionIDs` the last numeric question of `rows` is distributed. Without rows and columns there is
one group, all answers (`id.isGrandTotal`). Besides question ids, `responseDateTime` in rows or columns groups by days
in TIME_ZONE, which GET /api/Settings tells as `timeZone`. At most 20 widgets, 4 questions a widget, 20,000 items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response

from experience.accounts.api_tokens import Caller
from experience.api.answers import matching
from experience.api.support import bodies, models, restricted
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed
from experience.api.support.schemas import ref
from experience.figures import distributions
from experience.figures.distributions import DAY, Keys, Spread, Value
from experience.model import scores
from experience.model.scores import Scale
from experience.platform import Platform
from experience.questionnaires.catalogue import Catalogue
from foundation.web.openapi import described

MOST_WIDGETS = 20
MOST_QUESTIONS = 4
MOST_SCORES = 20
MOST_ITEMS = 20_000
TOP_BOXES = {"t1b": 1, "t2b": 2, "t3b": 3}
AGGREGATORS = {"", "count", "average", "nps", *TOP_BOXES}

Item = dict[str, Any]
Counts = dict[int, int]


@dataclass(frozen=True, slots=True)
class Widget:
    """What of a WidgetUnit says what to count."""

    id: str
    rows: Keys
    columns: Keys
    aggregator: str
    scored: Keys
    excluded: dict[str, frozenset[str]]

    @property
    def grouped(self) -> Keys:
        return (*self.rows, *self.columns)

    def groupings(self, catalogue: Catalogue) -> Iterator[Keys]:
        """What to count: the groups, and their scores; only answers on a scale are scores."""
        yield self.grouped
        for question in self.scored:
            if catalogue.questions[question].scale:
                yield (*self.grouped, question)

    def groups(self, counted: Mapping[Keys, Spread]) -> list[tuple[Value, ...]]:
        """The groups in the result."""
        return [values for values in counted[self.grouped] if not (self.excluded and self.leaves_out(values))]

    def leaves_out(self, values: tuple[Value, ...]) -> bool:
        pairs = zip(self.grouped, values, strict=True)
        return any(str(value) in self.excluded.get(question, ()) for question, value in pairs)


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_visualize", __name__, url_prefix="/api")

    @routes.post("/WidgetsSummary/Visualize")
    @gate.reading
    @described(body=ref("Visualize"), answer=ref("Visualized"))
    def visualize(caller: Caller) -> Response:
        """Counts by the values of questions, for each widget, of the answers that a filter lets through."""
        fields = bodies.sent_fields()
        catalogue = restricted.seen(platform.catalogue, caller)
        widgets = _widgets(fields.get("widgets"), catalogue)
        wanted = matching(platform, caller, fields.get("filter"))
        groupings = [(), *(keys for widget in widgets for keys in widget.groupings(catalogue))]
        with platform.database.read() as connection:
            counted = restricted.counted(distributions.count(connection, platform.catalogue, wanted, groupings), caller)
        return bodies.json_response(_summary(widgets, counted, catalogue))

    return routes


def _summary(widgets: list[Widget], counted: Mapping[Keys, Spread], catalogue: Catalogue) -> dict[str, Any]:
    total = counted[()][()]
    groups = {widget.id: widget.groups(counted) for widget in widgets}
    if sum(len(groups[widget.id]) * max(1, len(widget.scored)) for widget in widgets) > MOST_ITEMS:
        raise Malformed(f"widgets: more than {MOST_ITEMS} items; ask for fewer questions, or a narrower filter")
    summaries = {widget.id: list(_items(widget, groups[widget.id], counted, catalogue)) for widget in widgets}
    return {
        "visualizationSummary": {key: {"summary": items, "summaryTree": []} for key, items in summaries.items()},
        "totalCount": total,
        "sampleSize": total,
        "messages": {},
        "totalCountByWidget": {widget.id: total for widget in widgets},
    }


def _items(
    widget: Widget, tuples: list[tuple[Value, ...]], counted: Mapping[Keys, Spread], catalogue: Catalogue
) -> Iterator[Item]:
    groups = counted[widget.grouped]
    spread = {question: _by_group(counted.get((*widget.grouped, question), Spread())) for question in widget.scored}
    numeric = [place for place, key in enumerate(widget.rows) if key != DAY and catalogue.questions[key].numeric]
    own = widget.rows[numeric[-1]] if numeric else None
    for values in sorted(tuples, key=lambda values: [(value is None, str(value)) for value in values]):
        for question in widget.scored or (None,):
            if question is not None:
                distributed = spread[question].get(values, {})
            else:
                distributed = _own(values[numeric[-1]], groups[values]) if numeric else {}
            known = catalogue.questions.get(question or own or "")
            score = _score(widget.aggregator, groups[values], distributed, known.scale if known else None)
            yield _item(widget, values, question, groups[values], distributed, score, catalogue)


def _by_group(spread: Spread) -> dict[tuple[Value, ...], Counts]:
    groups: dict[tuple[Value, ...], Counts] = {}
    for values, count in sorted(spread.items(), key=lambda pair: str(pair[0])):
        score = values[-1]
        if isinstance(score, int | float) and score == int(score):
            groups.setdefault(values[:-1], Counter())[int(score)] += count
    return {group: dict(sorted(counts.items())) for group, counts in groups.items()}


def _own(value: Value, count: int) -> Counts:
    return {int(value): count} if isinstance(value, int | float) else {}


def _item(
    widget: Widget,
    values: tuple[Value, ...],
    question: str | None,
    count: int,
    distributed: Counts,
    score: float | None,
    catalogue: Catalogue,
) -> Item:
    texts = [None if value is None else str(value) for value in values]
    rows, columns = texts[: len(widget.rows)], texts[len(widget.rows) :]
    return {
        "id": {
            "key": "|".join(value or "" for value in texts),
            "groupKey": question,
            "headers": list(widget.grouped),
            "responses": _responses(widget, values, catalogue),
            "row": rows[0] if rows else None,
            "column": columns[0] if columns else None,
            "rowValues": "|".join(value or "" for value in rows),
            "columnValues": "|".join(value or "" for value in columns),
            "isGrandTotal": not texts,
            "isRowTotal": False,
            "isColumnTotal": False,
        },
        "value": {
            "score": score,
            "count": count,
            "distributedCount": distributed,
            "pValue": None,
            "tStat": None,
            "pValues": None,
            "tStats": None,
        },
    }


def _responses(widget: Widget, values: tuple[Value, ...], catalogue: Catalogue) -> list[Item]:
    """A group's values as Responses, in the order of the widget's questions."""
    return [
        models.response(
            {
                "questionId": key,
                "questionText": catalogue.questions[key].text if key in catalogue.questions else None,
                "textInput": None if value is None else str(value),
                "numberInput": value if isinstance(value, int | float) else None,
            }
        )
        for key, value in zip(widget.grouped, values, strict=True)
    ]


def _score(aggregator: str, count: int, distributed: Counts, scale: Scale | None) -> float | None:
    """By the aggregator; the top boxes are the highest options of the scale, whether anybody chose them or not."""
    if aggregator in ("", "count"):
        return count
    answered = sum(distributed.values())
    if not answered or not scale:
        return None
    if aggregator == "nps":
        return scores.nps(distributed)
    if aggregator == "average":
        return sum(value * times for value, times in distributed.items()) / answered
    below = scale[1] - TOP_BOXES[aggregator]
    return 100 * sum(times for value, times in distributed.items() if value > below) / answered


def _widgets(sent: object, catalogue: Catalogue) -> list[Widget]:
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST_WIDGETS:
        raise Malformed(f"widgets: 1 to {MOST_WIDGETS} of them")
    if not all(isinstance(fields, dict) for fields in sent):
        raise Malformed("widgets: holds what is not an object")
    widgets = [_widget(bodies.lowered(fields), position, catalogue) for position, fields in enumerate(sent)]
    if len({widget.id for widget in widgets}) != len(widgets):
        raise Malformed("widgets: two of the same id")
    return widgets


def _widget(fields: dict[str, Any], position: int, catalogue: Catalogue) -> Widget:
    aggregator = fields.get("aggregator") or ""
    if not isinstance(aggregator, str) or aggregator.lower() not in AGGREGATORS:
        raise Malformed(f"aggregator: one of {', '.join(sorted(AGGREGATORS - {''}))}")
    if fields.get("aggregatorvalues"):
        raise Malformed("aggregatorValues: cannot be applied here")
    rows, columns = (_questions(fields, name, catalogue, days=True) for name in ("rows", "columns"))
    scored = _questions(fields, "aggregatorQuestionIDs", catalogue, days=False)
    if len(rows) + len(columns) > MOST_QUESTIONS or len(scored) > MOST_SCORES:
        raise Malformed(f"rows and columns: {MOST_QUESTIONS} questions at most; {MOST_SCORES} scores at most")
    return Widget(str(fields.get("id") or position), rows, columns, aggregator.lower(), scored, _excluded(fields))


def _questions(fields: dict[str, Any], name: str, catalogue: Catalogue, *, days: bool) -> Keys:
    sent = fields.get(name.lower()) or []
    if not isinstance(sent, list) or not all(isinstance(key, str) for key in sent):
        raise Malformed(f"{name}: is not a list of question ids")
    keys = tuple(DAY if days and key.lower() == DAY.lower() else key for key in sent)
    for key in keys:
        if key != DAY and key not in catalogue.questions:
            raise Malformed(f"{name}: there is no question {key} by which you may count")
    return keys


def _excluded(fields: dict[str, Any]) -> dict[str, frozenset[str]]:
    sent = fields.get("optionstoexclude") or {}
    if not isinstance(sent, dict) or not all(isinstance(options, list) for options in sent.values()):
        raise Malformed("optionsToExclude: is not a map of lists")
    return {question: frozenset(map(str, options)) for question, options in sent.items()}
