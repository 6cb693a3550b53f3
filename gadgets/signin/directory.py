"""The directory: who is who on each cluster and what teams are called; from sign-ins, rosters and imports."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cachetools import TTLCache
from sqlalchemy import Boolean, Column, Connection, DateTime, Executable, String, Table, bindparam, false, select

from foundation.db.database import Database, metadata
from gadgets.finesse.accounts import Account, Accounts
from gadgets.signin.person import Person

people = Table(
    "people",
    metadata,
    Column("cluster", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("login_name", String, nullable=False),
    Column("name", String, nullable=False),
    Column("agent_id", String, index=True),
    Column("team_id", String),
    Column("team_name", String),
    Column("learned_at", DateTime(timezone=True), nullable=False),
    # Whether the agent id is an import's, which the next import may mend, or Finesse's.
    Column("agent_id_imported", Boolean, nullable=False, server_default=false()),
)

teams = Table(
    "teams",
    metadata,
    Column("team_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("learned_at", DateTime(timezone=True), nullable=False),
)

FRESH_SECONDS = 2.0
LARGEST = 50_000

# Of two people with one agent id the one counts of whom Finesse said it: the last.
_NAMES = (
    select(people.c.agent_id, people.c.name)
    .where(people.c.agent_id.in_(bindparam("ids", expanding=True)))
    .order_by(people.c.agent_id_imported.desc())
)
_TEAM_NAMES = select(teams.c.team_id, teams.c.name).where(teams.c.team_id.in_(bindparam("ids", expanding=True)))
# Who was only in an import or a roster has no login name yet: Finesse has not said what else he is called.
_SIGNED_IN = select(people.c.user_id, people.c.login_name).where(
    people.c.cluster == bindparam("cluster"), people.c.login_name != ""
)
_AGENT_ID = select(people.c.agent_id).where(
    people.c.cluster == bindparam("cluster"), people.c.user_id == bindparam("user_id")
)


class NameCache:
    """Names by id, loaded once and kept for seconds: names change seldom, and every journey shows some."""

    def __init__(self, load: Callable[[set[str]], dict[str, str]]) -> None:
        self._load = load
        self._names: TTLCache[str, str] = TTLCache(LARGEST, FRESH_SECONDS)
        self._lock = threading.Lock()

    def get(self, ids: Iterable[str]) -> dict[str, str]:
        """The names that are known; ids that nobody told us of are absent."""
        wanted = set(ids)
        with self._lock:
            names = {key: name for key in wanted if (name := self._names.get(key)) is not None}
        if unknown := wanted - names.keys():
            # An id without a name is kept too, as "": most are asked for again at once.
            names |= dict.fromkeys(unknown, "") | self._load(unknown)
            with self._lock:
                self._names.update({key: names[key] for key in unknown})
        return {key: name for key, name in names.items() if name}


@dataclass(frozen=True, slots=True)
class Entry:
    """What a roster or an import says of someone; None where it says nothing, and what is known stays."""

    user_id: str
    name: str
    agent_id: str | None = None
    team_id: str | None = None
    team_name: str | None = None


@dataclass(slots=True)
class Entered:
    """What became of entries."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class Directory:
    """Names of agents by agent id and of teams by team id; agent ids by cluster and user id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._agents = NameCache(lambda ids: self._named(_NAMES, ids))
        self._teams = NameCache(lambda ids: self._named(_TEAM_NAMES, ids))
        self.accounts = Accounts(lambda cluster: self._read(_SIGNED_IN, cluster=cluster))

    def agent_id(self, cluster: str, user_id: str) -> str | None:
        """The agent id that is known for a user whose own record does not say it."""
        rows = self._read(_AGENT_ID, cluster=cluster, user_id=user_id)
        return next((agent_id for agent_id, _ in rows), None)

    def agent_names(self, ids: Iterable[str]) -> dict[str, str]:
        """What agents are called; those whom nobody told us of are absent."""
        return self._agents.get(ids)

    def team_names(self, ids: Collection[str]) -> dict[str, str]:
        """What each of these teams is called: by its id, where nobody told us its name."""
        return {team_id: f"Team {team_id}" for team_id in ids} | self._teams.get(ids)

    def learn(self, person: Person, *, says_agent_id: bool = True) -> Account:
        """Keep what a sign-in told: the person's name and ids, and the names of the teams in it.

        `says_agent_id`: whether Finesse said the agent id, or an import did.
        """
        self._learn(person, says_agent_id)
        return self.accounts.learn(person.cluster, person.id, person.login_name)

    def _learn(self, person: Person, says_agent_id: bool) -> None:
        now = datetime.now(UTC)
        row = {
            "cluster": person.cluster,
            "user_id": person.id,
            "login_name": person.login_name or person.id,
            "name": person.name,
            "agent_id": person.agent_id,
            "agent_id_imported": not says_agent_id,
            "team_id": person.team[0] or None,
            "team_name": person.team[1] or None,
        }
        named = {team: name for team, name in (person.team, *person.supervises) if team and name}
        if self._knows(row, named):
            return
        with self._database.write() as connection:
            connection.execute(_upsert(self._database, people), [row | {"learned_at": now}])
            if named:
                rows = [{"team_id": team, "name": name, "learned_at": now} for team, name in sorted(named.items())]
                connection.execute(_upsert(self._database, teams), rows)

    def enter(self, cluster: str, entries: Iterable[Entry], *, imported: bool = False) -> Entered:
        """Keep what entries say, all of it in one transaction; of two for one person the later counts.

        What an import says never takes the place of what Finesse said.
        """
        by_user = {entry.user_id: entry for entry in entries}
        with self._database.read() as connection:
            if not any(_news(connection, cluster, by_user, imported)):
                return Entered(unchanged=len(by_user))
        with self._database.write() as connection:
            added, changed = _news(connection, cluster, by_user, imported)
            now = datetime.now(UTC)
            rows = [row | {"learned_at": now} for row in (*added, *changed)]
            if rows:
                connection.execute(_upsert(self._database, people), rows)
        return Entered(len(added), len(changed), len(by_user) - len(rows))

    def name_team(self, team_id: str, name: str) -> None:
        """Keep what a team is called."""
        if self._named(_TEAM_NAMES, [team_id]) != {team_id: name}:
            with self._database.write() as connection:
                row = {"team_id": team_id, "name": name, "learned_at": datetime.now(UTC)}
                connection.execute(_upsert(self._database, teams), [row])

    def _knows(self, row: Mapping[str, object], named: Mapping[str, str]) -> bool:
        """Whether nothing of it is new: most sign-ins tell nothing new, and a read waits for no one."""
        columns = [people.c[name] for name in row]
        with self._database.read() as connection:
            statement = select(*columns).where(people.c.cluster == row["cluster"], people.c.user_id == row["user_id"])
            known = connection.execute(statement).first()
        return known is not None and dict(known._mapping) == dict(row) and self._named(_TEAM_NAMES, named) == named

    def _named(self, statement: Executable, ids: Iterable[str]) -> dict[str, str]:
        return dict(self._read(statement, ids=list(ids)))

    def _read(self, statement: Executable, **values: object) -> list[tuple[str, str]]:
        with self._database.read() as connection:
            return [(row[0], row[-1]) for row in connection.execute(statement, values)]


Row = dict[str, object]


def _news(
    connection: Connection, cluster: str, entries: Mapping[str, Entry], imported: bool
) -> tuple[list[Row], list[Row]]:
    """The rows that entries add, and those that they change."""
    statement = select(people).where(people.c.cluster == cluster, people.c.user_id.in_(list(entries)))
    known: dict[str, Row] = {row.user_id: dict(row._mapping) for row in connection.execute(statement)}
    added = [
        _merged(cluster, None, entry, imported) for user_id, entry in sorted(entries.items()) if user_id not in known
    ]
    merged = [(row, _merged(cluster, row, entries[user_id], imported)) for user_id, row in sorted(known.items())]
    return added, [new for old, new in merged if new != old]


def _merged(cluster: str, known: Row | None, entry: Entry, imported: bool) -> Row:
    """The row of a person after an entry; the very row that is known where nothing is new."""
    row: Row = {"cluster": cluster, "user_id": entry.user_id, "login_name": "", "agent_id_imported": False}
    row |= dict.fromkeys(("agent_id", "team_id", "team_name")) | (known or {})
    # A sign-in says how somebody is called to sign in, a roster in which team he is; an import says neither.
    is_finesses = imported and bool(row["login_name"] or row["team_id"])
    if entry.agent_id is not None and (not imported or row["agent_id"] is None or row["agent_id_imported"]):
        row |= {"agent_id": entry.agent_id, "agent_id_imported": imported}
    if is_finesses:
        return row
    if entry.team_name is not None and entry.team_name != row["team_name"]:
        row["team_id"] = None
    facts = {"team_id": entry.team_id, "team_name": entry.team_name}
    return row | {"name": entry.name} | {name: value for name, value in facts.items() if value is not None}


def _upsert(database: Database, table: Table) -> Executable:
    statement = database.dialect_insert(table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)
