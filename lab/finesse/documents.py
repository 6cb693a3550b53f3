"""Finesse's XML, written: User, Dialogs, Team, SystemInfo, errors and notifications (docs/cisco/finesse.md §4)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from lab.people.cast import TEAMS, Person


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def element(name: str, text: str = "") -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name}/>"


def errors(kind: str, message: str, data: str) -> str:
    body = element("ErrorData", data) + element("ErrorMessage", message) + element("ErrorType", kind)
    return f"<ApiErrors><ApiError>{body}</ApiError></ApiErrors>"


def team_link(team: str) -> str:
    return (
        f"<Team>{element('id', team)}{element('name', TEAMS[team])}{element('uri', f'/finesse/api/Team/{team}')}</Team>"
    )


def user(person: Person, state: str, since: str, deployment: str = "UCCE") -> str:
    """UCCX knows no skillTargetId: its User carries none."""
    uri = f"/finesse/api/User/{person.id}"
    return "".join(
        (
            "<User>",
            element("dialogs", f"{uri}/Dialogs"),
            element("extension", person.extension),
            element("firstName", person.first_name),
            element("lastName", person.last_name),
            element("loginId", person.id),
            element("loginName", person.login_name),
            element("mediaType", "1"),
            "<pendingState/><reasonCodeId/>",
            "<roles>" + "".join(element("role", role) for role in person.roles) + "</roles>",
            "<settings><wrapUpOnIncoming>OPTIONAL</wrapUpOnIncoming></settings>",
            element("skillTargetId", person.skill_target_id) if deployment == "UCCE" else "",
            element("state", state),
            element("stateChangeTime", since),
            element("teamId", person.team),
            element("teamName", person.team_name),
            f"<teams>{''.join(map(team_link, person.supervises))}</teams>" if person.supervises else "",
            element("uri", uri),
            "</User>",
        )
    )


def team(team_id: str, states: Iterable[tuple[Person, str, str]]) -> str:
    """`states` holds person, state and since when, of those to be listed."""
    users = "".join(_team_user(*entry) for entry in states)
    head = element("uri", f"/finesse/api/Team/{team_id}") + element("id", team_id) + element("name", TEAMS[team_id])
    return f"<Team>{head}<users>{users}</users></Team>"


def _team_user(person: Person, state: str, since: str) -> str:
    # User URIs end with a slash in a Team, and nowhere else (docs/cisco/finesse.md §4.3).
    return "".join(
        (
            "<User>",
            element("uri", f"/finesse/api/User/{person.id}/"),
            element("loginId", person.id),
            element("firstName", person.first_name),
            element("lastName", person.last_name),
            element("dialogs", f"/finesse/api/User/{person.id}/Dialogs"),
            element("extension", person.extension),
            "<pendingState/>",
            element("state", state),
            element("stateChangeTime", since),
            "</User>",
        )
    )


def minutes_east(time_zone: str) -> int:
    """How far clocks there are from UTC now: east is positive, as Finesse tells it (docs/cisco/finesse.md §4.4)."""
    return (datetime.now(ZoneInfo(time_zone)).utcoffset() or timedelta()) // timedelta(minutes=1)


def system_info(deployment: str, time_zone: str, host: str, ports: tuple[int, ...], in_service: bool, mode: str) -> str:
    nodes = "".join(
        f"<{name}>{element('host', host)}{element('httpsPort', str(port))}</{name}>"
        for name, port in zip(("primaryNode", "secondaryNode"), ports, strict=False)
    )
    return "".join(
        (
            "<SystemInfo>",
            element("currentTimestamp", now()),
            element("deploymentType", deployment),
            element("peripheralId", "5000"),
            nodes,
            element("status", "IN_SERVICE" if in_service else "OUT_OF_SERVICE"),
            "<statusReason/>",
            element("systemAuthMode", mode),
            element("timezoneOffset", str(minutes_east(time_zone))),
            "<uri>/finesse/api/SystemInfo</uri>",
            "</SystemInfo>",
        )
    )


def update(event: str, source: str, data: str) -> str:
    """A notification: `event` is POST, PUT or DELETE, `source` the REST path it is about."""
    return f"<Update><data>{data}</data>{element('event', event)}<requestId/>{element('source', source)}</Update>"
