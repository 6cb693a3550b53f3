"""A database that was restored sends nothing that may have been sent already, until somebody says so."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from experience.dispatch import outbox, restored
from experience.platform import Platform
from foundation.db import facts
from foundation.db.database import Database
from tests.support.delivering import accept, keep_dispatch, rows, worker
from tests.support.scripted_smtp import ScriptedSmtp

ANN = {"customer": "C-1", "email": "ann@example.com"}


def test_a_copy_of_an_earlier_database_holds_its_outbox(
    sqlite_platform: Platform, tmp_path: Path, smtp: ScriptedSmtp
) -> None:
    keep_dispatch(sqlite_platform)
    folder = tmp_path / "data"
    folder.mkdir()
    assert restored.check(sqlite_platform.database, folder) == 0
    accept(sqlite_platform, ANN)
    sqlite_platform.database.close()
    shutil.copy(tmp_path / "pulse.db", tmp_path / "copy.db")
    assert restored.check(sqlite_platform.database, folder) == 0
    copy = Platform(Database(f"sqlite:///{tmp_path / 'copy.db'}"), "Asia/Taipei", "TW")
    assert restored.check(copy.database, folder) == 1
    assert restored.check(copy.database, folder) == 0
    delivery = worker(copy, smtp.port)
    assert delivery.deliver_due() == 0
    accept(copy, {"customer": "C-2", "email": "bob@example.com"}, batch="new")
    delivery.deliver_due()
    assert smtp.recipients == ["bob@example.com"]
    with copy.database.write() as connection:
        assert outbox.release(connection) == 1
    delivery.deliver_due()
    assert smtp.recipients == ["bob@example.com", "ann@example.com"]
    copy.database.close()


def test_a_new_machine_holds_what_nobody_delivered_for_long(platform: Platform, tmp_path: Path) -> None:
    keep_dispatch(platform)
    accept(platform, ANN)
    assert [restored.check(platform.database, folder(tmp_path, name)) for name in ("a", "b", "a")] == [0, 0, 0]
    with platform.database.write() as connection:
        facts.save(connection, restored.MARK, f"9 {int(time.time()) - restored.OLD_SECONDS - 60}")
    assert restored.check(platform.database, folder(tmp_path, "a")) == 0
    with platform.database.write() as connection:
        facts.save(connection, restored.MARK, f"9 {int(time.time()) - restored.OLD_SECONDS - 60}")
    assert restored.check(platform.database, folder(tmp_path, "new")) == 1
    assert [row.state for row in rows(platform)] == ["held"]


def folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir(exist_ok=True)
    return parent / name
