"""HTTPS on a loopback port with certificates made on the spot: trusted, unknown, expired, of another name, EC."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from typing_extensions import override

Answer = tuple[int, str]
Headers: TypeAlias = "Message[str, str]"
Responder = Callable[[str, Headers], Answer]
Made = trustme.LeafCert
RSA, EC = trustme.KeyType.RSA, trustme.KeyType.ECDSA
DAY = timedelta(days=1)


def hello(path: str, headers: Headers) -> Answer:
    return 200, "hello"


def authority(name: str = "Bora") -> trustme.CA:
    return trustme.CA(organization_name=name, key_type=RSA)


def leaf(ca: trustme.CA, *names: str, days: tuple[int, int] = (-1, 100), key: trustme.KeyType = RSA) -> Made:
    """A certificate for `names` (else localhost), valid from and to these days from now."""
    now = datetime.now(UTC)
    listed = names or ("localhost", "127.0.0.1")
    begins, ends = (now + day * DAY for day in days)
    return ca.issue_cert(*listed, common_name=listed[0], key_type=key, not_before=begins, not_after=ends)


def self_signed(name: str = "localhost", *, signs: bool = True) -> tuple[bytes, rsa.RSAPrivateKey]:
    """PEM of key and certificate, as Cisco's servers make them: they sign themselves and say that they may sign."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 100 * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return secret + made.public_bytes(Encoding.PEM), key


@contextmanager
def served(certificate: Made | bytes, responder: Responder = hello, *, chain: bytes = b"") -> Iterator[int]:
    """The port of an HTTPS server that presents `certificate` (and `chain`) and answers as `talk` says."""
    pem = certificate if isinstance(certificate, bytes) else certificate.private_key_and_cert_chain_pem.bytes()
    server = _Server(("127.0.0.1", 0), _handler(responder))
    server.tls = context_of(pem + chain)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def context_of(pem: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with trustme.Blob(pem).tempfile() as path:
        context.load_cert_chain(path)
    return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    tls: ssl.SSLContext

    @override
    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake is made in the thread of the connection; callers that trust nothing hang up in it."""
        try:
            with self.tls.wrap_socket(request, server_side=True) as wire:
                super().finish_request(wire, client_address)
        except OSError:
            """The caller has hung up."""


def _handler(responder: Responder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_GET(self) -> None:
            status, body = responder(self.path, self.headers)
            raw = body.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Tests read what they asked for, not a log."""

    return Handler
