"""Whose answers may be counted: a person and a request become a scope; pure. All safety of figures rests here.

The client never chooses whose data it sees: `filterTags` says which kind of scope, the values come from the session,
and `team` and `agent` only narrow it.
"""

from collections.abc import Mapping

from experience.model.scope import Scope
from foundation.errors import BadRequest, Refused
from gadgets.signin.person import Person

AGENT_TAG = "cc_AgentId"
TEAM_TAG = "cc_TeamId"
TAGS = {tag.lower(): tag for tag in (AGENT_TAG, TEAM_TAG)}


class UnknownFilter(BadRequest):
    code = "unknown_filter"
    title = "filterTags must be cc_AgentId, cc_TeamId or both, with a comma between"


class SupervisorsOnly(Refused):
    code = "supervisors_only"
    title = "Figures of a team are for its supervisors"


class NotYours(Refused):
    code = "not_yours"
    title = "These are another agent's or another team's figures"


class NotYourTeam(Refused):
    code = "not_your_team"
    title = "You do not supervise this team"


def widest_scope(person: Person) -> Scope:
    """All that a person may see: the supervised teams, or the person's own answers."""
    return Scope(_supervised(person), None) if person.is_supervisor else Scope(None, person.agent_id)


def scope_of(person: Person, arguments: Mapping[str, str]) -> tuple[str, Scope]:
    """The widest kind of scope that `filterTags` names and the person's role allows, narrowed by `team` and `agent`."""
    tags = _tags(arguments.get("filterTags", ""))
    team, agent = arguments.get("team") or None, arguments.get("agent") or None
    if TEAM_TAG in tags and person.is_supervisor:
        return TEAM_TAG, _of_teams(person, team, agent)
    if AGENT_TAG in tags:
        return AGENT_TAG, _of_self(person, team, agent)
    raise SupervisorsOnly()


def _tags(text: str) -> set[str]:
    named = [part.strip().lower() for part in text.split(",")]
    if not all(name in TAGS for name in named):
        raise UnknownFilter()
    return {TAGS[name] for name in named}


def _of_teams(person: Person, team: str | None, agent: str | None) -> Scope:
    supervised = _supervised(person)
    if team is not None and team not in supervised:
        raise NotYourTeam()
    return Scope(frozenset({team}) if team is not None else supervised, agent)


def _of_self(person: Person, team: str | None, agent: str | None) -> Scope:
    if agent not in {None, person.agent_id} or team not in {None, person.team[0]}:
        raise NotYours()
    return Scope(frozenset({team}) if team is not None else None, person.agent_id)


def _supervised(person: Person) -> frozenset[str]:
    return frozenset(team_id for team_id, _ in person.supervises)
