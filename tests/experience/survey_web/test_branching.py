"""Questions that depend on others: one a page, and nothing that was entered is lost, whatever the way through them."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.survey_page import Customer, Site, survey_site

ADDRESSES = (f"10.1.{number // 250}.{number % 250}" for number in itertools.count())
VALUES: dict[str, Any] = {
    "b-nps": st.sampled_from(["0", "6", "7", "10"]),
    "b-why": st.sampled_from(["", "Slow", "Zu <langsam>"]),
    "b-topics": st.lists(st.sampled_from(["Fees", "Cards", "Branches"]), unique=True, max_size=3),
    "b-worst": st.sampled_from(["None of them"]),
    "b-fees": st.sampled_from(["", "Card fee"]),
}


def test_only_what_follows_from_the_answers_is_asked_and_kept(site: Site) -> None:
    customer = Customer(site, site.token("Branching"))
    assert customer.questions == ["b-nps"]
    assert "Question 1 of 3" in customer.html
    customer.send({"b-nps": "3"})
    assert customer.questions == ["b-why"]
    customer.send({"b-why": "Slow"})
    customer.send(go="back")
    customer.send(go="back")
    assert customer.shown == {"b-nps": ["3"]}
    customer.send({"b-nps": "9"})
    assert customer.questions == ["b-topics"]
    customer.send({"b-topics": ["Cards", "Fees"]})
    assert customer.questions == ["b-worst"]
    assert [value in customer.html for value in ("Fees", "Cards", "Branches", "None of them", "Nothing")] == [
        *(True, True, False, True, False)
    ]
    customer.send({"b-worst": "Cards"})
    assert customer.questions == ["b-fees"]
    customer.send({"b-fees": "Card fee"})
    assert "Thank you" in customer.html
    assert site.values() == [{"b-nps": 9, "b-topics": "Fees,Cards", "b-worst": "Cards", "b-fees": "Card fee"}]


def test_the_last_question_ends_the_survey_though_another_one_could_have_followed(site: Site) -> None:
    customer = Customer(site, site.token("Branching"))
    for entered in ({"b-nps": "9"}, {}, {"b-worst": "None of them"}):
        customer.send(entered)
    assert "Thank you" in customer.html
    assert site.values() == [{"b-nps": 9, "b-worst": "None of them"}]


def test_a_required_question_holds_its_page(site: Site) -> None:
    customer = Customer(site, site.token("Branching"))
    customer.send({})
    assert customer.page.status_code == 422
    assert customer.questions == ["b-nps"]


def test_a_survey_goes_on_at_the_question_where_it_was_left(site: Site) -> None:
    token = site.token("Branching")
    Customer(site, token).send({"b-nps": "3"})
    assert Customer(site, token).questions == ["b-why"]


@pytest.fixture(scope="module")
def shared_site(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("branching")
    shutil.copy(migrated_file, folder / "pulse.db")
    with survey_site(f"sqlite:///{folder / 'pulse.db'}", folder) as site:
        yield site


@settings(max_examples=50)
@given(data=st.data(), steps=st.lists(st.sampled_from(["next", "next", "back", "later", "resume"]), max_size=12))
def test_any_way_through_keeps_what_was_entered(data: st.DataObject, steps: list[str], shared_site: Site) -> None:
    token = shared_site.token("Branching")
    customer, entered = Customer(shared_site, token), dict[str, list[str]]()
    customer.client.environ_base["REMOTE_ADDR"] = next(ADDRESSES)
    for go in steps:
        (question,) = customer.questions
        expected = [value for value in entered.get(question, []) if f'"{value}"' in customer.html or is_text(question)]
        assert customer.shown.get(question, []) == expected, question
        if go == "resume":
            customer = Customer(shared_site, token)
            continue
        value = data.draw(VALUES[question])
        customer.send({question: value}, go=go)
        entered[question] = [text for text in ([value] if isinstance(value, str) else value) if text]
        if question == "b-topics":
            entered[question].sort(key=["Fees", "Cards", "Branches"].index)
        if "Thank you" in customer.html:
            break
    if "Thank you" in customer.html:
        kept = shared_site.values()[-1]
        assert kept == {
            key: int(values[0]) if key == "b-nps" else ",".join(values)
            for key, values in entered.items()
            if values and key in kept
        }
        assert {"b-nps", *(key for key in ("b-topics", "b-worst") if entered.get(key))} <= kept.keys()


def is_text(question: str) -> bool:
    return question in ("b-why", "b-fees")
