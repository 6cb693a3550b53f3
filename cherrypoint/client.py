"""A real Cloud Connect: its publisher, then its subscriber, asked for a token."""

import base64
import time
from secrets import token_hex

import structlog
from prometheus_client import Counter

from cherrypoint.reading import token_in
from cherrypoint.token import Token
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.upstream import Answer

log = structlog.get_logger(__name__)

FAILOVERS = Counter("pulse_cloud_connect_failovers", "Tokens that another node gave than the one asked first.")

AUTH_PATH = "/cherrypoint/authtoken"  # docs/cisco/cloud-connect-and-cce.md §1.1
FIRST_GETS = 0.5


class NoToken(NeighbourDown):
    """A node answered, with no token in it; the next one may do better."""

    code = "no_token"
    title = "Cloud Connect answered with no token"


class CredentialRefused(NeighbourDown):
    """The name or password is wrong: every node would say so, and an account may be locked by asking on."""

    code = "credential_refused"
    title = "Cloud Connect does not accept CLOUDCONNECT_USERNAME and _PASSWORD"
    permanent = True


class CloudConnect:
    """Asks the node that answered last, then the other one, within `seconds` in all."""

    def __init__(self, http: HttpClient, nodes: tuple[str, ...], name: str, password: str, seconds: float) -> None:
        self._http = http
        self._nodes = nodes
        self._headers = {"Authorization": basic(name, password), "Accept": "application/json, text/plain"}
        self._seconds = seconds
        self._good = nodes[0]

    def fetch(self) -> Token:
        """A token of whichever node has one; the first gets at most half of the time."""
        deadline = time.monotonic() + self._seconds
        nodes = sorted(self._nodes, key=lambda node: node != self._good)
        failures: list[NeighbourDown] = []
        for place, node in enumerate(nodes):
            is_last = place == len(nodes) - 1
            left = deadline - time.monotonic()
            try:
                token = self.ask(node, left if is_last else min(left, self._seconds * FIRST_GETS))
            except CredentialRefused:
                raise
            except NeighbourDown as error:
                log.warning("cloud_connect_failed", node=node, code=error.code, reason=error.detail)
                failures.append(error)
            else:
                if place:
                    FAILOVERS.inc()
                self._good = node
                return token
        raise NoToken("; ".join(failure.detail for failure in failures))

    def ask(self, node: str, seconds: float) -> Token:
        """A token of this very node. Raises what stood in the way."""
        answer = self._http.ask("GET", node, AUTH_PATH, headers=self._headers, seconds=seconds)
        return token_of(node, answer)


def token_of(node: str, answer: Answer) -> Token:
    """The token in an answer; CredentialRefused or NoToken where there is none."""
    if answer.status in {401, 403}:
        raise CredentialRefused(f"{node} answered {answer.status}: name or password is wrong")
    named = token_in(answer.body, time.time()) if answer.status == 200 else None
    if named is None:
        reason = "no token that lives" if answer.status == 200 else str(answer.status)
        raise NoToken(f"{node} answered {reason}")
    return Token(*named, generation=token_hex(8))


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def nodes_of(publisher: str, subscriber: str) -> tuple[str, ...]:
    """The nodes in the order in which they are asked at first."""
    return tuple(dict.fromkeys(node for node in (publisher, subscriber) if node))
