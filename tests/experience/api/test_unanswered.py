"""A scale that nobody answered is no 0, though WxM's clients have one number for both (docs/cisco/wxm-api.md §10.1)."""

from datetime import UTC
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as some

from experience.answers.parse import Reader
from experience.api.support import models
from experience.model.questions import read_question
from experience.questionnaires.catalogue import Catalogue
from tests.experience.api.client import Client
from tests.support.answering import QUESTIONNAIRE, SCALES

NPS = {"id": "nps", "displayType": "Scale", "multiSelect": ["0-10"], "questionTags": ["NPS"]}
QUESTIONS = {"nps": read_question(NPS), "why": read_question({"id": "why", "displayType": "Text"})}
READER = Reader(Catalogue("", QUESTIONS, {}), UTC)


@given(score=some.none() | some.integers(0, 10), text=some.sampled_from([None, ""]), other=some.text(max_size=3))
def test_an_unanswered_scale_stays_so_and_a_zero_a_zero(score: int | None, text: str | None, other: str) -> None:
    """However often an answer is told and sent back."""
    sent: dict[str, Any] = {"id": "a", "locationId": "x", "responseDateTime": "2026-11-08T03:12:44Z"}
    sent["responses"] = [
        {"questionId": "nps", "textInput": text, "numberInput": score},
        {"questionId": "why", "textInput": other, "numberInput": 0},
    ]
    for _ in range(2):
        row = READER.read(sent)
        assert row["nps"] == score
        sent = models.answer(orjson.loads(row["document"]), QUESTIONS)
        told = [response["numberInput"] for response in sent["responses"] if response["questionId"] == "nps"]
        assert told == ([] if score is None else [score])


def test_a_token_prefills_no_score_that_nobody_gave(system: Client, anyone: Client) -> None:
    """A client that reads a token and sends it back would make a detractor of it."""
    blank = {"questionId": SCALES["nps"], "textInput": None, "numberInput": None}
    token = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "preFill": [blank]}).json
    assert token["preFill"] == anyone.get(f"/api/SurveyByToken/{token['id']}").json["preFill"] == []
    sent_back = system.post(f"/api/SurveyToken/update/{token['id']}", token).json
    assert sent_back["preFill"] == []
    zero = {**blank, "numberInput": 0}
    kept = system.post("/api/SurveyToken", {"location": QUESTIONNAIRE, "preFill": [zero]}).json
    assert [response["numberInput"] for response in kept["preFill"]] == [0]
