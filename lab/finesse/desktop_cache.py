"""What gadgets keep in the desktop's cache: each person's own, from signing in until the next time of doing so."""

import threading

MOST_ENTRIES = 200
MOST_CHARACTERS = 200_000


class DesktopCache:
    """Thread-safe; it belongs to the cluster, so that it outlives a failover (docs/cisco/finesse.md §3.6)."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[str, dict[str, str]] = {}

    def begin(self, person_id: str) -> None:
        """Nothing is left of an earlier sign-in."""
        with self._guard:
            self._kept.pop(person_id, None)

    def save(self, person_id: str, key: str, text: str) -> bool:
        """Whether there was room for it."""
        with self._guard:
            own = self._kept.setdefault(person_id, {})
            if len(text) > MOST_CHARACTERS or (key not in own and len(own) >= MOST_ENTRIES):
                return False
            own[key] = text
            return True

    def fetch(self, person_id: str, key: str) -> str | None:
        with self._guard:
            return self._kept.get(person_id, {}).get(key)

    def drop(self, person_id: str, key: str) -> None:
        with self._guard:
            self._kept.get(person_id, {}).pop(key, None)
