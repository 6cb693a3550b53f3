"""Half a sign loses itself, not the text around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import broken_text

SIGNS = ["a", "\\", '"', "\ud83d", "\ude00", "😀", "\\ud83d", "好", "\n"]
PIECES = st.lists(st.sampled_from(SIGNS), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"cut \ud83d"', "cut \ufffd"),
        (rb'"\uDE00 cut"', "\ufffd cut"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd😀"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\\\ud83d"', "\\\ufffd"),
        (b'"\xed\xa0\xbd\xed\xb8\x80"', "😀"),
        (b'"\xed\xa0\xbd!"', "\ufffd!"),
    ],
)
def test_half_an_emoji_is_a_mark_and_the_rest_is_read(body: bytes, text: str) -> None:
    assert broken_text.loads(body) == text


@pytest.mark.parametrize("body", [b'"\xe9"', b"{", b'"\\ud83d', b"[NaN]", b'"\xff\xed\xa0\xbd"'])
def test_what_is_no_json_stays_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        broken_text.loads(body)


@given(st.dictionaries(PIECES, st.lists(PIECES, max_size=3), max_size=3))
def test_json_is_read_whatever_is_cut_in_it(value: dict[str, list[str]]) -> None:
    read = broken_text.loads(json.dumps(value).encode())
    assert read == broken_text.in_value(value)
    json.dumps(read, ensure_ascii=False).encode()
