"""Answers: filtered, counted, paged, one, added, with notes (docs/cisco/wxm-api.md §6)."""

import secrets
from datetime import UTC, datetime, timedelta

from tests.experience.api.client import Client
from tests.experience.api.conftest import FIRST, KEPT, KEPT_IN, OURS
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS, answer


def ids(documents: list[dict[str, object]]) -> list[object]:
    return [document["id"] for document in documents]


def test_answers_are_newest_first_and_as_they_came(desktop: Client) -> None:
    reply = desktop.post("/api/Answers", OURS)
    assert ids(reply.json) == ids(KEPT[::-1])
    assert reply.headers["X-Total-Count"] == str(len(KEPT))
    assert reply.json[0]["responses"][0]["numberInput"] == KEPT[-1]["responses"][0]["numberInput"]
    assert desktop.post("/api/Answers").status == 200


def test_pages_hold_every_answer_once_in_the_order_in_which_they_came(desktop: Client) -> None:
    pages = [desktop.post(f"/api/answers/page/{page}/15", OURS).json for page in range(4)]
    assert [identity for page in pages for identity in ids(page["responses"])] == ids(KEPT)
    assert [len(page["responses"]) for page in pages] == [15, 15, 10, 0]
    assert {(page["totalCount"], page["totalPages"]) for page in pages} == {(40, 3)}
    assert [page["currentPage"] for page in pages] == [0, 1, 2, 3]


def test_pages_hold_still_while_answers_come_in(system: Client) -> None:
    place = f"survey {secrets.token_hex(4)}"
    now = datetime.now(UTC)
    first = [answer(questionnaire=place, at=now - timedelta(minutes=number), nps=1) for number in range(10)]
    for document in first:
        system.post("/api/answers/add", document)
    read: list[object] = []
    for page in range(4):
        read += ids(system.post(f"/api/answers/page/{page}/3", {"location": [place]}).json["responses"])
        # Older than all that are there, newer than all, and in between.
        for moment in (now - timedelta(days=page + 1), now + timedelta(minutes=1), now - timedelta(seconds=90)):
            system.post("/api/answers/add", answer(questionnaire=place, at=moment, nps=1))
    assert read[:10] == ids(first)


def test_rows_of_a_page_are_bounded(desktop: Client) -> None:
    assert desktop.post("/api/answers/page/0/1000").status == 200
    for rows in (0, 1001):
        assert desktop.post(f"/api/answers/page/0/{rows}").error == "invalid_request"
    assert desktop.post("/api/answers/page/9999999999999999999999/25").status in (400, 404)


def test_responses_of_an_answer_are_bounded(system: Client) -> None:
    whole = answer(at=datetime.now(UTC), nps=9)
    more = [{"questionId": f"more-{number}", "textInput": "x"} for number in range(2000)]
    reply = system.post("/api/answers/add", {**whole, "responses": more + whole["responses"]})
    assert (reply.status, reply.error) == (400, "invalid_request")
    assert "2000" in reply.json["error_description"]
    assert len(system.post("/api/answers/add", {**whole, "responses": more}).json["responses"]) == 2000


def test_one_answer_is_found_by_its_id(desktop: Client) -> None:
    document = desktop.get("/api/Answer/kept-007").json
    assert (document["id"], document["locationId"]) == ("kept-007", KEPT_IN)
    assert document["responses"] == KEPT[7]["responses"]
    assert desktop.get("/api/Answer/kept-999").status == 404


def test_a_customers_history_is_found_as_a_real_client_does(desktop: Client) -> None:
    active = desktop.get("/api/Questions/Active").json
    (mobile,) = (question["id"] for question in active if "mobile" in [tag.lower() for tag in question["questionTags"]])
    condition = {"questionId": mobile, "answerCheck": ["+886912345602"], "number": 0, "groupBy": None}
    documents = desktop.post("/api/Answers", {"filterquestions": [condition]}).json
    assert ids(documents) == [document["id"] for number, document in reversed(list(enumerate(KEPT))) if number % 5 == 2]


def test_an_added_answer_keeps_its_id_and_gets_the_rest(system: Client) -> None:
    identity, place = secrets.token_hex(12), f"survey {secrets.token_hex(4)}"
    response = {"QuestionId": SCALES["nps"], "NumberInput": 9}
    sent = {"Id": identity, "LocationId": place, "Responses": [response], "Strange": 1}
    added = system.post("/api/Answers/add", sent).json
    assert (added["id"], added["locationId"], added["archived"], added["notes"]) == (identity, place, False, [])
    (kept,) = added["responses"]
    assert kept["questionText"] == "How likely are you to recommend us?"
    assert (kept["questionId"], kept["numberInput"], kept["textInput"]) == (SCALES["nps"], 9, None)
    again = system.post("/api/Answers/add", {**sent, "Responses": [{**response, "NumberInput": 2}]}).json
    assert again == added
    assert system.post("/api/answers/count", {"location": [place]}).json == 1
    assert len(system.post("/api/Answers/add", {"locationId": place, "responses": [response]}).json["id"]) == 24


def test_an_answer_that_cannot_be_is_refused(system: Client) -> None:
    off = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 11}
    bodies: list[object] = [{}, [], {"locationId": "x"}, {"locationId": "x", "responses": [off]}, {"responses": [1]}]
    for body in bodies:
        assert system.post("/api/Answers/add", body).error == "invalid_request"


def test_an_answer_is_told_as_wxms_clients_can_read_it(system: Client) -> None:
    """A moment without a Z would be local time in a browser, and 9.0 is no int to .NET."""
    score = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9.0}
    for sent, timestamp in (
        ("2026-11-08T11:12:44+08:00", "2026-11-08T03:12:44Z"),
        ("2026-11-08T03:12:44", "2026-11-08T03:12:44Z"),
        ("20261108T031244.5Z", "2026-11-08T03:12:44.500000Z"),
        ("2026-11-08T03:12:44.1234567Z", "2026-11-08T03:12:44.1234567Z"),
    ):
        body = {"locationId": "elsewhere", "responseDateTime": sent, "responses": [score]}
        added = system.post("/api/Answers/add", body)
        assert added.json["responseDateTime"] == timestamp
        assert b'"numberInput":9,' in added.data or b'"numberInput":9}' in added.data


def test_an_answer_whose_fields_filters_rest_on_are_of_another_type_is_refused(system: Client) -> None:
    for fields in ({"archived": "true"}, {"notes": "a text"}, {"notes": ["a text"]}):
        sent = {"locationId": "elsewhere", "responses": [{"questionId": "any"}], **fields}
        reply = system.post("/api/Answers/add", sent)
        assert (reply.status, reply.error) == (400, "invalid_request")
        assert next(iter(fields)) in reply.json["error_description"]


def test_a_text_that_is_too_long_is_refused_by_the_name_of_its_field(system: Client, anyone: Client) -> None:
    """Whoever sends it: who may write, and whoever has a token."""
    long = {"questionId": TEXTS["comment"], "textInput": "x" * 20_001, "numberInput": 0}
    added = system.post("/api/Answers/add", {"locationId": "elsewhere", "responses": [long]})
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE}).json["id"]
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    for reply in (
        added,
        anyone.post(f"/api/SurveyByToken/{token}", {"responses": [long]}),
        anyone.post(f"/api/PartialSurvey/{partial}/false", [long]),
        system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "preFill": [long]}),
    ):
        assert (reply.status, reply.error) == (400, "invalid_request")
        assert f"question {TEXTS['comment']}: textInput has more than 20000" in reply.json["error_description"]
    reply = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "note": "x" * 10_001})
    assert reply.json["error_description"].startswith("note: ")
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [{**long, "textInput": "x" * 20_000}]}).json["id"]


def test_a_note_stays_with_its_answer(system: Client, anyone: Client) -> None:
    added = system.post("/api/Answers/add", answer(questionnaire="notes", nps=3)).json
    basic = anyone.as_basic("system", "system-pin")
    assert basic.post(f"/api/Answers/Note/{added['id']}", {"note": 'Called "back"'}).status == 200
    timed = {"Note": "Again", "noteTime": "2026-11-08T03:12:44Z"}
    assert basic.post(f"/api/answers/note/{added['id']}/", timed).status == 200
    notes = system.get(f"/api/answer/{added['id']}").json["notes"]
    assert [(note["note"], note["user"]) for note in notes] == [('Called "back"', "system"), ("Again", "system")]
    assert notes[1]["noteTime"] == "2026-11-08T03:12:44Z"
    assert system.post("/api/answers/count", {"location": ["notes"], "withNotes": True}).json == 1
    assert system.post("/api/Answers/Note/no-such", {"note": "x"}).status == 404
    for fields in ({}, {"note": "x", "noteTime": "later"}, {"note": "x", "noteTime": 5}):
        assert system.post(f"/api/Answers/Note/{added['id']}", fields).error == "invalid_request"


def test_a_filter_is_applied_whole_or_refused_by_name(desktop: Client) -> None:
    known = {"afterdate": FIRST.isoformat(), "beforedate": (FIRST + timedelta(days=7)).isoformat(), **OURS}
    assert desktop.post("/api/answers/count", known).json == 7
    for name, value in {"days": [1], "withTickets": True, "ticket": {"status": "open"}, "ignoreOutliers": True}.items():
        reply = desktop.post("/api/answers/count", {**known, name: value})
        assert (reply.status, reply.error) == (400, "filter_not_applied")
        assert name in reply.json["error_description"]
    empty = {"days": [], "withTickets": False, "ticket": None, "filterName": "mine", "Strange": {"x": 1}}
    assert desktop.post("/api/answers/count", {**known, **empty}).json == 7


def test_comments_are_found_by_any_text(desktop: Client) -> None:
    condition = {"questionId": TEXTS["comment"], "answerCheck": ["Any Text"], "number": 0}
    assert desktop.post("/api/answers/count", {**OURS, "filterquestions": [condition]}).json == 26
