"""openapi.json tells every route of every face, and every answer is as it tells (schemathesis)."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from experience.accounts.users import Users
from experience.api.support.schemas import SCHEMAS
from experience.platform import Platform
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from foundation.keys import signing_keys
from foundation.settings import Settings
from gadgets.signin.guard import Sessions
from tests.experience.api.client import PUBLIC_URL, Client
from tests.support.answering import answer
from tests.support.scripted_finesse import ScriptedFinesse, basic
from tests.support.services import ORIGIN, ServedNode
from tests.support.signed_in import make_person

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
CASES_EACH = 4
SUPERVISED = (("5001", "Sales"), ("5002", "Support"))
ANSWERS = [
    answer(id="a", nps=9, csat=5, ces=6, agent="6001", team="5001", comment="Thank you"),
    answer(id="b", nps=2, agent="6002", team="5002", comment="Slow", at=datetime.now(UTC) - timedelta(days=40)),
]
# Of these routes answers must have been seen that the server did not refuse.
ANSWERING = {"/gadgets/pulse", "/gadgets/pulse.csv", "/gadgets/comments", "/gadgets/token", "/cherrypoint/authtoken"}
# A machine that does much else may stand still for longer than the ten seconds that schemathesis would wait.
PATIENCE_SECONDS = 60


@pytest.fixture(scope="session")
def whole(_finesse: ScriptedFinesse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """A node with every face."""
    folder = tmp_path_factory.mktemp("whole")
    url = f"sqlite:///{folder / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    users = Users(database)
    users.add("system", "system")
    users.add("desktop", "desktop")
    users.set_password("system", "a password")
    Platform(database).take(ANSWERS)
    database.close()
    environ = {
        "PULSE_PUBLIC_URL": PUBLIC_URL,
        "PULSE_ALLOWED_ORIGINS": ORIGIN,
        "PULSE_FINESSE_NODES": _finesse.base,
        "PULSE_TOKEN_ENDPOINT": "on",
    }
    with ServedNode(folder, environ) as served:
        yield served


@pytest.fixture(scope="session")
def described(whole: ServedNode) -> Any:
    schema = schemathesis.openapi.from_dict(closed(Client(whole.base).get("/openapi.json").json))
    schema.config.update(base_url=whole.base)
    return schema


def closed(document: dict[str, Any]) -> dict[str, Any]:
    """The description without room for new fields, but for WxM's API: what a model does not name is a fault."""
    for name, schema in document["components"]["schemas"].items():
        if name not in SCHEMAS and "properties" in schema:
            schema["additionalProperties"] = False
    return document


@pytest.fixture(scope="session")
def credentials(whole: ServedNode) -> dict[str, str]:
    """What opens the routes of each face."""
    session = Sessions(signing_keys(Settings(data_dir=whole.data))).issue(make_person(supervises=SUPERVISED))
    cloud = basic("admin", "cloud connect's word")
    return {"/api": basic("system", "a password"), "/gadgets": f"Bearer {session}", "/c": cloud}


@pytest.mark.timeout(600)
def test_every_answer_is_as_described(described: Any, credentials: dict[str, str]) -> None:
    """Schemathesis makes requests for every route; none fails on our side, none is answered otherwise than told."""
    seen: Counter[tuple[str, int]] = Counter()
    for found in described.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode if can_be_asked_wrongly(operation) else (GenerationMode.POSITIVE,):
            _try(operation, mode, credentials, seen)
    assert seen.total() > 3 * len(described)
    assert not [status for _, status in seen if status >= 500]
    assert {path for path, status in seen if status == 200} >= ANSWERING
    print(f"{seen.total()} requests: {dict(sorted(seen.items()))}")


def can_be_asked_wrongly(operation: Any) -> bool:
    """Not where nothing is given but texts in the address: what stands there is a text, so no try can be wrong."""
    typed = [place for place in operation.path_parameters if place.definition["schema"].get("type") != "string"]
    typed += [place for place in operation.query if place.definition["schema"] != {"type": "string"}]
    return bool(typed or operation.headers or operation.cookies or operation.body)


def _try(operation: Any, mode: GenerationMode, credentials: dict[str, str], seen: Counter[tuple[str, int]]) -> None:
    who = next((who for prefix, who in credentials.items() if operation.path.startswith(prefix)), None)

    @seed(20261120)
    @settings(max_examples=CASES_EACH, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        response = case.call(headers={"Authorization": who} if who else {}, timeout=PATIENCE_SECONDS)
        seen[operation.path, response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    asked()


def test_every_route_of_every_face_is_told(whole: ServedNode) -> None:
    told = Client(whole.base).get("/openapi.json").json
    assert told["openapi"].startswith("3.1")
    for path in ("/api/Answers/page/{page}/{rows}", "/gadgets/journey", "/gadgets/pulse", "/healthz", "/docs"):
        assert path in told["paths"]
    assert "/cherrypoint/authtoken" in told["paths"]
    for operations in told["paths"].values():
        for operation in operations.values():
            assert operation["summary"]


def test_docs_show_it_without_anything_from_elsewhere(whole: ServedNode) -> None:
    said = Client(whole.base).get("/docs")
    page = said.data.decode()
    assert said.headers["Content-Type"].startswith("text/html")
    assert "POST /api/WidgetsSummary/Visualize" in page
    assert "http" not in page.replace("https", "http").split("<h2>")[0]
    assert "<script" not in page
