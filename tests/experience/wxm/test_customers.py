"""A customer is found in a WxM by every form in which a number or an address may be kept there, and never another."""

from collections.abc import Iterator

import pytest

from experience.model.customer import Customer
from experience.privacy import pii
from experience.wxm.platform import Wxm
from foundation.http.client import HttpClient
from gadgets.journey.caller import Caller
from tests.support.answering import answer
from tests.support.scripted_wxm import ScriptedWxm, scripted_wxm
from tests.support.wxm_login import Login

NUMBER, ADDRESS = "+886912344455", "ann@example.com"
BARE = NUMBER.removeprefix("+")


@pytest.fixture
def remote() -> Iterator[ScriptedWxm]:
    with scripted_wxm() as wxm:
        yield wxm


def total(remote: ScriptedWxm, customer: Customer) -> int:
    wxm = Wxm(HttpClient(), remote.base, Login(), time_zone="UTC", phone_region="TW")
    return wxm.journey(customer, 20, None).total


@pytest.mark.parametrize(
    "kept", [NUMBER, BARE, *(pii.hashed(form, algorithm) for form in (NUMBER, BARE) for algorithm in pii.ALGORITHMS)]
)
def test_a_number_is_found_in_every_form(remote: ScriptedWxm, kept: str) -> None:
    remote.answers = [answer(mobile=kept, nps=9), answer(mobile="+886912344456", nps=1)]
    assert total(remote, Customer("mobile", NUMBER)) == 1


@pytest.mark.parametrize("kept", [ADDRESS, *(pii.hashed(ADDRESS, algorithm) for algorithm in pii.ALGORITHMS)])
def test_an_address_is_found_in_every_form(remote: ScriptedWxm, kept: str) -> None:
    remote.answers = [answer(email=kept, nps=9), answer(email="bob@example.com", nps=1)]
    assert total(remote, Customer("email", ADDRESS)) == 1


def test_the_first_of_customer_id_number_and_address_decides_alone(remote: ScriptedWxm) -> None:
    remote.answers = [answer(customer="C-1"), answer(mobile=NUMBER), answer(email=ADDRESS)]
    assert total(remote, Caller("C-1", NUMBER, ADDRESS).customer) == 1
    question_ids = [
        question["questionId"] for seen in remote.requests_to("page") for question in seen.body["filterquestions"]
    ]
    assert set(question_ids) == {"64b0000000000000000000a1"}


@pytest.mark.parametrize("name", ["gt", "LT", "eq", "Any Text", "any text", '"', "🙂", "a,b", "C-1' OR 1=1"])
def test_a_customer_id_is_never_read_as_a_condition(remote: ScriptedWxm, name: str) -> None:
    remote.answers = [answer(customer="C-1"), answer(customer="C-2")]
    assert total(remote, Customer("customerId", name)) == 0
    for seen in remote.requests_to("page"):
        checks = seen.body["filterquestions"][0]["answerCheck"]
        assert checks[0].startswith("sha")
        assert "any text" not in [check.lower() for check in checks]
