"""What a caller gets when the database or the cache of the service cannot be used while it runs."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from foundation.db import database
from tests.support.problems import assert_problem
from tests.support.redis_server import own_redis
from tests.support.scripted_finesse import Account, ScriptedFinesse
from tests.support.services import Service


def test_a_cache_that_goes_away_is_told_as_such_and_may_be_tried_again(
    start: Callable[..., Service], finesse: ScriptedFinesse, tmp_path: Path
) -> None:
    finesse.add(Account("1001", "ann"))
    with own_redis(tmp_path) as (url, server):
        service = start(cache_url=url, secret_key=("k" * 40,))
        assert service.sign_in("1001").status_code == 200
        server.terminate()
        server.wait()
        answered = service.sign_in("1001")
    assert_problem(answered, 503, "cache_unavailable")
    assert answered.headers["Retry-After"] == "2"


def test_a_database_that_another_process_holds_is_told_as_such_and_may_be_tried_again(
    start: Callable[..., Service], finesse: ScriptedFinesse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    service = start()
    finesse.add(Account("1001", "ann"))
    with closing(sqlite3.connect(service.settings.data_dir / "pulse.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answered = service.sign_in("1001")
    assert_problem(answered, 503, "database_unavailable")
    assert answered.headers["Retry-After"] == "2"
    assert service.sign_in("1001").status_code == 200
