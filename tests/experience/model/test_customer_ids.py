"""A customer id has one form, and what stands for "no customer" is none."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.model.customer import customer_id

NOBODY = (
    *("null", "NULL", "Null", "(null)", "<null>", "[NULL]", "'null'", '"null"', "null;", " null ", "ｎｕｌｌ"),
    *("undefined", "UNDEFINED", "none", "None", "nil", "N/A", "n/a", "NA", "n.a.", "NaN", "#N/A", "unknown", "Not set"),
    *("not available", "not_applicable", "-", "--", "—", "?", ".", "", " ", "0", "00", "000000", "0.0", "-1"),
    *("不明", "無", "(無)"),
)
SOMEBODY = ("C-10042", "1", "10", "0042", "00-7", "Nulla", "None-7", "N", "A", "Nan Wu", "王小明", "ICM-0", "-17", "a0")


@pytest.mark.parametrize("text", NOBODY)
def test_what_stands_for_no_customer_is_no_id(text: str) -> None:
    assert customer_id(text) is None


@pytest.mark.parametrize("text", SOMEBODY)
def test_an_id_that_looks_like_it_is_one(text: str) -> None:
    assert customer_id(text) == text


def test_two_spellings_of_one_id_are_one() -> None:
    assert customer_id("Zoe\u0308-7") == customer_id("Zo\u00eb-7") == customer_id(" Zo\u00eb-7\n") == "Zo\u00eb-7"


@pytest.mark.parametrize(
    "text", ["\u200eC-77", "C-77\u200b", "\ufeffC-77", "C\u00ad-77", "\u202aC-77\u202c", "\u2060 C-77"]
)
def test_invisible_signs_are_no_part_of_an_id(text: str) -> None:
    assert customer_id(text) == "C-77"


@given(st.text())
def test_the_one_form_of_the_one_form_is_itself(text: str) -> None:
    form = customer_id(text)
    assert form is None or (customer_id(form) == form and unicodedata.is_normalized("NFC", form))


@given(st.integers(1, 10**40))
def test_every_digit_of_a_number_stays(number: int) -> None:
    assert customer_id(str(number)) == str(number)
