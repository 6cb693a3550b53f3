"""Comments from a WxM: asked for once whoever looks, no more than is needed, and never told across scopes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from experience.model.period import Period
from experience.model.scope import Scope
from experience.wxm.calls import WxmUnavailable
from experience.wxm.platform import Wxm
from foundation.http.client import HttpClient
from tests.scripts.make_answers import QUESTIONS, answers
from tests.support.answering import answer
from tests.support.scripted_wxm import Reply, ScriptedWxm, scripted_wxm
from tests.support.wxm_login import Login

DAY = date(2026, 11, 20)
YEAR = Period(DAY - timedelta(days=364), DAY)
SALES, TWO, ANN = (Scope(frozenset({team}), None) for team in ("5001", "5002", "5003"))
OWN = Scope(None, "6001")


@pytest.fixture
def wxm() -> Iterator[ScriptedWxm]:
    with scripted_wxm() as scripted:
        scripted.answers = list(answers(3_000, 3))
        yield scripted


@pytest.fixture
def source(wxm: ScriptedWxm) -> Wxm:
    return Wxm(HttpClient(), wxm.base, Login(), time_zone="UTC")


def test_many_who_ask_the_same_ask_the_wxm_once(wxm: ScriptedWxm, source: Wxm) -> None:
    with ThreadPoolExecutor(24) as pool:
        pages = list(pool.map(lambda _: source.comments(SALES, YEAR, None, 20, None), range(24)))
    assert all(page == pages[0] for page in pages)
    assert len(pages[0].answers) == 20
    assert len(wxm.requests_to("/page/")) <= 6


def test_a_page_of_one_scope_is_never_anothers(wxm: ScriptedWxm, source: Wxm) -> None:
    for _ in range(2):
        for scope in (SALES, TWO, ANN, OWN):
            page = source.comments(scope, YEAR, None, 5, None)
            assert len(page.answers) == 5
            for shown in page.answers:
                assert shown.team_id in (scope.teams or {shown.team_id})
                assert shown.agent_id == (scope.agent or shown.agent_id)


@pytest.mark.parametrize(
    ("scope", "theirs"),
    [
        (SALES, {"5001 6001", "5001 6002"}),
        (OWN, {"5001 6001", "5002 6001"}),
        (Scope(frozenset({"5001"}), "6001"), {"5001 6001"}),
    ],
)
def test_what_a_wxm_did_not_filter_is_not_told(wxm: ScriptedWxm, source: Wxm, scope: Scope, theirs: set[str]) -> None:
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    unfiltered = [
        answer(at=noon, team=team, agent=agent, comment=f"{team} {agent}")
        for team in ("5001", "5002")
        for agent in ("6001", "6002")
    ]
    wxm.script = lambda seen: Reply(200, {"totalCount": 4, "responses": unfiltered}) if "/page/" in seen.path else None
    page = source.comments(scope, YEAR, None, 20, None)
    assert {shown.comment for shown in page.answers} == theirs


def test_only_answers_with_words_are_asked_for_and_not_all_of_them(wxm: ScriptedWxm, source: Wxm) -> None:
    source.comments(SALES, YEAR, None, 5, None)
    for seen in wxm.requests_to("/page/"):
        assert ["Any Text"] in [condition["answerCheck"] for condition in seen.body["filterquestions"]]
    few = len(wxm.requests_to("/page/"))
    source.comments(SALES, YEAR, None, 6, None)
    assert len(wxm.requests_to("/page/")) - few <= few


def test_a_comment_to_a_question_that_is_asked_no_more_is_told(wxm: ScriptedWxm, source: Wxm) -> None:
    wxm.questions = [question | {"isRetired": "Comments" in question["questionTags"]} for question in QUESTIONS]
    assert len(source.comments(SALES, YEAR, None, 20, None).answers) == 20


def test_a_wxm_without_open_questions_has_no_comments(wxm: ScriptedWxm, source: Wxm) -> None:
    wxm.questions = [question for question in QUESTIONS if "Comments" not in question["questionTags"]]
    assert source.comments(SALES, YEAR, None, 20, None).answers == []
    assert not wxm.requests_to("/page/")


def test_a_failing_wxm_is_said_to_fail(wxm: ScriptedWxm, source: Wxm) -> None:
    wxm.script = lambda seen: Reply(500, {}) if "/page/" in seen.path else None
    with pytest.raises(WxmUnavailable):
        source.comments(SALES, YEAR, None, 20, None)
