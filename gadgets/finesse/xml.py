"""Finesse's XML as people and dialogs: elements found by name, never by position; pure.

Shapes: docs/cisco/finesse.md §4. Lists of one element, empty elements and absent ones are all met here.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any, Self
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from experience.model.lengths import LONGEST_NAME, cut
from gadgets.finesse.xml_repair import parts, repaired

# What Finesse writes on a party that is an agent's; a caller has no such mark, and may have actions (§4.2).
AGENT_DEVICE = "AGENT_DEVICE"
HAN = re.compile(r"[\u3400-\u9fff]{2,8}")


class NotFinesse(ValueError):
    """The body is no XML of the kind that was asked for: an error page, a proxy's login, a broken answer."""


class Unreadable(NotFinesse):
    """The body is no well-formed XML."""


@dataclass(frozen=True, slots=True)
class User:
    """A Finesse User (§4.1). `teams` are the supervised ones as (id, name); absent texts are empty."""

    login_id: str
    login_name: str
    name: str
    roles: tuple[str, ...]
    extension: str
    skill_target_id: str
    team: tuple[str, str]
    teams: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """From JSON, which knows lists only."""
        pairs = {"team": tuple(kept["team"]), "teams": tuple((team[0], team[1]) for team in kept["teams"])}
        return cls(**kept | pairs | {"roles": tuple(kept["roles"])})


@dataclass(frozen=True, slots=True)
class Member:
    """Someone in a Team (§4.3); `skill_target_id` stays empty where Finesse does not tell it there."""

    login_id: str
    name: str
    skill_target_id: str


class CallKind(Enum):
    """What a call is, by its callType or how that begins (§4.2); an unknown type is an ordinary call."""

    ORDINARY = ""
    # An agent asks a colleague, or an expert outside.
    CONSULT = "CONSULT"
    # The dialer's: whoever stands as the caller is not the customer.
    CAMPAIGN = "OUTBOUND"
    # A supervisor listening in: such a call arrives without customer data.
    MONITORING = "SUPERVISOR_MONITOR"

    @classmethod
    def of(cls, call_type: str) -> Self:
        if call_type == cls.MONITORING.value:
            return cls.MONITORING
        return next((kind for kind in (cls.CONSULT, cls.CAMPAIGN) if call_type.startswith(kind.value)), cls.ORDINARY)


@dataclass(frozen=True, slots=True)
class Dialog:
    """A call (§4.2). `variables`: call variables by name; `agents`: addresses of the parties that are agents' devices.

    `associated` is the id of the call that this one belongs to, or that belongs to it; `callback_number` the number
    that a dialer offers in direct preview, without its own prefix. `replaced` is the id of a call that this one took
    the place of. `parts`: the state of each party by its address. `started`: when an agent was first in it, as Finesse
    writes it.
    """

    id: str
    from_address: str
    to_address: str
    kind: CallKind
    variables: dict[str, str]
    agents: frozenset[str]
    associated: str = ""
    is_voice: bool = True
    callback_number: str = ""
    replaced: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    started: str = ""


def user(body: bytes) -> User:
    root = _root(body, "User")
    if not _text(root, "loginId"):
        raise NotFinesse("a <User> without a loginId")
    name = full_name(_text(root, "firstName"), _text(root, "lastName"))
    return User(
        login_id=_text(root, "loginId"),
        login_name=_text(root, "loginName"),
        name=name or _text(root, "loginName") or _text(root, "loginId"),
        roles=tuple(role.text.strip() for role in root.iterfind("roles/role") if role.text),
        extension=_text(root, "extension"),
        skill_target_id=_skill(root),
        team=(_text(root, "teamId"), _name(root, "teamName")),
        teams=tuple(
            (_text(team, "id"), _name(team, "name")) for team in root.iterfind("teams/Team") if _text(team, "id")
        ),
    )


def team(body: bytes) -> tuple[str, tuple[Member, ...]]:
    """What a team is called, and who belongs to it."""
    root = _root(body, "Team")
    members = (
        Member(_text(user, "loginId"), full_name(_text(user, "firstName"), _text(user, "lastName")), _skill(user))
        for user in root.iterfind("users/User")
    )
    return _name(root, "name"), tuple(member for member in members if member.login_id and member.name)


def full_name(first: str, last: str) -> str:
    """As its bearer writes it: a surname in Chinese characters leads and takes no space."""
    name = last + first if HAN.fullmatch(first + last) else f"{first} {last}".strip()
    return cut(name, LONGEST_NAME)


@lru_cache(maxsize=1024)
def dialogs(body: bytes) -> tuple[Dialog, ...]:
    """Calls, as User/Dialogs lists them. Kept: a desktop's gadgets ask about one call several times."""
    return tuple(map(_dialog, _calls(body)))


def deployment(body: bytes) -> str:
    """`UCCE` or `UCCX`, from SystemInfo; empty where it does not say."""
    return _text(_root(body, "SystemInfo"), "deploymentType")


def _calls(body: bytes) -> list[Element]:
    """Each call that can be read. What is wrong with one of them costs nothing of the others."""
    try:
        return _root(body, "Dialogs").findall("Dialog")
    except Unreadable:
        whole = repaired(body)
    try:
        return _root(whole, "Dialogs").findall("Dialog")
    except Unreadable:
        # Of a list that was cut off nobody knows what else was in it.
        if not whole.lstrip().startswith(b"<Dialogs") or not whole.rstrip().endswith(b"</Dialogs>"):
            raise
    return [element for part in parts(whole, "Dialog") for element in _readable(part)]


def _readable(part: bytes) -> list[Element]:
    try:
        return [_root(part, "Dialog")]
    except NotFinesse:
        return []


def _dialog(element: Element) -> Dialog:
    media, parties = element.find("mediaProperties"), element.findall("participants/Participant")
    agents = [party for party in parties if _text(party, "mediaAddressType").upper() == AGENT_DEVICE]
    return Dialog(
        id=_text(element, "id"),
        from_address=_text(element, "fromAddress"),
        to_address=_text(element, "toAddress"),
        kind=CallKind.of(_text(media, "callType")),
        variables=_variables(media),
        agents=frozenset(_text(party, "mediaAddress") for party in agents),
        associated=_text(element, "associatedDialogUri").rstrip("/").rpartition("/")[2],
        is_voice=_text(element, "mediaType") in ("", "Voice") and _text(media, "mediaId") in ("", "1"),
        callback_number=_text(element, "callbackNumber") or _text(media, "callbackNumber"),
        replaced=_text(element, "secondaryId"),
        parts={_text(party, "mediaAddress"): _text(party, "state") for party in parties},
        started=min((start for party in agents if (start := _text(party, "startTime"))), default=""),
    )


def _variables(media: Element | None) -> dict[str, str]:
    """Media properties and call variables in one map, as Finesse's own getMediaProperties gives them (§3.3)."""
    if media is None:
        return {}
    properties = {child.tag: child.text.strip() for child in media if child.text and child.text.strip()}
    called = {_text(item, "name"): _text(item, "value") for item in media.iterfind("callvariables/CallVariable")}
    return properties | called


def _skill(person: Element) -> str:
    return _text(person, "skillTargetId")


def _root(body: bytes, tag: str) -> Element:
    try:
        root = fromstring(body)
    except ParseError as error:
        raise Unreadable(f"no XML where <{tag}> was expected") from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        raise NotFinesse(f"no XML where <{tag}> was expected") from error
    if root.tag != tag:
        raise NotFinesse(f"another document where <{tag}> was expected")
    return root


def _name(parent: Element, tag: str) -> str:
    """A name as it is kept and shown."""
    return cut(_text(parent, tag), LONGEST_NAME)


def _text(parent: Element | None, tag: str) -> str:
    return (parent.findtext(tag) or "").strip() if parent is not None else ""
