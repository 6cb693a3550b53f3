"""X.509 certificates as people read them: whose, from whom, for which names, how long, with which key; pure."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


class NoCertificate(ValueError):
    """What was given holds no certificate that can be read."""


@dataclass(frozen=True)
class Certificate:
    """One certificate; two are equal where their bytes are."""

    der: bytes

    @classmethod
    def of(cls, der: bytes) -> Self:
        """A certificate whose bytes have been read once, so that what it says can be asked for without a failure."""
        certificate = cls(der)
        try:
            _ = (certificate.subject, certificate.names, certificate.key)
        except ValueError as error:
            raise NoCertificate(str(error)) from error
        return certificate

    @cached_property
    def _parsed(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.der)

    @property
    def subject(self) -> str:
        return self._parsed.subject.rfc4514_string() or "(none)"

    @property
    def issuer(self) -> str:
        return self._parsed.issuer.rfc4514_string() or "(none)"

    @property
    def common_name(self) -> str:
        names = self._parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[-1].value) if names else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The host names and addresses that it is for; of an old certificate without them, its common name."""
        try:
            listed = self._parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return (self.common_name,) if self.common_name and not self.is_authority else ()
        hosts: list[str] = listed.get_values_for_type(x509.DNSName)
        return (*hosts, *(str(address) for address in listed.get_values_for_type(x509.IPAddress)))

    @property
    def not_before(self) -> datetime:
        return self._parsed.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        return self._parsed.not_valid_after_utc

    @property
    def sha256(self) -> str:
        """The fingerprint as browsers and `openssl x509 -fingerprint -sha256` show it."""
        return self._parsed.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def key(self) -> str:
        """`RSA 2048`, `EC secp256r1`, or the kind of another key."""
        key = self._parsed.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            return f"RSA {key.key_size}"
        if isinstance(key, ec.EllipticCurvePublicKey):
            return f"EC {key.curve.name}"
        return type(key).__name__.removesuffix("PublicKey").strip("_")

    @property
    def is_rsa(self) -> bool:
        return isinstance(self._parsed.public_key(), rsa.RSAPublicKey)

    @property
    def key_bits(self) -> int:
        return int(getattr(self._parsed.public_key(), "key_size", 0))

    @property
    def signed_with(self) -> str:
        """The hash under its signature, such as `sha256`; empty where the kind of signature has none."""
        algorithm = self._parsed.signature_hash_algorithm
        return algorithm.name if algorithm else ""

    @property
    def is_authority(self) -> bool:
        """Whether it may sign others."""
        try:
            return self._parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except x509.ExtensionNotFound:
            return False

    @property
    def is_self_signed(self) -> bool:
        return self.is_signed_by(self)

    def is_signed_by(self, other: "Certificate") -> bool:
        try:
            self._parsed.verify_directly_issued_by(other._parsed)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True

    def covers(self, host: str) -> bool:
        """Whether one of its names is the host: a star stands for exactly the first label (RFC 6125)."""
        return any(_is_for(name, host) for name in self.names)

    def pem(self) -> str:
        return self._parsed.public_bytes(serialization.Encoding.PEM).decode()


def from_pem(text: str | bytes) -> tuple[Certificate, ...]:
    """Every certificate in a PEM text, in its order; a private key in it is passed over."""
    raw = text.encode() if isinstance(text, str) else text
    try:
        parsed = x509.load_pem_x509_certificates(raw)
    except ValueError as error:
        raise NoCertificate(str(error)) from error
    return tuple(Certificate.of(certificate.public_bytes(serialization.Encoding.DER)) for certificate in parsed)


def fingerprint(text: str) -> str:
    """A SHA-256 fingerprint in the one form that `Certificate.sha256` has; NoCertificate where it is none."""
    digits = re.sub(r"^sha-?256[:=\s]", "", text.strip(), flags=re.IGNORECASE).replace(":", "").replace(" ", "")
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", digits):
        raise NoCertificate("a SHA-256 fingerprint has 64 hexadecimal digits")
    return bytes.fromhex(digits).hex(":").upper()


def links(chain: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """The path from the first certificate as far up as those after it sign it, in any order that they were sent in."""
    path = list(chain[:1])
    while path and not path[-1].is_self_signed:
        above = next(
            (certificate for certificate in chain if certificate not in path and path[-1].is_signed_by(certificate)),
            None,
        )
        if above is None:
            break
        path.append(above)
    return tuple(path)


def _is_for(name: str, host: str) -> bool:
    name, host = name.lower().rstrip("."), host.lower().rstrip(".").strip("[]")
    if name.startswith("*."):
        return "." in host and host.partition(".")[2] == name[2:] and not _is_address(host)
    return name == host or (_is_address(name) and _is_address(host) and _address(name) == _address(host))


def _is_address(text: str) -> bool:
    return _address(text) is not None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
