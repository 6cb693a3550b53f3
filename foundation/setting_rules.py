"""What a value of a setting may look like, with the fault in plain words where it does not; pure."""

import difflib
import ipaddress
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode
from redis import Redis
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_KEY = 32
# A name as browsers send it, or an address; the colons are those of IPv6.
HOST = re.compile(r"[A-Za-z0-9._:-]+")
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
# `GMT+8` and its like: tz's own Etc/GMT+8 is west of Greenwich, so it is not what was meant.
OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
PLACES = ("Asia/Taipei", "Asia/Tokyo", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "America/Los_Angeles")
WINTER = datetime(2026, 1, 1, tzinfo=UTC)
CONTINENTS = ("Africa/", "America/", "Asia/", "Australia/", "Europe/", "Pacific/")
ESCAPES = {sign: f"%{ord(sign):02X}" for sign in "@/?#"}


def fault(message: str) -> PydanticCustomError:
    """A fault of one setting in plain words; pydantic adds the name."""
    return PydanticCustomError("setting", "{message}", {"message": message})


def guess(value: str, known: Any) -> str:
    """` (did you mean …?)` where one of the known words is near; else nothing."""
    words = {word.casefold(): word for word in known}
    near = difflib.get_close_matches(value.casefold(), list(words), n=1, cutoff=0.7)
    return f" (did you mean {words[near[0]]}?)" if near else ""


def web_base(value: str) -> str:
    """A base URL without its trailing slash; https, or http to this machine; no path, query, user or fragment."""
    base = _host_alone(value)
    if urlsplit(base).scheme == "http" and urlsplit(base).hostname not in LOOPBACK:
        raise fault("must be https; plain http is for a loopback address only")
    return base


def proxy(value: str) -> str:
    """A proxy without authentication, as Cloud Connect has it (docs/cisco/cloud-connect-and-cce.md §1.4)."""
    if "@" in value:
        raise fault("a proxy with authentication is not supported")
    return _host_alone(value)


def _host_alone(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_sane = HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_sane = None
    if not is_sane or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise fault("must be https://host or https://host:port")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise fault("must not have a path, a query or a fragment")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def comma_list(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def long_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    short = [str(place) for place, key in enumerate(keys, 1) if len(key) < SHORTEST_KEY]
    if short:
        raise fault(f"key {', '.join(short)} of the list is shorter than {SHORTEST_KEY} characters")
    return keys


def database_url(value: str) -> str:
    if not re.match(r"(sqlite:///.|postgresql\+psycopg://|\Z)", value):
        raise fault("must begin with postgresql+psycopg:// (or be sqlite:/// and a file)")
    try:
        url = make_url(value) if value else None
    except (ArgumentError, ValueError):
        raise fault("is no database URL, such as postgresql+psycopg://user:password@host:5432/name") from None
    rest = f"{url.host or ''}/{url.database or ''}" if url else ""
    # The first @ ends the password, and what follows of it becomes the host.
    if "@" in rest.rpartition("/")[0]:
        raise fault(f"an @ stands in its password: write {ESCAPES['@']} for it")
    return value


def cache_url(value: str) -> str:
    authority = value.partition("://")[2].rpartition("@")[0]
    if ends := [f"{ESCAPES[sign]} for {sign}" for sign in "/?#" if sign in authority]:
        raise fault(f"a password may not hold what ends it: write {', '.join(ends)}")
    try:
        if value and not re.match(r"rediss?://[^/]*(/[0-9]*)?(\?|\Z)", value):
            raise ValueError
        if value:
            Redis.from_url(value)
    except ValueError:
        raise fault("is no address of a Redis, such as redis://host:6379/0") from None
    return value


def smtp_url(value: str) -> str:
    """A mail server; the connection to one that is not on this machine is always encrypted."""
    if not value:
        return value
    if ends := [
        f"{ESCAPES[sign]} for {sign}" for sign in "/?#" if sign in value.partition("://")[2].rpartition("@")[0]
    ]:
        raise fault(f"a password may not hold what ends it: write {', '.join(ends)}")
    try:
        parts = urlsplit(value)
        is_sane = HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_sane = None
    if not is_sane or parts.scheme not in {"smtp", "smtps"} or parts.path not in {"", "/"} or parts.query:
        raise fault("must be smtp://host:587 (which STARTTLS encrypts) or smtps://host:465, without a path")
    return value


def mail_from(value: str) -> str:
    if value and (not MAILBOX.fullmatch(parseaddr(value)[1]) or not value.isprintable()):
        raise fault("is no address; write the bare address, or Name <address>")
    return value


def sms_url(value: str) -> str:
    if value and ("{to}" not in value or "://" not in value):
        raise fault("must be an address of Apprise, with {to} where the number belongs, such as twilio://…/{to}")
    return value


def time_zone(value: str) -> str:
    if offset := OFFSET.fullmatch(value):
        hours, minutes = int(offset[1] + offset[2]), int(offset[1] + (offset[3] or "0"))
        place = place_at(timedelta(hours=hours, minutes=minutes), WINTER)
        raise fault(f"is an offset, which knows no summer time: name a place, such as {place}")
    if value not in _time_zones():
        raise fault(f"is no time zone{guess(value, _time_zones())}; e.g. Asia/Taipei")
    return value


def place_at(offset: timedelta, moment: datetime) -> str:
    """Where clocks are so far from UTC at a moment; a place that many know goes first."""
    others = sorted(name for name in _time_zones() if name.startswith(CONTINENTS))
    zones = ((name, ZoneInfo(name)) for name in (*PLACES, *others))
    at_it = (name for name, zone in zones if moment.astimezone(zone).utcoffset() == offset)
    return next(at_it, PLACES[0])


@cache
def _time_zones() -> set[str]:
    """Their names are looked for in many folders."""
    return available_timezones()


def region(value: str) -> str:
    upper = value.upper()
    if upper and upper not in phonenumbers.SUPPORTED_REGIONS:
        raise fault("is no region of two letters, e.g. TW")
    return upper


def prefixes(values: tuple[str, ...]) -> tuple[str, ...]:
    bad = [value for value in values if not re.fullmatch(r"[0-9*#]{1,6}", value)]
    if bad:
        raise fault(f"{', '.join(bad)}: a prefix is one to six of 0-9, * and #")
    return values


def networks(values: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks; never all the world."""
    for value in values:
        try:
            network = ipaddress.ip_network(value)
        except ValueError:
            raise fault(f"{value}: is no address or network, such as 10.1.2.3 or 10.1.2.0/24") from None
        if not network.prefixlen:
            raise fault(f"{value}: trusts everybody; name the proxies")
    return values


def readable(value: Path | None) -> Path | None:
    if value is not None and not (value.is_file() and os.access(value, os.R_OK)):
        raise fault("is no file that can be read")
    return value


def tls_pair(cert: Path, key: Path) -> str:
    """Why the two cannot serve TLS; empty where they can. A passphrase is asked of nobody."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key is not that of the certificate"
        return "must hold a certificate, its chain behind it, and its key, in PEM and without a passphrase"
    return ""


def _unless_empty(value: str) -> str:
    return web_base(value) if value else value


def _proxy_unless_empty(value: str) -> str:
    return proxy(value) if value else value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list)]
Keys = Annotated[CommaList, AfterValidator(long_keys)]
Networks = Annotated[CommaList, AfterValidator(networks)]
Prefixes = Annotated[CommaList, AfterValidator(prefixes)]
WebBase = Annotated[str, AfterValidator(_unless_empty)]
Proxy = Annotated[str, AfterValidator(_proxy_unless_empty)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
CacheUrl = Annotated[str, AfterValidator(cache_url)]
SmtpUrl = Annotated[str, AfterValidator(smtp_url)]
MailFrom = Annotated[str, AfterValidator(mail_from)]
SmsUrl = Annotated[str, AfterValidator(sms_url)]
TimeZone = Annotated[str, AfterValidator(time_zone)]
Region = Annotated[str, AfterValidator(region)]
ReadableFile = Annotated[Path | None, AfterValidator(readable)]
