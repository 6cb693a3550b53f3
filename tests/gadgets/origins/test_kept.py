"""Refused origins are kept for `doctor`: each once, the newest of them, and never more than a line of each."""

import threading

import pytest

from foundation.db.database import Database
from gadgets.origins import refused_origins
from gadgets.origins.refused_origins import RefusedOrigins


@pytest.fixture
def store(database: Database) -> RefusedOrigins:
    return RefusedOrigins(database)


def note(store: RefusedOrigins, *origins: str) -> None:
    """One after the other: each is written by a thread beside its request."""
    for origin in origins:
        store.note(origin)
        for thread in threading.enumerate():
            if thread.name == "refused-origin":
                thread.join(30)


def test_the_newest_origins_are_kept_and_shown_first(store: RefusedOrigins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_origins, "KEPT", 3)
    note(store, *(f"https://a{number}.com" for number in range(5)))
    assert [row.origin for row in store.all()] == ["https://a4.com", "https://a3.com", "https://a2.com"]


def test_an_origin_that_comes_again_is_counted_and_is_the_newest(store: RefusedOrigins) -> None:
    note(store, "https://a.com", "https://b.com")
    first = store.all()[-1].seen_at
    note(store, "https://a.com")
    assert [(row.origin, row.minutes) for row in store.all()] == [("https://a.com", 2), ("https://b.com", 1)]
    assert store.all()[0].seen_at > first


def test_an_endless_origin_is_kept_by_its_beginning(store: RefusedOrigins) -> None:
    note(store, "https://" + "a" * 5000)
    assert store.all()[0].origin == "https://" + "a" * 192
