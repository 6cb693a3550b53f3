"""The WSGI environ of a request that granian hands over as an RSGI scope; pure."""

from __future__ import annotations

import sys
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from foundation.server.rsgi import Scope

FIXED: WSGIEnvironment = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.errors": sys.stderr,
    # The body ends by itself, also where no Content-Length says how long it is.
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# Only the first of these counts; cookies of several lines are parts of one.
SINGLE = frozenset(OWN_NAMES.values())
JOINTS = {"HTTP_COOKIE": ";"}


def environ_of(scope: Scope) -> WSGIEnvironment:
    """PEP 3333's environ, with an empty body. Headers that two clients could mean by one name are left out."""
    server, port = _address(scope.server)
    environ = FIXED | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _latin(scope.path),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": _address(scope.client)[0],
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
    }
    _add_headers(environ, scope)
    return environ


def has_body(environ: WSGIEnvironment) -> bool:
    return content_length(environ) != 0


def content_length(environ: WSGIEnvironment) -> int | None:
    """None where the body's length is not said. granian has seen to it that this is a number, or one twice."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    return int(environ.get("CONTENT_LENGTH", "0").partition(",")[0])


def _add_headers(environ: WSGIEnvironment, scope: Scope) -> None:
    headers = scope.headers
    names = set()
    for name, value in headers.items():
        names.add(name)
        key = _key(name)
        if key not in environ:
            environ[key] = value
        elif key and key not in SINGLE:
            environ[key] += JOINTS.get(key, ",") + value
    present = headers.keys()
    if len(names) < len(present):
        # A value that is not ASCII is not handed over: the header was there, and says nothing that we read.
        environ |= {_key(name): "" for name in present if name not in names}
    environ.pop("", None)
    environ.setdefault("HTTP_HOST", scope.authority or "")


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    """The name in an environ; "" where `-` and `_` would become one: `X_Forwarded_For` is not `X-Forwarded-For`."""
    return "" if "_" in name else OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"


def _latin(path: str) -> str:
    """Bytes of a path as WSGI writes them. What is not UTF-8 came as U+FFFD, and Flask would make that of it too."""
    return path if path.isascii() else path.encode().decode("latin-1")


@lru_cache(maxsize=4096)
def _address(text: str) -> tuple[str, str]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), port
