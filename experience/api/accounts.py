"""Settings, questionnaires and the caller's profile (docs/cisco/wxm-api.md §8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response
from sqlalchemy import select

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.api.support import bodies
from experience.api.support.callers import Gate
from experience.api.support.errors import Unknown
from experience.api.support.schemas import array_of, ref
from experience.platform import Platform
from experience.questionnaires.catalogue import Questionnaire
from foundation.web.openapi import described

# What an account has in WxM and not here: clients count on the lists being there.
LISTS = ("notifications", "departments", "roles", "ticketActions", "ticketStatus")
Body = dict[str, Any]


def blueprint(platform: Platform, gate: Gate) -> Blueprint:
    routes = Blueprint("api_account", __name__, url_prefix="/api")

    @routes.get("/Settings")
    @gate.account
    @described(answer=ref("Settings"))
    def settings(_caller: Caller) -> Response:
        """The account: its questionnaires and its time zone. `timeZone` is ours, beside WxM's own fields."""
        return bodies.json_response(_settings(platform))

    @routes.get("/AllSurveyQuestionnaires")
    @gate.reading
    @described(answer=array_of(ref("Questionnaire")))
    def questionnaires(_caller: Caller) -> Response:
        """The names of all questionnaires, and by what they hash personal data."""
        return bodies.json_response([_named(questionnaire) for questionnaire in _all(platform)])

    @routes.get("/surveyquestionnaire")
    @gate.reading
    @described(answer=array_of(ref("Questionnaire")))
    def every_location(_caller: Caller) -> Response:
        """The settings of all questionnaires."""
        return bodies.json_response([_location(questionnaire) for questionnaire in _all(platform)])

    @routes.get("/surveyquestionnaire/<name>")
    @routes.get("/Settings/<name>")
    @gate.reading
    @described(answer=ref("Questionnaire"))
    def location(_caller: Caller, name: str) -> Response:
        """The settings of one questionnaire."""
        known = platform.catalogue.questionnaires.get(name)
        if known is None:
            raise Unknown("There is no such questionnaire")
        return bodies.json_response(_location(known))

    @routes.get("/Profile")
    @gate.reading
    @described(answer=ref("Profile"))
    def profile(caller: Caller) -> Response:
        """Who calls, and the account's offset from UTC in minutes."""
        return bodies.json_response({"user": caller.user, "name": caller.user, "timeZoneOffset": _offset(platform)})

    _add_status(routes, platform)
    return routes


def _add_status(routes: Blueprint, platform: Platform) -> None:
    @routes.get("/status")
    @described(answer={"const": True})
    def status() -> Response:
        """Whether answers can be read here."""
        with platform.database.read() as connection:
            connection.execute(select(1))
        return bodies.json_response(True)


def _settings(platform: Platform) -> Body:
    listed = _all(platform)
    lists: Body = {name: [] for name in LISTS}
    maps: Body = {name: {} for name in ("translated", "metaSurveyTokens", "npsCompositeIndices")}
    return {
        "id": ACCOUNT,
        "user": ACCOUNT,
        "businessName": "",
        "locations": [questionnaire.name for questionnaire in listed],
        "locationList": [_location(questionnaire) for questionnaire in listed],
        "timeZoneOffset": _offset(platform),
        "timeZone": platform.time_zone,
        "npsRange": "7,8",
        "locationDataMigrated": True,
        **lists,
        **maps,
        "integrations": {"queueDetails": []},
    }


def _all(platform: Platform) -> list[Questionnaire]:
    return [known for _, known in sorted(platform.catalogue.questionnaires.items())]


def _named(known: Questionnaire) -> Body:
    return {"isNameImmutable": True, **known.to_dict()}


def _location(known: Questionnaire) -> Body:
    return {**_named(known), "address": None, "group": None, "tags": [], "translated": {}}


def _offset(platform: Platform) -> int:
    """Minutes between UTC and the account's time zone, today."""
    offset = datetime.now(UTC).astimezone(ZoneInfo(platform.time_zone)).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)
