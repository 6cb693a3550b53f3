"""The service as gadgets meet it, and one node on granian for all that must be shown over real HTTP."""

from collections.abc import Callable, Iterator

import pytest

from tests.gadgets.origins.hostile import ENTRIES
from tests.support.scripted_finesse import ScriptedFinesse
from tests.support.services import ServedNode, Service


@pytest.fixture
def service(start: Callable[..., Service]) -> Service:
    """The face of the gadgets alone: to build the other two takes a third of a short test."""
    return start(faces=("gadgets",))


@pytest.fixture(scope="session")
def node(_finesse: ScriptedFinesse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """`serve` in its own process, in front of the same Finesse as the `finesse` fixture."""
    environ = {
        "PULSE_PUBLIC_URL": "https://pulse.bora.com",
        "PULSE_ALLOWED_ORIGINS": ",".join(ENTRIES),
        "PULSE_FINESSE_NODES": _finesse.base,
        "PULSE_THREADS": "16",
    }
    with ServedNode(tmp_path_factory.mktemp("node"), environ) as served:
        yield served
