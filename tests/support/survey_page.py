"""A questionnaire of every kind of question, a node with the survey face, and a customer without JavaScript."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from experience.answers.schema import answers
from experience.dispatch import events, recipients
from experience.dispatch.recipients import Recipient
from experience.questionnaires import catalogue
from experience.questionnaires.yaml_format import read_draft
from experience.surveys import survey_tokens
from foundation.db.database import Database, metadata
from foundation.settings import Settings
from tests.support.described import DescribedClient

EVERY_KIND = """
name: Every kind
display_name: Bora Bank
page:
  title: {zh-tw: 寶瑞銀行}
  welcome_text: {en: "How was your call?", zh-tw: 這次通話如何？}
  thankyou_text: {en: We read every answer., zh-tw: 每份回覆我們都會看。}
  expired_text: {en: Our survey is over., zh-tw: 我們的問卷已結束。}
  redirect_on_submit: https://bora.com/thanks
questions:
  - {id: nps, type: Scale, tags: [NPS], range: [0, 10], required: true,
     text: {en: "Would you recommend us?", zh-tw: 您會推薦我們嗎？}, ends: {en: [Never, Surely], zh-tw: [不會, 一定會]}}
  - {id: csat, type: Star-5, tags: [csat_satisfaction_5], range: [1, 5],
     text: {en: "How satisfied are you?", zh-tw: 您滿意嗎？}, ends: {en: [Not at all, Very], zh-tw: [不滿意, 非常滿意]}}
  - {id: mood, type: Smile-5, range: [1, 5], text: {en: "How do you feel?", zh-tw: 您的心情如何？}}
  - {id: ces, type: Scale, tags: [ces_effort_7], range: [1, 7], text: {en: "How easy was it?", zh-tw: 容易嗎？}}
  - {id: agree, type: Scale, range: [1, 5], text: {en: "Do you agree?", zh-tw: 您同意嗎？}}
  - {id: reason, type: Select, text: {en: "Why did you call?", zh-tw: 您為何來電？},
     options: {en: [Bill, "Card, lost", Other], zh-tw: [帳單, 卡片遺失, 其他]}}
  - {id: topics, type: MultiSelect, text: {en: "What did we talk about?", zh-tw: 談了什麼？},
     options: {en: [Fees, "Cards, loans", Branches], zh-tw: [費用, 卡片與貸款, 分行]}}
  - {id: branch, type: Dropdown, text: {en: Your branch, zh-tw: 您的分行},
     options: {en: [North, South], zh-tw: [北區, 南區]}}
  - {id: name, type: Text, text: {en: Your first name, zh-tw: 您的名字}}
  - {id: comment, type: MultilineText, tags: [Comments], text: {en: "What should we know?", zh-tw: 還想告訴我們什麼？}}
  - {id: minutes, type: Number, text: {en: Minutes you waited, zh-tw: 等候分鐘數}}
  - {id: visited, type: Date, text: {en: Your last visit, zh-tw: 上次來訪日期}}
  - {id: kind-agent, type: Text, tags: [cc_AgentId], prefill: true, text: {en: Agent}}
"""
# What a customer enters, by the ids of the questions; and what an answer then carries: text, else the number.
ENTERED: dict[str, Any] = {
    **{"nps": "9", "csat": "4", "mood": "2", "ces": "7", "agree": "1", "reason": "Card, lost"},
    **{"topics": ["Fees", "Cards, loans"], "branch": "South", "name": "<b>Ann</b>", "comment": "Two\r\nlines 謝謝"},
    **{"minutes": "12,5", "visited": "2026-03-31"},
}
KEPT: dict[str, Any] = {
    **{"nps": 9, "csat": 4, "mood": 2, "ces": 7, "agree": 1, "reason": "Card, lost", "topics": "Fees,Cards, loans"},
    **{"branch": "South", "name": "<b>Ann</b>", "comment": "Two\nlines 謝謝", "minutes": 12.5, "visited": 20260331},
    **{"kind-agent": "6001"},
}
BRANCHING = """
name: Branching
questions:
  - {id: b-nps, type: Scale, tags: [NPS], range: [0, 10], required: true, text: {en: "Would you recommend us?"}}
  - {id: b-why, type: MultilineText, text: {en: "What went wrong?"},
     wxm: {conditionalFilter: {filterquestions: [{questionId: b-nps, answerCheck: [lt], number: 7, groupBy: AND}]}}}
  - {id: b-topics, type: MultiSelect, text: {en: "What was it about?"}, options: {en: [Fees, Cards, Branches]}}
  - {id: b-worst, type: Select, text: {en: "Which of these matters most?"}, options: {en: [Nothing]},
     wxm: {pipingOptions: [{questionId: b-topics, shouldPipeUnselected: false, defaultOptions: [None of them]}]}}
  - {id: b-fees, type: Text, text: {en: "Which fee?"},
     wxm: {conditionalFilter: {filterquestions: [{questionId: b-topics, answerCheck: [Fees], groupBy: null}]}}}
"""
DISPATCH = "after-a-call"
AGENT = [{"questionId": "kind-agent", "questionText": "Agent", "textInput": "6001", "numberInput": 0}]


class Site:
    """A node, and what is in its database."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.folder: Path = app.config["FOLDER"]
        app.test_client_class = DescribedClient
        self.database: Database = app.extensions["pulse"]["database"]
        for text in (EVERY_KIND, BRANCHING):
            self.import_(text)

    def import_(self, text: str) -> None:
        draft = read_draft(text)
        with self.database.write() as connection:
            catalogue.keep(self.database, connection, draft.documents, [draft.questionnaire])
            self.app.extensions["pulse"]["platform"].refresh_catalogue(connection)

    def token(self, questionnaire: str = "Every kind", **fields: Any) -> str:
        """Of a dispatch, its recipient can be written to."""
        prefilled = {"preFill": AGENT} if questionnaire == "Every kind" else {}
        token = str(survey_tokens.make(self.database, {**prefilled, **fields}, questionnaire)["id"])
        if dispatch := fields.get("dispatchId"):
            with self.database.write() as connection:
                recipients.keep(connection, [Recipient(token, dispatch, "batch", 0, f"{token}@example.com", None)])
        return token

    def client(self, **headers: str) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        return client

    def answers(self) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            return [orjson.loads(document) for document in connection.execute(select(answers.c.document)).scalars()]

    def values(self) -> list[dict[str, Any]]:
        """What each answer carries, by question."""
        return [
            {sent["questionId"]: sent["textInput"] or sent["numberInput"] for sent in answer["responses"]}
            for answer in self.answers()
        ]

    def events(self, token: str) -> list[str]:
        with self.database.read() as connection:
            return sorted(event.action for event in events.of_target(connection, token))

    def everything(self) -> list[Any]:
        """Every row of the database."""
        with self.database.read() as connection:
            return [sorted(map(repr, connection.execute(select(table)))) for table in metadata.sorted_tables]


class Customer:
    """Reads the form of a page and sends it, as a browser without JavaScript does."""

    def __init__(self, site: Site, token: str, **headers: str) -> None:
        self.client = site.client(**headers)
        self.path = f"/s/{token}"
        self.page = self.get()

    def get(self, query: str = "") -> TestResponse:
        self.page = self.client.get(f"{self.path}{query}")
        return self.page

    @property
    def html(self) -> str:
        return self.page.get_data(as_text=True)

    @property
    def hidden(self) -> dict[str, str]:
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', self.html)
        return {name: unescape(value) for name, value in fields}

    @property
    def questions(self) -> list[str]:
        """The ids of the questions on the page."""
        return list(dict.fromkeys(re.findall(r'name="q:([^"]+)"', self.html)))

    @property
    def shown(self) -> dict[str, list[str]]:
        """What stands in the form."""
        values: dict[str, list[str]] = {}
        for tag in re.findall(r"<input[^>]+>", self.html):
            fields = dict(re.findall(r'(\w+)="([^"]*)"', tag))
            is_choice = fields.get("type") in ("radio", "checkbox")
            if fields.get("name", "").startswith("q:") and (
                tag.endswith(" checked>") if is_choice else fields["value"]
            ):
                values.setdefault(fields["name"][2:], []).append(unescape(fields["value"]))
        for name, text in re.findall(r'<textarea[^>]+name="q:([^"]+)"[^>]*>\n(.*?)</textarea>', self.html, re.DOTALL):
            if text:
                values[name] = [unescape(text)]
        for name, content in re.findall(r'<select[^>]+name="q:([^"]+)"[^>]*>(.*?)</select>', self.html, re.DOTALL):
            if picked := re.findall(r'value="([^"]*)" selected', content):
                values[name] = [unescape(value) for value in picked]
        return values

    def send(self, entered: Mapping[str, Any] | None = None, go: str | None = None, **more: str) -> TestResponse:
        """Enter values, leave the rest as it stands, and press a button; a redirect is followed."""
        if go is None:
            go = "send" if 'value="send"' in self.html else "next"
        form: MultiDict[str, str] = MultiDict(self.hidden | {"go": go} | more)
        for name, values in {**self.shown, **(entered or {})}.items():
            if name in self.questions:
                form.setlist(f"q:{name}", [values] if isinstance(values, str) else list(values))
        action = re.search(r'action="([^"]*)"', self.html)
        query = unescape(action[1]) if action else ""
        self.page = self.client.post(f"{self.path}{query}", data=form, content_type="multipart/form-data")
        if self.page.status_code == 303:
            self.get(self.page.headers["Location"])
        return self.page


@contextmanager
def survey_site(url: str, folder: Path, **changes: Any) -> Iterator[Site]:
    """A node with the survey face alone."""
    facts: dict[str, Any] = {"data_dir": folder, "faces": ("survey",), "database_url": url, **changes}
    app = create_app(Settings(**facts))
    app.config["FOLDER"] = folder
    try:
        yield Site(app)
    finally:
        app.extensions["pulse"]["database"].close()
