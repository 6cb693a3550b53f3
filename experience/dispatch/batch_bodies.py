"""The body of a batch, whatever its Content-Type says: JSON, a form, XML, or JSON in one of these; pure.

Cisco never published what CVP sends (docs/cisco/cloud-connect-and-cce.md §1.1), so the body itself decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from experience.dispatch.batches import Unreadable
from foundation import broken_text

# What was sent stands so deep, at the most, in what is kept; orjson writes 254 levels.
LEVELS_AROUND = 10
MOST_FIELDS = 200
_NAME = re.compile(r"[A-Za-z_][\w.\[\]-]{0,199}")
_FORM = "application/x-www-form-urlencoded"


def parse(content: bytes, content_type: str = "") -> Any:
    """Lists, objects and values. Raises Unreadable."""
    text = _text(content).strip()
    if not text:
        raise Unreadable("The body is empty")
    if text.startswith("<"):
        return _xml(text)
    if text[0] in '[{"':
        return _json(text)
    return _form(text, is_named=content_type.partition(";")[0].strip().lower() == _FORM)


def _text(content: bytes) -> str:
    try:
        return broken_text.in_bytes(content).decode(broken_text.encoding(content[:4]))
    except UnicodeError:
        raise Unreadable("The body is no text in UTF-8; it must not be packed") from None


def _json(text: str) -> Any:
    try:
        body = broken_text.loads(text.encode())
        if isinstance(body, str):
            body = broken_text.loads(body.encode())
    except ValueError:
        body = _json_lines(text)
    try:
        orjson.dumps(_within(body))
    except TypeError:
        raise Unreadable("The body is nested too deeply") from None
    return body


def _json_lines(text: str) -> list[Any]:
    """One object a line. Raises Unreadable."""
    lines = [line.strip().rstrip(",") for line in text.splitlines() if line.strip()]
    try:
        # A list that broke off has lines that are whole, too: what is in the others would be lost.
        if not all(line.startswith("{") for line in lines):
            raise ValueError("not one object a line")
        return [broken_text.loads(line.encode()) for line in lines]
    except ValueError:
        raise Unreadable("The body is no JSON") from None


def _within(body: Any) -> Any:
    for _ in range(LEVELS_AROUND):
        body = [body]
    return body


def _form(text: str, *, is_named: bool) -> Any:
    """The fields of a form; of one field that holds JSON, what stands in it. Raises Unreadable."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unreadable("The body is no JSON, no form and no XML") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Unreadable("A field of the form stands twice")
    if not all(map(_NAME.fullmatch, fields)) or not (is_named or text.isprintable()):
        raise Unreadable("The body is no JSON, no form and no XML")
    whole = {name: value for name, value in fields.items() if value.lstrip()[:1] in {"[", "{"}}
    if len(whole) != 1:
        return fields
    rest = {name: value for name, value in fields.items() if name not in whole}
    return {**rest, **_object(_json(*whole.values()))}


def _object(body: Any) -> dict[str, Any]:
    return body if isinstance(body, dict) else {"items": body}


def _xml(text: str) -> Any:
    # A declared encoding is that of the bytes, which are a text by now.
    plain = re.sub(r"\A<\?xml[^>]*\?>", "", text)
    try:
        root = fromstring(plain)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise Unreadable("The body is no well-formed XML, or declares entities") from None
    if not isinstance(body := _element(root, 0), dict):
        raise Unreadable("The XML has no fields")
    return body


def _element(element: Element, level: int) -> Any:
    """An element's text, or its attributes and children by name; children of one name are a list."""
    if level > LEVELS_AROUND:
        raise Unreadable("The XML is nested too deeply")
    if not len(element) and not element.attrib:
        return (element.text or "").strip()
    values: dict[str, list[Any]] = {name: [value] for name, value in _facts(element)}
    for child in element:
        values.setdefault(_local(child.tag), []).append(_element(child, level + 1))
    return {name: some[0] if len(some) == 1 else some for name, some in values.items()}


def _facts(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield _local(name), value
    if (element.text or "").strip():
        yield "value", (element.text or "").strip()


def _local(name: object) -> str:
    return str(name).rpartition("}")[2]
