"""Places that names share with which nobody has signed in: any two of them have four together."""

import orjson
import pytest

from gadgets.finesse.newcomers import EXTRA_SECONDS, MOST_EXTRA, Extras


@pytest.fixture
def extras() -> Extras:
    return Extras()


def take(extras: Extras, name: str, source: str, *, second: bool = False) -> bool:
    return extras.take(f"{name} from {source}", name, source, is_second=second)


def later(extras: Extras, seconds: float) -> Extras:
    """The same, some seconds later and from its document."""
    return Extras.load(orjson.loads(orjson.dumps(extras.dump())), seconds)


def test_one_name_has_two_extra_places_or_several_have_one_each(extras: Extras) -> None:
    assert [take(extras, "ann", "a"), take(extras, "ann", "b"), take(extras, "ann", "c")] == [True, True, False]
    assert not take(extras, "1001", "a")
    others = Extras()
    assert [take(others, "ann", "a"), take(others, "1001", "b"), take(others, "ann", "c")] == [True, True, False]


def test_a_source_has_a_second_place_for_one_name_at_a_time(extras: Extras) -> None:
    assert take(extras, "ann", "a", second=True)
    assert not take(extras, "1001", "a", second=True)
    assert take(extras, "1001", "b", second=True)


def test_who_had_a_second_place_for_one_name_may_still_be_the_first_from_his_source(extras: Extras) -> None:
    assert take(extras, "ann", "a", second=True)
    assert take(extras, "1001", "a")


def test_a_place_that_was_not_used_up_is_free_again(extras: Extras) -> None:
    for name in ("ann", "1001"):
        assert take(extras, name, "a")
    extras.release("1001 from a")
    assert take(extras, "ann", "b")


def test_a_name_that_was_accepted_takes_none_from_others(extras: Extras) -> None:
    for source in ("a", "b"):
        assert take(extras, "ann", source)
    extras.forget("ann")
    assert [take(extras, "1001", "a"), take(extras, "1001", "b")] == [True, True]


def test_places_are_forgotten_after_a_day(extras: Extras) -> None:
    for source in ("a", "b"):
        assert take(extras, "ann", source)
    assert not take(later(extras, EXTRA_SECONDS - 1), "1001", "a")
    assert take(later(extras, EXTRA_SECONDS), "1001", "a")


def test_where_too_many_are_taken_nobody_is_forgotten(extras: Extras) -> None:
    names = [f"name {number}" for number in range(MOST_EXTRA + 50)]
    assert [take(extras, name, f"of {name}") for name in names].count(True) == MOST_EXTRA
    assert not take(extras, names[0], "another")


def test_a_cluster_that_is_sprayed_has_a_document_of_some_kilobytes(extras: Extras) -> None:
    for number in range(5000):
        take(extras, f"name:{number:024}", f"{number:024}")
    assert len(orjson.dumps(extras.dump())) < 40_000
