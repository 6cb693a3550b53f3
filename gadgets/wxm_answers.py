"""WxM's answers by filter: one page, or every page until none is missing (contract/wxm-api.md §6, §6.1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock
from typing import Any

from gadgets.wxm_calls import WxmCalls, WxmUnavailable

ROWS = 250
MOST_ANSWERS = 100_000
MOST_VALUES = 100
READINGS = 2

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """FilterBy: answers that hold one of `values` to a question, from the day `first` to before the day `end`."""

    question: str
    values: tuple[str, ...]
    zone: tzinfo = UTC
    first: date | None = None
    end: date | None = None

    def told(self) -> dict[str, Any]:
        """Asked a second wider at each end, for no source says whether WxM's own ends are included."""
        asked = {"questionId": self.question, "answerCheck": list(self.values), "number": 0, "groupBy": "AND"}
        second = timedelta(seconds=1)
        return {
            "filterquestions": [asked],
            **({"afterdate": _told(_start(self.first, self.zone) - second)} if self.first else {}),
            **({"beforedate": _told(_start(self.end, self.zone) + second)} if self.end else {}),
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

    def page(self, where: Where, number: int, rows: int, deadline: float) -> Page:
        return _page(self._calls.post(f"/api/Answers/page/{number}/{rows}", where.told(), deadline))

    def every(self, where: Where, deadline: float, most: int = MOST_ANSWERS) -> list[Answer]:
        """All answers. Raises WxmUnavailable where there are more than `most`, or the pages do not add up."""
        for _ in range(READINGS):
            found: dict[str, Answer] = {}
            total = 0
            for page in self._pages(where, deadline):
                known, total = len(found), page.total
                if total > most:
                    raise WxmUnavailable("WxM holds more answers than can be read.")
                for answer in page.answers:
                    found.setdefault(answer["id"], answer)
                # Pages are read until all are there, not by their number: a WxM may give fewer rows than were asked.
                if len(found) >= total or len(found) == known:
                    break
            if len(found) >= total:
                return list(found.values())
        raise WxmUnavailable("WxM's pages do not add up.")

    def _pages(self, where: Where, deadline: float) -> Iterator[Page]:
        for number in range(MOST_ANSWERS):
            yield self.page(where, number, ROWS, deadline)


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


def _told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
