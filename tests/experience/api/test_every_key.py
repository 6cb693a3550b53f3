"""Every key is there, in WxM's order, with values that its clients can read (contract: docs/cisco/wxm-api.md §4 to §6).

Without a key R has a column less, the micro survey reads `undefined`, and iOS ends.
"""

import secrets
from typing import Any

import pytest

from tests.experience.api.client import PUBLIC_URL, Client
from tests.experience.api.conftest import OURS
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS, answer

RESPONSE = ["questionId", "questionText", "textInput", "numberInput"]
ANSWER = [
    *("id", "user", "locationId", "responseDateTime", "responseDuration", "surveyClient", "responses", "archived"),
    *("notes", "openTicket", "deviceId"),
]
SURVEY = [
    *("logoURL", "backgroundURL", "businessName", "businessCountry", "businessTagline"),
    *("colorCode1", "colorCode2", "colorCode3", "welcomeText", "welcomeAudio", "welcomeImage"),
    *("thankyouText", "thankyouAudio", "thankyouImage", "disclaimerText", "textStyles", "questions", "preFill", "ack"),
    *("translated", "reCaptchaSiteKey", "classicCaptcha", "skipWelcome", "partialResponseId", "doNotSocialShare"),
    *("attributes", "preferredStation"),
]
QUESTION = [
    *("id", "user", "setName", "sequence", "text", "titleText", "audio", "displayType", "multiSelect"),
    *("displayLegend", "multiSelectChoiceTag", "leadingDisplayTexts", "staffFill", "apiFill", "displayLocation"),
    *("displayLocationByTag", "userWeight", "displayStyle", "conditionalToQuestion", "conditionalAnswerCheck"),
    *("conditionalNumber", "conditionalFilter", "endOfSurvey", "endOfSurveyMessage", "presentationMode"),
    *("analyticsTag", "isRequired", "isRetired", "questionTags", "topicTags", "goodAfter", "goodBefore"),
    *("timeOfDayAfter", "timeOfDayBefore", "note", "backgroundURL", "disclaimerText", "validationRegex"),
    *("validationHint", "translated", "timeLimit", "interactiveLiveAPIPreFillUrl", "restrictedData"),
    *("sensitiveData", "attributes", "customMetric", "perLocationOverride", "redactFullyOnFinding"),
    *("redactNumbersOver", "redactEmailAddresses", "pipingOptions", "processTextSentiment", "processTextTheme"),
    *("anchorMetricName", "piiSettings", "mappedHeaderTags", "lastUpdate", "lastAuthor"),
]
SURVEY_TOKEN = [
    *("id", "user", "note", "location", "preFill", "preFillViaAPICallBack", "validTill", "validUses", "isEmailed"),
    *("isPrinted", "requireCaptcha", "classicCaptcha", "skipWelcome", "samplingMode", "doNotPartialSubmit"),
    *("perSamplePresent", "rewardCode", "listenFromTwitter", "emailOpenUA", "doNotSocialShare", "preferredLanguage"),
    *("emailQuestion", "cityQuestion", "stateQuestion", "countryQuestion", "regionQuestion", "ipAddressQuestion"),
    *("uaQuestion", "browserQuestion", "browserVersionQuestion", "osQuestion", "deviceQuestion"),
    *("deviceBrandQuestion", "campaign", "created", "commonIdentifier", "deliveryPlanId", "dispatchId"),
    *("displayExitMessage", "displayExpiredMessage", "evalFilter", "externalApiPostURLEval", "isDeliveryTypePull"),
    *("lastDeliveryException", "lastDeliveryRun", "lastInviteDelivery", "lastInviteOpen", "lastSequenceDeliveryRun"),
    *("lastSurveyIssue", "lastSurveyIssueChannel", "nextDeliveryRun", "restrictBySignature", "restrictFromIPSpace"),
    *("restrictOnWebDomain", "tagAlongTokens", "validAfter"),
]
LISTS = ("displayLegend", "questionTags", "multiSelectChoiceTag", "leadingDisplayTexts", "topicTags")
TEXTS_OF_A_SURVEY = ("welcomeText", "thankyouText", "partialResponseId", "logoURL", "colorCode1")
TOLD = {"questionId": TEXTS["customer"], "textInput": "C-keys"}


def has_keys(document: dict[str, Any], keys: list[str]) -> None:
    """Every key, in this order, before any other."""
    assert [key for key in keys if key not in document] == []
    assert list(document)[: len(keys)] == keys


def is_answer(document: dict[str, Any]) -> None:
    has_keys(document, ANSWER)
    assert type(document["responseDuration"]) is int
    assert type(document["archived"]) is bool
    for response in document["responses"]:
        is_response(response)


def is_response(response: dict[str, Any]) -> None:
    has_keys(response, RESPONSE)
    assert type(response["numberInput"]) in (int, float)


def is_question(document: dict[str, Any]) -> None:
    has_keys(document, QUESTION)
    assert {name for name in LISTS if not isinstance(document[name], list)} == set()
    assert document["conditionalFilter"] == {"filterquestions": []}
    assert (document["conditionalNumber"], document["timeLimit"], document["translated"]) == (0, 0, {})


@pytest.fixture(scope="module")
def stored(system: Client) -> str:
    """An answer of which as little is known as can be."""
    sent = {"locationId": "keys", "responses": [{"questionId": "unknown"}, TOLD]}
    return str(system.post("/api/Answers/add", sent).json["id"])


@pytest.mark.usefixtures("stored")
def test_an_answer_has_every_key_wherever_it_is_told(system: Client, desktop: Client, stored: str, mint: Any) -> None:
    keys = {"location": ["keys"]}
    single = desktop.get(f"/api/Answer/{stored}").json
    page = desktop.post("/api/answers/page/0/5", keys).json
    assert [found["id"] for found in page["responses"]] == [stored]
    has_keys(page, ["currentPage", "responses", "totalCount", "totalPages"])
    for found in (single, *desktop.post("/api/Answers", keys).json, *page["responses"]):
        is_answer(found)
        assert [response["numberInput"] for response in found["responses"]] == [0, 0]
    added = system.post("/api/Answers/add", answer(questionnaire="keys too", nps=3)).json
    is_answer(added)
    system.post(f"/api/Answers/Note/{added['id']}", {"note": "Called"})
    (note,) = system.get(f"/api/Answer/{added['id']}").json["notes"]
    assert list(note) == ["user", "authorName", "noteTime", "note", "noteSurveyID", "attachments"]


def test_a_bound_token_and_old_answers_have_every_key(anyone: Client, desktop: Client, mint: Any) -> None:
    from experience.model.scope import Scope

    bound = anyone.as_bearer(mint.token("desktop", scope=Scope(None, "6001")))
    documents = bound.post("/api/Answers", OURS).json
    assert documents
    for document in (*documents, *desktop.post("/api/Answers", OURS).json):
        is_answer(document)


def test_a_score_that_was_not_given_is_told_as_none(system: Client) -> None:
    """0 would be a detractor's: the response is left out, and what was given stays."""
    blank = {"questionId": SCALES["nps"], "textInput": None, "numberInput": None}
    place = f"blank {secrets.token_hex(4)}"
    added = system.post("/api/Answers/add", {"locationId": place, "responses": [blank, TOLD]}).json
    assert [response["questionId"] for response in added["responses"]] == [TEXTS["customer"]]
    assert system.post("/api/FlashNPS", {"location": [place]}).json["netPromoter"]["detractors"] == 0


def test_a_question_has_every_key_wherever_it_is_told(system: Client, desktop: Client) -> None:
    sent = {"text": "Why?", "displayType": "Slider", "multiSelect": ["0-10"], "displayLocation": ["keys"]}
    added = system.post("/api/questions/add", {**sent, "conditionalFilter": None, "displayLegend": None}).json
    changed = system.post(f"/api/questions/update/{added['id']}", {"sequence": 3}).json
    lists = [
        desktop.get("/api/questions/").json,
        desktop.get("/api/Questions/Active").json,
        desktop.post("/api/Questions/Questionnaire", {"name": QUESTIONNAIRE}).json,
        [item["askedQuestion"] for item in desktop.post("/api/summary", OURS).json["summary"]],
    ]
    assert all(lists)
    assert added["conditionalFilter"] == {"filterquestions": []}
    for document in (added, changed, *(document for some in lists for document in some)):
        has_keys(document, QUESTION)
        assert {name for name in LISTS if not isinstance(document[name], list)} == set()
    is_question(changed)
    assert system.get(f"/api/questions/delete/{added['id']}").json is True


def test_a_survey_has_every_key_and_texts_where_iphones_want_them(system: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "preFill": [TOLD]}).json
    is_response(token["preFill"][0])
    survey = anyone.get(f"/api/SurveyByToken/{token['id']}").json
    has_keys(survey, SURVEY)
    assert [survey[name] for name in TEXTS_OF_A_SURVEY if not survey[name] or not isinstance(survey[name], str)] == []
    assert [survey[f"colorCode{number}"] for number in (1, 2, 3)] == ["#838383", "#838383", "#ffffff"]
    assert survey["welcomeText"] == "Please share your feedback."
    assert survey["thankyouText"] == "Thank you for your response."
    assert survey["preferredStation"] == "api"
    is_response(survey["preFill"][0])
    for question in survey["questions"]:
        has_keys(question, QUESTION)
        if question["displayType"] == "Scale":
            low, high = question["multiSelect"][0].split("-")
            assert all(end.partition(";")[2] for end in (low, high))
    address = survey["logoURL"].removeprefix(PUBLIC_URL)
    picture = anyone.get(address)
    assert (picture.status, picture.headers["Content-Type"], picture.data[:4]) == (200, "image/png", b"\x89PNG")


def test_the_languages_of_a_survey_are_those_of_its_questions(system: Client, anyone: Client) -> None:
    place = f"spoken {secrets.token_hex(4)}"
    words = {"de": {"text": "Warum?"}, "zh-TW": {"text": "為什麼？"}}
    asked = {"text": "Why?", "displayType": "Text", "displayLocation": [place], "translated": words}
    identity = system.post("/api/questions/add", asked).json["id"]
    token = system.post("/api/SurveyToken", {"location": place}).json["id"]
    survey = anyone.get(f"/api/SurveyByToken/{token}").json
    assert sorted(survey["translated"]) == ["de", "zh-TW"]
    assert survey["questions"][0]["translated"]["de"]["text"] == "Warum?"
    system.get(f"/api/questions/delete/{identity}")


def test_a_survey_token_has_every_key_wherever_it_is_told(system: Client) -> None:
    note = f"keys {secrets.token_hex(4)}"
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "note": note, "preFill": [TOLD]}).json
    identity = token["id"]
    lists = [
        system.get("/api/surveytoken").json,
        system.get(f"/api/surveytoken/all/{note}").json,
        system.get(f"/api/surveytoken/search/{QUESTIONNAIRE}/{note}").json,
        system.get("/api/surveytoken/page/0/all").json["tokens"],
    ]
    single = system.get(f"/api/SurveyToken/Id/{identity}").json
    changed = system.post(f"/api/surveytoken/update/{identity}", {"isPrinted": None, "strange": 1}).json
    assert all(lists)
    for document in (token, single, changed, *(document for some in lists for document in some)):
        has_keys(document, SURVEY_TOKEN)
        for response in document["preFill"]:
            is_response(response)
    assert (changed["isPrinted"], changed["strange"]) == (False, 1)
    signed = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "restrictBySignature": "secret"}).json
    has_keys(signed, SURVEY_TOKEN)
    assert signed["restrictBySignature"] is True
