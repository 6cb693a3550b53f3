"""Personal data: one form, hashes that a look-up finds, masks."""

from __future__ import annotations

import hashlib

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
