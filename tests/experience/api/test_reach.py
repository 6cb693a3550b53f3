"""A token bound to a person sees that person's answers, on every route, and nothing of the account."""

import pytest

from experience.model.scope import Scope
from tests.experience.api.client import Client
from tests.experience.api.conftest import KEPT, Mint
from tests.support.answering import SCALES, TEXTS

TEAM_5001 = {document["id"] for number, document in enumerate(KEPT) if number % 2 == 0}
AGENT_TWO = {document["id"] for number, document in enumerate(KEPT) if number % 3 == 2}


@pytest.fixture
def supervisor(anyone: Client, mint: Mint) -> Client:
    return anyone.as_bearer(mint.token("desktop", scope=Scope(frozenset({"5001"}), None)))


@pytest.fixture
def agent(anyone: Client, mint: Mint) -> Client:
    return anyone.as_bearer(mint.token("desktop", scope=Scope(None, "6002")))


def test_every_list_ends_at_the_reach(supervisor: Client, agent: Client) -> None:
    for client, reach in ((supervisor, TEAM_5001), (agent, AGENT_TWO)):
        assert {document["id"] for document in client.post("/api/Answers").json} == reach
        assert {document["id"] for document in client.post("/api/answers/page/0/1000").json["responses"]} == reach
        assert client.post("/api/answers/count").json == len(reach)
        assert client.post("/api/summary").json["responseCount"] == len(reach)
        assert client.post("/api/FlashNPS").json["totalResponses"] == len(reach)
        widget = {"id": "w", "rows": [TEXTS["comment"]], "aggregatorQuestionIDs": [SCALES["nps"]]}
        assert client.post("/api/WidgetsSummary/Visualize", {"widgets": [widget]}).json["totalCount"] == len(reach)


def test_one_answer_beyond_the_reach_is_not_there(supervisor: Client) -> None:
    assert supervisor.get("/api/Answer/kept-002").status == 200
    assert supervisor.get("/api/Answer/kept-001").error == "not_found"


def test_a_filter_never_widens_the_reach(agent: Client) -> None:
    conditions = [
        {"questionId": TEXTS["agent"], "answerCheck": ["6001"], "groupBy": "OR"},
        {"questionId": TEXTS["agent"], "answerCheck": ["6002"], "groupBy": "OR"},
    ]
    assert agent.post("/api/answers/count", {"filterquestions": conditions}).json == len(AGENT_TWO)
    assert agent.post("/api/answers/count", {"filterquestions": conditions[:1]}).json == 0


def test_an_empty_reach_sees_nothing(anyone: Client, mint: Mint) -> None:
    no_teams: list[str] = []
    for teams, agent in ((no_teams, None), (None, None), (None, "")):
        nobody = anyone.as_bearer(mint.with_claims("desktop", reach={"teams": teams, "agent": agent}))
        assert nobody.post("/api/answers/count").json == 0


def test_a_bound_token_neither_writes_nor_sees_the_account(anyone: Client, mint: Mint, agent: Client) -> None:
    writer = anyone.as_bearer(mint.token("system", scope=Scope(None, "6002")))
    assert writer.post("/api/Answers/add", {}).error == "insufficient_scope"
    accounts = ["Settings", "GetAPIKey", "Dispatches", "DeliveryPlan", "DeliveryEventsBy/Target/x"]
    for path in accounts:
        assert agent.get(f"/api/{path}").error == "out_of_reach"
    assert agent.get("/api/Questions/Active").status == 200


def test_an_expired_token_is_over(anyone: Client, mint: Mint) -> None:
    assert anyone.as_bearer(mint.token("desktop", lifetime=-61)).get("/api/Profile").status == 401
