"""After which calls a survey goes out: rules as people write them in YAML, the first that fits a call decides.

They are kept beside the dispatches that they name, as one document.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Any, Protocol

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Connection

from experience.dispatch import dispatches
from experience.dispatch.files import Identity, Text
from experience.questionnaires.yaml_format import read_file
from foundation.db.database import Database

DOCUMENT = "calls"
LONGEST_REST_HOURS = 8784


def _written(value: object) -> object:
    """YAML reads 5011 as a number; ids and telephone numbers are texts."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, BeforeValidator(_written), Field(min_length=1, max_length=128)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """Calls that fit every list that is there get the survey of `dispatch`, under the conditions that follow."""

    name: Text
    dispatch: Identity
    call_types: tuple[Name, ...] = ()
    # By number or by name.
    queues: tuple[Name, ...] = ()
    # `*` stands for any digits.
    dialled: tuple[Name, ...] = ()
    teams: tuple[Name, ...] = ()
    outbound: bool = False
    least_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    rest_hours: Annotated[int, Field(ge=0, le=LONGEST_REST_HOURS)] = 24
    needs_opt_in: bool = True


class CallRules(_Strict):
    """The file. `wait_seconds`: after the last end that is reported, for a transferred call may go on elsewhere."""

    wait_seconds: Annotated[int, Field(ge=0, le=3600)] = 30
    # A call whose end nobody reports has ended then.
    ended_after_hours: Annotated[int, Field(ge=1, le=23)] = 4
    rules: tuple[Rule, ...] = ()


class Call(Protocol):
    """What of a call the rules look at."""

    @property
    def kind(self) -> str: ...
    @property
    def call_type(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def queue_name(self) -> str: ...
    @property
    def dialled(self) -> str: ...
    @property
    def team_id(self) -> str: ...


def first_fitting(rules: Iterable[Rule], call: Call) -> Rule | None:
    """The first rule that fits; none fits a consult or an internal call."""
    if call.kind not in ("inbound", "outbound"):
        return None
    return next((rule for rule in rules if _fits(rule, call)), None)


def _fits(rule: Rule, call: Call) -> bool:
    queues = {call.queue.casefold(), call.queue_name.casefold()}
    conditions = (
        (rule.call_types, call.call_type in rule.call_types),
        (rule.queues, any(queue.casefold() in queues for queue in rule.queues)),
        (rule.dialled, any(fnmatchcase(call.dialled, pattern) for pattern in rule.dialled)),
        (rule.teams, call.team_id in rule.teams),
    )
    return (call.kind != "outbound" or rule.outbound) and all(fits for wanted, fits in conditions if wanted)


def is_in_share(share: float, call_key: str) -> bool:
    """Whether a call is among the share: the same on every node, and however often it is asked."""
    drawn = int.from_bytes(hashlib.sha256(call_key.encode()).digest()[:8]) / 2**64
    return drawn < share


def read_rules(text: str) -> CallRules:
    """A YAML file's text. Raises DraftFault, which names every fault with its place."""
    return read_file(CallRules, text, "rules")


def write_rules(rules: CallRules) -> str:
    """The YAML text from which `read_rules` makes the same rules."""
    content: dict[str, Any] = rules.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120) if content else "rules: []\n"


def load(connection: Connection) -> CallRules:
    """The rules that hold; none of them where nobody has written any."""
    document = dispatches.find(connection, "rules", DOCUMENT)
    return CallRules.model_validate(document["rules"]) if document else CallRules()


def keep(database: Database, connection: Connection, rules: CallRules) -> None:
    """Put these rules in the place of those that held."""
    dispatches.keep(database, connection, "rules", [{"id": DOCUMENT, "rules": rules.model_dump(mode="json")}])


def faults(connection: Connection, rules: CallRules) -> list[str]:
    """What keeps a rule from sending anything, one line each."""
    lines = []
    for place, rule in enumerate(rules.rules):
        dispatch = dispatches.find(connection, "dispatch", rule.dispatch)
        if dispatch is None:
            lines.append(f"rules[{place}].dispatch: there is no dispatch {rule.dispatch}: import it first")
        elif not dispatches.live_channels(connection, rule.dispatch):
            lines.append(f"rules[{place}].dispatch: {rule.dispatch} is not live, or its delivery plan is not")
    return lines + [
        f"rules[{later}]: never reached: rules[{earlier}] fits every call before it"
        for later, rule in enumerate(rules.rules)
        if (earlier := next((place for place in range(later) if _covers(rules.rules[place], rule)), None)) is not None
    ]


def _covers(earlier: Rule, later: Rule) -> bool:
    """Whether no call that fits the later rule passes the earlier one by."""
    has_conditions = earlier.call_types or earlier.queues or earlier.dialled or earlier.teams
    return not has_conditions and (earlier.outbound or not later.outbound)
