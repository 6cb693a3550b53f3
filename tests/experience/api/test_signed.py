"""Tokens that take signed answers alone (docs/cisco/wxm-api.md §4.4)."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experience.surveys.signatures import signature
from tests.experience.api.client import Client
from tests.experience.api.conftest import ELSEWHERE
from tests.support.answering import SCALES

pytestmark = pytest.mark.usefixtures("hashed")

NPS = {"questionId": SCALES["nps"], "textInput": None, "numberInput": 9}
PASSPHRASE = "our own word"


def restricted(system: Client) -> str:
    token: str = system.post("/api/SurveyToken", {"RestrictBySignature": PASSPHRASE, "Location": ELSEWHERE}).json["id"]
    return token


def signed(token: str, moment: datetime, passphrase: str = PASSPHRASE) -> dict[str, Any]:
    """An answer as BYOS signs it: ticks = epochMillis × 10 000 + 621355968000000000."""
    millis = int(moment.timestamp() * 1000)
    message = f"{millis * 10_000 + 621_355_968_000_000_000};{token}"
    mark = hmac.digest(passphrase.encode(), message.encode(), hashlib.sha256)
    at = datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"id": base64.b64encode(mark).decode(), "responseDateTime": at, "responses": [NPS]}


def test_a_signature_is_the_one_that_byos_makes() -> None:
    moment = datetime(2026, 11, 20, 12, 30, 15, 123000, tzinfo=UTC)
    assert signature("secret", "XX-12345", moment) == signed("XX-12345", moment, "secret")["id"]


def test_only_a_signed_answer_is_taken(system: Client, anyone: Client) -> None:
    token, now = restricted(system), datetime.now(UTC)
    path = f"/api/SurveyByToken/{token}"
    right = signed(token, now)
    for wrong in (
        {"responses": [NPS]},
        signed(token, now, "another word"),
        signed("XX-1", now),
        signed(token, now - timedelta(hours=2)),
        {**right, "responseDateTime": (now + timedelta(seconds=1)).isoformat()},
        {**right, "responseDateTime": "soon"},
        {**right, "id": "ü"},
    ):
        assert anyone.post(path, wrong).error == "bad_signature"
    stored = anyone.post(path, right).json
    assert stored["id"] != right["id"]
    assert anyone.post(path, right).json is None


def test_such_a_survey_is_answered_whole(system: Client, anyone: Client) -> None:
    token = restricted(system)
    partial = anyone.get(f"/api/SurveyByToken/{token}").json["partialResponseId"]
    for flag in ("false", "true"):
        assert anyone.post(f"/api/PartialSurvey/{partial}/{flag}", [NPS]).error == "bad_signature"


def test_the_passphrase_is_told_to_nobody(system: Client, anyone: Client) -> None:
    token = restricted(system)
    document = system.get(f"/api/SurveyToken/Id/{token}").json
    assert document["restrictBySignature"] is True
    changed = system.post(f"/api/SurveyToken/update/{token}", {**document, "note": "changed"})
    for reply in (changed, system.get("/api/SurveyToken"), anyone.get(f"/api/SurveyByToken/{token}")):
        assert PASSPHRASE.encode() not in reply.data
    assert anyone.post(f"/api/SurveyByToken/{token}", signed(token, datetime.now(UTC))).status == 200


def test_a_passphrase_is_taken_off_again(system: Client, anyone: Client) -> None:
    token = restricted(system)
    system.post(f"/api/SurveyToken/update/{token}", {"restrictBySignature": None})
    assert anyone.post(f"/api/SurveyByToken/{token}", {"responses": [NPS]}).json["id"]
    for wrong in (True, 5, "x" * 201):
        assert system.post("/api/SurveyToken", {"restrictBySignature": wrong}).error == "invalid_request"
