"""History in and out: bad records named, twice is once, what goes out comes back the same."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from commands.history import command
from experience.answers.schema import answers
from experience.history import transfer
from experience.history.transfer import LineFault
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.db.database import Database
from foundation.db.schema_version import upgrade
from tests.experience.samples import CES, answer, everything, response, row_of
from tests.scripts import make_answers
from tests.support.databases import empty
from tests.support.services import ROOT

CONTRACT = ROOT.parent / "shared" / "contract" / "examples"
TRICKY = 'Nobody called back, "as promised" <again>; 三次了\r\n\u2028 {}[]'


def _bring_in(platform: Platform, content: bytes) -> tuple[transfer.Imported, list[LineFault]]:
    faults: list[LineFault] = []
    return transfer.bring_in(platform, io.BytesIO(content), faults.append), faults


def test_good_records_go_in_and_bad_ones_are_named(platform: Platform) -> None:
    good = [answer(f"a{n}", nps=n % 11, team="5001", comment=TRICKY) for n in range(1200)]
    lines = [orjson.dumps(document) for document in good]
    lines[700:700] = [b"{nonsense", orjson.dumps(answer("bad", nps="9")), b"7"]
    done, faults = _bring_in(platform, b"\n".join(lines))
    assert (done.added, done.known, done.bad) == (1200, 0, 3)
    assert [fault.line for fault in faults] == [701, 702, 703]
    assert (faults[1].id, "numberInput is not a number" in faults[1].reason) == ("bad", True)


def test_an_answer_with_one_score_off_its_scale_is_kept_without_that_score(platform: Platform) -> None:
    records = [
        answer("a1", nps=99, csat=4),
        answer("a2", nps=7.5, ces=2),
        answer("a3", nps=10**18),
        answer("a4", nps=3),
    ]
    done, told = _bring_in(platform, b"\n".join(map(orjson.dumps, records)))
    assert (done.added, done.bad, done.not_understood["scores"]) == (4, 0, 3)
    assert [(fault.line, fault.id, fault.kind) for fault in told] == [(n, f"a{n}", "scores") for n in (1, 2, 3)]
    assert "99 is not on the scale 0 to 10" in told[0].reason
    rows = [row_of(platform.database, f"a{n}") for n in (1, 2, 4)]
    assert [(row.nps, row.csat, row.ces) for row in rows] == [(None, 4, None), (None, None, 2), (3, None, None)]
    sent = orjson.loads(rows[0].document)["responses"][0]
    assert (sent["numberInput"], sent["textInput"]) == (None, "99")
    # What is kept can be read anew, and moved: nothing of it is refused any more.
    out = io.BytesIO()
    transfer.take_out(platform.database, out)
    empty(platform.database)
    fresh = Platform(platform.database, "Asia/Taipei", "TW", ("0",))
    done, told = _bring_in(fresh, out.getvalue())
    assert (done.added, done.bad, told) == (4, 0, [])


def test_scores_off_a_scale_that_is_described_later_are_left_out_then(platform: Platform) -> None:
    late = {"id": "late", "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["CSAT"]}
    platform.take([{**answer("a1", nps=9), "responses": [response("late", None, 7), response(CES, None, 5)]}])
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, [late])
    assert platform.reread() == 1
    row = row_of(platform.database, "a1")
    assert (row.csat, row.ces) == (None, 5)
    assert platform.reread() == 0


def test_the_command_ends_with_counts_of_what_was_not_understood(data: Path) -> None:
    records = [
        answer("a1", nps=11, mobile="n/a", email="ann at example", customer="null"),
        answer("a2", "1970-01-01T00:00:00Z", nps=3, agent="undefined"),
        answer("a3", "2099-01-01T00:00:00Z", mobile="0912345678"),
        answer("a4", nps=9, mobile="0912345678", email="ann@example.com", customer="C-1"),
    ]
    (data / "a.json").write_text(json.dumps(records))
    result = _run("import", data / "a.json")
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    assert last == "not understood: scores 1, dates 2, phone numbers 1, e-mail addresses 1, ids 2"
    for line in (
        "a.json:1: answer a1: question 64b000000000000000000001: 11 is not on the scale 0 to 10",
        "a.json:1: answer a1: question 64b0000000000000000000a4: no phone number",
        "a.json:1: answer a2: responseDateTime 1970-01-01 is before 2000",
        "a.json:1: answer a3: responseDateTime 2099-01-01 is in the future",
    ):
        assert line in result.stderr
    assert not any(text in result.stderr for text in ("ann at", "n/a"))
    assert _rows(data) == 4
    clean = json.dumps([records[3]])
    (data / "b.json").write_text(clean)
    result = _run("import", data / "b.json")
    assert result.stdout.endswith("not understood: scores 0, dates 0, phone numbers 0, e-mail addresses 0, ids 0\n")
    assert result.stderr == ""


def test_the_command_names_many_of_a_kind_by_their_count(data: Path) -> None:
    (data / "a.ndjson").write_text("\n".join(json.dumps(answer(f"a{n}", mobile="n/a")) for n in range(250)))
    result = _run("import", data / "a.ndjson")
    assert len(result.stderr.splitlines()) == 101
    assert "more phone numbers are counted only" in result.stderr
    assert "phone numbers 250" in result.stdout


HALF = (b"cut \\ud83d", b"\\uDE00cut", b"cut \xed\xa0\xbd", b"cut \xf0\x9f\x98")


@pytest.mark.parametrize("half", HALF)
@pytest.mark.parametrize("in_array", [True, False])
def test_half_an_emoji_loses_itself_and_not_the_answer(platform: Platform, half: bytes, in_array: bool) -> None:
    """Case 13."""
    records = [orjson.dumps(answer(f"a{n}", nps=9, comment="HERE")) for n in range(3)]
    records[1] = records[1].replace(b"HERE", half)
    content = b"[" + b",".join(records) + b"]" if in_array else b"\n".join(records)
    done, faults = _bring_in(platform, content)
    assert (done.added, faults) == (3, [])
    kept = orjson.loads(row_of(platform.database, "a1").document)
    comments = [response["textInput"] for response in kept["responses"] if response["textInput"]]
    assert comments == ["\ufffdcut" if half.endswith(b"cut") else "cut \ufffd"]


def test_a_file_in_another_encoding_is_read_or_named(platform: Platform) -> None:
    """PowerShell writes UTF-16 behind `>`; what is neither that nor UTF-8 is no text that may be guessed."""
    content = json.dumps([answer("a1", comment="好😀"), answer("a2")], ensure_ascii=False)
    for encoding in ("utf-16", "utf-16-le", "utf-8-sig"):
        done, faults = _bring_in(platform, content.encode(encoding))
        assert (done.added + done.known, faults) == (2, [])
    latin = json.dumps(answer("a3", comment="é"), ensure_ascii=False).encode("latin-1")
    done, (fault,) = _bring_in(platform, latin)
    assert (done.bad, "UTF-8" in fault.reason) == (1, True)


def test_a_second_import_changes_nothing(platform: Platform) -> None:
    content = orjson.dumps([answer(f"a{n}", nps=n % 11, team="5001") for n in range(700)])
    _bring_in(platform, content)
    before = everything(platform.database)
    done, _ = _bring_in(platform, content)
    assert (done.added, done.known, done.bad) == (0, 700, 0)
    assert everything(platform.database) == before


def test_an_export_comes_back_the_same(platform: Platform) -> None:
    documents = list(make_answers.answers(1300, seed=7))
    with platform.database.write() as connection:
        catalogue.keep(platform.database, connection, make_answers.QUESTIONS)
    platform.take(documents)
    kept = everything(platform.database)
    out, questions = io.BytesIO(), io.BytesIO()
    assert transfer.take_out(platform.database, out) == 1300
    transfer.take_out_questions(platform.database, questions)
    empty(platform.database)
    fresh = Platform(platform.database, "Asia/Taipei", "TW", ("0",))
    done = transfer.bring_in_questions(fresh.database, io.BytesIO(questions.getvalue()), lambda _: None)
    assert (done.added, done.bad) == (len(make_answers.QUESTIONS) + 1, 0)
    done, faults = _bring_in(fresh, out.getvalue())
    assert (done.added, faults) == (1300, [])
    assert everything(platform.database) == kept


def test_bad_questions_are_named_and_the_rest_is_kept(sqlite_platform: Platform) -> None:
    content = orjson.dumps([{"id": "aaaa", "questionTags": ["NPS"], "displayType": "Scale"}, {"text": "no id"}, 5])
    faults: list[LineFault] = []
    done = transfer.bring_in_questions(sqlite_platform.database, io.BytesIO(content), faults.append)
    assert (done.added, done.bad) == (1, 2)
    assert [fault.reason for fault in faults] == ["a question without an id", "not an object"]


def test_questions_that_come_after_their_answers_count_as_if_they_came_first(platform: Platform) -> None:
    database = platform.database
    documents = list(make_answers.answers(1300, seed=8))
    _describe(database)
    platform.take(documents)
    expected = everything(database)
    empty(database)
    late = Platform(database, "Asia/Taipei", "TW", ("0",))
    late.take(documents)
    assert everything(database) != expected
    _describe(database)
    assert late.reread() > 0
    assert everything(database) == expected
    assert late.reread() == 0


def test_an_answer_that_no_longer_fits_its_questions_stays(sqlite_platform: Platform) -> None:
    sqlite_platform.take([answer("a1", ces=7, team="5001")])
    before = everything(sqlite_platform.database)
    shorter = {"id": CES, "displayType": "Scale", "multiSelect": ["1-5"], "questionTags": ["CES"]}
    with sqlite_platform.database.write() as connection:
        catalogue.keep(sqlite_platform.database, connection, [shorter])
    assert sqlite_platform.reread() == 0
    assert everything(sqlite_platform.database) == before


def _describe(database: Database) -> None:
    with database.write() as connection:
        catalogue.keep(database, connection, make_answers.QUESTIONS)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that the command line uses."""
    monkeypatch.setenv("PULSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PULSE_TIME_ZONE", "Asia/Taipei")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def _rows(data: Path) -> int:
    database = Database(f"sqlite:///{data / 'data' / 'pulse.db'}")
    with database.read() as connection:
        count = len(connection.execute(answers.select()).all())
    database.close()
    return count


def test_the_command_counts_and_names_customer_ids_that_stand_for_no_customer(data: Path) -> None:
    file = data / "a.json"
    ids = ("null", "null", "0", "C-1")
    file.write_text(json.dumps([answer(f"a{place}", customer=text) for place, text in enumerate(ids)]))
    result = _run("import", file)
    assert result.exit_code == 0, result.output
    assert "answers: 4 added, 0 known before, 0 bad" in result.stdout
    assert "customer ids that stand for no customer: 3 (null 2, 0 1)" in result.stdout


def test_the_command_imports_what_the_contract_shows(data: Path) -> None:
    paths = CONTRACT / "wxm-answer.json", "--questions", CONTRACT / "wxm-questions.json"
    if not paths[0].exists():
        paths = (data / "a.json", "--questions", data / "q.json")
        paths[0].write_text(json.dumps(answer("a1", nps=3)))
        Path(paths[2]).write_text(json.dumps(make_answers.QUESTIONS))
    result = _run("import", *paths)
    assert result.exit_code == 0, result.output
    assert "answers: 1 added, 0 known before, 0 bad" in result.stdout
    assert "answers: 0 added, 1 known before, 0 bad" in _run("import", *paths).stdout


def test_the_command_names_bad_records_on_standard_error_and_ends_with_1(data: Path) -> None:
    lines = [json.dumps(answer("a1", nps=3)), "{oops", json.dumps(answer("a2", csat="9")), json.dumps(answer("a3"))]
    (data / "a.ndjson").write_text("\n".join(lines))
    result = _run("import", data / "a.ndjson")
    assert result.exit_code == 1
    first, second = result.stderr.splitlines()
    assert first.startswith("a.ndjson:2: not JSON")
    assert second.startswith("a.ndjson:3: answer a2: question 64b000000000000000000002: numberInput is")
    assert "answers: 2 added, 0 known before, 2 bad" in result.stdout
    assert _rows(data) == 2


def test_the_command_scores_answers_that_came_before_their_questions(data: Path) -> None:
    made = make_answers.write(data / "a.json", 300, seed=2)
    assert "read anew" not in _run("import", data / "a.json").stdout
    again = _run("import", data / "a.json", "--questions", made).stdout
    assert "answers read anew" in again
    assert "0 added, 300 known before, 0 bad" in again
    assert "read anew" not in _run("import", data / "a.json", "--questions", made).stdout


def test_the_command_reads_packed_files_and_names_damaged_ones(data: Path) -> None:
    packed = gzip.compress(orjson.dumps([answer(f"a{n}", nps=3, comment=str(n**9)) for n in range(900)]))
    (data / "a.json.gz").write_bytes(packed)
    assert "900 added" in _run("import", data / "a.json.gz").stdout
    (data / "b.json.gz").write_bytes(packed[: len(packed) // 2])
    result = _run("import", data / "b.json.gz")
    assert result.exit_code == 1
    assert "cannot be read to its end" in result.stderr
    (data / "c.json.gz").write_bytes(b"no gzip at all")
    assert "cannot be read" in _run("import", data / "c.json.gz").stderr


def test_the_command_exports_to_a_file_or_to_standard_output(data: Path) -> None:
    (data / "a.json").write_bytes(orjson.dumps([answer("a1", nps=3, comment=TRICKY), answer("a2")]))
    _run("import", data / "a.json")
    result = _run("export", data / "out.json", "--questions", data / "q.json")
    assert result.exit_code == 0
    exported = [json.loads(line) for line in (data / "out.json").read_bytes().splitlines()]
    assert exported == [answer("a1", nps=3, comment=TRICKY), answer("a2")]
    assert {question["id"] for question in json.loads((data / "q.json").read_bytes())} >= {"64b000000000000000000001"}
    assert _run("export").stdout_bytes == (data / "out.json").read_bytes()


def test_a_command_never_moves_the_services_days(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{data / 'data' / 'pulse.db'}"
    upgrade(url)
    database = Database(url)
    service = Platform(database, "America/New_York")
    (data / "a.json").write_bytes(orjson.dumps([answer("a1", nps=3)]))
    assert _run("import", data / "a.json").exit_code == 0
    assert service.take([answer("a2", nps=4)]).added == 1
    database.close()


def test_the_service_writes_while_a_file_is_imported(platform: Platform, url: str) -> None:
    content = orjson.dumps([answer(f"a{n}", nps=n % 11, team="5001") for n in range(3000)])
    other = Platform(Database(url), "Asia/Taipei")
    landed: list[int] = []

    def land(done: transfer.Imported) -> None:
        landed.append(other.take([answer(f"live{done.added}", nps=5, team="5001")]).added)

    done = transfer.bring_in(platform, io.BytesIO(content), lambda _: None, land)
    other.database.close()
    assert (done.added, landed) == (3000, [1] * 6)
