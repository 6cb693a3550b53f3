"""GET /gadgets/comments: what customers wrote, newest first, under the rules of the pulse (docs/api.md, Comments)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gadgets.signin.person import Person
from tests.support.answering import answer
from tests.support.problems import assert_problem
from tests.support.services import Service
from tests.support.signed_in import make_person

ANN = make_person()
WALTER = make_person("1101", agent_id="6101", supervises=(("5001", "Sales"),))
MARIA = make_person("1102", agent_id="6102", supervises=(("5001", "Sales"), ("5002", "Support")))
OWN, TEAM = "filterTags=cc_AgentId", "filterTags=cc_TeamId"
NOW = datetime.now(UTC) - timedelta(hours=1)


def comments(service: Service, who: Person, query: str) -> dict[str, Any]:
    response = service.get(f"/gadgets/comments?{query}", who)
    assert response.status_code == 200, response.data
    assert response.headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(response.data)
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [one["id"] for one in body["comments"]]


def take(service: Service, *names: str, team: str = "5001") -> None:
    """Comments by these ids, one second older each."""
    service.take(
        *(
            answer(id=name, nps=3, agent="6001", team=team, comment=f"about {name}", at=NOW - timedelta(seconds=age))
            for age, name in enumerate(names)
        )
    )


def test_a_comment_comes_with_its_scores_and_whose_it_is(service: Service) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    service.take(
        answer(
            id="c1",
            at=at,
            nps=3,
            csat=2,
            agent="6001",
            team="5001",
            comment="<b>三次了</b>",
            customer="C-1",
            mobile="1",
        )
    )
    assert comments(service, ANN, OWN) == {
        "comments": [
            {
                "id": "c1",
                "respondedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "channel": "sms",
                "questionnaire": "Post call survey",
                "scores": {"nps": 3, "csat": 2},
                "scales": {"nps": [0, 10], "csat": [1, 5]},
                "band": "detractor",
                "comment": "<b>三次了</b>",
                "agentId": "6001",
                "agentName": None,
                "teamId": "5001",
                "teamName": "Team 5001",
            }
        ],
        "next": None,
    }


def test_answers_without_words_are_no_comments(service: Service) -> None:
    service.take(answer(nps=3, agent="6001"), answer(nps=3, agent="6001", comment="  \n"))
    assert comments(service, ANN, OWN) == {"comments": [], "next": None}


def test_teams_come_together_newest_first(service: Service) -> None:
    take(service, "a0", "a2", "a4")
    service.take(answer(id="b", agent="6002", team="5002", comment="b", at=NOW - timedelta(milliseconds=1500)))
    assert ids(comments(service, MARIA, TEAM)) == ["a0", "a2", "b", "a4"]
    assert ids(comments(service, WALTER, TEAM)) == ["a0", "a2", "a4"]
    assert ids(comments(service, MARIA, f"{TEAM}&agent=6002")) == ["b"]
    assert ids(comments(service, MARIA, f"{TEAM}&team=5001&agent=6002")) == []


def test_pages_hold_still_while_answers_come_in(service: Service) -> None:
    take(service, *(f"a{number}" for number in range(7)))
    found = comments(service, MARIA, f"{TEAM}&limit=3")
    seen = ids(found)
    while found["next"]:
        service.take(answer(agent="6001", team="5001", comment="new"))
        found = comments(service, MARIA, f"{TEAM}&limit=3&before={found['next']}")
        seen += ids(found)
    assert seen == [f"a{number}" for number in range(7)]


def test_comments_of_one_moment_are_told_once_each(service: Service) -> None:
    for place in range(9):
        service.take(answer(id=f"Tie-{place}", team=f"500{1 + place % 2}", comment="x", at=NOW))
    found = comments(service, MARIA, f"{TEAM}&limit=2")
    seen = ids(found)
    while found["next"]:
        found = comments(service, MARIA, f"{TEAM}&limit=2&before={found['next']}")
        seen += ids(found)
    assert seen == [f"Tie-{place}" for place in reversed(range(9))]


def test_a_cursor_opens_no_more_than_its_bearer_may_see(service: Service) -> None:
    take(service, "s1", "s2", "s3", team="5002")
    take(service, "a1", "a2", "a3")
    cursor = comments(service, MARIA, f"{TEAM}&limit=2")["next"]
    assert ids(comments(service, WALTER, f"{TEAM}&before={cursor}")) == ["a2", "a3"]
    assert ids(comments(service, make_person("9", agent_id="6999"), f"{OWN}&before={cursor}")) == []


REFUSED = [
    (ANN, TEAM, 403, "supervisors_only"),
    (ANN, f"{OWN}&agent=6002", 403, "not_yours"),
    (WALTER, f"{TEAM}&team=5002", 403, "not_your_team"),
    (ANN, "", 400, "unknown_filter"),
    (ANN, f"{OWN}&period=tomorrow", 400, "bad_period"),
    (ANN, f"{OWN}&period=9999-12-30..9999-12-31", 400, "bad_period"),
    (ANN, f"{OWN}&questionnaire=nowhere", 400, "unknown_questionnaire"),
    (ANN, f"{OWN}&before=nonsense", 400, "bad_cursor"),
    (ANN, f"{OWN}&before=", 400, "bad_cursor"),
    (ANN, f"{OWN}&before=LTk5OTk5OTk5OTk5OTk5OTk5OTk6", 400, "bad_cursor"),
    (ANN, f"{OWN}&limit=0", 400, "bad_request"),
    (ANN, f"{OWN}&limit=101", 400, "bad_request"),
    (ANN, f"{OWN}&limit=many", 400, "bad_request"),
    (None, OWN, 401, "session_required"),
]


@pytest.mark.parametrize(("who", "query", "status", "code"), REFUSED)
def test_what_cannot_be_told_is_refused(
    service: Service, who: Person | None, query: str, status: int, code: str
) -> None:
    assert_problem(service.get(f"/gadgets/comments?{query}", who), status, code)


def test_comments_and_figures_speak_of_the_same_days(service: Service) -> None:
    service.take(
        answer(id="new", nps=1, agent="6001", comment="new", at=NOW),
        answer(id="old", nps=1, agent="6001", comment="old", at=NOW - timedelta(days=8)),
    )
    assert ids(comments(service, ANN, f"{OWN}&period=7d")) == ["new"]
    assert ids(comments(service, ANN, OWN)) == ["new", "old"]


def test_it_is_described(service: Service) -> None:
    described = json.loads(service.get("/openapi.json").data)
    told = described["paths"]["/gadgets/comments"]["get"]
    named = {parameter["name"] for parameter in told["parameters"]}
    assert named == {"filterTags", "period", "team", "agent", "questionnaire", "limit", "before"}
    answer = told["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/CommentsResponse"}
    assert "comments" in described["components"]["schemas"]["CommentsResponse"]["properties"]
