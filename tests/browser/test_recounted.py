"""Every number on the screen equals a recount of the answers themselves, by a script that imports nothing of ours."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from math import sqrt
from statistics import variance
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tests.browser.analytics import is_pulse, of_agent, of_teams, open_agent
from tests.browser.desktop import Desktop
from tests.browser.labs import Lab
from tests.scripts.recount import first_scores, promoted, satisfied, summed, tagged
from tests.scripts.recount import mean as mean_of

Open = Callable[..., Desktop]
Answer = dict[str, Any]
# A tag, and its values.
Whose = tuple[str, set[str]]
METRICS = ("nps", "csat", "ces")
SCORES: dict[str, Callable[[list[int]], float | None]] = {"nps": promoted, "csat": satisfied, "ces": mean_of}
DAYS, FEW, WINDOW = 30, 5, 7
# Maria's teams, and Ann.
TEAMS: Whose = ("cc_teamid", {"5001", "5002"})
ANN: Whose = ("cc_agentid", {"6001"})


class Recount:
    """The answers of a lab, and what a scope's figures must be on the screen, in words."""

    def __init__(self, lab: Lab) -> None:
        with closing(sqlite3.connect(f"file:{lab.data / 'pulse.db'}?mode=ro", uri=True)) as database:
            self.answers = [json.loads(text) for (text,) in database.execute("SELECT document FROM answers")]
            documents = [json.loads(text) for (text,) in database.execute("SELECT document FROM questions")]
            ((zone,),) = database.execute("SELECT value FROM meta WHERE name = 'time_zone'")
        self.questions = {question["id"]: question for question in documents}
        self.zone = ZoneInfo(zone)
        self.last = datetime.now(self.zone).date()
        self.first = self.last - timedelta(days=DAYS - 1)

    def tag(self, answer: Answer, tag: str) -> str | None:
        return tagged(answer, self.questions, tag)

    def of(self, whose: Whose, *, before: bool = False) -> list[Answer]:
        """Those that carry one of some values of a tag, newest first: of the days shown, or of as many before."""
        tag, wanted = whose
        first, last = (day - timedelta(days=DAYS if before else 0) for day in (self.first, self.last))
        chosen = [
            answer
            for answer in self.answers
            if first <= self.day_of(answer) <= last and self.tag(answer, tag) in wanted
        ]
        return sorted(chosen, key=lambda answer: (answer["responseDateTime"], answer["id"]), reverse=True)

    def day_of(self, answer: Answer) -> date:
        return datetime.fromisoformat(answer["responseDateTime"]).astimezone(self.zone).date()

    def values(self, answers: list[Answer], metric: str, scale: str | None = None) -> list[int]:
        scored = [first_scores(answer, self.questions).get(metric) for answer in answers]
        return [value for found in scored if found for on, value in [found] if scale in {None, on}]

    def chips(self, answer: Answer) -> list[str]:
        scores = first_scores(answer, self.questions)
        of = {metric: "" if metric == "nps" else f" / {scores[metric][0].split('-')[1]}" for metric in scores}
        return [f"{metric.upper()} {scores[metric][1]}{of[metric]}" for metric in METRICS if metric in scores]

    def comment(self, answer: Answer) -> str:
        return self.tag(answer, "comments") or ""


def figure(metric: str, score: float | None) -> str:
    if score is None:
        return "–"
    text = f"{score:.0f}" if metric == "nps" else f"{score:.1f}"
    return text.replace("-", "−") + ("%" if metric == "csat" else "")


def answers_in_words(count: int) -> str:
    return f"{count:,} answer{'' if count == 1 else 's'}"


def change(metric: str, now: list[int], before: list[int]) -> str:
    """As it is shown: nothing, an arrow and an amount, or ≈ where it may be chance."""
    scores = SCORES[metric](now), SCORES[metric](before)
    if scores[0] is None or scores[1] is None:
        return ""
    moved = round(scores[0] - scores[1], 1)
    digits = 0 if metric == "nps" else 1
    amount = f"{abs(moved):.{digits}f}"
    if moved and (margin := margin_of(metric, now, before)) is not None and abs(moved) > margin:
        return amount
    return f"≈ {'+' if moved > 0 else '−'}{amount}" if moved else f"= {amount}"


def margin_of(metric: str, *samples: list[int]) -> float | None:
    """1.96 standard errors of the difference of two means."""
    weigh: dict[str, Callable[[int], float]] = {
        "nps": lambda value: 100 * ((value > 8) - (value < 7)),
        "csat": lambda value: 100 * (value > 3),
        "ces": float,
    }
    if min(map(len, samples)) < 2:
        return None
    return round(1.96 * sqrt(sum(variance([*map(weigh[metric], sample)]) / len(sample) for sample in samples)), 1)


@pytest.fixture
def recount(lab: Lab) -> Iterator[Recount]:
    yield Recount(lab)


@pytest.mark.parametrize(("open_gadget", "whose"), [(of_teams, TEAMS), (of_agent, ANN)])
def test_tiles(desktop: Open, recount: Recount, open_gadget: Callable[[Desktop], FrameLocator], whose: Whose) -> None:
    gadget = open_gadget(desktop())
    expect_tiles(gadget.locator(".tiles"), recount, recount.of(whose), recount.of(whose, before=True))


def test_the_tiles_of_an_opened_agent_are_of_the_teams_alone(desktop: Open, recount: Recount) -> None:
    gadget = of_teams(desktop())
    open_agent(gadget, "6001")
    own = [
        [answer for answer in answers if recount.tag(answer, "cc_agentid") == "6001"]
        for answers in (recount.of(TEAMS), recount.of(TEAMS, before=True))
    ]
    expect_tiles(gadget.locator("tr.detail .tiles"), recount, *own)


def test_today_so_far_beside_yesterday_until_the_same_minute(desktop: Open, recount: Recount) -> None:
    opened = desktop()
    gadget = of_teams(opened)
    with opened.page.expect_response(is_pulse) as answered:
        gadget.locator("[data-choice=today]").click()
    # By the minute in which it was asked.
    sent = datetime.strptime(answered.value.headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    until = sent.astimezone(recount.zone).replace(second=0) - timedelta(days=1)
    expect(gadget.locator("section[aria-busy=false] .trend-ends span")).to_have_count(1)
    everyone = recount.of(TEAMS)
    today = [answer for answer in everyone if recount.day_of(answer) == recount.last]
    yesterday = [
        answer
        for answer in everyone
        if recount.day_of(answer) == until.date() and datetime.fromisoformat(answer["responseDateTime"]) < until
    ]
    expect_tiles(gadget.locator(".tiles"), recount, today, yesterday)


def expect_tiles(tiles: Locator, recount: Recount, now: list[Answer], before: list[Answer]) -> None:
    """Score, change, what they stand on, and how many gave each value, of each metric."""
    figures = summed(now, recount.questions)
    nothing: dict[str, Any] = {"score": None, "responses": 0, "counts": {}}
    for metric in METRICS:
        expected = figures[metric] if metric != "ces" else (figures["ces"] or [nothing])[0]
        scale = "1-7" if metric == "ces" else None
        samples = recount.values(now, metric, scale), recount.values(before, metric, scale)
        tile = tiles.locator(f".tile[data-metric={metric}]")
        assert tile.locator(".score").inner_text() == figure(metric, expected["score"])
        assert tile.locator(".tile-base span").all_inner_texts() == [*base_words(metric, expected, *samples)]
        assert signless(tile.locator(".change")) == change(metric, *samples)
        if metric == "nps":
            legend = tile.locator(".legend > span").all_inner_texts()
            assert [int(text.split()[0].replace(",", "")) for text in legend] == bands_of(samples[0])
        else:
            counts = [expected["counts"].get(value, 0) for value in tile.locator(".column-value").all_inner_texts()]
            assert [*map(int, tile.locator(".column-count").all_inner_texts())] == counts


def base_words(metric: str, expected: dict[str, Any], now: list[int], before: list[int]) -> Iterator[str]:
    """What a score stands on."""
    if not now:
        yield "No answers"
        if before:
            yield f"previously {figure(metric, SCORES[metric](before))}"
        return
    yield f"{'only ' if len(now) < FEW else ''}{answers_in_words(len(now))}"
    yield compared(metric, now, before)
    if metric != "nps":
        yield f"mean {expected['mean']} of 5" if metric == "csat" else "of 7, higher is easier"


def compared(metric: str, now: list[int], before: list[int]) -> str:
    """Whether a score went up or down, where that is no chance."""
    scores = SCORES[metric](now), SCORES[metric](before)
    if scores[0] is None or scores[1] is None:
        return "none previously"
    was, moved = figure(metric, scores[1]), round(scores[0] - scores[1], 1)
    margin = margin_of(metric, now, before)
    if moved and (margin is None or abs(moved) <= margin):
        return f"previously {was}"
    return f"{'up from' if moved > 0 else 'down from' if moved else 'unchanged from'} {was}"


def bands_of(values: list[int]) -> list[int]:
    """Detractors, passives, promoters."""
    bad, good = sum(value < 7 for value in values), sum(value > 8 for value in values)
    return [bad, len(values) - bad - good, good]


def signless(found: Locator) -> str:
    """A change without its arrow, which is a picture."""
    return found.locator("> [aria-hidden=true]").inner_text().strip() if found.count() else ""


def test_every_day_of_every_trend_as_it_is_read(desktop: Open, recount: Recount) -> None:
    gadget = of_teams(desktop())
    by_day: dict[date, list[Answer]] = {}
    for answer in recount.of(TEAMS):
        by_day.setdefault(recount.day_of(answer), []).append(answer)
    for metric in METRICS:
        gadget.locator(f"[data-trend={metric}]").click()
        chart = gadget.get_by_role("slider")
        chart.focus()
        chart.press("Home")
        for day, expected in trend_words(recount, by_day, metric):
            assert chart.get_attribute("aria-valuetext") == f"{day:%b} {day.day}: {expected}"
            assert gadget.locator(".pointed strong").inner_text() == expected
            chart.press("ArrowRight")


def trend_words(recount: Recount, by_day: dict[date, list[Answer]], metric: str) -> Iterator[tuple[date, str]]:
    """What is read of each day, and of the days before it."""
    scale = "1-7" if metric == "ces" else None
    days = [recount.first + timedelta(days=step) for step in range(DAYS)]
    values_of = [recount.values(by_day.get(day, []), metric, scale) for day in days]
    for place, (day, values) in enumerate(zip(days, values_of, strict=True)):
        trailing = [*chain.from_iterable(values_of[max(0, place - WINDOW + 1) : place + 1])]
        own = f"{metric.upper()} {figure(metric, SCORES[metric](values))} ({answers_in_words(len(values))})"
        expected = own if values else "No answers"
        if trailing:
            window = min(place + 1, WINDOW)
            mean = figure(metric, SCORES[metric](trailing))
            expected += f" · {window}-day mean {mean} ({answers_in_words(len(trailing))})"
        yield day, expected


def test_every_row_of_the_agents(desktop: Open, recount: Recount) -> None:
    gadget = of_teams(desktop())
    now, before = recount.of(TEAMS), recount.of(TEAMS, before=True)
    agents = {agent for answer in now if (agent := recount.tag(answer, "cc_agentid"))}
    rows = {row.get_attribute("data-agent"): row for row in gadget.locator("tr[data-agent]").all()}
    assert set(rows) == agents
    for metric in METRICS:
        gadget.locator(f"[data-trend={metric}]").click()
        for agent, row in rows.items():
            own, then = (
                [answer for answer in answers if recount.tag(answer, "cc_agentid") == agent]
                for answers in (now, before)
            )
            scale = "1-7" if metric == "ces" else None
            values, values_before = recount.values(own, metric, scale), recount.values(then, metric, scale)
            few = len(values) < FEW
            score = figure(metric, SCORES[metric](values)) if not few else "few" if values else "–"
            assert row.locator(f".{metric}-cell").inner_text() == score
            assert row.locator(".responses-cell").inner_text() == f"{len(own):,}"
            assert signless(row.locator(".change")) == ("" if few else change(metric, values, values_before))
            if metric == "nps" and not few:
                assert [*map(int, row.locator(".spread-counts span").all_inner_texts())] == bands_of(values)


def test_every_comment_with_its_chips(desktop: Open, recount: Recount) -> None:
    gadget = of_teams(desktop())
    commented = [answer for answer in recount.of(TEAMS) if recount.comment(answer)]
    items = gadget.locator(".comment-item").all()
    assert len(items) == min(20, len(commented))
    for item, answer in zip(items, commented, strict=False):
        assert item.get_attribute("data-comment") == answer["id"]
        assert item.locator(".comment").text_content() == recount.comment(answer)
        assert words_of(item) == recount.chips(answer)


def words_of(item: Locator) -> list[str]:
    """The chips of an answer, without what is there for screen readers only."""
    return [chip.evaluate("chip => chip.innerText.split(',')[0].trim()") for chip in item.locator(".chip").all()]


def test_a_customers_answers_with_their_chips_and_their_mean(desktop: Open, lab: Lab, recount: Recount) -> None:
    agent = desktop().sign_in("1001")
    lab.call("1001", "cc_CustomerId=C-10042")
    rows = agent.sees_customer("C-10042")
    earlier = agent.journey.locator(".earlier button")
    if earlier.count():
        earlier.click()
    own = [answer for answer in recount.answers if recount.tag(answer, "cc_customerid") == "C-10042"]
    own.sort(key=lambda answer: (answer["responseDateTime"], answer["id"]), reverse=True)
    agent.journey.locator(f"[data-answer='{own[-1]['id']}']").wait_for()
    assert [row.get_attribute("data-answer") for row in rows.all()] == [answer["id"] for answer in own]
    for row, answer in zip(rows.all(), own, strict=True):
        assert words_of(row) == recount.chips(answer)
        assert (row.locator(".comment").text_content() if recount.comment(answer) else "") == recount.comment(answer)
    verdict = agent.journey.locator(".verdict")
    spoken = verdict.locator(".verdict-score").inner_text().strip()
    assert spoken in recount.chips(own[0])
    metric = spoken.split()[0].lower()
    values = recount.values(own, metric)
    assert f"mean {metric.upper()} {mean_of(values)}" in verdict.inner_text()
    assert f"{answers_in_words(len(own))} since" in verdict.inner_text()
