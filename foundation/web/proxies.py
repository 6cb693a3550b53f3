"""Whom a request comes from where named proxies stand in front of us: the nearest hop that is none of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def install(app: Flask, trusted: Sequence[str]) -> None:
    """Believe these proxies; none, and no header is read."""
    if trusted:
        app.wsgi_app = Forwarded(app.wsgi_app, trusted)


class Forwarded:
    """WSGI around an application: `X-Forwarded-For` counts as far as trusted proxies wrote it, and no further."""

    def __init__(self, inner: WSGIApplication, trusted: Iterable[str]) -> None:
        self._inner = inner
        self._trusted = tuple(ipaddress.ip_network(network) for network in trusted)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR")
        if forwarded:
            environ["REMOTE_ADDR"] = nearest(environ.get("REMOTE_ADDR", ""), forwarded, self._trusted)
        return self._inner(environ, start_response)


def nearest(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The last hop that is no trusted proxy; what stands before it anyone may have written."""
    client = peer
    for hop in (peer, *reversed(forwarded.split(","))):
        address = _address(hop.strip())
        if address is None:
            break
        client = str(address)
        if not any(address in network for network in trusted):
            break
    return client


def _address(text: str) -> Address | None:
    """An address, also with a port behind it; None for all else."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


@lru_cache(maxsize=4096)
def source_of(address: str) -> str:
    """What counts as one caller: an address, and of IPv6 the network of 64 bits that one subscriber has."""
    parsed = _address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed) if parsed else address
