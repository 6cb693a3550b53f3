"""What a caller is told when the cache of the service goes away while it runs."""

from collections.abc import Callable
from pathlib import Path

from tests.problems import assert_problem
from tests.redis_server import own_redis
from tests.services import Service
from tests.signed_in import make_person


def test_a_cache_that_goes_away_is_told_as_such_and_may_be_tried_again(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    with own_redis(tmp_path) as (url, server):
        service = start(cache_url=url, secret_key=("k" * 40,))
        assert service.get("/gadgets/pulse?filterTags=cc_AgentId", make_person()).status_code == 200
        server.terminate()
        server.wait()
        answered = service.get("/gadgets/pulse?filterTags=cc_AgentId&period=7d", make_person())
    assert_problem(answered, 503, "cache_unavailable")
    assert answered.headers["Retry-After"] == "2"
