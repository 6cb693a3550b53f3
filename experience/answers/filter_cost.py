"""What of a filter only the stored documents can tell, and how many of them it may look into.

A filter on columns is cheap. To look into a document costs a parse, a part of one for each condition, and more where an
answer has more responses to compare. A filter that would take longer than a second or two is refused before it starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from experience.answers import responses
from experience.answers.filter_terms import FilterFault
from experience.answers.responses import Condition
from experience.answers.schema import answers

# Parses of a document that one filter may cost.
BUDGET = 200_000
# Parts of a parse: a condition, each response that it is asked of, each text that is looked for inside one.
_CONDITION, _RESPONSE, _TEXT = 0.06, 0.012, 0.03
# Of an answer, so many responses at most are to questions that are asked about; seldom are there more.
_RESPONSES = 20
# The field of a filter, and what it costs to look for it in a document.
_FIELD = 0.4


@dataclass(frozen=True, slots=True)
class InDocuments:
    """Conditions on documents: all of `together`, one of `either` or of `others`, the channel and the marks."""

    together: tuple[Condition, ...] = ()
    either: tuple[Condition, ...] = ()
    others: tuple[ColumnElement[bool], ...] = ()
    channel: str = ""
    archived: bool = False
    with_notes: bool = False

    def conditions(self, dialect: str) -> list[ColumnElement[bool]]:
        """What a document must fulfil, all of it."""
        conditions = []
        if self.archived:
            conditions.append(responses.holds(dialect, '"archived":true'))
        if self.with_notes:
            conditions.append(responses.holds(dialect, '"notes":[{'))
        if self.channel:
            conditions.append(_through(dialect, self.channel))
        return [*conditions, *responses.meet(dialect, self.together, self.either, self.others)]

    def check_cost(self, connection: Connection, columns: Sequence[ColumnElement[bool]], budget: float) -> None:
        """Refuse to look into more documents, of the answers that fulfil `columns`, than `budget` is for."""
        names = self._names()
        if not names:
            return
        most = int(budget / self.weight)
        some = select(literal(1)).select_from(answers).where(*columns).limit(most + 1).subquery()
        if connection.execute(select(func.count()).select_from(some)).scalar_one() > most:
            raise FilterFault(
                f"{', '.join(names)}: this filter may look into {most} answers, and more are in range. "
                "Narrow afterdate and beforedate, or location, or ask for fewer conditions."
            )

    def _names(self) -> list[str]:
        """The fields of a filter that are meant."""
        used = {
            "filterquestions": self.together or self.either,
            "channel": self.channel and self.channel.lower() != "none",
            "archived": self.archived,
            "withNotes": self.with_notes,
        }
        return [name for name, is_used in used.items() if is_used]

    @property
    def weight(self) -> float:
        """Parses of a document for each answer."""
        conditions = (*self.together, *self.either)
        alike = min(len({condition.question for condition in conditions}), _RESPONSES)
        costs = [_CONDITION + _RESPONSE * alike + _TEXT * condition.texts for condition in conditions]
        fields = [name for name in self._names() if name != "filterquestions"]
        return (1 + sum(costs) if conditions else 0) + _FIELD * len(fields)


def _through(dialect: str, channel: str) -> ColumnElement[bool]:
    if channel.lower() == "none":
        return answers.c.channel.is_(None)
    return or_(answers.c.channel == channel.lower(), func.lower(responses.client(dialect)) == channel.lower())
