"""Personal data: one form, hashes that a look-up finds, masks."""

from __future__ import annotations

import hashlib
import sys
import unicodedata

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experience.privacy import pii

NUMBERS = st.text("+0123456789 ()-.#*x", min_size=5, max_size=20)


@pytest.mark.parametrize(
    "written",
    ["+886912345678", "0912 345 678", "0912-345-678", "886912345678", "(09) 1234-5678", "+886 0912345678",
     "tel:+886-912-345-678", "00886912345678", "+886912345678;ext=12", "０９１２３４５６７８", "٠٩١٢٣٤٥٦٧٨"],
)  # fmt: skip
def test_one_number_has_one_form(written: str) -> None:
    assert pii.phone(written, "TW") == "+886912345678"


# Case 06, and others of its kind.
PASTED = (
    *("\u202a+886912344455\u202c", "\u202d+886 912 344 455\u202c", "\u2068+886912344455\u2069", "\u200e+886912344455"),
    *("+886\u200b912344455", "+886912344455\u200d", "\ufeff+886912344455", "+886\u2011912\u2011344\u2011455"),
    *(
        "+886\u2013912\u2013344\u2013455",
        "+886\u2212912\u2212344\u2212455",
        "+886\u00ad912344455",
        "+886\u2060912344455",
    ),
    *("[+886] 912 344 455", "'+886912344455", "TEL:+886912344455"),
    *("(+886) 912-344-455", "（＋886）912－344－455", "<+886912344455>", "「+886 912344455」", "\u2019+886912344455"),
    *("Tel.: +886 912 344 455", "tel://+886912344455", "Callto:+886912344455", "+886‧912‧344‧455", "+886·912·344·455"),
    *(
        "+886ー912ー344ー455",
        "+886～912344455",
        "+886\xa0912\u202f344\u3000455",
        "+886\ufe0f912344455",
        '"+886912344455"',
    ),
)


@pytest.mark.parametrize("written", PASTED)
def test_a_number_that_was_pasted_is_the_number(written: str) -> None:
    assert pii.phone(written) == "+886912344455"
    assert pii.phone(written, "TW") == "+886912344455"


def test_every_dash_of_unicode_is_one() -> None:
    dashes = [sign for sign in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(sign) == "Pd"]
    assert len(dashes) > 20
    for dash in dashes:
        assert pii.phone(f"+886{dash}912{dash}344{dash}455") == "+886912344455", hex(ord(dash))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        *(("912344455.0", "+886912344455"), ("886912344455.00", "+886912344455"), ("912344455,0", "+886912344455")),
        *(("912344455.5", None), ("8.86912344455E11", None), ("8.86912344455", None), ("0.912344455", None)),
        *(("+886912344455.0", "+886912344455"), ("1234567.89", None), ("1,234,567.89", None), ("886,912,344.00", None)),
        *(("02.2345.6789", "+886223456789"), ("0912.344455", "+886912344455"), ("0912.344.455", "+886912344455")),
    ],
)
def test_a_decimal_point_makes_no_number_of_somebody_else(written: str, number: str | None) -> None:
    assert pii.phone(written, "TW") == number


@pytest.mark.parametrize(
    "written",
    [
        *("MAILTO:Ann@Example.com", "<ann@example.com>", "\u200bann@example.com\ufeff", "ann@\u00adexample.com"),
        *("'ann@example.com'", "ann@example.com;", "mailto:ann@example.com?subject=Hello", "Ann Lee <ann@example.com>"),
        "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    ],
)
def test_an_address_that_was_pasted_is_the_address(written: str) -> None:
    assert pii.email(written) == "ann@example.com"


def test_access_codes_are_taken_off() -> None:
    assert pii.phone("90912345678", "TW", ("9",)) == "+886912345678"
    assert pii.phone("*90912345678", "TW", ("9", "*9")) == "+886912345678"
    assert pii.phone("9886912345678", "TW", ("9",)) == "+886912345678"


def test_a_number_that_begins_like_an_access_code_stays_whole() -> None:
    assert pii.phone("0912345678", "TW", ("0",)) == "+886912345678"


def test_without_a_region_bare_digits_stay_bare() -> None:
    assert pii.phone("919911223344") == "919911223344"
    assert pii.phone("+919911223344") == "+919911223344"
    assert pii.phone("0912 345 678") == "0912345678"


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["886", "49", "39", "7", "1", "52", "54", "55", "81", "36", "370"]),
    st.text("0123456789", min_size=6, max_size=11),
)
def test_valid_numbers_are_as_phonenumbers_has_them(country: str, rest: str) -> None:
    number = phonenumbers.parse(f"+{country}{rest}", None)
    if phonenumbers.is_valid_number(number):
        expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert pii.phone(f"+{country}{rest}") == expected


@pytest.mark.parametrize("written", ["", "12345", "6001", "n/a", "icm", "a@b", "1-800-FLOWERS", "+", "+1 23"])
def test_fewer_than_seven_digits_or_letters_are_no_number(written: str) -> None:
    assert pii.phone(written, "TW") is None


@settings(deadline=None)
@given(NUMBERS, st.sampled_from([None, "TW", "US", "IT"]), st.sampled_from([(), ("9",), ("0", "*9")]))
def test_the_one_form_stays_itself(written: str, region: str | None, prefixes: tuple[str, ...]) -> None:
    once = pii.phone(written, region, prefixes)
    if once is not None:
        assert pii.phone(once, region, prefixes) == once
        assert pii.is_contact(once)


def test_addresses_are_lower_case() -> None:
    assert pii.email(" mailto:Ann.Lee@Example.COM ") == "ann.lee@example.com"
    assert pii.email("ann at example") is None
    assert pii.email("a@b@c") is None


def test_a_hash_is_of_the_lower_case_behind_the_name_of_its_algorithm() -> None:
    assert pii.hashed("Ann@Example.com", "sha256") == "sha256:" + hashlib.sha256(b"ann@example.com").hexdigest()
    assert pii.hashed("x").startswith("sha512:")


def test_a_hash_is_not_hashed_again() -> None:
    assert pii.hashed("sha512:…128 hex digits…") == "sha512:…128 hex digits…"
    assert pii.forms("sha256:ab") == ("sha256:ab",)


def test_an_unknown_algorithm_is_refused() -> None:
    with pytest.raises(ValueError, match="md5"):
        pii.hashed("x", "md5")


def test_a_look_up_tries_a_number_with_and_without_plus_and_its_hashes() -> None:
    forms = pii.forms("+886912345678")
    assert set(forms) >= {"+886912345678", "886912345678", pii.hashed("+886912345678"), pii.hashed("886912345678")}
    assert len(forms) == 8
    assert pii.forms("886912345678")[0] == "886912345678"
    assert len(pii.forms("ann@example.com")) == 4


def test_masks_show_enough_and_no_more() -> None:
    assert pii.mask_phone("+886912344455") == "…4455"
    assert pii.mask_email("ann@example.com") == "a…@example.com"
    assert pii.mask_phone(pii.hashed("+886912344455")) == "…"
    assert pii.mask_email(pii.hashed("a@b.c")) == "…"


def test_an_address_with_a_nul_is_none() -> None:
    assert pii.email("ann\0@example.com") is None
    assert pii.email("ann@example.com\0") is None
