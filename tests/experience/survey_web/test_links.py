"""What a link leads to: GET changes nothing, a link that is over says so, and nobody finds one by trying."""

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experience.dispatch import unsubscribes
from experience.survey_web.limits import UNKNOWN_LINKS
from experience.survey_web.preview import PreviewLinks
from foundation.keys import signing_keys
from foundation.settings import Settings
from tests.support.survey_page import DISPATCH, Customer, Site

DAY = timedelta(days=1)


def moment(after: timedelta) -> str:
    return f"{datetime.now(UTC) + after:%Y-%m-%dT%H:%M:%SZ}"


def test_whoever_fetches_the_links_of_a_message_changes_nothing(site: Site) -> None:
    token = site.token(dispatchId=DISPATCH)
    before = site.everything()
    client = site.client(user_agent="Mozilla/5.0 SafeLinks")
    paths = [
        "",
        "?score=0&q=nps",
        *(f"?score={score}" for score in range(11)),
        "/unsubscribe",
        "?done=1",
        "&mode=reuse",
    ]
    for path in paths:
        for ask in (client.get, client.head):
            assert ask(f"/s/{token}{path}").status_code == 200, path
    assert site.everything() == before


@pytest.mark.parametrize(
    ("fields", "status", "code", "words"),
    [
        ({"validTill": moment(-DAY)}, 410, "expired", "Our survey is over."),
        ({"validAfter": moment(DAY)}, 403, "not_yet_valid", "has not begun"),
    ],
)
def test_a_link_out_of_its_time_says_so(site: Site, fields: dict[str, Any], status: int, code: str, words: str) -> None:
    customer = Customer(site, site.token(**fields))
    assert customer.page.status_code == status
    assert words in customer.html
    assert "Bora Bank" in customer.html
    problem = site.client(accept="application/json").get(customer.path)
    assert (problem.status_code, (problem.json or {})["code"]) == (status, code)
    assert customer.client.post(customer.path, data={"q:nps": "9", "go": "send"}).status_code == status
    assert site.answers() == []


def test_a_link_that_was_used_says_thank_you(site: Site) -> None:
    customer = Customer(site, site.token())
    customer.send({"nps": "9"})
    customer.get()
    assert customer.page.status_code == 410
    assert "has been answered" in customer.html


def test_a_link_that_never_was_is_answered_as_one_that_is_cut_off(site: Site) -> None:
    site.token()
    unknown, cut, signed = (
        Customer(site, path)
        for path in ("XX-000000000000000000", "%00", site.token(restrictBySignature="a passphrase"))
    )
    assert {customer.page.status_code for customer in (unknown, cut, signed)} == {404}
    assert unknown.html == cut.html == signed.html
    assert site.client(accept="application/problem+json").get("/s/XX-1").get_json()["code"] == "unknown_link"


def test_a_token_cannot_be_found_by_the_work_that_its_answer_takes(sqlite_site: Site) -> None:
    """An unknown link, and one that is over: the same statements, and a page of the same kind.

    Counted in calls: seconds say more of a busy machine than of the answer.
    """
    over, unknown = sqlite_site.token(validTill=moment(-DAY)), "XX-123456789012345678"
    for path in (over, unknown):
        calls_of(sqlite_site, path)
    assert calls_of(sqlite_site, unknown) > 0.75 * calls_of(sqlite_site, over)


def calls_of(site: Site, path: str) -> int:
    """How many functions are called to answer a link."""
    client, calls = site.client(), Counter[str]()
    sys.setprofile(lambda _frame, event, _argument: calls.update([event]))
    client.get(f"/s/{path}")
    sys.setprofile(None)
    return calls["call"] + calls["c_call"]


def test_whoever_tries_links_has_to_wait(sqlite_site: Site) -> None:
    token, client = sqlite_site.token(), sqlite_site.client()
    statuses = [client.get(f"/s/XX-{number:018}").status_code for number in range(UNKNOWN_LINKS.places + 1)]
    assert statuses == [404] * UNKNOWN_LINKS.places + [429]
    refused = client.get(f"/s/{token}")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert client.get(f"/s/{token}").status_code == 200


def test_a_link_with_its_mode_behind_it_is_that_link(site: Site) -> None:
    customer = Customer(site, f"{site.token()}&mode=reuse")
    customer.send({"nps": "9"})
    assert "Thank you" in customer.html
    assert len(site.answers()) == 1


def test_one_tap_unsubscribes_and_nobody_learns_whether_a_token_is_known(site: Site) -> None:
    token, client = site.token(dispatchId=DISPATCH), site.client()
    pages = []
    for path in (token, "XX-000000000000000000"):
        shown, done = client.get(f"/s/{path}/unsubscribe"), client.post(f"/s/{path}/unsubscribe")
        after = client.get(f"/s/{path}/unsubscribe{done.headers['Location']}")
        pages.append([(page.status_code, page.data) for page in (shown, done, after)])
    assert pages[0] == pages[1]
    assert [status for status, _ in pages[0]] == [200, 303, 200]
    assert site.events(token) == ["Unsubscribed"]
    with site.database.read() as connection:
        assert unsubscribes.is_opted_out(connection, "email", f"{token}@example.com".lower())


def test_a_mail_program_unsubscribes_with_one_request(site: Site) -> None:
    token = site.token(dispatchId=DISPATCH)
    for path in (token, "XX-000000000000000000"):
        response = site.client().post(f"/s/{path}/unsubscribe", data={"List-Unsubscribe": "One-Click"})
        assert (response.status_code, response.data) == (200, b"")
    assert site.events(token) == ["Unsubscribed"]


@pytest.mark.parametrize("questionnaire", ["Every kind", "Branching"])
def test_a_preview_shows_everything_and_keeps_nothing(site: Site, questionnaire: str) -> None:
    settings = Settings(data_dir=site.folder)
    signed = PreviewLinks(signing_keys(settings)).sign(questionnaire)
    before = site.everything()
    customer = Customer(site, f"preview/{signed}")
    entered = {"nps": "9", "topics": ["Fees"], "b-nps": "3", "b-topics": ["Fees"], "b-worst": "Fees", "b-why": "Slow"}
    questions: list[str] = []
    while "Thank you" not in customer.html:
        assert "This is a preview" in customer.html
        assert customer.page.status_code == 200
        questions += customer.questions
        customer.send(entered)
        if len(questions) > 2 and questions[-1] == "b-topics":
            customer.send(go="back")
            assert customer.shown == {"b-topics": ["Fees"]}
            customer.send(entered)
    assert len(questions) == {"Every kind": 12, "Branching": 5}[questionnaire]
    assert site.everything() == before
    assert site.client().get(f"/s/preview/{signed}x").status_code == 404


def test_headers_keep_the_page_from_harm(sqlite_site: Site) -> None:
    token, client = sqlite_site.token(), sqlite_site.client()
    for path in (f"/s/{token}", "/s/XX-1", f"/s/{token}/unsubscribe"):
        response = client.get(path)
        assert response.headers["Cache-Control"] == "no-store", path
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        policy = "; ".join(response.headers.getlist("Content-Security-Policy"))
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "Set-Cookie" not in response.headers
        html = response.get_data(as_text=True)
        assert "//" not in html.replace("<!doctype html>", ""), "a third party"


def test_what_people_wrote_is_text_and_nothing_else(sqlite_site: Site) -> None:
    evil = "\"'><script>alert(1)</script>{{ 7 * 7 }}"
    text = evil.replace('"', '\\"')
    words = f'{{en: "{text}"}}'
    sqlite_site.import_(
        f'name: Evil\ndisplay_name: "{text}"\npage: {{welcome_text: {words}, thankyou_text: {words}}}\n'
        f'questions:\n  - {{id: e-1, type: Select, text: {words}, options: {{en: ["{text}"]}}}}\n'
        f"  - {{id: e-2, type: Text, text: {words}}}\n  - {{id: e-3, type: MultilineText, text: {{en: a}}}}\n"
    )
    customer = Customer(sqlite_site, sqlite_site.token("Evil"))
    pages = [customer.html]
    customer.send({"e-1": evil, "e-2": evil, "e-3": f"</textarea>{evil}"}, go="later")
    pages.append(customer.html)
    assert customer.shown["e-3"] == [f"</textarea>{evil}"]
    customer.send({})
    pages.append(customer.html)
    for html in pages:
        assert "<script>alert" not in html
        assert "{{ 7 * 7 }}" in html
    assert sqlite_site.values() == [{"e-1": evil, "e-2": evil, "e-3": f"</textarea>{evil}"}]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ({"preferred": "zh-TW"}, "zh-TW"),
        ({"preferred": "zh-TW", "accept": "en"}, "zh-TW"),
        ({"preferred": "fr", "accept": "zh-Hant-TW,en;q=0.5"}, "zh-TW"),
        ({"accept": "fr, de"}, "en"),
        ({"preferred": "en-US", "query": "zh-tw"}, "zh-TW"),
    ],
)
def test_a_customer_reads_the_language_of_choice_of_the_invitation_or_of_the_browser(
    sqlite_site: Site, asked: dict[str, str], language: str
) -> None:
    token = sqlite_site.token(preferredLanguage=asked.get("preferred"))
    customer = Customer(sqlite_site, token, accept_language=asked.get("accept", ""))
    customer.get(f"?lang={asked['query']}" if "query" in asked else "")
    assert f'<html lang="{language}"' in customer.html
    assert ("您會推薦我們嗎" in customer.html) == (language == "zh-TW")
    assert ("送出答案" in customer.html) == (language == "zh-TW")


def test_a_language_that_the_invitation_prefills_is_the_customers(sqlite_site: Site) -> None:
    sqlite_site.import_(
        "name: Tongues\nquestions: [{id: t-1, type: Text, text: {en: Name, zh-tw: 名字}}, "
        "{id: t-2, type: Text, tags: [cc_language], prefill: true, text: {en: Language}}]"
    )
    prefill = {"questionId": "t-2", "questionText": None, "textInput": "zh-TW", "numberInput": 0}
    customer = Customer(sqlite_site, sqlite_site.token("Tongues", preFill=[prefill]), accept_language="en")
    assert "名字" in customer.html


def test_changing_the_language_loses_nothing(site: Site) -> None:
    customer = Customer(site, site.token())
    customer.send({"nps": "7", "topics": ["Cards, loans"], "comment": "So far"}, go="later", lang="zh-tw")
    assert "卡片與貸款" in customer.html
    assert customer.shown == {"nps": ["7"], "topics": ["Cards, loans"], "comment": ["So far"]}
