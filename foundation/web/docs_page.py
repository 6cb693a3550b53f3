"""/docs: what openapi.json describes, as a page that needs nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import orjson

from foundation.web.error_handler import PROBLEM_JSON


def page(title: str, document: dict[str, Any]) -> str:
    """The page of a description."""
    parts = [f"<!doctype html><meta charset=utf-8><title>{title}</title><h1>{title}</h1>"]
    parts.append('<p>The same for programs: <a href="/openapi.json">openapi.json</a></p>')
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append(
                f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['description'])}</p>"
            )
            parts += _details(operation)
    return "\n".join(parts)


def _details(operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation["parameters"]:
        kind = parameter["schema"].get("type", "")
        yield f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']}, {escape(str(kind))})</p>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield _shown("Sent as", media, content)
    for status, answer in operation["responses"].items():
        if status == "default":
            continue
        yield f"<p>{status}: {escape(answer['description'])}</p>"
        for media, content in answer.get("content", {}).items():
            if content and media != PROBLEM_JSON:
                yield _shown("Answered as", media, content)


def _shown(words: str, media: str, content: dict[str, Any]) -> str:
    text = orjson.dumps(content["schema"], option=orjson.OPT_INDENT_2).decode()
    return f"<details><summary>{words} {escape(media)}</summary><pre>{escape(text)}</pre></details>"
