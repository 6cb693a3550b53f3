"""Figures are the same from columns and from documents; what would be counted for too long is refused by name."""

from __future__ import annotations

from collections import Counter

import pytest

from experience.answers.filter_terms import FilterFault
from experience.answers.schema import answers
from experience.figures import distributions
from experience.figures.distributions import DAY, Keys, Spread
from experience.platform import Platform
from experience.questionnaires import catalogue
from tests.experience.samples import CSAT, NPS, PERSON, answer, response

SECOND_ID = "second"
SECOND = {"id": SECOND_ID, "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["csat"], "sequence": 9}
GROUPS: list[Keys] = [(), (NPS,), (NPS, DAY), (PERSON["agent"], NPS), (CSAT,), (CSAT, DAY), (PERSON["customer"],)]


@pytest.fixture
def filled(platform: Platform) -> Platform:
    for number in range(20):
        at = f"2026-11-{1 + number % 4:02}T03:12:44Z"
        scores = {"nps": number % 3, "customer": f" C-{number % 5}", "agent": f"600{number % 2}"}
        platform.take([answer(f"a{number}", at, **scores, **({"csat": 1 + number % 5} if number % 4 else {}))])
    return platform


def counted(platform: Platform, groupings: list[Keys], budget: float = distributions.BUDGET) -> dict[Keys, Spread]:
    platform._looked = 0.0
    early = answers.c.responded_at > 0
    with platform.database.read() as connection:
        return distributions.count(connection, platform.catalogue, [early], groupings, budget)


def test_columns_and_documents_say_the_same(filled: Platform) -> None:
    """With a second question for CSAT its answers are looked up in the documents, and all else with them."""
    from_columns = counted(filled, GROUPS)
    with filled.database.write() as connection:
        catalogue.keep(filled.database, connection, [SECOND])
    assert counted(filled, GROUPS) == from_columns
    assert from_columns[()] == {(): 20}
    assert from_columns[NPS, DAY] == Counter((n % 3, f"2026-11-{1 + n % 4:02}") for n in range(20))
    assert from_columns[CSAT,] == Counter((1 + n % 5 if n % 4 else None,) for n in range(20))
    assert from_columns[PERSON["customer"],] == Counter((f"C-{n % 5}",) for n in range(20))


def test_more_than_can_be_counted_in_time_is_refused_by_name(filled: Platform) -> None:
    with pytest.raises(FilterFault, match="afterdate, beforedate: 20 answers are in range") as refused:
        counted(filled, GROUPS, budget=10)
    assert "Narrow the range" in refused.value.detail
    assert counted(filled, [()], budget=10)[()] == {(): 20}
    assert counted(filled, [(NPS,)], budget=10)[NPS,] == Counter((n % 3,) for n in range(20))


def test_the_more_is_asked_the_fewer_answers_may_be_in_range(filled: Platform) -> None:
    cases: list[tuple[list[Keys], float]] = [([(NPS,)], 3), (GROUPS, 16), ([("unknown",)], 30)]
    for groupings, budget in cases:
        assert counted(filled, groupings, budget)
        with pytest.raises(FilterFault):
            counted(filled, groupings, budget / 2)


def test_as_many_answers_as_a_refusal_names_can_be_counted(filled: Platform) -> None:
    """And the more groupings are asked for at once, the fewer that are."""
    with pytest.raises(FilterFault, match=r"can be counted of 10\."):
        counted(filled, [(NPS,)], budget=1.2)
    with pytest.raises(FilterFault, match=r"can be counted of 5\."):
        counted(filled, [(NPS,), (CSAT,)], budget=1.2)
    assert counted(filled, [(NPS,)], budget=2.4)


def test_each_of_two_questions_for_one_figure_is_counted_by_its_own_answers(platform: Platform) -> None:
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [SECOND])
    platform._looked = 0.0
    both = answer("a1", csat=1)
    both["responses"].append(response(SECOND_ID, None, 5))
    platform.take([both])
    counts = counted(platform, [(CSAT,), (SECOND_ID,)])
    assert (counts[CSAT,], counts[SECOND_ID,]) == ({(1,): 1}, {(5,): 1})
