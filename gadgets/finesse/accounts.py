"""Which Finesse account a name means: login id or login name, with a domain or without, in any case."""

import threading
import time
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

RELOAD_SECONDS = 2.0

# Login ids and login names of everybody who has signed in on a cluster.
Names = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Account:
    """`name` is the login id of somebody who has signed in here; of anybody else the name that was sent."""

    cluster: str
    name: str
    is_known: bool


def normalize(name: str) -> str:
    """One spelling for all that a directory takes for the same: case, width, spaces around, composed or not."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def without_domain(name: str) -> str:
    """The user of `DOMAIN\\user` and `user@domain`."""
    return name.rpartition("\\")[2].partition("@")[0] or name


def account_of(cluster: str, login_id: str) -> Account:
    """The account of somebody who has signed in."""
    return Account(cluster, normalize(login_id), True)


def index(people: Names) -> dict[str, str]:
    """Login ids by each name that means them. What is somebody's whole name is nobody else's without its domain."""
    pairs = [(normalize(login_id), normalize(login_name)) for login_id, login_name in sorted(people)]
    names = {login_id: login_id for login_id, _ in pairs}
    for spelling in (str, without_domain):
        for login_id, login_name in pairs:
            names.setdefault(spelling(login_name), login_id)
            names.setdefault(spelling(login_id), login_id)
    return names


class Accounts:
    """Accounts by name. People who signed in at another node are known here within seconds."""

    def __init__(self, load: Callable[[str], Names]) -> None:
        self._load = load
        self._guard = threading.Lock()
        self._indexes: dict[str, dict[str, str]] = {}
        self._loaded: dict[str, float] = {}

    def find(self, cluster: str, name: str) -> Account:
        """The account that a name means."""
        spelled = normalize(name)
        login_id = self._login_id(cluster, spelled)
        if login_id is None:
            self._reload(cluster)
            login_id = self._login_id(cluster, spelled)
        return Account(cluster, login_id or without_domain(spelled), login_id is not None)

    def learn(self, cluster: str, login_id: str, login_name: str) -> Account:
        """Somebody has signed in: from now on these two names mean one account."""
        with self._guard:
            self._indexes[cluster] = self._indexes.get(cluster, {}) | index([(login_id, login_name or login_id)])
        return account_of(cluster, login_id)

    def _login_id(self, cluster: str, spelled: str) -> str | None:
        names = self._indexes.get(cluster, {})
        return names.get(spelled) or names.get(without_domain(spelled))

    def _reload(self, cluster: str) -> None:
        """Ask for everybody, at most every two seconds: made-up names make no more work than that."""
        with self._guard:
            now = time.monotonic()
            if now < self._loaded.get(cluster, now):
                return
            self._indexes[cluster] = self._indexes.get(cluster, {}) | index(self._load(cluster))
            self._loaded[cluster] = now + RELOAD_SECONDS
