"""One reader and one writer of CSV: what spreadsheets write is read, and what is written opens unchanged."""

import codecs
import csv
import io
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import csv_files, invisible
from foundation.csv_files import CsvFault

KNOWN = frozenset({"cc_customerid", "mobile", "email"})
COMMAS = "cc_CustomerId,Mobile,Email\nC-77,0912000777,lin@example.com\n"
ROW = ("C-77", "0912000777", "lin@example.com")


def read(content: bytes | str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    sheet = csv_files.read(content.encode() if isinstance(content, str) else content, KNOWN.__contains__)
    return sheet.names, [record.cells for record in sheet.records]


@pytest.mark.parametrize(
    "content",
    [
        COMMAS,
        COMMAS.replace(",", ";"),
        COMMAS.replace(",", "\t"),
        "sep=;\n" + COMMAS.replace(",", ";"),
        'SEP=|\r\n"' + COMMAS.replace(",", '"|"').replace("\n", '"\r\n"').removesuffix('"'),
        "sep=;\r\n" + COMMAS,
        "\n\n" + COMMAS.replace("\n", "\r"),
        COMMAS.replace("Mobile", "\u200bＭobile "),
        COMMAS.replace("\n", ",,\n"),
        codecs.BOM_UTF8 + COMMAS.encode(),
        codecs.BOM_UTF16_LE + COMMAS.replace(",", "\t").encode("utf-16-le"),
        codecs.BOM_UTF16_BE + COMMAS.encode("utf-16-be"),
        COMMAS.encode("utf-16-le"),
        COMMAS.encode("utf-16-be"),
    ],
)
def test_a_csv_is_read_as_any_spreadsheet_writes_it(content: str | bytes) -> None:
    """Case 04."""
    names, rows = read(content)
    assert [csv_files.heading(name) for name in names[:3]] == ["cc_customerid", "mobile", "email"]
    assert [row[:3] for row in rows] == [ROW]


def test_signs_inside_of_headings_do_not_decide_what_stands_between_them() -> None:
    """Case 16."""
    assert read("Mobile;Email;a,b,c,d,e\n1;2;x\n") == (("Mobile", "Email", "a,b,c,d,e"), [("1", "2", "x")])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no column is known"),
        ("Kundennummer,Telefon\nC-77,0912000777\n", "no column is known"),
        ("Mobile,MOBILE\n1,2\n", "twice"),
        ("Mobile\n王\n".encode("big5"), "is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_and_shows_no_cell(content: str | bytes, reason: str) -> None:
    with pytest.raises(CsvFault, match=reason) as caught:
        read(content)
    assert "77" not in str(caught.value)


def test_records_have_their_lines_and_a_bad_one_stops_nothing() -> None:
    sheet = csv_files.read(b'sep=,\n\nMobile,Email\n"a\nb",1\n\n"x"y,2\nc,3\n', KNOWN.__contains__)
    assert [(record.line, bool(record.fault)) for record in sheet.records] == [(4, False), (7, True), (8, False)]


@pytest.mark.parametrize(
    "text",
    [
        *("0042", "0061", "3-5", "1/2", "MAR1", "1E5", "12345678901234567890", "1.0", "5.5", "10:30", "50%", "NT$5"),
        *("3月5日", "1,000", "5 Okt", "Mai 5", "5 p", "TRUE", "３-５", "\xa0007", "00", "(5)", "1e-5", '5"', "6006.0"),
    ],
)
def test_what_a_spreadsheet_would_change_is_kept_as_text(text: str) -> None:
    """Case 12."""
    quoted = text.replace('"', '""')
    assert csv_files.cell(text) == f'="{quoted}"'


@pytest.mark.parametrize(
    "text",
    ["5001", "0", "Sales", "Agent 6067", "C-77", "王小明", "", "Mar", "lin7@example.com", "AM-000000000000000001"],
)
def test_what_a_spreadsheet_leaves_alone_stays_bare(text: str) -> None:
    assert csv_files.cell(text) == text


@pytest.mark.parametrize("before", ["", " ", "\t", "\n", "\u200b", "\ufeff", "\u2060 \u200e", "\u3000", "\xad"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦"])
def test_nothing_runs_whatever_stands_before_it(before: str, sign: str) -> None:
    assert csv_files.cell(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@given(st.text())
def test_no_cell_is_a_formula_but_a_text_in_quotes(text: str) -> None:
    cell = csv_files.cell(text)
    if cell.startswith('="'):
        assert cell.endswith('"') and '"' not in cell[2:-1].replace('""', "")
        return
    assert cell in (text, f"'{text}")
    assert not unicodedata.normalize("NFKC", cell.lstrip()).startswith(("=", "+", "-", "@"))
    assert not cell.startswith(("\t", "\r", "\n"))


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).filter(lambda text: text.strip()))
def test_what_is_written_is_read_again(text: str) -> None:
    written = csv_files.write([["Mobile", "Email"], [text, "x"]])
    assert written.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [csv_files.cell(text), "x"]
    _, ((again, _),) = read(written)
    if invisible.removed(text) == text and not text.startswith("'"):
        assert again == text


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/8",
        "2026-11-08",
        "8.11.2026",
        "2026年11月8日",
        "2026/11/8 0:00",
        "46334",
        "46334.0",
        "2026-11-08T00:00:00",
    ],
)
def test_a_day_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert csv_files.day(text) == date(2026, 11, 8)


def test_a_day_that_might_be_another_is_none() -> None:
    assert [csv_files.day(text) for text in ("5/13/2026", "13/5/2026")] == [date(2026, 5, 13)] * 2
    assert [csv_files.day(text) for text in ("5/3/2026", "2026/2/30", "soon", "20261108", "")] == [None] * 5
