"""WxM's answers by filter: one page, or every page until none is missing (docs/cisco/wxm-api.md §6, §6.1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from typing import Any

from experience.wxm.calls import WxmCalls, WxmTooLarge, WxmUnavailable

ROWS = 500
FEWEST_ROWS = 4
MOST_ANSWERS = 100_000
MOST_VALUES = 100
READINGS = 2

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """FilterBy: answers that hold one of `values` to a question, from the day `first` to before the day `end`.

    With `filled`, those alone that hold any text to that other question.
    """

    question: str
    values: tuple[str, ...]
    zone: tzinfo = UTC
    first: date | None = None
    end: date | None = None
    filled: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Asked a second wider at each end, for no source says whether WxM's own ends are included."""
        conditions = [{"questionId": self.question, "answerCheck": list(self.values), "number": 0, "groupBy": "AND"}]
        if self.filled:
            conditions.append({"questionId": self.filled, "answerCheck": ["Any Text"], "number": 0, "groupBy": "AND"})
        second = timedelta(seconds=1)
        return {
            "filterquestions": conditions,
            **({"afterdate": _format(_start(self.first, self.zone) - second)} if self.first else {}),
            **({"beforedate": _format(_start(self.end, self.zone) + second)} if self.end else {}),
        }


@dataclass(frozen=True, slots=True)
class Page:
    """Some answers, and how many there are on all pages."""

    total: int
    answers: list[Answer]


class WxmAnswers:
    """Reads answers page by page, and believes a page only as far as it can be checked."""

    def __init__(self, calls: WxmCalls[Any]) -> None:
        self._calls = calls

    def page(self, where: Where | None, number: int, rows: int, deadline: float) -> Page:
        """One page of what `where` lets through, of all answers without it."""
        body = where.to_dict() if where else {}
        return _page(self._calls.post(f"/api/Answers/page/{number}/{rows}", body, deadline))

    def every(self, where: Where, deadline: float, most: int = MOST_ANSWERS) -> list[Answer]:
        """All answers. Raises WxmUnavailable where there are more than `most`, or the pages do not add up."""
        rows, left = ROWS, READINGS
        while left:
            try:
                answers = self._read(where, rows, deadline, most)
                if answers is not None:
                    return answers
                left -= 1
            except WxmTooLarge:
                if rows <= FEWEST_ROWS:
                    raise
                rows //= 5
        raise WxmUnavailable("WxM's pages do not add up.")

    def _read(self, where: Where, rows: int, deadline: float, most: int) -> list[Answer] | None:
        """Every page once; None where answers are missing."""
        answers: dict[str, Answer] = {}
        for number in range(most + 1):
            page = self.page(where, number, rows, deadline)
            known = len(answers)
            if page.total > most:
                raise WxmUnavailable("WxM holds more answers than can be read.")
            for answer in page.answers:
                answers.setdefault(answer["id"], answer)
            # Pages are read until all are there, not by their number: a WxM may give fewer rows than were asked.
            if len(answers) >= page.total:
                return list(answers.values())
            if len(answers) == known:
                break
        return None


def question_ids(answers: Iterable[Answer]) -> set[str]:
    """The questions that answers name."""
    return {
        identity
        for answer in answers
        for response in answer["responses"]
        if isinstance(response, dict) and isinstance(identity := response.get("questionId"), str)
    }


def _page(body: Any) -> Page:
    total = body.get("totalCount") if isinstance(body, dict) else None
    answers = body.get("responses") if isinstance(body, dict) else None
    if type(total) is not int or total < 0 or not isinstance(answers, list) or not all(map(_is_answer, answers)):
        raise WxmUnavailable("WxM sent answers that cannot be read.")
    return Page(total, answers)


def _is_answer(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("id"), str) and isinstance(body.get("responses"), list)


def _start(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, clock.min, zone).astimezone(UTC)


def _format(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
