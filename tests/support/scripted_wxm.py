"""A WxM that does as a test tells it: HTTP on a loopback port, docs/cisco/wxm-api.md §5 and §6, requests noted."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

from tests.scripts.make_answers import QUESTIONS
from tests.support.scripted_server import Handler, serving

Answer = dict[str, Any]
PAGE = re.compile(r"/api/answers/page/(\d+)/(\d+)")


@dataclass(frozen=True)
class Reply:
    """What is sent; `raw` bytes go out as they are, in place of a whole HTTP answer."""

    status: int = 200
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    path: str
    token: str
    body: Any


Script = Callable[[Seen], Reply | None]


@dataclass(repr=False)
class ScriptedWxm:
    """`script` may answer in place of the usual answer; it may also sleep before it returns None."""

    base: str = ""
    questions: list[Answer] = field(default_factory=lambda: list(QUESTIONS))
    answers: list[Answer] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {"good"})
    granted: str = "good"
    most_rows: int = 10_000
    newest_last: bool = False
    script: Script = lambda _seen: None
    seen: list[Seen] = field(default_factory=list)

    def requests_to(self, word: str = "") -> list[Seen]:
        return [request for request in self.seen if word.lower() in request.path.lower()]

    def reply(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        return self.script(seen) or self._usual(seen)

    def _usual(self, seen: Seen) -> Reply:
        if seen.path == "/api/LoginToken":
            return Reply(200, {"access_token": self.granted, "token_type": "bearer", "expires_in": 43199})
        if seen.token not in self.tokens:
            return Reply(401, {"error": "Authorization Error", "error_description": "x"})
        path = seen.path.lower().rstrip("/")
        if path == "/api/questions/active":
            return Reply(200, [question for question in self.questions if not question["isRetired"]])
        if path == "/api/questions":
            return Reply(200, self.questions)
        page = PAGE.fullmatch(path)
        return Reply(200, self._page(int(page[1]), int(page[2]), seen.body)) if page else Reply(404, {"error": "x"})

    def _page(self, number: int, rows: int, where: Answer) -> Answer:
        page = [answer for answer in self.answers if meets(answer, where)]
        page.sort(key=lambda answer: (answer["responseDateTime"], answer["id"]), reverse=not self.newest_last)
        rows = min(rows, self.most_rows)
        return {
            "currentPage": number,
            "responses": page[number * rows : (number + 1) * rows],
            "totalCount": len(page),
            "totalPages": -(-len(page) // rows),
        }


def meets(answer: Answer, where: Answer) -> bool:
    """FilterBy, read the plain way; moments as texts, all of them with a Z."""
    texts = {response["questionId"]: response["textInput"] for response in answer["responses"]}
    moment = answer["responseDateTime"]
    if not where.get("afterdate", "") <= moment < where.get("beforedate", "9"):
        return False
    return all(
        holds(texts.get(condition["questionId"]), condition["answerCheck"])
        for condition in where.get("filterquestions", ())
    )


def holds(text: str | None, wanted: list[str]) -> bool:
    return bool(text and text.strip()) if wanted == ["Any Text"] else text in wanted


@contextmanager
def scripted_wxm() -> Iterator[ScriptedWxm]:
    wxm = ScriptedWxm()

    class Scripted(Handler, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
            self._reply(dict(parse_qsl(body.decode())) if form else json.loads(body))

        def _reply(self, body: Any) -> None:
            token = (self.headers["Authorization"] or "").removeprefix("Bearer ")
            reply = wxm.reply(Seen(self.path, token, body))
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                self.close_connection = True
                return
            text = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    with serving(Scripted) as base:
        wxm.base = base
        yield wxm
