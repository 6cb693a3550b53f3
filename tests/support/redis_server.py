"""A Redis of a test's own, that keeps nothing."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.support.services import free_port, tied


@contextmanager
def own_redis(folder: Path, *more: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Its URL and its process, which is gone when the test process is."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("The program redis-server is missing: install it, as .ci/run does.", pytrace=False)
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *more]
    with subprocess.Popen(tied(program, *arguments), stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 30
            while not answers(f"redis://127.0.0.1:{port}"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}", server
        finally:
            server.terminate()


def answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
