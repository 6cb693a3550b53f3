"""Counts become the figures that a gadget shows (docs/api.md, Pulse and Scores)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.model.figures import Figures, Tally
from experience.model.period import Period
from experience.model.scope import Scope
from gadgets.pulse.figures import Names, Pulse, metrics
from gadgets.pulse.query import PulseQuery
from gadgets.pulse.scope import AGENT_TAG, TEAM_TAG
from gadgets.pulse.trend import trend, window_of

DAY = date(2026, 11, 20)
ANN = Scope(None, "6001")
COUNTS = {
    "nps": st.dictionaries(st.integers(0, 10), st.integers(1, 50)),
    "csat": st.dictionaries(st.integers(1, 5), st.integers(1, 50)),
    "ces": st.dictionaries(st.integers(1, 7), st.integers(1, 50)),
}


def tally(
    responses: int = 0,
    *,
    nps: dict[int, int] | None = None,
    csat: dict[int, int] | None = None,
    ces: dict[tuple[int, int], dict[int, int]] | None = None,
) -> Tally:
    total = Tally(responses)
    scales = [("nps", (0, 10), nps or {}), ("csat", (1, 5), csat or {})]
    scales += [("ces", scale, values) for scale, values in (ces or {}).items()]
    for metric, scale, values in scales:
        for value, count in values.items():
            total.add(metric, scale, value, count)
    return total


def test_a_metric_without_answers_is_null_and_never_zero() -> None:
    figures = metrics(Tally(3), Tally())
    for name in ("nps", "csat", "ces"):
        assert figures[name]["score"] is None
        assert figures[name]["previous"] is None
        assert figures[name]["change"] is None
        assert figures[name]["responses"] == 0
        assert figures[name]["counts"] == {}
    assert figures["csat"]["mean"] is None
    assert (figures["ces"]["mean"], figures["ces"]["of"], figures["ces"]["others"]) == (None, None, [])
    assert (figures["nps"]["promoters"], figures["nps"]["passives"], figures["nps"]["detractors"]) == (0, 0, 0)


def test_the_period_before_is_told_where_there_is_nothing_now() -> None:
    before = tally(nps={10: 1}, csat={5: 1}, ces={(1, 7): {6: 1}})
    figures = metrics(Tally(), before)
    assert [
        (figures[name]["score"], figures[name]["previous"], figures[name]["change"]) for name in ("nps", "csat", "ces")
    ] == [
        (None, 100, None),
        (None, 100.0, None),
        (None, 6.0, None),
    ]


def test_change_is_now_less_before() -> None:
    figures = metrics(tally(nps={10: 3, 0: 1}, csat={5: 2, 1: 1}), tally(nps={10: 1, 0: 1}, csat={5: 1, 1: 1}))
    assert (figures["nps"]["score"], figures["nps"]["previous"], figures["nps"]["change"]) == (50, 0, 50)
    assert (figures["csat"]["score"], figures["csat"]["previous"], figures["csat"]["change"]) == (66.7, 50.0, 16.7)
    assert isinstance(figures["nps"]["change"], int)


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ({10: 1, 0: 1}, 0),
        ({9: 1, 7: 7}, 13),
        ({6: 1, 7: 7}, -13),
        ({9: 1, 7: 199}, 1),
        ({6: 1, 7: 199}, -1),
        ({8: 5}, 0),
        ({6: 3}, -100),
        ({9: 2}, 100),
    ],
)
def test_nps_is_whole_and_halves_go_away_from_zero(counts: dict[int, int], score: int) -> None:
    assert metrics(tally(nps=counts), Tally())["nps"]["score"] == score


def test_a_change_says_within_which_margin_it_may_be_chance() -> None:
    """By hand: 1.96 × √(96.97 + 101.01) for 60 to 40 of 100 after 50 to 50."""
    told = metrics(tally(nps={10: 60, 0: 40}, csat={5: 1}), tally(nps={10: 50, 0: 50}, csat={5: 9}))
    assert (told["nps"]["change"], told["nps"]["margin"]) == (20, 27.6)
    assert (told["csat"]["margin"], told["ces"]["margin"]) == (None, None)


@given(nps=COUNTS["nps"], csat=COUNTS["csat"], ces=COUNTS["ces"])
def test_ten_times_the_answers_have_a_smaller_margin(
    nps: dict[int, int], csat: dict[int, int], ces: dict[int, int]
) -> None:
    some = tally(nps=nps, csat=csat, ces={(1, 7): ces} if ces else {})
    more = Tally()
    for _ in range(10):
        more.include(some)
    for name, figure in metrics(some, some).items():
        margin = metrics(more, more)[name]["margin"]
        assert figure["margin"] is None or 0 <= margin <= figure["margin"]


def test_rows_have_ces_on_one_scale_and_the_base_of_each_score() -> None:
    seven, five = tally(4, ces={(1, 7): {7: 3}}, nps={9: 4}), tally(2, ces={(1, 5): {5: 2}})
    total = Tally()
    total.include(seven)
    total.include(five)
    figures = Figures(total, {}, {"5001": total}, {"6001": seven, "6009": five})
    agents = pulse(TEAM_TAG, Scope(frozenset({"5001"}), None), figures)["agents"]
    assert [(agent["ces"], agent["bases"]) for agent in agents] == [
        (7.0, {"nps": 4, "csat": 0, "ces": 3}),
        (None, {"nps": 0, "csat": 0, "ces": 0}),
    ]


def test_scales_of_ces_are_never_mixed() -> None:
    seven, five = {(1, 7): {7: 3}}, {(1, 5): {1: 2}}
    ces = metrics(tally(ces=seven | five), tally(ces={(1, 5): {5: 9}, (1, 7): {4: 1}}))["ces"]
    assert (ces["score"], ces["of"], ces["responses"], ces["counts"]) == (7.0, [1, 7], 3, {"7": 3})
    assert ces["others"] == [{"score": 1.0, "mean": 1.0, "of": [1, 5], "responses": 2, "counts": {"1": 2}}]
    assert (ces["previous"], ces["change"]) == (4.0, 3.0)


def test_a_change_of_scale_is_no_change_of_ces() -> None:
    figures = metrics(tally(ces={(1, 7): {7: 1}}), tally(ces={(1, 5): {5: 9}}))["ces"]
    assert (figures["score"], figures["previous"], figures["change"]) == (7.0, None, None)


@given(nps=COUNTS["nps"], csat=COUNTS["csat"], ces=COUNTS["ces"])
def test_figures_lie_on_their_scales_and_bands_add_up(
    nps: dict[int, int], csat: dict[int, int], ces: dict[int, int]
) -> None:
    figures = metrics(tally(nps=nps, csat=csat, ces={(1, 7): ces} if ces else {}), Tally())
    assert sum(figures["nps"][band] for band in ("promoters", "passives", "detractors")) == figures["nps"]["responses"]
    for name, counts, low, high in (("nps", nps, -100, 100), ("csat", csat, 0, 100), ("ces", ces, 1, 7)):
        assert figures[name]["responses"] == sum(counts.values())
        assert figures[name]["counts"] == {str(value): count for value, count in counts.items()}
        assert (figures[name]["score"] is None) is (not counts)
        assert figures[name]["score"] is None or low <= figures[name]["score"] <= high


def pulse(tag: str, scope: Scope, now: Figures, before: Figures | None = None) -> dict[str, Any]:
    nothing = Figures(Tally(), {}, {}, {})
    names = Names({"5001": "Sales", "5002": "Äpfel"}, {"6001": "Ann Lee"})
    period = Period(date(2026, 11, 18), DAY)
    query = PulseQuery(tag, scope, period, period.previous, None)
    return Pulse(query, "Asia/Taipei", now, before or nothing, names).to_dict(10)


def test_an_agents_pulse_has_no_teams_and_no_agents() -> None:
    own = tally(2, nps={9: 2})
    body = pulse(AGENT_TAG, ANN, Figures(own, {DAY: own}, {}, {}))
    assert "teams" not in body
    assert "agents" not in body
    assert body["scope"] == {"tag": "cc_AgentId", "teams": [], "agent": "6001"}
    assert body["responses"] == 2


def test_a_supervisors_pulse_has_a_row_for_each_team_and_each_agent_with_answers() -> None:
    sales = tally(2, nps={9: 1, 0: 1})
    figures = Figures(sales, {DAY: sales}, {"5001": sales}, {"6001": sales, "6009": tally(1)})
    body = pulse(TEAM_TAG, Scope(frozenset({"5001", "5002"}), None), figures)
    assert [(team["id"], team["name"], team["responses"]) for team in body["teams"]] == [
        ("5001", "Sales", 2),
        ("5002", "Äpfel", 0),
    ]
    assert [(agent["id"], agent["name"]) for agent in body["agents"]] == [("6001", "Ann Lee"), ("6009", None)]
    assert body["agents"][0]["counts"] == {"promoters": 1, "passives": 0, "detractors": 1}
    assert body["agents"][1]["nps"] is None
    assert body["teams"][1]["change"] == {"nps": None, "csat": None, "ces": None}


NONE = {"score": None, "responses": 0}


def test_the_trend_has_a_point_for_each_day() -> None:
    body = pulse(AGENT_TAG, ANN, Figures(tally(1, nps={9: 1}), {DAY: tally(1, nps={9: 1})}, {}, {}))
    empty = {"responses": 0, "nps": NONE, "csat": NONE, "ces": NONE | {"of": None}}
    assert body["trend"] == [
        {"date": "2026-11-18", **empty},
        {"date": "2026-11-19", **empty},
        {"date": "2026-11-20", **empty, "responses": 1, "nps": {"score": 100, "responses": 1}},
    ]


def test_the_trend_of_ces_stays_on_the_scale_of_the_whole_period() -> None:
    earlier = date(2026, 11, 19)
    five, seven = tally(1, ces={(1, 5): {5: 1}}), tally(3, ces={(1, 7): {4: 3}})
    total = tally(4, ces={(1, 5): {5: 1}, (1, 7): {4: 3}})
    body = pulse(AGENT_TAG, ANN, Figures(total, {earlier: five, DAY: seven}, {}, {}))
    assert [point["ces"]["score"] for point in body["trend"]] == [None, None, 4.0]
    assert [point["ces"]["of"] for point in body["trend"]] == [[1, 7]] * 3


def month(days: dict[date, Tally]) -> list[dict[str, Any]]:
    """The trend of the 30 days up to DAY."""
    total = Tally()
    for counted in days.values():
        total.include(counted)
    return trend(Figures(total, days, {}, {}), Period(DAY - timedelta(days=29), DAY))


def test_a_day_has_its_own_score_and_the_mean_of_the_days_up_to_it() -> None:
    """Two promoters of two, then one of five: 7 answers have 43, which is no mean of 100 and −20."""
    yesterday = DAY - timedelta(days=1)
    points = month({yesterday: tally(2, nps={9: 2}), DAY: tally(9, nps={9: 1, 0: 2, 7: 2}, csat={5: 4})})
    assert points[-1]["nps"] == {"score": -20, "responses": 5, "mean": {"score": 14, "responses": 7, "days": 7}}
    assert points[-2]["nps"] == {"score": 100, "responses": 2, "mean": {"score": 100, "responses": 2, "days": 7}}
    assert points[-3]["nps"] == {**NONE, "mean": {**NONE, "days": 7}}
    assert points[-1]["csat"]["mean"] == {"score": 100.0, "responses": 4, "days": 7}
    assert points[0]["nps"]["mean"]["days"] == 1


def test_a_mean_is_of_the_metrics_own_answers_and_rounded_once() -> None:
    """Case of a day with 8 of 9 and one with 2 of 5 satisfied: 10 of 14 are 71.4, whatever each day rounds to."""
    days = {DAY: tally(50, csat={4: 8, 1: 1}), DAY - timedelta(days=3): tally(5, csat={5: 2, 1: 3})}
    assert month(days)[-1]["csat"]["mean"] == {"score": 71.4, "responses": 14, "days": 7}


def test_a_day_leaves_the_mean_after_a_week() -> None:
    points = month({DAY - timedelta(days=7): tally(1, nps={0: 1}), DAY: tally(1, nps={10: 1})})
    assert points[-1]["nps"]["mean"] == {"score": 100, "responses": 1, "days": 7}
    assert points[-2]["nps"]["mean"] == {"score": -100, "responses": 1, "days": 7}


@pytest.mark.parametrize(("days", "window"), [(1, 1), (14, 1), (15, 7), (180, 7), (181, 28), (731, 28)])
def test_the_longer_the_line_the_longer_the_mean(days: int, window: int) -> None:
    assert window_of(days) == window


def test_the_period_says_its_days_and_zone() -> None:
    body = pulse(AGENT_TAG, ANN, Figures(Tally(), {}, {}, {}))
    before = {"from": "2026-11-15", "to": "2026-11-17", "until": None}
    assert body["period"] == {"from": "2026-11-18", "to": "2026-11-20", "timeZone": "Asia/Taipei", "previous": before}
    assert body["pollAfter"] == 10


def test_teams_stand_in_the_order_of_their_names() -> None:
    names = Names({"5001": "Zoo", "5002": "Advice", "5003": "Advice"}, {})
    assert names.sorted_teams({"5001", "5003", "5002"}) == ["5002", "5003", "5001"]
