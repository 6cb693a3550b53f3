"""What a deferred survey can be picked from in CCE Administration: the dispatches that are kept."""

from collections.abc import Callable

from experience.dispatch import dispatches
from experience.dispatch.files import read_dispatch
from tests.support.scripted_finesse import basic
from tests.support.services import Service

DISPATCH = """
id: after-call
name: After a call
questionnaire_name: Post call survey
delivery_plan: {id: p, name: p, schedule: [{on_channel: sms, text_body: x}, {on_channel: email, text_body: x}]}
"""


def test_dispatches_are_listed_with_their_channels(start: Callable[..., Service]) -> None:
    service = start(cloudconnect_username="admin", cloudconnect_password="word")
    database, read = service.app.extensions["pulse"]["database"], read_dispatch(DISPATCH)
    with database.write() as connection:
        dispatches.keep(database, connection, "dispatch", [read.dispatch])
        dispatches.keep(database, connection, "plan", [read.plan])
    who = {"Authorization": basic("admin", "word")}
    with service.app.test_client() as client:
        (template,) = client.get("/cherrypoint/dispatchtemplates", headers=who).get_json()
        assert (template["id"], template["name"], template["questionnaireName"]) == (
            "after-call",
            "After a call",
            "Post call survey",
        )
        assert (template["channels"], template["isLive"]) == (["sms", "email"], True)
        assert client.get("/cherrypoint/dispatchtemplates/after-call", headers=who).get_json() == template
        missing = client.get("/cherrypoint/dispatchtemplates/other", headers=who)
        assert (missing.status_code, missing.get_json()["code"]) == (404, "unknown_dispatch")
