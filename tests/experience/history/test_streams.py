"""Records out of a file: an array or one a line, bad ones named by their line, the rest read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experience.history import json_stream
from experience.history.json_stream import Item, items

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.builds(lambda rest: {"id": "x", "responses": [{"questionId": "q"}], **rest}, JSON.map(
    lambda value: {"value": value})), max_size=8)  # fmt: skip
GOOD = {"id": "a", "responses": [{"questionId": "q", "textInput": '}{][,"\\ \n'}]}


def _read(text: str | bytes) -> list[Item]:
    return list(items(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def _values(text: str | bytes) -> list[Any]:
    return [item.value for item in _read(text) if item.fault is None]


def _faults(text: str | bytes) -> list[tuple[int, str]]:
    return [(item.line, item.fault) for item in _read(text) if item.fault is not None]


def _lines(records: list[Any]) -> str:
    return "\n".join(json.dumps(record) for record in records)


def _array_by_lines(records: list[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(record) for record in records) + "\n]\n"


FORMS: dict[str, Callable[[list[Any]], str]] = {
    "lines": _lines,
    "lines with a last newline": lambda records: _lines(records) + "\n",
    "lines of Windows": lambda records: _lines(records).replace("\n", "\r\n"),
    "array by lines": _array_by_lines,
    "array in one line": json.dumps,
    "compact array": lambda records: json.dumps(records, separators=(",", ":"), ensure_ascii=False),
    "pretty array": lambda records: json.dumps(records, indent=2, ensure_ascii=False),
    "array with flat indent": lambda records: json.dumps(records, indent=0),
    "pretty objects": lambda records: "\n".join(json.dumps(record, indent=2) for record in records),
    "with a byte order mark": lambda records: "\ufeff" + _lines(records),
}


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=30)
@given(records=RECORDS, piece=st.sampled_from([1, 7, 64, 1 << 18]))
def test_every_form_gives_the_same_records(form: str, records: list[Any], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "PIECE", piece)
        assert _values(FORMS[form](records)) == records
        assert _faults(FORMS[form](records)) == []


def test_records_know_their_line() -> None:
    assert [item.line for item in _read(_array_by_lines([GOOD, GOOD, GOOD]))] == [2, 3, 4]
    pretty = json.dumps([GOOD, GOOD], indent=1)
    lines = [number for number, line in enumerate(pretty.splitlines(), 1) if line == " {"]
    assert [item.line for item in _read(pretty)] == lines


@pytest.mark.parametrize("form", ["lines", "array by lines", "array in one line", "compact array", "pretty array"])
@pytest.mark.parametrize("bad", ['{"id": "bad", "n": }', '{"id": "bad" "n": 1}', '{"id": NaN}', '{"id": "b\\q"}'])
def test_a_bad_record_is_named_and_the_rest_is_read(form: str, bad: str) -> None:
    text = FORMS[form]([GOOD, {"id": "HERE"}, GOOD, GOOD])
    marked = next(
        spelling for spelling in ('{"id": "HERE"}', '{"id":"HERE"}', '{\n    "id": "HERE"\n  }') if spelling in text
    )
    line = text[: text.index(marked)].count("\n") + 1
    broken = text.replace(marked, bad)
    assert _values(broken) == [GOOD, GOOD, GOOD]
    ((where, reason),) = _faults(broken)
    assert where == line
    assert "not JSON" in reason


def test_every_bad_line_is_named() -> None:
    text = "\n".join(["garbage", json.dumps(GOOD), "x", '{"id": "cut', json.dumps(GOOD), "", "}"])
    assert _values(text) == [GOOD, GOOD]
    assert [line for line, _ in _faults(text)] == [1, 3, 4, 7]


def test_a_record_broken_over_two_lines_costs_only_itself() -> None:
    text = json.dumps(GOOD) + '\n{"id": "b", "responses": [\n' + json.dumps({"id": "c"}) + "\n" + json.dumps(GOOD)
    assert _values(text) == [GOOD, {"id": "c"}, GOOD]
    assert [line for line, _ in _faults(text)] == [2]


@pytest.mark.parametrize("form", ["lines", "array by lines", "compact array", "pretty array"])
def test_a_truncated_file_is_named(form: str) -> None:
    text = FORMS[form]([GOOD, GOOD, {"id": "long", "text": "x" * 100}])
    cut = text[: text.index("xxx") + 50]
    assert _values(cut) == [GOOD, GOOD]
    faults = _faults(cut)
    assert "the file ends inside this record" in [reason for _, reason in faults]
    begins = text.rindex("{", 0, text.index("long"))
    assert faults[0][0] == text[:begins].count("\n") + 1


def test_an_array_that_is_not_closed_is_named() -> None:
    assert _values("[" + json.dumps(GOOD) + ",") == [GOOD]
    assert _faults("[" + json.dumps(GOOD) + ",") == [(1, "the file ends before its array does")]


def test_values_that_are_no_objects_come_as_they_are() -> None:
    assert _values('[1, "a", null, [2], {"id": "b"}]') == [1, "a", None, [2], {"id": "b"}]


def test_nothing_is_no_record() -> None:
    for text in ("", "  \n\n", "[]", "[\n]\n"):
        assert _read(text) == []


def test_deep_nesting_is_a_fault_and_no_crash() -> None:
    text = '{"id": ' + "[" * 100_000 + "]" * 100_000 + "}\n" + json.dumps(GOOD)
    assert _values(text) == [GOOD]
    assert len(_faults(text)) == 1


def test_bytes_that_are_not_utf8_harm_their_record_alone() -> None:
    text = json.dumps(GOOD).encode() + b'\n{"id": "\xff\xfe"}\n' + json.dumps(GOOD).encode()
    good = [value for value in _values(text) if value == GOOD]
    assert len(good) == 2


def test_memory_stays_bounded_over_a_record_without_end() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "LONGEST", 1000)
        patch.setattr(json_stream, "PIECE", 100)
        text = '[{"id": "a", "text": "' + "x" * 20_000 + '"}, ' + json.dumps(GOOD) + "]"
        assert _values(text) == [GOOD]
        ((line, reason),) = _faults(text)
        assert (line, reason) == (1, "longer than any answer")
