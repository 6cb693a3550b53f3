"""A bound token sees what gadgets show and no more: every route under /api, whichever there are, is asked with one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import TestResponse

from experience.accounts.api_tokens import ApiTokens
from experience.accounts.hashes import Passwords
from experience.accounts.users import Users
from experience.model.scope import Scope
from foundation.keys import signing_keys
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS
from tests.support.services import Service, settings_for

ANSWER, SURVEY_TOKEN = "planted-1", "TK-1"
MOBILE, EMAIL, HASHED_EMAIL = "+886912345678", "Zoe.Planted@Example.com", "anna.hashed@example.com"
EARLIER_HASH = hashlib.sha256(b"somebody").hexdigest()
# What stands in the planted answer and no gadget shows, in lower case; digits are those of every form of the number.
PERSONAL = ["zoe.planted", "anna.hashed", "912345678", "pii-secret", "prefill-secret", "unknown-secret", "extra-secret"]
PERSONAL += ["note-secret", "device-secret", "text-secret", EARLIER_HASH]
HASHES = [
    hashlib.new(kind, form.encode()).hexdigest()
    for kind in ("sha256", "sha384", "sha512")
    for form in (MOBILE, MOBILE[1:], "0912345678", EMAIL.lower(), HASHED_EMAIL)
]
RESTRICTED = "restricted-secret"
HASH = {"isPII": True, "piiType": "hash"}
# Questions whose answers are masked or hidden, and what was answered to them.
CLOSED: dict[str, tuple[dict[str, Any], Any]] = {
    "q-mail": ({"questionTags": ["Email"]}, EMAIL),
    "q-mail-hashed": ({"questionTags": ["EMAIL"], "piiSettings": HASH}, HASHED_EMAIL),
    "q-mobile": ({"questionTags": ["mobile"]}, "0912-345-678"),
    "q-mobile-hashed": ({"questionTags": ["Mobile"], "piiSettings": HASH}, MOBILE),
    "q-mobile-number": ({"questionTags": ["Mobile"], "displayType": "Number"}, 886912345678),
    "q-mobile-choice": ({"questionTags": ["Mobile"], "displayType": "Select"}, MOBILE),
    "q-id-and-mail": ({"questionTags": ["cc_CustomerId", "Email"]}, EMAIL),
    "q-pii": ({"piiSettings": {"isPII": True, "piiType": "mask"}}, "pii-secret"),
    "q-pii-choice": ({"piiSettings": {"isPII": True}, "displayType": "Select"}, "pii-secret"),
    "q-prefill": ({"apiFill": True}, "prefill-secret"),
    "q-restricted": ({"restrictedData": True}, RESTRICTED),
    "q-unknown": ({}, "unknown-secret"),
}
OPEN: dict[str, tuple[dict[str, Any], Any]] = {
    "q-free": ({}, "seen by all"),
    "q-once-hashed": ({}, f"sha256:{EARLIER_HASH}"),
}
# Whatever a route may want: a body that one of them reads is of no use to the others.
QUESTIONS = (*CLOSED, *OPEN, *TEXTS.values())
BODIES: list[Any] = [None, {"location": [QUESTIONNAIRE]}, {"name": QUESTIONNAIRE}, [], {"widgets": [{"id": "w"}]}]
BODIES += [{"widgets": [{"id": "w", "rows": [name]}]} for name in QUESTIONS]
BODIES += [{"widgets": [{"id": "w", "aggregatorQuestionIDs": [name]}]} for name in QUESTIONS]
WXMS = {"id", "user", "locationId", "responseDateTime", "surveyClient", "archived", "notes", "openTicket", "deviceId"}
WXMS |= {"responses"}
SHOWN: dict[str, Any] = {
    "q-mail": "z…@example.com",
    "q-mail-hashed": "…",
    "q-mobile": "…5678",
    "q-mobile-hashed": "…",
    "q-mobile-number": "…5678",
    "q-mobile-choice": "…5678",
    "q-id-and-mail": "…",
    "q-pii": "…",
    "q-pii-choice": "…",
    "q-free": "seen by all",
    "q-once-hashed": "…",
    TEXTS["agent"]: "6001",
    TEXTS["team"]: "5001",
    TEXTS["customer"]: "C-77",
    TEXTS["comment"]: "seen by all",
    SCALES["nps"]: 9,
}
VISUALIZE = "/api/WidgetsSummary/Visualize"
FILTERED = (
    *("/api/Answers", "/api/Answers.csv", "/api/Answers/count", "/api/Answers/page/0/50"),
    *("/api/summary", "/api/FlashNPS", VISUALIZE),
)


class ApiClient:
    """Asks with a new token for each call: one of the routes ends the token that it is asked with."""

    def __init__(self, node: Service, name: str, scope: Scope | None = None) -> None:
        database = node.app.extensions["pulse"]["database"]
        self.node = node
        self._tokens = ApiTokens(signing_keys(node.settings))
        self._user = next(user for user in Users(database).list() if user.name == name)
        self._scope = scope
        self._client = node.app.test_client()

    def ask(self, method: str, path: str, body: Any = None) -> TestResponse:
        token, _ = self._tokens.issue(self._user, scope=self._scope)
        headers = {"Authorization": f"Bearer {token}"}
        return self._client.open(path, method=method, json=body, headers=headers)

    def walk(self) -> Iterator[tuple[str, int, str]]:
        """Every route under /api, asked in every way: its rule, the status, and all that is answered, in lower case."""
        for rule in self.node.app.url_map.iter_rules():
            for method in (rule.methods or set()) & {"GET", "POST"} if rule.rule.startswith("/api/") else ():
                for path in self._paths(rule):
                    for body in BODIES if method == "POST" else [None]:
                        answer = self.ask(method, path, body)
                        yield rule.rule, answer.status_code, f"{answer.data.decode(errors='replace')}".lower()

    def _paths(self, rule: Rule) -> Iterator[str]:
        """With what was planted in them; but a survey token opens, by itself, the routes that want no other."""
        is_gated = "security" in self.node.app.view_functions[rule.endpoint].__dict__.get("__described__", {})
        texts = (ANSWER, QUESTIONNAIRE, SURVEY_TOKEN) if is_gated else (ANSWER, QUESTIONNAIRE)
        for text in texts if rule.arguments else texts[:1]:
            numbers = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
            values = {name: (50 if name == "rows" else 0) if name in numbers else text for name in rule.arguments}
            _, path = rule.build(values) or ("", "")
            yield path


@pytest.fixture(scope="module")
def node(template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("bound") / "data"
    with Service(settings_for(data, ["http://127.0.0.1:1"], phone_region="TW"), template) as started:
        users = Users(started.app.extensions["pulse"]["database"], passwords=Passwords(n=16, r=8, p=1))
        for name in ("desktop", "system"):
            users.add(name, name)
        plant(ApiClient(started, "system"))
        yield started


@pytest.fixture
def bound(node: Service) -> ApiClient:
    return ApiClient(node, "desktop", Scope(None, "6001"))


@pytest.fixture
def reader(node: Service) -> ApiClient:
    return ApiClient(node, "desktop")


def plant(system: ApiClient) -> None:
    """An answer of agent 6001 with all of it, and a survey token that prefills some."""

    def post(path: str, body: object) -> None:
        assert system.ask("POST", f"/api/{path}", body).status_code == 200

    for name, (facts, _) in (CLOSED | OPEN).items():
        document = {"id": name, "text": f"Asked: {name}", "displayType": "Text", "sequence": 5, **facts}
        post("Questions/add", {**document, "displayLocation": [QUESTIONNAIRE]})
    responses = [response(name, value) for name, (_, value) in (CLOSED | OPEN).items()]
    responses += [response(TEXTS["agent"], "6001"), response(TEXTS["team"], "5001")]
    responses += [response(TEXTS["customer"], "C-77"), response(TEXTS["comment"], "seen by all")]
    responses += [{**response(SCALES["nps"], 9), "textInput": "text-secret"}]
    facts = {"surveyClient": "sms", "deviceId": "device-secret", "ownField": "extra-secret"}
    post("Answers/add", {"id": ANSWER, "locationId": QUESTIONNAIRE, "responses": responses, **facts})
    post(f"Answers/Note/{ANSWER}", {"note": "note-secret"})
    prefill = [response(TEXTS["mobile"], MOBILE), response(TEXTS["email"], EMAIL)]
    post("SurveyToken", {"id": SURVEY_TOKEN, "location": QUESTIONNAIRE, "preFill": prefill, "note": "note-secret"})
    assert system.ask("GET", "/api/Questions/delete/q-unknown").status_code == 200


def response(question: str, value: Any) -> dict[str, Any]:
    text, number = (value, 0) if isinstance(value, str) else (None, value)
    piped = f"Dear {EMAIL}"
    return {
        "questionId": question,
        "questionText": piped,
        "textInput": text,
        "numberInput": number,
        "own": "extra-secret",
    }


def test_no_route_tells_a_bound_token_what_no_gadget_shows(bound: ApiClient) -> None:
    answered: set[str] = set()
    for rule, status, text in bound.walk():
        assert status in {200, 204, 400, 403, 404}, rule
        assert [secret for secret in (*PERSONAL, *HASHES, RESTRICTED) if secret in text] == [], rule
        answered |= {rule} if status == 200 else set()
    assert len(answered) > 12


def test_the_same_walk_finds_all_of_it_with_a_token_that_is_not_bound(reader: ApiClient) -> None:
    texts = [text for _, status, text in reader.walk() if status == 200]
    stored = [secret for secret in PERSONAL if secret != "anna.hashed"]
    assert [secret for secret in stored if not any(secret in text for text in texts)] == []
    assert any(secret in text for text in texts for secret in HASHES)


def test_a_bound_token_sees_answers_as_gadgets_show_them(bound: ApiClient, reader: ApiClient) -> None:
    (answer,) = bound.ask("POST", "/api/Answers").get_json()
    assert set(answer) == {*WXMS, "responseDuration"}
    assert (answer["notes"], answer["deviceId"], answer["surveyClient"]) == ([], None, "sms")
    values = {
        response["questionId"]: response["textInput"] or response["numberInput"] for response in answer["responses"]
    }
    assert values == SHOWN
    assert {response["questionText"] for response in answer["responses"] if response["questionId"] in CLOSED} == {
        f"Asked: {name}" for name in SHOWN if name in CLOSED
    }
    assert bound.ask("GET", f"/api/Answer/{ANSWER}").get_json() == answer
    whole = reader.ask("GET", f"/api/Answer/{ANSWER}").get_json()
    assert {response["questionId"] for response in whole["responses"]} == {*SHOWN, "q-prefill", "q-unknown"}


@pytest.mark.parametrize("path", FILTERED)
def test_no_filter_may_name_what_is_masked_or_hidden(bound: ApiClient, path: str) -> None:
    for name, (_, value) in CLOSED.items():
        for check in ({"answerCheck": [str(value)]}, {"answerCheck": "Any Text"}, {"answerCheck": ["gt"], "number": 1}):
            conditions = [{"questionId": TEXTS["agent"], "answerCheck": ["6001"]}, {"questionId": name, **check}]
            answer = bound.ask("POST", path, filtering(path, {"filterquestions": conditions}))
            assert (answer.status_code, answer.get_json()["error"]) == (400, "filter_not_applied")
            assert name in answer.get_json()["error_description"]
    by_hash = {"filterquestions": [{"questionId": "q-once-hashed", "answerCheck": [f"sha256:{EARLIER_HASH}"]}]}
    for body in (by_hash, {"withNotes": True}):
        assert bound.ask("POST", path, filtering(path, body)).get_json()["error"] == "filter_not_applied"
    for name, text in (("q-free", "seen by all"), (TEXTS["customer"], "C-77")):
        conditions = [{"questionId": name, "answerCheck": [text]}]
        assert bound.ask("POST", path, filtering(path, {"filterquestions": conditions})).status_code == 200


def test_every_route_that_filters_is_among_those(bound: ApiClient) -> None:
    impossible = [{"questionId": "q-free", "answerCheck": ["eq"], "number": "no number"}]
    paths = set()
    for rule in bound.node.app.url_map.iter_rules():
        path = rule.rule.replace("<int:page>", "0").replace("<int:rows>", "50")
        if path.startswith("/api/") and "POST" in (rule.methods or ()) and "<" not in path:
            answer = bound.ask("POST", path, filtering(path, {"filterquestions": impossible}))
            paths |= {path} if b"filter_not_applied" in answer.data else set()
    assert paths == set(FILTERED)


@pytest.mark.parametrize("place", ["rows", "columns", "aggregatorQuestionIDs"])
def test_nothing_is_counted_by_what_is_masked_or_hidden(bound: ApiClient, place: str) -> None:
    for name in CLOSED:
        answer = bound.ask("POST", VISUALIZE, {"widgets": [{"id": "w", place: [name]}]})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
        assert name in answer.get_json()["error_description"]
    (item,) = summary_of(bound, {"rows": ["q-once-hashed"]})
    assert item["id"]["rowValues"] == "…"


def summary_of(client: ApiClient, widget: dict[str, Any]) -> Any:
    answer = client.ask("POST", VISUALIZE, {"widgets": [{"id": "w", **widget}]})
    assert answer.status_code == 200
    return answer.get_json()["visualizationSummary"]["w"]["summary"]


def filtering(path: str, wanted: dict[str, Any]) -> dict[str, Any]:
    return {"widgets": [{"id": "w"}], "filter": wanted} if path == VISUALIZE else wanted
