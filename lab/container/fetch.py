"""What the container asks of other servers, as Finesse's own server does: no Origin, no cookies, few hosts."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import urllib3

TIMEOUT_SECONDS = 10.0
MOST_BYTES = 8_000_000


class Unreachable(Exception):
    """The URL is not one the lab may ask, or nothing came back."""


@dataclass(frozen=True, slots=True)
class Fetched:
    status: int
    kind: str
    text: str
    headers: dict[str, list[str]]


class Fetcher:
    """Asks loopback hosts and the gadget service alone: the lab is no proxy into anyone's network."""

    def __init__(self, gadget_base: str) -> None:
        self._home = urlsplit(gadget_base).hostname
        self._pool = urllib3.PoolManager(timeout=TIMEOUT_SECONDS, retries=False, maxsize=16)

    def get(self, url: str) -> Fetched:
        """The document at `url`; Unreachable unless it answered 200."""
        fetched = self.ask("GET", url, {})
        if fetched.status != 200:
            raise Unreachable(f"answered {fetched.status}")
        return fetched

    def ask(self, method: str, url: str, headers: dict[str, str], body: str | None = None) -> Fetched:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not self._may_ask(parts.hostname or ""):
            raise Unreachable("not a host that the lab may ask")
        try:
            answer = self._pool.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False, decode_content=True
            )
            text = answer.read(MOST_BYTES).decode("utf-8", "replace")
            answer.drain_conn()
            answer.release_conn()
        except urllib3.exceptions.HTTPError:
            raise Unreachable("no answer") from None
        kept = {name.lower(): answer.headers.getlist(name) for name in answer.headers}
        return Fetched(answer.status, answer.headers.get("Content-Type", ""), text, kept)

    def _may_ask(self, host: str) -> bool:
        if host in ("localhost", self._home):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False
