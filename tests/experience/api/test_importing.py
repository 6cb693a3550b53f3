"""Many survey tokens at once, and their QR codes (docs/cisco/wxm-api.md §3.3)."""

import csv
import io
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import segno

from tests.experience.api.client import PUBLIC_URL, Client
from tests.experience.api.conftest import DISPATCH
from tests.support.answering import QUESTIONNAIRE, SCALES, TEXTS

PLACE = QUESTIONNAIRE.replace(" ", "%20")
IMPORT = f"/api/surveyBYtoken/IMPORT/30/1/{PLACE}"
SHEET = f'cc_CustomerId,Shop,{TEXTS["mobile"]},MOBILE number\r\nC-900,"North, 1",+886912345678,x\r\nC-901,,,\r\n'


def imported(system: Client, content: str, path: str = IMPORT) -> list[dict[str, str]]:
    reply = system.upload(path, "tokens.csv", content.encode())
    assert reply.status == 200, reply.data
    assert reply.json.startswith("download/")
    fetched = system.get(f"/api/{reply.json}")
    assert (fetched.status, fetched.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(fetched.data.decode("utf-8"), newline="")))


def test_each_row_becomes_a_token_that_its_cells_prefill(system: Client, anyone: Client) -> None:
    first, second = imported(system, SHEET)
    assert (first["cc_CustomerId"], first["Shop"], second["Shop"]) == ("C-900", "North, 1", "")
    assert first["Survey_URL"] == f"{PUBLIC_URL}/s/{first['Token']}"
    survey = anyone.get(f"/api/SurveyByToken/{first['Token']}").json
    prefilled = {response["questionId"]: response["textInput"] for response in survey["preFill"]}
    assert prefilled[TEXTS["customer"]] == "C-900"
    assert prefilled[TEXTS["mobile"]] == "+886912345678"
    token = system.get(f"/api/SurveyToken/Id/{second['Token']}").json
    assert (token["validUses"], token["location"], len(token["preFill"])) == (1, QUESTIONNAIRE, 1)
    life = datetime.fromisoformat(token["validTill"]) - datetime.now(UTC)
    assert timedelta(days=29) < life <= timedelta(days=30)


def test_uses_may_be_unlimited_and_the_questionnaire_left_out(system: Client) -> None:
    (row,) = imported(system, "\ufeffcc_CustomerId\nC-902\n", "/api/SurveyByToken/Import/90/-1")
    assert system.get(f"/api/SurveyToken/Id/{row['Token']}").json["validUses"] == -1


@pytest.mark.parametrize(
    "content",
    [
        *("", "cc_CustomerId\n", "cc_CustomerId\nC-1,2\n", "cc_CustomerId,CC_CUSTOMERID\nC-1,C-2\n"),
        *('cc_CustomerId\n"C-1', f"{SCALES['nps']}\neleven\n", f"{SCALES['nps']}\n11\n", "a\nx\0y\n"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_whole(system: Client, content: str) -> None:
    before = system.get("/api/surveytoken").headers["X-Total-Count"]
    reply = system.upload(IMPORT, "tokens.csv", content.encode())
    assert (reply.status, set(reply.json)) == (400, {"error", "error_description"})
    assert system.get("/api/surveytoken").headers["X-Total-Count"] == before


def test_days_rows_and_places_have_their_limits(system: Client) -> None:
    for path in ("91/1", "0/1", "30/-2", "30/1/nowhere"):
        assert system.upload(f"/api/SurveyByToken/Import/{path}", "t.csv", b"a\n1\n").status == 400
    rows = b"a\n" + b"1\n" * 50_001
    assert "50000" in system.upload(IMPORT, "t.csv", rows).json["error_description"]
    assert system.upload(IMPORT, "t.csv", b"a\n1\n", part="file").status == 400
    assert system.upload(IMPORT, "t.csv", b"a\n" + b"1" * (16 * 1024 * 1024)).status == 413


def test_an_import_is_for_whoever_may_write_and_for_no_other_origin(
    system: Client, desktop: Client, anyone: Client
) -> None:
    assert anyone.upload(IMPORT, "t.csv", b"a\n1\n").error == "invalid_token"
    assert desktop.upload(IMPORT, "t.csv", b"a\n1\n").error == "insufficient_scope"
    name = system.upload(IMPORT, "t.csv", b"a\n1\n").json
    assert anyone.get(f"/api/{name}").status == 200
    origin = {"Origin": "https://shop.example"}
    for path in ("/api/SurveyByToken/Import/Dispatch", IMPORT, f"/api/{name}"):
        preflight = system.call("OPTIONS", path, **origin, Access_Control_Request_Method="POST")
        reply = system.get(path, **origin)
        assert preflight.status == 405
        for answered in (preflight, reply, system.post(path, {}, **origin)):
            assert not [header for header in answered.headers if header.lower().startswith("access-control")]


def test_tokens_for_a_dispatch_come_with_their_responses(system: Client, anyone: Client) -> None:
    blank = {"QuestionText": "", "NumberInput": 0}
    records = [[{"QuestionId": TEXTS["customer"], "TextInput": f"C-{number}", **blank}] for number in (910, 911)]
    sent: dict[str, Any] = {"DispatchId": DISPATCH, "PrefillReponse": records, "UUID": TEXTS["customer"], "Batchid": ""}
    made = system.post("/api/SurveyByToken/import/dispatch/", sent).json
    assert sorted(responses[0]["textInput"] for responses in made.values()) == ["C-910", "C-911"]
    token = next(iter(made))
    assert system.get(f"/api/SurveyToken/Id/{token}").json["dispatchId"] == DISPATCH
    assert anyone.get(f"/api/SurveyByToken/{token}").json["preFill"] == made[token]
    bodies: list[object] = [{**sent, "DispatchId": "x"}, {**sent, "PrefillReponse": [5]}, {"DispatchId": DISPATCH}, []]
    for wrong in bodies:
        assert system.post("/api/SurveyByToken/Import/Dispatch", wrong).status == 400


def test_a_qr_code_leads_to_the_survey(system: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {}).json["id"]
    reply = anyone.get(f"/API/surveybytoken/qr/{token}")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "image/png")
    pixels = pixels_of(reply.data)
    assert (len(pixels), {len(line) for line in pixels}) == (200, {200})
    modules = [[bool(dark) for dark in row] for row in segno.make_qr(f"{PUBLIC_URL}/s/{token}", error="m").matrix]
    first = next(number for number, line in enumerate(pixels) if b"\0" in line)
    scale = (200 - 2 * first) // len(modules)
    assert scale * 4 <= first
    middle = [first + scale * number + scale // 2 for number in range(len(modules))]
    assert [[pixels[y][x] == 0 for x in middle] for y in middle] == modules
    assert anyone.get("/api/SurveyByToken/QR/XX-000000000000000000").error == "not_found"


def pixels_of(png: bytes) -> list[bytes]:
    """The lines of a PNG of one byte a pixel and no filter; its checksums are right."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, width = 8, b"", 0
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + content)
        if kind == b"IHDR":
            width, _, *facts = struct.unpack(">IIBBBBB", content)
            assert facts == [8, 0, 0, 0, 0]
        data += content if kind == b"IDAT" else b""
        at += 12 + size
    lines = zlib.decompress(data)
    assert {lines[start] for start in range(0, len(lines), width + 1)} == {0}
    return [lines[start + 1 : start + 1 + width] for start in range(0, len(lines), width + 1)]


def test_a_sheet_of_wxms_clients_has_two_lines_of_names(system: Client, anyone: Client) -> None:
    texts = {question["id"]: question["text"] for question in system.get("/api/Questions/Active").json}
    customer = TEXTS["customer"]
    content = f'{customer},Shop\r\n"{texts[customer]}",Shop\r\nC-920,North\r\n'
    name = system.upload(f"{IMPORT}/by-mail-or-sms", "tokens.csv", content.encode()).json
    lines = list(csv.reader(io.StringIO(anyone.get(f"/api/{name}").data.decode(), newline="")))
    assert lines[0] == [customer, "Shop", "Token", "Survey_URL"]
    assert lines[1][:2] == [texts[customer], "Shop"]
    assert [line[:2] for line in lines[2:]] == [["C-920", "North"]]
    token = system.get(f"/api/SurveyToken/Id/{lines[2][2]}").json
    assert (lines[2][3], token["deliveryPlanId"]) == (f"{PUBLIC_URL}/s/{lines[2][2]}", "by-mail-or-sms")
    assert b"\r\n" in anyone.get(f"/api/{name}").data
    assert system.upload(f"{IMPORT}/no-such-plan", "tokens.csv", content.encode()).status == 400
    only_names = content.rpartition("C-920")[0]
    assert system.upload(IMPORT, "tokens.csv", only_names.encode()).status == 400
