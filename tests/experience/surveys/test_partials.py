"""Surveys that are half answered, where requests meet at the database."""

from typing import Any

import pytest

from experience.surveys import partials
from foundation.db.database import Database

TOKEN = {"id": "XX-1", "validUses": 1}
SHARED = {"id": "XX-2", "validUses": -1}


def response(question: str, text: str = "x") -> dict[str, object]:
    return {"questionId": question, "textInput": text, "numberInput": 0}


def kept(database: Database) -> tuple[str, bool]:
    with database.read() as connection:
        found = partials.find(connection, "survey")
    assert found
    return found


def are_there(database: Database, *surveys: str) -> list[bool]:
    with database.read() as connection:
        return [partials.find(connection, survey) is not None for survey in surveys]


def keep(database: Database, survey: str, token: dict[str, Any], sent: dict[str, Any]) -> None:
    with database.write() as connection:
        partials.keep(database, connection, survey, token, sent)


def test_what_is_completed_stays_as_it_is(database: Database) -> None:
    keep(database, "survey", TOKEN, {"responses": [response("first")]})
    with database.write() as connection:
        partials.complete(connection, "survey")
    before = kept(database)
    keep(database, "survey", TOKEN, {"responses": [response("second")]})
    assert kept(database) == before
    assert before[1]


SAID = [response("first"), response("second")]


@pytest.mark.parametrize(
    ("held", "said", "clients", "alone", "distance"),
    [
        (SAID, SAID, ("web", "web"), False, 0),
        (SAID, SAID, (None, "web"), False, 0),
        (SAID[:1], SAID, ("web", "web"), False, 1),
        (SAID[:1], SAID, (None, "web"), False, None),
        (SAID[:1], SAID, (None, "web"), True, 0),
        (SAID, [response("first"), response("second", "y")], ("web", "web"), False, 2),
        (SAID, [response("first", "y"), response("second", "y")], ("web", "web"), False, None),
        (SAID, SAID, ("web", "phone"), True, None),
        ([response("skipped", "last")], SAID, ("web", "web"), False, 2),
    ],
)
def test_a_whole_answer_is_known_by_what_it_says_and_by_its_client(
    held: list[dict[str, object]],
    said: list[dict[str, object]],
    clients: tuple[str | None, str | None],
    alone: bool,
    distance: int | None,
) -> None:
    survey, whole = ({"surveyClient": client} for client in clients)
    found = partials.distance({**survey, "responses": held}, {**whole, "responses": said}, set(), alone=alone)
    assert found == distance


def test_the_surest_is_taken_and_of_several_the_first() -> None:
    assert partials.nearest([("other", None), ("near", 1), ("same", 0), ("as sure", 0)]) == "same"
    assert partials.nearest([("other", None)]) is None


@pytest.mark.parametrize(("token", "most"), [(TOKEN, partials.MOST_OPEN_SINGLE_USE), (SHARED, 30)])
def test_of_too_many_that_are_open_the_one_left_longest_gives_way(
    database: Database, monkeypatch: pytest.MonkeyPatch, token: dict[str, object], most: int
) -> None:
    assert (partials.MOST_OPEN_SINGLE_USE, partials.MOST_OPEN) == (10, 300)
    monkeypatch.setattr(partials, "MOST_OPEN", 30)
    given = {"responses": [response("first")]}
    keep(database, "of another token", {"id": "XX-3", "validUses": 1}, given)
    keep(database, "survey", token, given)
    with database.write() as connection:
        partials.complete(connection, "survey")
    for number in range(most):
        keep(database, f"open {number}", token, given)
    keep(database, "open 0", token, given)
    assert are_there(database, *(f"open {number}" for number in range(most))) == [True] * most
    keep(database, "one more", token, given)
    named = ("open 0", "open 1", "open 2", "one more", "survey", "of another token")
    assert are_there(database, *named) == [True, False, True, True, True, True]


def test_a_survey_does_not_grow_without_end(database: Database) -> None:
    keep(database, "survey", TOKEN, {"responses": [response("first", "x" * 40_000)]})
    before = kept(database)
    many = [response(f"question {number}") for number in range(501)]
    for more in ([response("second", "客" * 10_000)], many):
        with pytest.raises(partials.TooMuch):
            keep(database, "survey", TOKEN, {"responses": more})
    assert kept(database) == before
