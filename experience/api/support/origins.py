"""Routes that pages of every origin may ask: whoever answers a survey does so from anywhere, without a credential."""

from __future__ import annotations

from flask import Blueprint, Response

HEADERS = {"Access-Control-Allow-Headers": "Content-Type", "Access-Control-Max-Age": "7200"}


def open_to_every_origin(routes: Blueprint, rule: str, *, methods: str) -> None:
    """Let every origin ask the routes of a blueprint; `rule` is the longest of them, its segments all variable."""

    def preflight(**_segments: str) -> Response:
        """Let pages of other origins ask."""
        return Response(status=204, headers={**HEADERS, "Access-Control-Allow-Methods": methods})

    segments = rule.split("/")
    for count in range(2, len(segments) + 1):
        routes.add_url_rule("/".join(segments[:count]), f"preflight_{count}", preflight, methods=["OPTIONS"])

    @routes.after_request
    def for_every_origin(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
