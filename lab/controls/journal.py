"""What reached the REST side: who asked for what, when, and what came of it; never a credential."""

from collections import deque
from datetime import UTC, datetime
from time import time

ROOM = 50_000


class Journal:
    """Thread-safe: deque's append, clear and copy each are one step."""

    def __init__(self) -> None:
        self._entries: deque[tuple[str, str, str, int, float, str]] = deque(maxlen=ROOM)

    def note(self, method: str, path: str, user: str, status: int, by: str) -> None:
        """`user` is an account of the lab or empty, `by` is "desktop" for the desktop page's own requests."""
        self._entries.append((method, path, user, status, time(), by))

    def clear(self) -> None:
        self._entries.clear()

    def entries(self) -> list[dict[str, str | int]]:
        return [
            {
                "method": method,
                "path": path,
                "user": user,
                "status": status,
                "at": datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "by": by,
            }
            for method, path, user, status, at, by in self._entries.copy()
        ]
