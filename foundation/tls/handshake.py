"""What a host presents when it is called over TLS, and every reason why it may not be trusted, in words of its own."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from foundation.invocation import invocation
from foundation.setting_rules import LOOPBACK
from foundation.tls.certificates import Certificate, NoCertificate, links
from foundation.tls.trust import OnlyForItself, TrustContext, chain

SECONDS = 5.0
HTTPS_PORT = 443

# OpenSSL's numbers (x509_vfy.h) that mean the same to who has to act on them.
NOT_YET, EXPIRED = 9, 10
SELF_SIGNED_ALONE, SELF_SIGNED_ABOVE, NO_ISSUER_HERE, NO_ISSUER_SENT = 18, 19, 20, 21
HOST_MISMATCH, ADDRESS_MISMATCH = 62, 64


class ProxyFailed(Exception):
    """PROXY itself stood in the way."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a neighbour cannot be talked to: a `code` for programs, the cause and the cure for people."""

    code: str
    cause: str
    cure: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What `host:port` presented, its own certificate first, and what stands against it; no fault: it is trusted."""

    address: str
    chain: tuple[Certificate, ...] = ()
    fault: Fault | None = None

    @property
    def own(self) -> Certificate | None:
        return self.chain[0] if self.chain else None


def address_of(base: str) -> tuple[str, int]:
    """Host and port of a base URL, or of `host:port`."""
    parts = urlsplit(base if "//" in base else f"https://{base}")
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else HTTPS_PORT)


def examine(base: str, trusted: TrustContext, *, proxy: str = "", rsa_only: bool = False) -> Seen:
    """Call a host, and say what it presented and why it cannot be trusted. `rsa_only` where Cisco takes RSA alone."""
    host, port = address_of(base)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with _called(host, port, proxy) as wire, trusted.wrap_socket(wire, server_hostname=host) as tls:
            presented = _read(tls)
    except ssl.SSLCertVerificationError as error:
        presented = _presented(host, port, proxy)
        return Seen(address, presented, explain(error, address, presented))
    except (OSError, ProxyFailed, NoCertificate) as error:
        return Seen(address, (), unreachable(error, address))
    return Seen(address, presented, ec_fault(presented[0], address) if rsa_only else None)


def present(host: str, port: int, proxy: str = "") -> tuple[Certificate, ...]:
    """What a host presents, believed in nothing: only read, and the connection closed before a byte of ours is sent."""
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    with _called(host, port, proxy) as wire, unverified.wrap_socket(wire, server_hostname=host) as tls:
        return _read(tls)


def _presented(host: str, port: int, proxy: str) -> tuple[Certificate, ...]:
    """What it presents to one who asks once more; nothing where it has gone meanwhile."""
    try:
        return present(host, port, proxy)
    except (OSError, ProxyFailed, NoCertificate):
        return ()


def explain(error: ssl.SSLCertVerificationError, address: str, presented: Sequence[Certificate] = ()) -> Fault:
    """A failed verification in the words of who has to act; `presented` makes them exact."""
    host = address.rpartition(":")[0].strip("[]")
    own = presented[0] if presented else None
    code = error.verify_code if not isinstance(error, OnlyForItself) else NO_ISSUER_HERE
    if code == EXPIRED:
        return _expired(_at_fault(presented, EXPIRED), address)
    if code == NOT_YET:
        return _not_yet(_at_fault(presented, NOT_YET), address)
    if code in {HOST_MISMATCH, ADDRESS_MISMATCH}:
        return _wrong_name(own, host)
    if code == SELF_SIGNED_ALONE:
        return Fault(
            "self_signed",
            f"{address} presents a certificate that it signed itself{_mark(own)}, and nobody here has trusted it",
            f"compare the fingerprint with {host}'s administrator, then: {invocation(f'trust add {address}')}",
        )
    if code in {SELF_SIGNED_ABOVE, NO_ISSUER_HERE, NO_ISSUER_SENT}:
        return _unknown_issuer(presented, address)
    cure = "have its administrator make a new certificate"
    return Fault("bad_certificate", f"{address}: {getattr(error, 'verify_message', '') or 'cannot be verified'}", cure)


def ec_fault(own: Certificate, address: str) -> Fault | None:
    """Towards WxM only RSA keys work (docs/cisco/cloud-connect-and-cce.md §1.3)."""
    if own.is_rsa:
        return None
    return Fault(
        "ec_key",
        f"{address} presents a certificate with an {own.key} key; towards WxM Cisco's products take RSA alone",
        "have its administrator make a certificate with an RSA key of 2048 bits",
    )


def unreachable(error: Exception, address: str) -> Fault:
    """Why no TLS connection came about at all."""
    host, _, port = address.rpartition(":")
    if isinstance(error, ProxyFailed):
        return Fault("proxy", f"{address} cannot be reached through PROXY ({error})", "check PROXY, and what it allows")
    if isinstance(error, socket.gaierror):
        return Fault("unknown_name", f"the name {host} is not known here", f"check DNS on this machine: host {host}")
    if isinstance(error, ConnectionRefusedError):
        return Fault("refused", f"nothing listens on {address}", "check that it runs, and its port")
    if isinstance(error, TimeoutError):
        return Fault("timed_out", f"{address} did not answer in {SECONDS:g} s", f"check firewalls on the way to {port}")
    if isinstance(error, ssl.SSLError):
        return Fault("no_tls", f"{address} speaks no TLS 1.2 or newer ({error.reason})", "check the port and its TLS")
    return Fault("no_connection", f"{address} cannot be reached ({error})", "check the network on the way, and PROXY")


def needs_no_certificate(base: str) -> bool:
    """Plain http, which settings allow to this machine alone."""
    return base.startswith("http:")


@contextmanager
def _called(host: str, port: int, proxy: str) -> Iterator[socket.socket]:
    """A connection, through the proxy's CONNECT where there is one; what is on this machine needs none."""
    if not proxy or host in LOOPBACK:
        with socket.create_connection((host, port), SECONDS) as wire:
            yield wire
        return
    through = HTTPConnection(*address_of(proxy), timeout=SECONDS)
    through.set_tunnel(host, port)
    try:
        try:
            through.connect()
        except (OSError, HTTPException) as error:
            raise ProxyFailed(f"{proxy}: {error}") from error
        yield through.sock
    finally:
        through.close()


def _read(tls: ssl.SSLSocket) -> tuple[Certificate, ...]:
    return tuple(Certificate.of(der) for der in chain(tls, verified=False))


def _expired(certificate: Certificate | None, address: str) -> Fault:
    since = f" since {certificate.not_after:%Y-%m-%d %H:%M} UTC ({certificate.subject})" if certificate else ""
    cure = "have its administrator renew it; the new one may have to be trusted here again (trust add)"
    return Fault("expired", f"the certificate of {address} has expired{since}", cure)


def _not_yet(certificate: Certificate | None, address: str) -> Fault:
    begins = f" before {certificate.not_before:%Y-%m-%d %H:%M} UTC ({certificate.subject})" if certificate else ""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    cause = f"the certificate of {address} is not valid yet{begins}; the clock here says {now}"
    return Fault("not_yet_valid", cause, "set the clock of this machine by NTP, else wait or have it made anew")


def _wrong_name(own: Certificate | None, host: str) -> Fault:
    names = f": it is for {', '.join(own.names) or 'no name at all'}" if own else ""
    return Fault(
        "wrong_name",
        f"the certificate is not for {host}{names}",
        "name the host in the settings as its certificate does, or have a certificate made with that name",
    )


def _unknown_issuer(presented: Sequence[Certificate], address: str) -> Fault:
    path = links(presented)
    issuer = path[-1].issuer if path else "an issuer"
    return Fault(
        "unknown_issuer",
        f"{address} presents a certificate{_mark(path[0] if path else None)} from {issuer}, whom nobody here trusts",
        f"compare the fingerprint with its administrator, then: {invocation(f'trust add {address}')}",
    )


def _mark(own: Certificate | None) -> str:
    return f" (SHA-256 {own.sha256})" if own else ""


def _at_fault(presented: Sequence[Certificate], code: int) -> Certificate | None:
    """The certificate of a chain that is too old or too new."""
    now = datetime.now(UTC)
    late = (
        certificate
        for certificate in presented
        if (certificate.not_after < now if code == EXPIRED else certificate.not_before > now)
    )
    return next(late, None)
