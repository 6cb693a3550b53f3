"""Ask a Finesse cluster whose credential this is and which dialogs are theirs: once, and never past the brake."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from foundation.cache.cache import Cache
from foundation.errors import NeighbourDown, Refused
from foundation.http.client import HttpClient
from foundation.http.failures import NoAnswer, NoConnection
from foundation.http.upstream import Answer
from gadgets.finesse import xml
from gadgets.finesse.accounts import Account
from gadgets.finesse.brake import Brake, TryLater
from gadgets.finesse.clusters import Cluster
from gadgets.finesse.credentials import Credential, InvalidCredentials
from gadgets.finesse.xml import Dialog, Member, NotFinesse, User

SECONDS_TO_ANSWER = 5.0
SHARED_SECONDS = 2
DEPLOYMENT_REMEMBERED = 3600
WRONG_PERSON = b"Invalid Authorization User Specified"  # docs/cisco/finesse.md §4.5

Parsed = TypeVar("Parsed")


class FinesseUnavailable(NeighbourDown):
    code = "finesse_unavailable"
    title = "Finesse did not answer as it should"


class FinesseSilent(FinesseUnavailable):
    status = 504


class NotYourUser(Refused):
    code = "not_your_user"
    title = "This credential is not of the user that was named"


# What a question to Finesse may be answered with.
FINESSE_ERRORS = (InvalidCredentials, NotYourUser, TryLater, FinesseUnavailable, FinesseSilent)


@dataclass(frozen=True, slots=True)
class Requester:
    """With what, on whose account, and from where Finesse is asked: a desktop's origin, a caller's address."""

    account: Account
    credential: Credential
    origin: str | None
    source: str


class Finesse:
    """The REST calls that we make of Finesse (docs/cisco/finesse.md §4)."""

    def __init__(self, http: HttpClient, brake: Brake, cache: Cache) -> None:
        self._http = http
        self._brake = brake
        self._cache = cache

    def user(self, cluster: Cluster, user_id: str, requester: Requester) -> User:
        """The User of `user_id`.

        A desktop's gadgets sign in at the same moment: the answer to one of them serves the others for two seconds.
        """
        path = f"/finesse/api/User/{quote(user_id, safe='')}"
        # Not from another source: there the brake would not be asked whether one may still guess.
        key = f"user:{self._brake.fingerprint(cluster.id, requester.credential, user_id, requester.source)}"
        user: dict[str, Any] = self._cache.once(
            key, SHARED_SECONDS, lambda: asdict(self._request(cluster, path, requester, xml.user))
        )
        return User.of(user)

    def dialogs(self, cluster: Cluster, user_id: str, requester: Requester) -> tuple[Dialog, ...]:
        """The calls that `user_id` is in now."""
        return self._request(cluster, f"/finesse/api/User/{quote(user_id, safe='')}/Dialogs", requester, xml.dialogs)

    def remember_accepted(self, account: Account, requester: Requester) -> None:
        """The credential was accepted, and turned out to be of this account."""
        self._brake.accept(account, requester.credential, requester.source)

    def team(
        self, cluster: Cluster, origin: str | None, team_id: str, credential: Credential, seconds: float
    ) -> tuple[str, tuple[Member, ...]]:
        """A team's name and members, signed out or not, for a credential that was accepted just now.

        A refusal says that this person may not read the team, nothing of the credential: the brake has no part in it.
        """
        path = f"/finesse/api/Team/{quote(team_id, safe='')}?includeLoggedOutAgents=true"
        answer = self._get(cluster, origin, path, credential, seconds)
        if answer.status != 200:
            raise _failure(answer)
        return _parsed(answer, xml.team)

    def is_uccx(self, cluster: Cluster, origin: str | None, seconds: float = SECONDS_TO_ANSWER) -> bool:
        """Whether this is Unified CCX: SystemInfo needs no credential (docs/cisco/finesse.md §4.4); kept an hour."""
        key = f"deployment:{cluster.id}"
        kind = self._cache.get(key)
        if kind is None:
            answer = self._get(cluster, origin, "/finesse/api/SystemInfo", None, seconds)
            kind = _parsed(answer, xml.deployment)
            self._cache.set(key, kind, DEPLOYMENT_REMEMBERED)
        return bool(kind == "UCCX")

    def _request(self, cluster: Cluster, path: str, requester: Requester, parse: Callable[[bytes], Parsed]) -> Parsed:
        with self._brake.attempt(requester.account, requester.credential, requester.source) as attempt:
            answer = self._get(cluster, requester.origin, path, requester.credential)
            if answer.status in {401, 403} and WRONG_PERSON not in answer.body:
                attempt.refused()
                raise InvalidCredentials()
            if answer.status != 200:
                raise _failure(answer)
            parsed = _parsed(answer, parse)
            attempt.accepted()
            return parsed

    def _get(
        self,
        cluster: Cluster,
        origin: str | None,
        path: str,
        credential: Credential | None,
        seconds: float = SECONDS_TO_ANSWER,
    ) -> Answer:
        """One try; the second node only where the first was not connected to: no wrong password counts twice."""
        headers = {"Accept": "application/xml"} | ({"Authorization": credential.header} if credential else {})
        for node in cluster.nodes_for(origin):
            try:
                return self._http.get(node, path, headers, seconds)
            except NoConnection as error:
                unreachable = error
            except NoAnswer as error:
                raise FinesseSilent(error.detail) from error
        raise FinesseUnavailable(unreachable.detail) from unreachable


def _failure(answer: Answer) -> Exception:
    """What an answer other than 200 and a refusal means."""
    if answer.status in {401, 403, 404}:
        return NotYourUser()
    return FinesseUnavailable(f"Finesse answered {answer.status}.")


def _parsed(answer: Answer, parse: Callable[[bytes], Parsed]) -> Parsed:
    try:
        return parse(answer.body)
    except NotFinesse as error:
        raise FinesseUnavailable(f"Finesse sent {error}.") from error
