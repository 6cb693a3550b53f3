"""Make a file of WxM answers and one of their questions, to import and to recount: `make_answers.py N FILE [--seed]`.

Two questionnaires (CES on 1–7 in one, on 1–5 in the other), several teams, agents who answer for two teams, answers
without scores, team or agent, and odd texts. The questions go to FILE with `.questions.json` behind its name.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CALLS, CHATS = "Post call survey", "Chat survey"
TEAMS = [f"50{number:02}" for number in range(1, 9)]
AGENTS = [f"6{number:03}" for number in range(1, 81)]
TEXTS = [
    'Nobody called back, "as promised" <again>; 三次了',
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example")',
    "很好，謝謝！",
    "line one\nline two\ttabbed \\ back",
    "🙂 great   spacing kept ",
    "مرحبا",
    "null",
]
LAST = datetime(2026, 11, 20, tzinfo=UTC)

Answer = dict[str, Any]


def question(identity: str, place: int, text: str, kind: str, tag: str, where: str, *choices: str) -> Answer:
    """A WxM Question; a tag of a person makes it a prefill."""
    return {
        "id": identity,
        "user": "admin",
        "sequence": place,
        "text": text,
        "displayType": kind,
        "multiSelect": list(choices),
        "staffFill": False,
        "apiFill": place >= 90,
        "displayLocation": [CALLS, CHATS] if where == "both" else [where],
        "isRetired": False,
        "questionTags": [tag],
        "piiSettings": {"isPII": True, "piiType": "hash"} if tag == "Mobile" else None,
    }


QUESTIONS = [
    question("64b000000000000000000001", 1, "How likely are you to recommend us?", "Scale", "NPS", "both", "0-10"),
    question("64b000000000000000000002", 2, "How satisfied are you?", "Star-5", "csat_satisfaction_5", "both", "1-5"),
    question("64b000000000000000000003", 3, "How easy was it?", "Scale", "ces_effort_7", CALLS, "1;Hard-7;Easy"),
    question("64b000000000000000000004", 4, "What should we know?", "MultilineText", "Comments", "both"),
    question("64b0000000000000000000c1", 3, "It was easy to get help.", "Scale", "CES_agree_5", CHATS, "1-5"),
    question("64b0000000000000000000c2", 5, "And all in all?", "Scale", "nps", CHATS, "0-10"),
    question("64b0000000000000000000a1", 90, "Customer", "Text", "cc_CustomerId", "both"),
    question("64b0000000000000000000a2", 91, "Agent", "Text", "cc_AgentId", "both"),
    question("64b0000000000000000000a3", 92, "Team", "Text", "cc_TeamId", "both"),
    question("64b0000000000000000000a4", 93, "Mobile", "Text", "Mobile", "both"),
    question("64b0000000000000000000a5", 94, "Email", "Text", "Email", "both"),
]


def answers(count: int, seed: int) -> Iterator[Answer]:
    """Always the same answers for the same count and seed."""
    chance = random.Random(seed)
    for number in range(count):
        yield answer(chance, number, count)


def answer(chance: random.Random, number: int, count: int) -> Answer:
    """One answer; time goes on with the number."""
    chat = chance.random() < 0.3
    back = timedelta(days=365) * (1 - number / count)
    return {
        "id": f"{0xA0 + (chance.getrandbits(2)):02x}{number:022x}",
        "user": "admin",
        "locationId": CHATS if chat else CALLS,
        "responseDateTime": (LAST - back).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "responseDuration": chance.randint(5, 300),
        "surveyClient": chance.choice(["JS-MicroWeb", "sms", "email", "voice", "Inweb"]),
        "deviceId": None,
        "archived": False,
        "notes": [],
        "openTicket": None,
        "responses": [*scores(chance, chat), *comment(chance), *person(chance)],
    }


def scores(chance: random.Random, chat: bool) -> Iterator[Answer]:
    """Scores: some missing, some present without a number."""
    if chance.random() < 0.03:
        return
    easy = ("64b0000000000000000000c1", 1, 5) if chat else ("64b000000000000000000003", 1, 7)
    for identity, low, high in (("64b000000000000000000001", 0, 10), ("64b000000000000000000002", 1, 5), easy):
        if chance.random() < 0.9:
            number = None if chance.random() < 0.05 else min(high, max(low, round(chance.gauss(high * 0.75, high / 4))))
            yield response(identity, None, number)
    if chat and chance.random() < 0.2:
        yield response("64b0000000000000000000c2", None, chance.randint(0, 10))


def comment(chance: random.Random) -> Iterator[Answer]:
    """A comment now and then."""
    if chance.random() < 0.3:
        yield response("64b000000000000000000004", chance.choice(TEXTS), 0)


def person(chance: random.Random) -> Iterator[Answer]:
    """Customer, agent and team; an agent answers for his own team and now and then for the next one."""
    customer = chance.randrange(40_000)
    agent = chance.randrange(len(AGENTS))
    team = (agent + (chance.random() < 0.1)) % len(TEAMS)
    yield response("64b0000000000000000000a1", f"C-{customer}", 0)
    if chance.random() < 0.98:
        yield response("64b0000000000000000000a2", AGENTS[agent], 0)
    if chance.random() < 0.98:
        yield response("64b0000000000000000000a3", TEAMS[team], 0)
    if chance.random() < 0.6:
        yield response("64b0000000000000000000a4", f"+8869{customer:08}", 0)
    if chance.random() < 0.4:
        yield response("64b0000000000000000000a5", f"Customer{customer}@Example.com", 0)


def response(identity: str, text: str | None, number: int | None) -> Answer:
    """WxM's Response."""
    return {"questionId": identity, "questionText": "?", "textInput": text, "numberInput": number}


def write(file: Path, count: int, seed: int) -> Path:
    """Write both files; says where the questions went."""
    with file.open("w", encoding="utf-8") as stream:
        stream.write("[\n")
        for number, answer in enumerate(answers(count, seed)):
            stream.write((",\n" if number else "") + json.dumps(answer, ensure_ascii=False))
        stream.write("\n]\n")
    questions = file.with_name(file.name + ".questions.json")
    questions.write_text(json.dumps(QUESTIONS, ensure_ascii=False, indent=1), "utf-8")
    return questions


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"answers: {options.file}\nquestions: {write(options.file, options.count, options.seed)}")
