"""WxM answers for tests, on the shipped questionnaire (docs/cisco/wxm-api.md §6)."""

import itertools
from datetime import UTC, datetime
from typing import Any

QUESTIONNAIRE = "Post call survey"
SCALES = {"nps": "64b000000000000000000001", "csat": "64b000000000000000000002", "ces": "64b000000000000000000003"}
TEXTS = {
    "comment": "64b000000000000000000004",
    "customer": "64b0000000000000000000a1",
    "agent": "64b0000000000000000000a2",
    "team": "64b0000000000000000000a3",
    "mobile": "64b0000000000000000000a4",
    "email": "64b0000000000000000000a5",
}
Answer = dict[str, Any]

_ids = itertools.count(1)


def answer(
    *,
    at: datetime | None = None,
    questionnaire: str = QUESTIONNAIRE,
    nps: int | None = None,
    csat: int | None = None,
    ces: int | None = None,
    **texts: str | None,
) -> Answer:
    """One answer, now unless `at` says otherwise; `texts` are named as in TEXTS, and `id`."""
    scores = {"nps": nps, "csat": csat, "ces": ces}
    identity = texts.pop("id", None) or f"answer-{next(_ids):08}"
    scored = [_response(SCALES[name], number=value) for name, value in scores.items() if value is not None]
    worded = [_response(TEXTS[name], text=value) for name, value in texts.items() if value is not None]
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    return {
        "id": identity,
        "locationId": questionnaire,
        "responseDateTime": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z",
        "surveyClient": "sms",
        "responses": scored + worded,
    }


def _response(question: str, *, text: str | None = None, number: int = 0) -> dict[str, Any]:
    return {"questionId": question, "questionText": "", "textInput": text, "numberInput": number}
