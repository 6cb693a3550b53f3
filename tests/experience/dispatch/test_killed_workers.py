"""Workers that are killed lose nothing, and send twice only what they had not yet noted."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from experience.platform import Platform
from tests.support import delivery_workers
from tests.support.delivering import accept, actions, keep_dispatch, rows
from tests.support.scripted_smtp import ScriptedSmtp

RECIPIENTS, KILLS, LEASE_SECONDS = 120, 4, 1.0


def test_whoever_was_accepted_is_written_to_however_often_workers_are_killed(
    platform: Platform, url: str, smtp: ScriptedSmtp
) -> None:
    keep_dispatch(platform)
    known = ({"customer": f"C-{number}", "email": f"c{number}@example.com"} for number in range(RECIPIENTS))
    tokens = accept(platform, *known)
    dice = random.Random(7)
    for kill in range(KILLS):
        process = delivery_workers.start(url, smtp.port, LEASE_SECONDS)
        wait_until(partial(has_more, smtp, len(smtp.contents)))
        time.sleep(dice.uniform(0, 0.05))
        process.kill()
        process.join()
        assert len(rows(platform)) > 0, f"all were sent before kill {kill}"
    process = delivery_workers.start(url, smtp.port, LEASE_SECONDS)
    wait_until(lambda: not rows(platform))
    process.kill()
    process.join()
    times = Counter(smtp.recipients)
    assert len(times) == RECIPIENTS
    assert sum(times.values()) - RECIPIENTS <= KILLS
    assert {tuple(actions(platform, token)) for token in tokens} == {("Accepted", "Sent")}


def has_more(smtp: ScriptedSmtp, count: int) -> bool:
    return len(smtp.contents) > count


def wait_until(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
