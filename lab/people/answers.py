"""A year of plausible survey answers for the lab's two teams, as WxM Answers (docs/cisco/wxm-api.md §6)."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from lab.people import cast
from lab.people.customers import DRAWN, Customer, by_id, customers
from lab.people.dice import Dice
from lab.people.story import STORY
from lab.people.verbatims import WORDS, mood

DAYS = 365
QUESTIONNAIRE = "Post call survey"
_ID = "64b0000000000000000000"
QUESTIONS = {
    "nps": (_ID + "01", "How likely are you to recommend us?"),
    "csat": (_ID + "02", "How satisfied are you with this call?"),
    "ces": (_ID + "03", "How easy was it to get what you needed?"),
    "comment": (_ID + "04", "What is the main reason for your answers?"),
    "cc_CustomerId": (_ID + "a1", "Customer"),
    "cc_AgentId": (_ID + "a2", "Agent"),
    "cc_TeamId": (_ID + "a3", "Team"),
    "Mobile": (_ID + "a4", "Mobile"),
    "Email": (_ID + "a5", "Email"),
    "cc_language": (_ID + "a6", "Language"),
}
SCORES = ("nps", "csat", "ces")
CHANNELS = {"sms": 45, "email": 25, "voice": 20, "web": 10}
# Mean answers an agent and day, and quality in standard deviations of a customer's feeling.
AGENTS = {
    "1001": (3.0, 0.62),
    "1002": (2.7, 0.50),
    "1003": (2.4, 0.30),
    "1004": (2.6, 0.42),
    "1005": (2.5, 0.25),
    "1006": (2.2, -0.05),
    "1007": (2.9, -0.02),
    "1008": (2.8, 0.30),
    "1010": (2.6, 0.12),
    "1011": (2.5, -0.22),
    "1012": (2.3, 0.20),
}
NEWCOMER = "1009"  # one answer every seventeen days: too few to rank
LENT, LENT_ON = "1005", (1, 3)  # of Sales, answers for Support on Tuesdays and Thursdays
BUSY_DAYS = {"5001": (1.35, 1.15, 1.0, 1.0, 1.1, 0.6, 0.0), "5002": (1.3, 1.1, 1.0, 0.95, 1.0, 0.55, 0.45)}
OPENS, OPEN_MINUTES = time(0, 30), 750  # UTC; half past eight to nine in the evening in Taipei
# Minutes ago: today's newest answer is between these two, and so older than one that is brought in afterwards.
NEWEST = 2.0, 10.0
_FORM = "%Y-%m-%dT%H:%M:%SZ"

Moment = Callable[[Dice, int], datetime]


@dataclass(frozen=True, slots=True)
class Feeling:
    nps: int | None
    csat: int | None
    ces: int | None
    comment: str | None


def year_of_answers(now: datetime, seed: str = "lab") -> Iterator[dict[str, Any]]:
    """Answers of the 365 days that end `now`, in its time zone, oldest first, some 9,000; equal for equal arguments.

    A day is drawn from its own date, so that two overlapping years agree on it; only the moments of today and the
    story of the drawn customer move with `now`.
    """
    today, latest = now.date(), now.astimezone(UTC).strftime(_FORM)
    crowd = customers()
    weights = list(accumulate(customer.calls for customer in crowd))
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        moment = _so_far(now) if day == today else _at_work(day)
        answers = [*_day(day, moment, seed, crowd, weights), *_story(today, back, seed)]
        past = [answer for answer in answers if answer["responseDateTime"] <= latest]
        yield from sorted(past, key=lambda answer: str(answer["responseDateTime"]))


def first_ids(days: Iterable[date], seed: str = "lab") -> list[str]:
    """The id of the first answer of each day, by which a year of answers is known wherever it went."""
    return [_identity(f"{seed} {day} 0") for day in days]


def _at_work(day: date) -> Moment:
    opens = datetime.combine(day, OPENS, UTC)
    return lambda dice, _count: opens + timedelta(minutes=dice.uniform(0, OPEN_MINUTES))


def _so_far(now: datetime) -> Moment:
    """Since midnight, whatever the hour; the day's first draw is its newest."""
    newest, recent = NEWEST
    passed = (now - now.replace(hour=0, minute=0, second=0)) / timedelta(minutes=1)

    def moment(dice: Dice, count: int) -> datetime:
        longest = passed if count else min(passed, recent)
        return now - timedelta(minutes=dice.uniform(newest, max(newest, longest)))

    return moment


def _day(
    day: date, moment: Moment, seed: str, crowd: tuple[Customer, ...], weights: list[float]
) -> Iterator[dict[str, Any]]:
    dice = Dice(f"{seed} {day}")
    for count, (agent_id, team) in enumerate(_shifts(day, dice)):
        customer = dice.choices(crowd, cum_weights=weights)[0]
        channel = dice.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        feeling = _feel(dice, _quality(agent_id, day) + customer.temper, customer.language, channel)
        at = moment(dice, count).astimezone(UTC)
        yield _answer(f"{seed} {day} {count}", at, channel, feeling, customer, agent_id, team, dice.randrange(18, 140))


def _shifts(day: date, dice: Dice) -> Iterator[tuple[str, str]]:
    """Each answer of the day as the agent and the team it was given for."""
    for agent_id, (mean, _) in AGENTS.items():
        team = str(_team(agent_id))
        if agent_id == LENT and day.weekday() in LENT_ON:
            team = "5002"
        expected = mean * BUSY_DAYS[team][day.weekday()]
        for _ in range(dice.poisson(expected)):
            yield agent_id, team
    if day.toordinal() % 17 == 3:
        yield NEWCOMER, _team(NEWCOMER)


def _team(agent_id: str) -> str:
    person = cast.find(agent_id)
    return person.team if person else ""


def _quality(agent_id: str, day: date) -> float:
    """The agent's own level, on a slow wave of about ten months in which each agent stands elsewhere."""
    level = AGENTS.get(agent_id, (0.0, -0.1))[1]
    phase = int(agent_id) * 1.7
    return level + 0.28 * math.sin(day.toordinal() / 48 + phase)


def _feel(dice: Dice, level: float, language: str, channel: str) -> Feeling:
    felt = dice.gauss(level, 1) - (2.2 if dice.random() < 0.04 else 0)
    nps = _clamp(8.1 + 1.9 * felt, 0, 10)
    csat = _clamp(4.15 + 0.75 * felt + dice.gauss(0, 0.3), 1, 5)
    ces = _clamp(5.5 + 1.1 * felt + dice.gauss(0, 0.5), 1, 7)
    speaks = channel != "voice" and dice.random() < (0.65 if nps <= 6 else 0.42)
    comment = dice.choice(WORDS[mood(nps), language]) if speaks else None
    return Feeling(
        nps if dice.random() > 0.02 else None,
        csat if dice.random() > 0.05 else None,
        ces if dice.random() > 0.22 else None,
        comment,
    )


def _clamp(value: float, low: int, high: int) -> int:
    return max(low, min(high, round(value)))


def _story(today: date, back: int, seed: str) -> Iterator[dict[str, Any]]:
    """What the drawing shows of one customer, counted back from today."""
    for chapter in STORY:
        if chapter.days_ago == back:
            at = datetime.combine(today - timedelta(days=back), chapter.at, UTC)
            feeling = Feeling(chapter.nps, chapter.csat, chapter.ces, chapter.comment)
            key = f"{seed} {today} story {back}"
            person = cast.find(chapter.agent)
            team = person.team if person else ""
            yield _answer(key, at, chapter.channel, feeling, by_id()[DRAWN], chapter.agent, team, 64)


def _answer(
    key: str, at: datetime, channel: str, feeling: Feeling, customer: Customer, agent_id: str, team: str, seconds: int
) -> dict[str, Any]:
    scores = {"nps": feeling.nps, "csat": feeling.csat, "ces": feeling.ces}
    texts = {
        "comment": feeling.comment,
        "cc_CustomerId": customer.id,
        "cc_AgentId": str(int(agent_id) + 5000),
        "cc_TeamId": team,
        "Mobile": customer.mobile,
        "Email": customer.email,
        "cc_language": customer.language,
    }
    return {
        "id": _identity(key),
        "user": "lab",
        "locationId": QUESTIONNAIRE,
        "responseDateTime": at.strftime(_FORM),
        "responseDuration": seconds,
        "surveyClient": channel,
        "deviceId": None,
        "archived": False,
        "notes": [],
        "openTicket": None,
        "responses": [
            *(_response(name, None, value) for name, value in scores.items() if value is not None),
            *(_response(name, text, 0) for name, text in texts.items() if text),
        ],
    }


def _identity(key: str) -> str:
    return blake2b(key.encode(), digest_size=12).hexdigest()


def _response(name: str, text: str | None, number: int) -> dict[str, Any]:
    question_id, question = QUESTIONS[name]
    return {"questionId": question_id, "questionText": question, "textInput": text, "numberInput": number}
