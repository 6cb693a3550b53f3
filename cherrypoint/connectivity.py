"""Whether a WxM can be reached from here; where it cannot, what stood in the way."""

from urllib.parse import urlsplit

from cherrypoint.client import CredentialRefused
from cherrypoint.login import Login
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient

SECONDS = 10.0
# Cisco's own test address is the root of the API, which is empty (docs/cisco/cloud-connect-and-cce.md §1.4).
ROOT = "/api/"
WORDS = {
    "name": "name: {host} is not known to this machine's name servers",
    "connection": "connection: nothing answers at {host}:{port}",
    "certificate": "certificate: {detail}",
    "proxy": "proxy: it cannot be reached, or lets nothing through to {host}:{port}",
    "silence": "connection: {host}:{port} was reached, and no whole answer came in time",
    "size": "HTTP: {host}:{port} answered with more than can be taken in",
}


def what_failed(http: HttpClient, url: str, user: str = "", key: str = "") -> str:
    """The reason why `url` cannot be used, in one line; empty where it can. With a user, a login is tried there too."""
    parts = urlsplit(url)
    base, path = f"{parts.scheme}://{parts.netloc}", parts.path or "/"
    try:
        answer = http.ask("GET", base, path, headers={"Accept": "*/*"}, seconds=SECONDS)
        if answer.status in {401, 403} and not user:
            return f"credential: it is asked for one (HTTP status {answer.status})"
        if answer.status >= 400 and not (answer.status in {401, 403} or (answer.status == 404 and path == ROOT)):
            return f"HTTP status {answer.status}"
        if user:
            Login(http, base, user, key, SECONDS).fetch()
    except CredentialRefused:
        return f"credential: {base} does not accept the System user's API key"
    except NeighbourDown as error:
        return _words(error, url)
    return ""


def _words(error: NeighbourDown, url: str) -> str:
    parts = urlsplit(url)
    words = WORDS.get(getattr(error, "reason", ""), f"HTTP: {error.detail}")
    return words.format(
        host=parts.hostname, port=parts.port or {"https": 443}.get(parts.scheme, 80), detail=error.detail
    )
