"""What gadgets ask on PostgreSQL, which takes no NUL in a text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundation.db.schema_version import upgrade
from tests.support.answering import answer
from tests.support.databases import empty_schema
from tests.support.scripted_finesse import ScriptedFinesse
from tests.support.services import Service, settings_for
from tests.support.signed_in import make_person

WALTER = make_person("1101", agent_id="6101", supervises=(("5001", "Sales"),))


@pytest.fixture
def service(tmp_path: Path, template: Path, finesse: ScriptedFinesse) -> Iterator[Service]:
    with empty_schema() as url:
        upgrade(url)
        with Service(
            settings_for(tmp_path / "data", [finesse.base], database_url=url, journey_access="any"), template
        ) as started:
            yield started


@pytest.mark.parametrize("path", ["pulse", "pulse.csv", "comments"])
@pytest.mark.parametrize("name", ["agent", "agent=6001&spaceId"])
def test_odd_values_break_nothing(service: Service, path: str, name: str) -> None:
    service.take(answer(nps=9, agent="6001", team="5001", comment="Fine"))
    for text in ("%00", "6001%00", "%ED%A0%80"):
        answered = service.get(f"/gadgets/{path}?filterTags=cc_TeamId&{name}={text}", WALTER)
        assert answered.status_code == 200
        assert (b"Fine" in answered.data) == (path == "comments" and name != "agent")


@pytest.mark.parametrize("kind", ["customerId", "mobile", "email"])
def test_a_customer_who_is_named_oddly_breaks_nothing(service: Service, kind: str) -> None:
    for text in ("C-1\0", "\0", "a\0@example.com", "\ud800"):
        answered = service.post("/gadgets/journey", {kind: text}, WALTER)
        assert answered.status_code in {200, 400}
