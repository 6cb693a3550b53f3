"""Scores from counts: exact, halves away from zero, scales never mixed."""

from __future__ import annotations

import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.model import scores

COUNTS = st.dictionaries(st.integers(0, 10), st.integers(0, 5000), max_size=11)


def test_nps_is_promoters_less_detractors() -> None:
    assert scores.nps({10: 35, 9: 35, 8: 29, 3: 21}) == 41


@pytest.mark.parametrize(
    ("promoters", "detractors", "passives", "score"),
    [(1, 0, 199, 1), (0, 1, 199, -1), (5, 0, 395, 1), (0, 5, 395, -1), (0, 3, 197, -2), (3, 0, 197, 2), (1, 1, 5, 0)],
)
def test_nps_takes_halves_away_from_zero(promoters: int, detractors: int, passives: int, score: int) -> None:
    assert scores.nps({9: promoters, 0: detractors, 7: passives}) == score


def test_csat_is_the_share_of_four_and_five_with_the_mean_beside_it() -> None:
    assert scores.csat({5: 10, 4: 3, 3: 1, 1: 1}) == (86.7, 4.4)
    assert scores.csat({4: 1, 3: 7}) == (12.5, 3.1)


def test_csat_takes_halves_away_from_zero() -> None:
    assert scores.csat({5: 1, 1: 1999}) == (0.1, 1.0)


def test_mean_takes_halves_away_from_zero() -> None:
    assert scores.mean({2: 3, 3: 1}) == 2.3
    assert scores.mean({4: 3, 5: 17}) == 4.9
    assert scores.mean_of(-9, 4) == -2.3


def test_ces_scales_are_never_mixed() -> None:
    figure = scores.ces({(1, 5): {5: 3}, (1, 7): {1: 4}})
    assert figure is not None
    assert (figure.score, figure.of, figure.responses) == (1.0, (1, 7), 4)
    assert [(other.score, other.of, other.responses) for other in figure.others] == [(5.0, (1, 5), 3)]


def test_of_two_equal_ces_scales_the_longer_is_the_figure() -> None:
    figure = scores.ces({(1, 5): {5: 3}, (1, 7): {1: 3}})
    assert figure and figure.of == (1, 7)


def test_of_two_equal_ces_scales_of_one_length_the_figure_is_always_the_same() -> None:
    for scales in ({(1, 5): {5: 3}, (0, 4): {1: 3}}, {(0, 4): {1: 3}, (1, 5): {5: 3}}):
        ces = scores.ces(scales)
        assert ces and ces.of == (0, 4)


def test_the_mean_of_ces_is_that_of_the_scale_with_more_answers() -> None:
    assert scores.ces_mean({(5, 1, 5): 3, (1, 1, 7): 2, (2, 1, 7): 2}) == 1.5
    assert scores.ces_mean({}) is None


def test_no_answers_have_no_score() -> None:
    assert scores.nps({}) is None
    assert scores.nps({5: 0}) is None
    assert scores.csat({}) is None
    assert scores.ces({}) is None
    assert scores.ces({(1, 7): {}}) is None
    assert scores.mean({}) is None


def test_change_needs_both_figures() -> None:
    assert scores.change(41, 35) == 6
    assert scores.change(86.7, 85.0) == 1.7
    assert scores.change(41, None) is None
    assert scores.change(None, 41) is None


@given(COUNTS)
def test_nps_equals_exact_arithmetic(counts: dict[int, int]) -> None:
    total = sum(counts.values())
    if not total:
        assert scores.nps(counts) is None
        return
    points = sum(count * ((value >= 9) - (value <= 6)) for value, count in counts.items())
    assert scores.nps(counts) == int((Decimal(100 * points) / total).quantize(Decimal(1), ROUND_HALF_UP))
    assert sum(scores.bands(counts)) == total


@given(COUNTS)
def test_csat_equals_exact_arithmetic(counts: dict[int, int]) -> None:
    total = sum(counts.values())
    figure = scores.csat(counts)
    if not total:
        assert figure is None
        return
    share = Decimal(100 * sum(count for value, count in counts.items() if value >= 4)) / total
    assert figure and figure.score == float(share.quantize(Decimal("0.1"), ROUND_HALF_UP))


@pytest.mark.parametrize("part", ["model.scores", "privacy.pii"])
def test_pure_parts_import_neither_flask_nor_sqlalchemy(part: str) -> None:
    program = f"import sys, experience.{part}; sys.exit(bool({{'flask', 'sqlalchemy'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_platform_needs_no_flask() -> None:
    program = "import sys, experience.platform, experience.history.transfer; sys.exit('flask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
