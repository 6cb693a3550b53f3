"""Surveys that are half answered, where requests meet at the database."""

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


def test_a_survey_is_not_closed_without_what_was_answered_meanwhile(database: Database) -> None:
    partials.keep(database, "survey", TOKEN, {"responses": [response("first")]})
    read, _ = kept(database)
    partials.keep(database, "survey", TOKEN, {"responses": [response("second")]})
    with pytest.raises(partials.Grown), database.write() as connection:
        partials.complete(connection, "survey", read)
    grown, is_completed = kept(database)
    assert not is_completed
    with database.write() as connection:
        partials.complete(connection, "survey", grown)
    assert kept(database) == (grown, True)


@pytest.mark.parametrize(("token", "most"), [(TOKEN, partials.MOST_OPEN_SINGLE_USE), (SHARED, 30)])
def test_of_too_many_that_are_open_the_one_left_longest_gives_way(
    database: Database, monkeypatch: pytest.MonkeyPatch, token: dict[str, object], most: int
) -> None:
    assert (partials.MOST_OPEN_SINGLE_USE, partials.MOST_OPEN) == (10, 300)
    monkeypatch.setattr(partials, "MOST_OPEN", 30)
    given = {"responses": [response("first")]}
    partials.keep(database, "of another token", {"id": "XX-3", "validUses": 1}, given)
    partials.keep(database, "survey", token, given)
    document, _ = kept(database)
    with database.write() as connection:
        partials.complete(connection, "survey", document)
    for number in range(most):
        partials.keep(database, f"open {number}", token, given)
    partials.keep(database, "open 0", token, given)
    assert are_there(database, *(f"open {number}" for number in range(most))) == [True] * most
    partials.keep(database, "one more", token, given)
    named = ("open 0", "open 1", "open 2", "one more", "survey", "of another token")
    assert are_there(database, *named) == [True, False, True, True, True, True]


def test_a_survey_does_not_grow_without_end(database: Database) -> None:
    partials.keep(database, "survey", TOKEN, {"responses": [response("first", "x" * 40_000)]})
    before = kept(database)
    many = [response(f"question {number}") for number in range(501)]
    for more in ([response("second", "客" * 10_000)], many):
        with pytest.raises(partials.TooMuch):
            partials.keep(database, "survey", TOKEN, {"responses": more})
    assert kept(database) == before
