"""The allow-list of browser origins: parse what an administrator wrote, decide what a browser sent; pure.

Origins are compared byte for byte as browsers send them: lower case, no default port (fetch.spec.whatwg.org, "Origin
header"). We decide by this grammar alone; the pattern made from it serves flask-cors, which only writes headers.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

FINESSE_PORT = 8445
LONGEST_ORIGIN = 300
LONGEST_HOST = 253

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"{LABEL}(?:\.{LABEL})*"
ORIGIN = re.compile(rf"https://(?P<host>{HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?")
ENTRY = re.compile(rf"https://(?P<star>\*\.)?(?P<host>{HOST}):(?P<port>[1-9][0-9]{{0,4}})")
LOOSE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<host>[^/?#@:\s]+)(?::(?P<port>[0-9]+))?(?:[/?#].*)?"
)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Which origins may read: `exact` ones, and hosts that end in one of `suffixes` (`.bora.com:8445`)."""

    exact: frozenset[str]
    suffixes: frozenset[str]

    @classmethod
    def of(cls, entries: tuple[str, ...], loopback: tuple[str, ...] = ()) -> Self:
        """From entries that `faults` found nothing wrong with, and the lab's own origins."""
        parsed = [match for entry in entries if (match := ENTRY.fullmatch(entry))]
        exact = {_as_sent(match["host"], match["port"]) for match in parsed if not match["star"]}
        suffixes = {f".{match['host']}:{match['port']}" for match in parsed if match["star"]}
        return cls(frozenset(exact | set(loopback)), frozenset(suffixes))

    def allows(self, origin: str) -> bool:
        """Whether a browser's `Origin` header, exactly as it came, is one of ours."""
        return origin in self.exact or (bool(self.suffixes) and self._under_a_star(origin))

    def pattern(self) -> re.Pattern[str]:
        """One pattern that matches just what `allows` allows, to its very end."""
        exact = [re.escape(origin) for origin in sorted(self.exact)]
        short = rf"(?=[^:]{{1,{LONGEST_HOST}}}(?::|\Z))"
        stars = [rf"https://{short}(?:{LABEL}\.)+{_suffix_pattern(suffix)}" for suffix in sorted(self.suffixes)]
        return re.compile(rf"(?:{'|'.join(exact + stars) or '(?!)'})\Z")

    def _under_a_star(self, origin: str) -> bool:
        match = ORIGIN.fullmatch(origin) if len(origin) <= LONGEST_ORIGIN else None
        if not match or len(match["host"]) > LONGEST_HOST or match["port"] == "443":
            return False
        labels = match["host"].split(".")
        port = match["port"] or "443"
        return any(f".{'.'.join(labels[start:])}:{port}" in self.suffixes for start in range(1, len(labels)))


def faults(entries: tuple[str, ...]) -> list[str]:
    """One line for each bad entry, with the entry that was meant where it can be guessed."""
    return [f"{entry}: {why}{_meant(entry)}" for entry in entries if (why := _fault(entry))]


def entry_for(origin: str) -> str | None:
    """The entry of `ALLOWED_ORIGINS` that would allow a refused origin; None where none can."""
    match = ORIGIN.fullmatch(origin) if len(origin) <= LONGEST_ORIGIN else None
    return f"https://{match['host']}:{match['port'] or 443}" if match and match["port"] != "443" else None


@lru_cache(maxsize=1024)
def _fault(entry: str) -> str:
    match = ENTRY.fullmatch(entry)
    if not match:
        return _what_is_wrong(entry)
    if int(match["port"]) > 65535:
        return "a port is at most 65535"
    if len(match["host"]) > LONGEST_HOST:
        return "the host is longer than a name may be"
    if match["star"] and "." not in match["host"]:
        return "a star needs at least two labels after it, as in https://*.bora.com:8445"
    return ""


def _what_is_wrong(entry: str) -> str:
    if entry == "*":
        return "a bare star would allow every site; write https://*.your.domain:8445"
    if "*" in entry and not re.fullmatch(r"https://\*\.[^*]*", entry):
        return "a star may only be the whole first label, as in https://*.bora.com:8445"
    if not entry.startswith("https://"):
        return "must begin with https://"
    if re.fullmatch(r"https://[^/?#]*[/?#].*", entry):
        return "must end after the port: no slash, path or query"
    if not re.search(r":[0-9]+\Z", entry):
        return "has no port"
    return "is no https://host:port in lower case"


def _meant(entry: str) -> str:
    """` → https://host:port`, where the entry holds a host that we can read."""
    match = LOOSE.fullmatch(entry)
    if not match:
        return ""
    guess = f"https://{_ascii(match['host'])}:{match['port'] or FINESSE_PORT}"
    return f" → {guess}" if guess != entry and not _fault(guess) else ""


def _ascii(host: str) -> str:
    """A host as browsers send it: lower case, names in other scripts as punycode."""
    try:
        return host.rstrip(".").lower().encode("idna").decode()
    except UnicodeError:
        return host.lower()


def _as_sent(host: str, port: str) -> str:
    return f"https://{host}" if port == "443" else f"https://{host}:{port}"


def _suffix_pattern(suffix: str) -> str:
    """`.bora.com:8445` without its first dot, escaped; `:443` is not sent."""
    host, _, port = suffix[1:].rpartition(":")
    return re.escape(host if port == "443" else f"{host}:{port}")
