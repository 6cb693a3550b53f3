"""Figures and rights computed again from plain answers, the slow and obvious way; imports nothing of ours."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Filled:
    """One filled-in survey."""

    id: str
    at: datetime
    questionnaire: str
    agent: str | None
    team: str | None
    customer: str | None
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str | None = None


@dataclass(frozen=True)
class SignedInUser:
    """A person as Finesse knows one."""

    id: str
    agent_id: str
    home: str
    is_supervisor: bool
    supervises: frozenset[str]


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str


@dataclass(frozen=True)
class Right:
    """Which answers may be counted; `teams` where rows of teams and agents are told, else None."""

    sees: Callable[[Filled], bool]
    teams: frozenset[str] | None


def right(who: SignedInUser, query: Mapping[str, str]) -> Right | Refusal:
    """docs/api.md, Pulse, word by word."""
    tags = [tag.strip().lower() for tag in query.get("filterTags", "").split(",")]
    team, agent = query.get("team"), query.get("agent")
    if not set(tags) <= {"cc_agentid", "cc_teamid"}:
        return Refusal(400, "unknown_filter")
    if "cc_teamid" in tags and who.is_supervisor:
        if team is not None and team not in who.supervises:
            return Refusal(403, "not_your_team")
        teams = who.supervises if team is None else frozenset({team})
        return Right(lambda answer: answer.team in teams and agent in (None, answer.agent), teams)
    if "cc_agentid" not in tags:
        return Refusal(403, "supervisors_only")
    if agent not in (None, who.agent_id) or team not in (None, who.home):
        return Refusal(403, "not_yours")
    return Right(lambda answer: answer.agent == who.agent_id and team in (None, answer.team), None)


def days_of(period: str, today: date) -> tuple[date, date]:
    if ".." in period:
        first, _, last = period.partition("..")
        return date.fromisoformat(first), date.fromisoformat(last)
    return today - timedelta(days=int(period[:-1]) - 1), today


def pulse(answers: Iterable[Filled], scope: Right, first: date, last: date, questionnaire: str | None) -> Body:
    """What of a pulse depends on the answers."""
    mine = [answer for answer in answers if scope.sees(answer) and questionnaire in (None, answer.questionnaire)]
    length = (last - first).days + 1
    now = [answer for answer in mine if first <= answer.at.date() <= last]
    before = [answer for answer in mine if first - timedelta(days=length) <= answer.at.date() < first]
    body: Body = {
        "responses": len(now),
        "metrics": {name: metric(name, now, before) for name in ("nps", "csat", "ces")},
        "trend": [point(now, [first + timedelta(days=day)]) for day in range(length)],
        "means": [means(now, first + timedelta(days=day), length) for day in range(length)],
    }
    if scope.teams is not None:
        agents = {answer.agent for answer in now if answer.agent}
        body["teams"] = {team: row([answer for answer in now if answer.team == team]) for team in scope.teams}
        body["agents"] = {agent: row([answer for answer in now if answer.agent == agent]) for agent in agents}
    return body


def metric(name: str, now: list[Filled], before: list[Filled]) -> Body:
    values = scores(name, now)
    return {
        "score": score(name, now),
        "previous": score(name, before),
        "responses": len(values),
        "counts": {str(value): values.count(value) for value in set(values)},
    }


def point(answers: list[Filled], days: list[date]) -> Body:
    """Each metric's score and base over some days."""
    chosen = [answer for answer in answers if answer.at.date() in days]
    return {name: [score(name, chosen), len(scores(name, chosen))] for name in ("nps", "csat", "ces")}


def means(answers: list[Filled], day: date, length: int) -> Body:
    """The same over the week that ends with a day, of a long line over four weeks; a short line has none."""
    if length <= 14:
        return {name: [] for name in ("nps", "csat", "ces")}
    return point(answers, [day - timedelta(days=back) for back in range(7 if length <= 180 else 28)])


def row(answers: list[Filled]) -> Body:
    return {"responses": len(answers), **{name: score(name, answers) for name in ("nps", "csat", "ces")}}


def scores(name: str, answers: list[Filled]) -> list[int]:
    return [value for answer in answers if (value := getattr(answer, name)) is not None]


def score(name: str, answers: list[Filled]) -> float | None:
    values = scores(name, answers)
    if not values:
        return None
    if name == "nps":
        promoters, detractors = sum(value >= 9 for value in values), sum(value <= 6 for value in values)
        return halves_away(Fraction(100 * (promoters - detractors), len(values)))
    if name == "csat":
        return halves_away(Fraction(1000 * sum(value >= 4 for value in values), len(values))) / 10
    return halves_away(Fraction(10 * sum(values), len(values))) / 10


def halves_away(exact: Fraction) -> int:
    size = int(abs(exact) + Fraction(1, 2))
    return size if exact >= 0 else -size


def journey(answers: Iterable[Filled], customer: str) -> list[str]:
    """Ids of a customer's answers, newest first."""
    theirs = [answer for answer in answers if answer.customer == customer]
    return [answer.id for answer in sorted(theirs, key=lambda answer: (answer.at, answer.id), reverse=True)]


def comments(answers: Iterable[Filled], scope: Right, first: date, last: date, questionnaire: str | None) -> list[str]:
    """Ids of the answers with a comment that may be seen, newest first."""
    mine = [answer for answer in answers if scope.sees(answer) and questionnaire in (None, answer.questionnaire)]
    written = [
        answer for answer in mine if answer.comment and answer.comment.strip() and first <= answer.at.date() <= last
    ]
    return [answer.id for answer in sorted(written, key=lambda answer: (answer.at, answer.id), reverse=True)]
