"""Recount NPS, CSAT and CES from raw WxM files, by other means than the service; imports nothing of it.

`recount.py ANSWERS QUESTIONS [--agent ID] [--team ID,…] [--questionnaire NAME] [--from DAY] [--to DAY] [--zone ZONE]`
prints JSON. ANSWERS is an array or one object a line.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

RANGES = {"nps": "0-10", "csat": "1-5"}


def records(file: Path) -> list[dict[str, Any]]:
    """All records of a file."""
    text = file.read_text("utf-8-sig")
    documents: list[dict[str, Any]] = (
        json.loads(text)
        if text.lstrip()[:1] == "["
        else [json.loads(line) for line in text.splitlines() if line.strip()]
    )
    return documents


def scale(question: dict[str, Any]) -> str:
    """The range of a question without its words: 1-7."""
    first, _, last = (question.get("multiSelect") or ["1-5"])[0].rpartition("-")
    return f"{first.split(';')[0]}-{last.split(';')[0]}"


def metric(question: dict[str, Any]) -> str | None:
    """nps, csat or ces, by the question's tag."""
    tags = [tag.lower() for tag in question.get("questionTags") or []]
    return next(
        (name for name in ("nps", "csat", "ces") for tag in tags if tag == name or tag.startswith(name + "_")), None
    )


def tagged(answer: dict[str, Any], questions: dict[str, Any], tag: str) -> str | None:
    """The text of the response to the question with this tag."""
    for response in answer["responses"]:
        tags = [text.lower() for text in questions.get(response["questionId"], {}).get("questionTags") or []]
        if tag in tags and response["textInput"]:
            return str(response["textInput"])
    return None


def first_scores(answer: dict[str, Any], questions: dict[str, Any]) -> dict[str, tuple[str, int]]:
    """Of each metric the scale and the value that was answered first by sequence."""
    scores: dict[str, tuple[str, int]] = {}
    described = [
        (questions[response["questionId"]], response)
        for response in answer["responses"]
        if response["questionId"] in questions
    ]
    for question, response in sorted(described, key=lambda pair: pair[0]["sequence"]):
        name = metric(question)
        if name and name not in scores and response["numberInput"] is not None:
            scores[name] = (scale(question), response["numberInput"])
    return scores


def rounded(value: Decimal, places: str) -> float:
    """Halves away from zero."""
    return float(value.quantize(Decimal(places), ROUND_HALF_UP))


def summed(answers: list[dict[str, Any]], questions: dict[str, Any]) -> dict[str, Any]:
    """The figures of these answers."""
    values: dict[tuple[str, str], list[int]] = {}
    for answer in answers:
        for name, (on, value) in first_scores(answer, questions).items():
            values.setdefault((name, on), []).append(value)
    nps, csat = values.get(("nps", "0-10"), []), values.get(("csat", "1-5"), [])
    scales = sorted(
        ((on, scores) for (name, on), scores in values.items() if name == "ces"), key=lambda pair: -len(pair[1])
    )
    return {
        "responses": len(answers),
        "nps": {"score": promoted(nps), "responses": len(nps), "counts": counted(nps)},
        "csat": {"score": satisfied(csat), "mean": mean(csat), "responses": len(csat), "counts": counted(csat)},
        "ces": [
            {"score": mean(scores), "of": on, "responses": len(scores), "counts": counted(scores)}
            for on, scores in scales
        ],
    }


def promoted(values: list[int]) -> int | None:
    """NPS."""
    points = sum((value > 8) - (value < 7) for value in values)
    return int(rounded(Decimal(100 * points) / len(values), "1")) if values else None


def satisfied(values: list[int]) -> float | None:
    """CSAT in percent."""
    return rounded(Decimal(100 * sum(value > 3 for value in values)) / len(values), "0.1") if values else None


def mean(values: list[int]) -> float | None:
    """The mean, one decimal."""
    return rounded(Decimal(sum(values)) / len(values), "0.1") if values else None


def counted(values: list[int]) -> dict[str, int]:
    """How often each value was given."""
    return {str(value): count for value, count in sorted(Counter(values).items())}


def recount(answers: list[dict[str, Any]], questions: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The figures of the answers that were asked for; an id counts once."""

    def wanted(answer: dict[str, Any]) -> bool:
        day = datetime.fromisoformat(answer["responseDateTime"]).astimezone(ZoneInfo(options.zone)).date().isoformat()
        return (
            (not options.agent or tagged(answer, questions, "cc_agentid") == options.agent)
            and (not options.team or tagged(answer, questions, "cc_teamid") in options.team.split(","))
            and (not options.questionnaire or answer["locationId"] == options.questionnaire)
            and str(options.first) <= day <= str(options.last)
        )

    once = {answer["id"]: answer for answer in reversed(answers)}
    return summed([answer for answer in once.values() if wanted(answer)], questions)


def arguments() -> argparse.ArgumentParser:
    """What can be asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=Path)
    parser.add_argument("questions", type=Path)
    for name in ("agent", "team", "questionnaire"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--from", dest="first", default="0001-01-01")
    parser.add_argument("--to", dest="last", default="9999-12-31")
    parser.add_argument("--zone", default="UTC")
    return parser


if __name__ == "__main__":
    options = arguments().parse_args()
    described = {question["id"]: question for question in records(options.questions)}
    print(json.dumps(recount(records(options.answers), described, options), indent=1))
