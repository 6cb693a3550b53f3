"""Nothing of a test run outlives it: a machine that runs tests often is not filled with servers of theirs."""

import subprocess
import sys
import time
from pathlib import Path

from tests.support.redis_server import answers
from tests.support.services import ROOT

BEGIN = """
import pathlib, sys, time
from tests.support.redis_server import own_redis
with own_redis(pathlib.Path(sys.argv[1])) as (url, _server):
    print(url, flush=True)
    time.sleep(300)
"""


def test_a_server_is_gone_when_the_run_that_began_it_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BEGIN, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        assert answers(url)
        run.kill()
    deadline = time.monotonic() + 30
    while answers(url):
        assert time.monotonic() < deadline
        time.sleep(0.1)
