"""The certificates exchanged with the neighbours: which are trusted beside the system's authorities, and how.

Verification is never off: a chain must end in the system's authorities or in a certificate that an administrator
trusted, and the name must fit. A certificate trusted exactly vouches for itself alone, whatever it could sign:
Cisco's self-signed ones may sign others, and whoever holds one node's key must not pass for every neighbour.
"""

import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, cast

import structlog
from sqlalchemy import Column, DateTime, String, Table, Text, delete, select
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from foundation.db.database import Database, metadata
from foundation.tls.certificates import Certificate, NoCertificate, from_pem

log = structlog.get_logger(__name__)

Kind = Literal["certificate", "issuer"]
LOOK_SECONDS = 5.0

trusted = Table(
    "trusted_certificates",
    metadata,
    Column("address", String, primary_key=True),
    Column("sha256", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("pem", Text, nullable=False),
    Column("trusted_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Trusted:
    """A certificate that an administrator trusted for a neighbour: itself alone, or as the issuer of others."""

    address: str
    kind: Kind
    certificate: Certificate
    trusted_at: datetime


class TrustContext(ssl.SSLContext):
    """What connections are verified by. `exact` are certificates (DER) that may stand for themselves alone."""

    exact: frozenset[bytes] = frozenset()


class Trust:
    """The trust store: a small table, in `DATA_DIR` or where `DATABASE_URL` says, so that all nodes share it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, address: str, certificate: Certificate, kind: Kind) -> None:
        """Trust a certificate for `host:port`; what was trusted for it before stays, so that it can be renewed."""
        row = {"kind": kind, "pem": certificate.pem(), "trusted_at": datetime.now(UTC)}
        statement = self._database.dialect_insert(trusted).values(address=address, sha256=certificate.sha256, **row)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["address", "sha256"], set_=row))

    def remove(self, address: str, sha256: str = "") -> int:
        """Trust it no longer: one certificate, or all that were trusted for an address; how many they were."""
        statement = delete(trusted).where(trusted.c.address == address)
        if sha256:
            statement = statement.where(trusted.c.sha256 == sha256)
        with self._database.write() as connection:
            return connection.execute(statement).rowcount

    def all(self) -> list[Trusted]:
        """Everything that is trusted, by address and age."""
        with self._database.read() as connection:
            rows = connection.execute(select(trusted).order_by(trusted.c.address, trusted.c.trusted_at)).all()
        return [Trusted(row.address, row.kind, from_pem(row.pem)[0], row.trusted_at) for row in rows]

    def context(self) -> TrustContext:
        """Verifies by the system's authorities and by what is trusted now; what is trusted later needs a new one."""
        return context(self.all())


class CurrentTrust:
    """What is trusted now: the store is looked at every few seconds, and a new context made where it changed."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._entries = trust.all()
        self._context = context(self._entries)
        self._look_at = time.monotonic() + LOOK_SECONDS
        self._lock = threading.Lock()

    def __call__(self) -> TrustContext:
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._look_at = time.monotonic() + LOOK_SECONDS
                self._lock.release()
        return self._context

    def _look(self) -> None:
        """While the store does not answer, what was trusted stays so."""
        try:
            entries = self._trust.all()
            if entries != self._entries:
                self._context, self._entries = context(entries), entries
                log.info("trust_changed", certificates=len(entries))
        except (SQLAlchemyError, NoCertificate) as error:
            log.warning("trust_not_read", kind=type(error).__name__)


def context(entries: Sequence[Trusted]) -> TrustContext:
    """Verifies by the system's authorities and by `entries`; those are read once where there is nothing else."""
    return _make_context(entries) if entries else _system_context()


@cache
def _system_context() -> TrustContext:
    return _make_context(())


def _make_context(entries: Sequence[Trusted]) -> TrustContext:
    tls = TrustContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    tls.load_default_certs()
    # The chain may end in a certificate that is no root. Python 3.13 adds VERIFY_X509_STRICT by itself, which refuses
    # certificates that Cisco's servers make; what is verified must not hang on Python's release.
    tls.verify_flags = ssl.VERIFY_X509_TRUSTED_FIRST | ssl.VERIFY_X509_PARTIAL_CHAIN
    for entry in entries:
        tls.load_verify_locations(cadata=entry.certificate.der)
    issuers = {entry.certificate.der for entry in entries if entry.kind == "issuer"}
    tls.exact = frozenset(entry.certificate.der for entry in entries) - issuers
    tls.sslsocket_class = _Socket
    tls.sslobject_class = _Object
    return tls


class _Socket(ssl.SSLSocket):
    @override
    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        _refuse_what_the_exact_signed(self)


class _Object(ssl.SSLObject):
    @override
    def do_handshake(self) -> None:
        super().do_handshake()
        _refuse_what_the_exact_signed(self)


def _refuse_what_the_exact_signed(wire: ssl.SSLSocket | ssl.SSLObject) -> None:
    exact = cast(TrustContext, wire.context).exact
    if not exact or wire.getpeercert(binary_form=True) in exact:
        return
    if any(above in exact for above in chain(wire, verified=True)[1:]):
        raise OnlyForItself("a certificate that is trusted for itself alone signed this one")


class OnlyForItself(ssl.SSLCertVerificationError):
    """The chain ends in a certificate that was trusted exactly, not as an issuer."""


def chain(wire: ssl.SSLSocket | ssl.SSLObject, *, verified: bool) -> list[bytes]:
    """The certificates (DER) that a peer presented, or those that it was verified by; its own is the first."""
    name = "get_verified_chain" if verified else "get_unverified_chain"
    public = getattr(wire, name, None)
    if public is not None:
        return list(public())
    # Before Python 3.13 only the object inside tells.
    inside: Any = getattr(wire, "_sslobj", None)
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in getattr(inside, name)() or ()]
