"""A customer answers by a link: what was entered is the answer, once, whatever is sent twice or out of order."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from experience.survey_web.flow import chosen
from experience.surveys import partials
from experience.surveys.survey_tokens import invitations
from tests.support.survey_page import DISPATCH, ENTERED, KEPT, Customer, Site


def test_every_kind_of_question_becomes_what_the_api_shows(site: Site) -> None:
    customer = Customer(site, site.token())
    assert customer.questions == list(ENTERED)
    customer.send(ENTERED)
    assert customer.page.status_code == 200
    assert "We read every answer." in customer.html
    assert 'href="https://bora.com/thanks"' in customer.html
    assert site.values() == [KEPT]
    answer = site.answers()[0]
    assert (answer["surveyClient"], answer["locationId"]) == ("Web", "Every kind")
    assert 0 <= answer["responseDuration"] < 60


def test_a_survey_that_is_sent_twice_or_again_after_the_back_button_is_one_answer(site: Site) -> None:
    customer = Customer(site, site.token())
    form = customer.page
    customer.send({"nps": "9"})
    customer.page = form
    customer.send({"nps": "1"})
    assert customer.page.status_code == 200
    assert "We read every answer." in customer.html
    assert site.values() == [{"nps": 9, "kind-agent": "6001"}]


def test_two_requests_at_the_same_moment_are_one_answer(site: Site) -> None:
    token = site.token(validUses=5, dispatchId=DISPATCH)
    first = Customer(site, token)
    customers = [first, *(Customer(site, token) for _ in range(5))]
    for customer in customers:
        customer.page = first.page
    threads = [threading.Thread(target=customer.send, args=({"nps": "9"},)) for customer in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(site.answers()) == 1
    assert {customer.page.status_code for customer in customers} == {200}
    assert site.events(token).count("Answered") == 1
    with site.database.read() as connection:
        assert connection.execute(select(invitations.c.uses_left)).scalars().all() == [4]


def test_a_half_filled_survey_goes_on_on_another_device(site: Site) -> None:
    token = site.token()
    first = Customer(site, token)
    first.send({"nps": "9", "topics": ["Branches"], "comment": "half"}, go="later")
    assert "saved" in first.html
    assert site.answers() == []
    second = Customer(site, token)
    assert second.shown == {"nps": ["9"], "topics": ["Branches"], "comment": ["half"]}
    second.send({"topics": [], "comment": "whole"})
    assert site.values() == [{"nps": 9, "comment": "whole", "kind-agent": "6001"}]


def test_a_link_that_many_share_gives_each_an_answer_of_their_own(site: Site) -> None:
    token = site.token(validUses=2)
    first, second, third = (Customer(site, token) for _ in range(3))
    assert "Save and continue later" not in first.html
    first.send({"nps": "1"})
    second.send({"nps": "2"})
    assert sorted(values["nps"] for values in site.values()) == [1, 2]
    third.send({"nps": "3"})
    assert third.page.status_code == 410
    assert len(site.answers()) == 2


def test_what_cannot_be_an_answer_is_named_and_nothing_that_was_entered_is_lost(site: Site) -> None:
    customer = Customer(site, site.token())
    wrong = {"minutes": "soon", "visited": "2026-02-30", "name": "Ann", "reason": "Fraud", "csat": "6"}
    customer.send(wrong)
    assert customer.page.status_code == 422
    assert customer.html.count('aria-invalid="true"') == 2
    for place in ("q1", "q2", "q6", "q11", "q12"):
        assert f'id="{place}-error"' in customer.html, place
    assert {"minutes": ["soon"], "visited": ["2026-02-30"], "name": ["Ann"]}.items() <= customer.shown.items()
    assert site.answers() == []
    customer.send({"nps": "5", "minutes": "3", "visited": "2026-02-28"})
    assert site.values() == [{"nps": 5, "name": "Ann", "minutes": 3, "visited": 20260228, "kind-agent": "6001"}]


@pytest.mark.parametrize(
    ("question", "value"),
    [("nps", "11"), ("nps", "-1"), ("mood", "2.5"), ("topics", ["Fees", "x"]), ("name", "x" * 20_001)],
)
def test_a_forged_form_is_refused(sqlite_site: Site, question: str, value: Any) -> None:
    customer = Customer(sqlite_site, sqlite_site.token())
    customer.send({"nps": "5", question: value})
    assert customer.page.status_code == 422
    assert sqlite_site.answers() == []


def test_who_answers_cannot_change_what_the_token_says(sqlite_site: Site) -> None:
    customer = Customer(sqlite_site, sqlite_site.token())
    customer.client.post(customer.path, data={**customer.hidden, "go": "send", "q:nps": "9", "q:kind-agent": "6666"})
    assert sqlite_site.values() == [{"nps": 9, "kind-agent": "6001"}]


def test_what_the_invitation_met_is_written_down_once(site: Site) -> None:
    token = site.token(dispatchId=DISPATCH)
    customer = Customer(site, token)
    assert site.events(token) == []
    for _ in range(2):
        assert customer.client.post(f"{customer.path}/displayed").status_code == 204
    assert site.events(token) == ["Displayed"]
    customer.send({"csat": "3"}, go="later")
    customer.send({"nps": "9"})
    customer.send({"nps": "9"})
    assert site.events(token) == ["Answered", "Displayed", "Open"]


def test_a_rating_in_a_message_is_marked_and_counts_only_when_it_is_sent(site: Site) -> None:
    token = site.token(dispatchId=DISPATCH)
    customer = Customer(site, token)
    before = site.everything()
    customer.get("?score=3&q=nps")
    assert customer.shown == {"nps": ["3"]}
    customer.get("?score=4")
    assert customer.shown == {"nps": ["4"]}
    assert site.everything() == before
    customer.send()
    assert site.values() == [{"nps": 4, "kind-agent": "6001"}]


def test_personal_data_that_is_kept_as_a_hash_is_neither_shown_again_nor_lost(site: Site) -> None:
    site.import_(
        "name: Hashed\nquestions: [{id: secret, type: Text, hash: true, text: {en: Account}}, "
        "{id: nps, type: Scale, tags: [NPS], range: [0, 10], text: {en: Recommend}}]"
    )
    token = site.token("Hashed")
    customer = Customer(site, token)
    customer.send({"secret": "DE-4711"}, go="later")
    assert "4711" not in customer.html
    assert "sha512" not in customer.html
    assert "You have answered this." in customer.html
    customer.send({"nps": "9"})
    assert site.values()[0]["secret"].startswith("sha512:")


@pytest.mark.parametrize("picked", [["A, B"], ["A"], ["C", "A, B"], []])
def test_an_option_that_holds_a_comma_is_one_option(picked: list[str]) -> None:
    options = ["C", "A", "A, B"]
    assert chosen(",".join(picked), options) == picked


def test_a_survey_that_is_too_long_in_all_says_so(sqlite_site: Site) -> None:
    long = "\n".join(f"  - {{id: t{n}, type: MultilineText, text: {{en: Text}}}}" for n in range(5))
    sqlite_site.import_(f"name: Long\nquestions:\n{long}")
    customer = Customer(sqlite_site, sqlite_site.token("Long"))
    customer.send({f"t{n}": "x" * 20_000 for n in range(5)})
    assert customer.page.status_code == 422
    assert "too long" in customer.html
    assert partials.MOST_BYTES < 100_000
