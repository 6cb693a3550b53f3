"""Who the customer on a call is (docs/api.md, Journey; docs/cisco/finesse.md §6.1)."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.settings import PLACEHOLDERS
from gadgets.finesse.xml import CallKind, Dialog
from gadgets.journey.caller import Caller, CallerRules, caller_of, faults, read_variable

RULES = CallerRules.of(("POD.ID",), PLACEHOLDERS, "", ())
TAIWAN = CallerRules.of(("POD.ID",), PLACEHOLDERS, "TW", ("0", "9"))
EXTENSION = "2001"
ANN = "cc_CustomerId=C-10042;Email=ann@example.com;Mobile=886912344455;cc_language=zh-tw;Optin=yes"

# The table of docs/cisco/finesse.md §6.1.
EXAMPLES = {
    ANN: Caller("C-10042", "886912344455", "ann@example.com"),
    f"{ANN};": Caller("C-10042", "886912344455", "ann@example.com"),
    "C-10042": Caller("C-10042"),
    "cc_customerid=C=10042;mobile=+886 912 344 455": Caller("C=10042", "+886912344455"),
    "cc_CustomerId=;Email=;Mobile=886912344455;cc_langauge=en-us;Optin=": Caller("", "886912344455"),
    "\ufeffcc_CustomerId=\u200eC-7;\u200bMobile=\u202a+886\u2011912\u2011344\u2011455\u202c": Caller(
        "C-7", "+886912344455"
    ),
    "cc_CustomerId=;Mobile=12\u201134567890": None,
    "cc_CustomerId=;Email=username@email.com;Mobile=1234567890;cc_language=en-us;Optin=1": None,
}


def call(
    pod_id: str | None = None,
    *,
    caller: str = "",
    called: str = EXTENSION,
    agents: tuple[str, ...] = (EXTENSION,),
    **variables: str,
) -> Dialog:
    named = {"POD.ID": pod_id} if pod_id is not None else {}
    return Dialog("1", caller, called, CallKind.ORDINARY, named | variables, frozenset(agents))


@pytest.mark.parametrize("pod_id", EXAMPLES)
def test_pod_id_means_what_the_examples_say(pod_id: str) -> None:
    assert caller_of(call(pod_id), EXTENSION, RULES) == EXAMPLES[pod_id]


def test_without_pod_id_the_calling_number_is_the_customer() -> None:
    assert caller_of(call(caller="886912344455"), EXTENSION, RULES) == Caller("", "886912344455")
    assert caller_of(call("", caller="886912344455"), EXTENSION, RULES) == Caller("", "886912344455")


def test_with_placeholders_alone_the_calling_number_is_the_customer() -> None:
    placeholders = "cc_CustomerId=ICM;Email=USERNAME@email.com;Mobile=1234567890"
    assert caller_of(call(placeholders, caller="886912344455"), EXTENSION, RULES) == Caller("", "886912344455")
    assert caller_of(call("Mobile=+1 (234) 567-890"), EXTENSION, RULES) is None


@pytest.mark.parametrize("name", ["C-1234567890", "1234567890@example.com", "12345678901"])
def test_a_value_that_holds_a_placeholder_is_a_value(name: str) -> None:
    found = caller_of(call(f"cc_CustomerId={name}"), EXTENSION, RULES)
    assert found == Caller(name)


def test_an_address_of_digits_is_no_placeholder() -> None:
    assert caller_of(call("Email=1234567890@example.com"), EXTENSION, RULES) == Caller("", "", "1234567890@example.com")


@pytest.mark.parametrize(
    ("pod_id", "known_by", "value"),
    [
        (ANN, "customerId", "C-10042"),
        ("Email=Ann@Example.com;Mobile=0912 344 455", "mobile", "+886912344455"),
        ("email= Ann@Example.com ", "email", "ann@example.com"),
        ("Mobile=12345;Email=ann@example.com", "email", "ann@example.com"),
        ("mobile=not a number;EMAIL=ann@example.com", "email", "ann@example.com"),
    ],
)
def test_the_first_of_customer_id_mobile_and_email_decides_alone(pod_id: str, known_by: str, value: str) -> None:
    found = caller_of(call(pod_id), EXTENSION, TAIWAN)
    assert found is not None
    assert (found.customer.known_by, found.customer.value) == (known_by, value)


def test_a_number_of_seven_digits_may_be_a_customers() -> None:
    assert caller_of(call(caller="234-5678"), EXTENSION, RULES) == Caller("", "2345678")


def test_what_is_written_twice_counts_as_it_was_written_first() -> None:
    assert read_variable("Mobile=886912344455; Mobile = 886922000111;C-1;C-2") == {
        "mobile": "886912344455",
        "customerId": "C-1",
    }
    rules = CallerRules.of(("callVariable1:mobile", "callVariable2:mobile"), PLACEHOLDERS, "", ())
    both = call(callVariable1="886912344455", callVariable2="886922000111")
    assert caller_of(both, EXTENSION, rules) == Caller("", "886912344455")


def test_blanks_around_a_key_and_its_value_are_no_part_of_them() -> None:
    assert read_variable(" Mobile = 886912344455 ;email= ann@example.com") == {
        "mobile": "886912344455",
        "email": "ann@example.com",
    }


def test_what_an_administrator_has_ignored_is_ignored_in_any_case() -> None:
    rules = CallerRules.of(("POD.ID",), ("Kiosk", "Test-Caller"), "", ())
    for written in ("Kiosk", "KIOSK", "test-caller"):
        assert caller_of(call(written), EXTENSION, rules) is None


@pytest.mark.parametrize("written", ["0912344455", "00886912344455", "+886 912-344-455", "886912344455", "90912344455"])
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert caller_of(call(caller=written), EXTENSION, TAIWAN) == Caller("", "+886912344455")


@pytest.mark.parametrize("caller", ["", EXTENSION, "2002", "123456", "12-34", "anonymous", "Restricted", "ann@host"])
def test_extensions_short_numbers_and_words_are_no_customers(caller: str) -> None:
    assert caller_of(call(caller=caller, agents=(EXTENSION, "2002")), EXTENSION, RULES) is None


@pytest.mark.parametrize("extension", ["20012001", "0912344455"])
def test_an_agents_own_extension_is_no_customer_however_long(extension: str) -> None:
    assert caller_of(call(caller=extension, called="8000", agents=()), extension, TAIWAN) is None
    assert caller_of(call(caller=extension, agents=(extension,)), EXTENSION, RULES) is None


def test_on_an_outbound_call_the_called_number_is_the_customer() -> None:
    out = call(caller=EXTENSION, called="886912344455")
    assert caller_of(out, EXTENSION, RULES) == Caller("", "886912344455")
    dialled = call(caller=EXTENSION, called="9", dialedNumber="886912344455")
    assert caller_of(dialled, EXTENSION, RULES) == Caller("", "886912344455")
    campaign = call(caller=EXTENSION, called="8000", BACustomerNumber="886912344455")
    assert caller_of(campaign, EXTENSION, RULES) == Caller("", "886912344455")


def test_of_several_numbers_the_campaigns_counts_then_the_called_one() -> None:
    by_hand = call(caller=EXTENSION, called="886922000111", dialedNumber="9886922000111")
    campaign = replace(by_hand, variables={**by_hand.variables, "BACustomerNumber": "886912344455"})
    assert caller_of(campaign, EXTENSION, RULES) == Caller("", "886912344455")
    assert caller_of(by_hand, EXTENSION, RULES) == Caller("", "886922000111")


def test_a_call_between_agents_has_no_customer() -> None:
    assert (
        caller_of(call(caller="20022002", called=EXTENSION, agents=("20022002", EXTENSION)), EXTENSION, RULES) is None
    )


def test_other_variables_may_name_the_customer() -> None:
    rules = CallerRules.of(("POD.ID", "user.custId:customerId", "callVariable3:MOBILE"), PLACEHOLDERS, "", ())
    variables = {"user.custId": " C-7 ", "callVariable3": "886912344455"}
    plain = replace(call(), variables=variables)
    assert caller_of(plain, EXTENSION, rules) == Caller("C-7", "886912344455")
    assert caller_of(plain, EXTENSION, RULES) is None
    both = replace(call(), variables={"POD.ID": "C-1", **variables})
    assert caller_of(both, EXTENSION, rules) == Caller("C-1", "886912344455")


@pytest.mark.parametrize(
    ("entry", "word"), [("a:b", "b"), ("", "name"), ("a:customerId:x", "name"), ("a b", "name"), (":mobile", "name")]
)
def test_a_bad_entry_of_customer_variables_is_named(entry: str, word: str) -> None:
    (fault,) = faults((entry,))
    assert "CUSTOMER_VARIABLES" in fault
    assert word in fault
    assert faults(("POD.ID", "user.custId:customerId", "callVariable3:mobile", "x:EMAIL")) == []


signs = st.characters(exclude_characters=";", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
values = st.text(signs, min_size=1)
keys = {"cc_CustomerId": "customerId", "Mobile": "mobile", "Email": "email"}


@st.composite
def cased(draw: st.DrawFn, text: str) -> str:
    return "".join(draw(st.sampled_from([sign.lower(), sign.upper()])) for sign in text)


@given(st.data(), st.dictionaries(st.sampled_from(sorted(keys)), values, min_size=1))
def test_any_pairs_in_any_case_and_order_are_read_back(data: st.DataObject, facts: dict[str, str]) -> None:
    pairs = [f"{data.draw(cased(key))}={value}" for key, value in facts.items()]
    noise = ["cc_langauge=en-us", "Optin=1", "unknown=x", "Mobile=", ""]
    mixed = data.draw(st.permutations(pairs + data.draw(st.lists(st.sampled_from(noise), unique=True))))
    assert read_variable(";".join(mixed)) == {keys[key]: value for key, value in facts.items()}


@given(st.text(string.printable.replace("=", "").replace(";", "").replace("\x00", "")))
def test_a_bare_value_is_the_customer_id(text: str) -> None:
    bare = text.strip()
    assert read_variable(text) == ({"customerId": bare} if bare else {})


@given(values, values)
def test_the_first_equals_sign_splits(left: str, right: str) -> None:
    assert read_variable(f"cc_CustomerId={left}={right}") == {"customerId": f"{left}={right}"}


@given(st.text(), st.text(), st.text())
def test_whatever_arrives_is_read_without_fault(pod_id: str, caller: str, called: str) -> None:
    for rules in (RULES, TAIWAN):
        found = caller_of(call(pod_id, caller=caller, called=called), EXTENSION, rules)
        assert found is None or found.customer.value


@given(st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True), st.emails())
def test_what_is_told_of_a_customer_is_masked(mobile: str, email: str) -> None:
    told = Caller("C-1", mobile, email).to_dict()
    assert told["customerId"] == "C-1"
    assert told["knownBy"] == "customerId"
    assert told["mobile"] == f"…{mobile[-4:]}"
    name, _, domain = email.rpartition("@")
    assert told["email"] == f"{name[0]}…@{domain}"
