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
    return list(csv.DictReader(io.StringIO(fetched.data.decode("utf-8-sig"), newline="")))


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


PASTED = "cc_CustomerId,Mobile,Email\nC-77,0912000777,lin@example.com\n"


@pytest.mark.parametrize(
    "content",
    [
        *(PASTED, PASTED.replace(",", ";"), PASTED.replace(",", "\t"), "sep=;\n" + PASTED.replace(",", ";")),
        PASTED.replace(",", "\t").encode("utf-16"),
    ],
)
def test_a_csv_of_any_spreadsheet_prefills_the_same(system: Client, anyone: Client, content: str | bytes) -> None:
    """Case 04."""
    reply = system.upload(IMPORT, "t.csv", content if isinstance(content, bytes) else content.encode())
    (row,) = csv.DictReader(io.StringIO(system.get(f"/api/{reply.json}").data.decode("utf-8-sig"), newline=""))
    survey = anyone.get(f"/api/SurveyByToken/{row['Token']}").json
    prefilled = {response["questionId"]: response["textInput"] for response in survey["preFill"]}
    assert [prefilled[TEXTS[name]] for name in ("customer", "email")] == ["C-77", "lin@example.com"]
    assert prefilled[TEXTS["mobile"]].endswith("912000777")


@pytest.mark.parametrize("content", [b"Kundennummer,Telefon\nC-77,0912000777\n", "Mobile\n王\n".encode("big5")])
def test_a_csv_that_would_prefill_nothing_is_refused(system: Client, content: bytes) -> None:
    """Case 04."""
    reply = system.upload(IMPORT, "t.csv", content)
    assert (reply.status, reply.error) == (400, "bad_import")
    assert "no column is known" in reply.json["error_description"] or "UTF-8" in reply.json["error_description"]
    assert "0912" not in reply.json["error_description"]


def test_the_csv_with_tokens_opens_in_a_spreadsheet_as_it_is(system: Client) -> None:
    """Case 12: a mark for UTF-8, nothing runs, and nothing turns into a date."""
    sheet = "cc_CustomerId,Name,Team\n0042,王小明,3-5\n12345678901234567890,=1+1,MAR1\nC-3,'\u200b=1+1,1E5\n"
    name = system.upload(IMPORT, "t.csv", sheet.encode()).json
    content = system.get(f"/api/{name}").data
    assert content.startswith(b"\xef\xbb\xbfcc_CustomerId,Name,Team,Token,Survey_URL\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    assert [row[:3] for row in rows] == [
        ['="0042"', "王小明", '="3-5"'],
        ['="12345678901234567890"', "'=1+1", '="MAR1"'],
        ["C-3", "'\u200b=1+1", '="1E5"'],
    ]


def test_cells_that_are_not_understood_are_named_in_their_row(system: Client) -> None:
    sheet = "cc_CustomerId,Mobile,Email\nC-1,0912000777,a@example.com\nnull,n/a,ann at example\nC-3,8.86912E+11,\n"
    rows = imported(system, sheet)
    assert [row["NotUnderstood"] for row in rows] == ["", "e-mail addresses, ids, phone numbers", "phone numbers"]
    assert "NotUnderstood" not in imported(system, PASTED)[0]


def test_long_numbers_in_a_csv_keep_every_digit_or_are_refused(system: Client, anyone: Client) -> None:
    """Case 15."""
    asked = {"id": "number-id", "text": "Number", "displayType": "Number", "displayLocation": [QUESTIONNAIRE]}
    assert system.post("/api/questions/add", asked).status == 200
    rows = imported(system, "number-id\n9007199254740993\n 42 \n")
    surveys = [anyone.get(f"/api/SurveyByToken/{row['Token']}").json for row in rows]
    assert [survey["preFill"][0]["numberInput"] for survey in surveys] == [9007199254740993, 42]
    reply = system.upload(IMPORT, "t.csv", b"number-id\n18446744073709551616\n")
    assert (reply.status, "row 1" in reply.json["error_description"]) == (400, True)


def test_a_day_in_a_csv_is_the_day_that_the_spreadsheet_showed(system: Client, anyone: Client) -> None:
    dated = {"id": "due-day", "text": "Due", "displayType": "Date", "displayLocation": [QUESTIONNAIRE], "apiFill": True}
    assert system.post("/api/questions/add", dated).status == 200
    for cell in ("2026/11/8", "8.11.2026", "20261108", "46334"):
        (row,) = imported(system, f"due-day\n{cell}\n")
        assert anyone.get(f"/api/SurveyByToken/{row['Token']}").json["preFill"][0]["numberInput"] == 20261108
    reply = system.upload(IMPORT, "t.csv", b"due-day\n5/3/2026\n")
    assert (reply.status, "row 1: question due-day" in reply.json["error_description"]) == (400, True)


@pytest.mark.parametrize(
    "content",
    [
        *("", "cc_CustomerId\n", "cc_CustomerId\nC-1,2\n", "cc_CustomerId,CC_CUSTOMERID\nC-1,C-2\n"),
        *('cc_CustomerId\n"C-1', f"{SCALES['nps']}\neleven\n", f"{SCALES['nps']}\n11\n", "mobile\nx\0y\n"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_whole(system: Client, content: str) -> None:
    before = system.get("/api/surveytoken").headers["X-Total-Count"]
    reply = system.upload(IMPORT, "tokens.csv", content.encode())
    assert (reply.status, set(reply.json)) == (400, {"error", "error_description"})
    assert system.get("/api/surveytoken").headers["X-Total-Count"] == before


def test_days_rows_and_places_have_their_limits(system: Client) -> None:
    for path in ("91/1", "0/1", "30/-2", "30/1/nowhere"):
        assert system.upload(f"/api/SurveyByToken/Import/{path}", "t.csv", b"mobile\n0912000777\n").status == 400
    rows = b"mobile\n" + b"1\n" * 50_001
    assert "50000" in system.upload(IMPORT, "t.csv", rows).json["error_description"]
    assert system.upload(IMPORT, "t.csv", b"mobile\n0912000777\n", part="file").status == 400
    assert system.upload(IMPORT, "t.csv", b"mobile\n" + b"1" * (16 * 1024 * 1024)).status == 413


def test_an_import_is_for_whoever_may_write_and_for_no_other_origin(
    system: Client, desktop: Client, anyone: Client
) -> None:
    assert anyone.upload(IMPORT, "t.csv", b"mobile\n0912000777\n").error == "invalid_token"
    assert desktop.upload(IMPORT, "t.csv", b"mobile\n0912000777\n").error == "insufficient_scope"
    name = system.upload(IMPORT, "t.csv", b"mobile\n0912000777\n").json
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
    lines = list(csv.reader(io.StringIO(anyone.get(f"/api/{name}").data.decode("utf-8-sig"), newline="")))
    assert lines[0] == [customer, "Shop", "Token", "Survey_URL"]
    assert lines[1][:2] == [texts[customer], "Shop"]
    assert [line[:2] for line in lines[2:]] == [["C-920", "North"]]
    token = system.get(f"/api/SurveyToken/Id/{lines[2][2]}").json
    assert (lines[2][3], token["deliveryPlanId"]) == (f"{PUBLIC_URL}/s/{lines[2][2]}", "by-mail-or-sms")
    assert b"\r\n" in anyone.get(f"/api/{name}").data
    assert system.upload(f"{IMPORT}/no-such-plan", "tokens.csv", content.encode()).status == 400
    only_names = content.rpartition("C-920")[0]
    assert system.upload(IMPORT, "tokens.csv", only_names.encode()).status == 400
