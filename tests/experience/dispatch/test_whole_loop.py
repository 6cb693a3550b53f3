"""From a batch to an answer, in any order of batches, repeats, deliveries, deaths, answers, unsubscribes and retries.

Tallies equal a recount, nobody answers more often than they may, nobody who was accepted is lost, nobody who
unsubscribed is written to, and nobody is written to twice but where a worker could not know better.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Table

from experience.dispatch import outbox
from experience.dispatch.delivery import Delivery
from experience.platform import Platform
from experience.surveys import survey_tokens
from tests.support import loop_books
from tests.support.answering import SCALES
from tests.support.delivering import SURVEYS, bring_forward, keep_dispatch
from tests.support.loop_batches import BATCHES, CUSTOMERS, SHAPES, Batch, address_of, identities
from tests.support.scripted_finesse import basic
from tests.support.scripted_mail import ENDINGS, Letter, ScriptedMail, WorkerDied
from tests.support.survey_page import Customer, Site, survey_site

REMINDER = '- {on_channel: email, delay_by_hours: 24, subject: Again, text_body: "{{ link }}"}'
CREDENTIAL = {"cloudconnect_username": "admin", "cloudconnect_password": "word"}
WHO = {"Authorization": basic("admin", "word")}
PATH = "/cherrypoint/surveydispatch"


PICKS, SCORES = st.integers(0, 30), st.integers(0, 10)
SCRIPTS = st.lists(st.sampled_from(sorted(ENDINGS)), min_size=1, max_size=4)
QUICK = ("waits", "answers", "unsubscribes")


def is_failed(standing: loop_books.Standing) -> bool:
    return standing.row is not None and standing.row.state == "failed"


class Loop(RuleBasedStateMachine):
    """One dispatch with a reminder, a few customers, and all that may happen to them."""

    batches = Bundle("batches")

    site: ClassVar[Site]
    # Those that hold what is there before anything happens.
    tables: ClassVar[frozenset[Table]]

    def __init__(self) -> None:
        super().__init__()
        loop_books.forget_all_but(self.site.database, self.tables)
        self.platform: Platform = self.site.app.extensions["pulse"]["platform"]
        self.accepted: set[tuple[Any, ...]] = set()
        self.letters: list[Letter] = []
        self.unsubscribed: set[str] = set()
        # Of these, not even the worker could know whether they were written to.
        self.doubtful: set[str] = set()
        self.uses: Counter[str] = Counter()
        self.quick = "waits"
        self.mail = ScriptedMail()
        self.mail.on_taken = self.taken

    @initialize(target=batches, batch=BATCHES)
    def first_batch_comes(self, batch: Batch) -> Batch:
        return self.post(batch)

    @rule(target=batches, batch=BATCHES)
    def batch_comes(self, batch: Batch) -> Batch:
        return self.post(batch)

    @rule(batch=batches)
    def batch_comes_again(self, batch: Batch) -> None:
        self.post(batch)

    @rule(batch=batches, name=st.sampled_from(["b3", ""]), shape=st.sampled_from(sorted(SHAPES)))
    def batch_comes_again_by_another_id(self, batch: Batch, name: str, shape: str) -> None:
        self.post(batch._replace(name=name, shape=shape))

    @rule(endings=SCRIPTS, quick=st.sampled_from(QUICK), is_later=st.booleans())
    def worker_delivers(self, endings: list[str], quick: str, *, is_later: bool) -> None:
        if is_later:
            self.time_passes()
        self.quick = quick
        names = [endings[customer % len(endings)] for customer in range(CUSTOMERS)]
        self.mail.endings = {address_of(customer): ENDINGS[name] for customer, name in enumerate(names)}
        with suppress(WorkerDied):
            Delivery(self.platform, {"email": self.mail}, SURVEYS).deliver_due()
        self.quick = "waits"

    def time_passes(self) -> None:
        """Pauses, leases of the dead, and the days until a reminder are over."""
        bring_forward(self.platform)

    @rule()
    def failed_are_retried(self) -> None:
        self.doubtful |= {standing.token for standing in self.standings() if is_failed(standing)}
        with self.site.database.write() as connection:
            outbox.retry(connection, time.time_ns() // 1000)

    @rule(pick=PICKS, score=SCORES, times=st.integers(1, 2))
    def customer_answers_on_the_page(self, pick: int, score: int, times: int) -> None:
        """Twice: the page was open in two tabs."""
        self.answer_on_the_page(self.token(pick), score, times)

    @rule(pick=PICKS, score=SCORES)
    def customer_begins_and_answers_later(self, pick: int, score: int) -> None:
        customer = Customer(self.site, self.token(pick))
        if customer.page.status_code == 200:
            customer.send({SCALES["nps"]: str(score)}, go="later")

    @rule(
        pick=PICKS,
        score=SCORES,
        requests=st.lists(st.sampled_from(["whole", "end of a partial survey"]), min_size=1, max_size=3),
    )
    def customer_answers_by_the_api(self, pick: int, score: int, requests: list[str]) -> None:
        token, client = self.token(pick), self.site.client()
        survey = client.get(f"/api/SurveyByToken/{token}").get_json()
        responses = [{"questionId": SCALES["nps"], "numberInput": score}]
        for request in requests:
            if request == "whole":
                sent = {"surveyClient": "JS-Web", "responses": responses}
                assert client.post(f"/api/SurveyByToken/{token}", json=sent).status_code == 200
            elif survey:
                partial = f"/api/PartialSurvey/{survey['partialResponseId']}/true/JS-Web"
                assert client.post(partial, json=responses).status_code in {204, 404}

    @rule(pick=PICKS)
    def customer_unsubscribes(self, pick: int) -> None:
        standing = self.standings()[pick % len(self.accepted)]
        self.unsubscribe(standing.token, standing.address)

    @rule(pick=PICKS)
    def invitation_may_be_answered_once_more(self, pick: int) -> None:
        token = self.token(pick)
        self.uses[token] += 1
        with self.site.database.write() as connection:
            known = survey_tokens.find(connection, token, to_change=True)
            assert known
            changed = {**known, "validUses": known["validUses"] + 1}
            survey_tokens.change(connection, known, changed, known["location"])

    @invariant()
    def nobody_who_was_accepted_is_lost(self) -> None:
        standings = self.standings()
        assert len(standings) == len(self.accepted)
        for standing in standings:
            happened, row = standing.happened, standing.row
            reasons = [*happened["Failed"], *happened["Bounced"]]
            assert happened["Accepted"] == [None]
            assert all(reasons)
            assert reasons or not is_failed(standing)
            assert row or happened["Sent"] or reasons or happened["Answered"]
            assert happened["Sent"] or not (row and row.sequence)

    @invariant()
    def nobody_answers_more_often_than_they_may(self) -> None:
        answers = self.site.answers()
        noted: list[str | None] = []
        for standing in self.standings():
            assert len(standing.happened["Answered"]) <= 1 + self.uses[standing.token]
            noted += standing.happened["Answered"]
        assert sorted(map(str, noted)) == sorted(answer["id"] for answer in answers)

    @invariant()
    def who_was_written_to_counts_as_invited(self) -> None:
        with self.site.database.read() as connection:
            invited = loop_books.noted_as_invited(connection)
        assert invited == {
            standing.token: (bool(standing.happened["Answered"]), bool(standing.happened["Unsubscribed"]))
            for standing in self.standings()
            if standing.happened["Sent"]
        }

    def tallies_equal_a_recount(self) -> None:
        with self.site.database.read() as connection:
            counts = loop_books.counts(connection)
        assert counts == loop_books.recounted(self.platform)

    def teardown(self) -> None:
        """In the end, with a server that takes everything, nobody is left waiting."""
        self.tallies_equal_a_recount()
        for _ in range(3):
            self.failed_are_retried()
            self.worker_delivers(["sent"], "waits", is_later=True)
        assert [standing for standing in self.standings() if standing.row] == []
        self.tallies_equal_a_recount()

    def post(self, batch: Batch) -> Batch:
        sent = [SHAPES[batch.shape](item) for item in batch.items]
        headers = WHO | ({"BatchID": batch.name} if batch.name else {})
        answer = self.site.client().post(PATH, json=sent, headers=headers)
        assert (answer.status_code, answer.get_json()["accepted"]) == (202, len(batch.items))
        self.accepted |= identities(batch)
        return batch

    def taken(self, letter: Letter) -> None:
        """The server has a message: of somebody who may be written to, and has not been by another, nor by this."""
        assert letter.address not in self.unsubscribed
        before = [known for known in self.letters if known.address == letter.address]
        assert not any(known.is_certain for known in before if known.identity == letter.identity)
        assert {known.token for known in before} - self.doubtful <= {letter.token}
        self.letters.append(letter)
        if not letter.is_certain and self.mail.endings[letter.address].outcome is None:
            self.doubtful.add(letter.token)
        if self.quick == "answers":
            self.answer_on_the_page(letter.token, 9, 1)
        if self.quick == "unsubscribes":
            self.unsubscribe(letter.token, letter.address)

    def answer_on_the_page(self, token: str, score: int, times: int) -> None:
        for customer in [Customer(self.site, token) for _ in range(times)]:
            if customer.page.status_code == 200:
                customer.send({SCALES["nps"]: str(score), SCALES["csat"]: "4"})
                assert customer.page.status_code in {200, 410}

    def unsubscribe(self, token: str, address: str) -> None:
        assert self.site.client().post(f"/s/{token}/unsubscribe").status_code == 303
        self.unsubscribed.add(address)

    def token(self, pick: int) -> str:
        return self.standings()[pick % len(self.accepted)].token

    def standings(self) -> list[loop_books.Standing]:
        with self.site.database.read() as connection:
            return loop_books.standings(connection)


@pytest.fixture
def loop_site(url: str, tmp_path: Path) -> Iterator[Site]:
    with survey_site(url, tmp_path, faces=("survey", "api", "cherrypoint"), **CREDENTIAL) as site:
        keep_dispatch(site.app.extensions["pulse"]["platform"], steps=REMINDER)
        yield site


def test_the_whole_loop_keeps_its_promises_in_any_order(loop_site: Site) -> None:
    class Here(Loop):
        site, tables = loop_site, loop_books.filled_tables(loop_site.database)

    examples = 25 if loop_site.database.dialect == "sqlite" else 6
    run_state_machine_as_test(Here, settings=settings(max_examples=examples, stateful_step_count=25))
