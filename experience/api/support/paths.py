"""Paths under /api as WxM takes them: literal segments in any case, a trailing slash or none, and never a redirect."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = re.compile(r"/+api(?:/|\Z)", re.IGNORECASE)
CHANGING = re.compile(r"/(?:delete|GenerateAPIKey|logout|dispatchSingle)(?:/|\Z)", re.IGNORECASE)
Segments = tuple[str, ...]


class Spelled:
    """WSGI that rewrites a path to the spelling of the route it means; tokens and names in it keep theirs."""

    def __init__(self, inner: WSGIApplication, rules: Iterable[str]) -> None:
        self._inner = inner
        self._routes: dict[int, list[Segments]] = {}
        for rule in set(rules):
            segments = _split(rule)
            self._routes.setdefault(len(segments), []).append(segments)
        for routes in self._routes.values():
            routes.sort(key=lambda route: [_is_free(segment) for segment in route])

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if PREFIX.match(environ["PATH_INFO"]):
            environ["PATH_INFO"] = self._spelled(environ["PATH_INFO"])
        return self._inner(environ, start_response)

    def _spelled(self, path: str) -> str:
        segments = _split(path)
        for route in self._routes.get(len(segments), ()):
            if all(_is_free(rule) or rule.lower() == part.lower() for rule, part in zip(route, segments, strict=True)):
                parts = (part if _is_free(rule) else rule for rule, part in zip(route, segments, strict=True))
                return "/" + "/".join(parts)
        return "/".join(("/api", *segments[1:]))


def install(app: Flask) -> None:
    """Once all routes are there."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    for rule in rules:
        _only_what_is_named(rule)
    app.wsgi_app = Spelled(app.wsgi_app, [rule.rule for rule in rules])


def _only_what_is_named(rule: Rule) -> None:
    """Leave out what Flask adds by itself: OPTIONS, and HEAD where WxM lets GET change something."""
    if rule.methods and rule.methods != {"OPTIONS"}:
        rule.methods -= {"HEAD", "OPTIONS"} if CHANGING.search(rule.rule) else {"OPTIONS"}


def _split(path: str) -> Segments:
    return tuple(part for part in path.split("/") if part)


def _is_free(segment: str) -> bool:
    return segment.startswith("<")
