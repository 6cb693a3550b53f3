"""POST /gadgets/session: a Finesse credential is exchanged for a short session of the person it belongs to."""

from collections.abc import Callable

from flask import Blueprint, Response, json, request

from foundation.brakes.sign_ins import refusals_noted, request_source, unknown_user
from foundation.errors import PulseError, Refused
from foundation.invocation import invocation
from foundation.web.logs import audit
from foundation.web.openapi import described
from gadgets.finesse.client import FINESSE_ERRORS, Finesse, FinesseUnavailable, NotYourUser, Requester
from gadgets.finesse.clusters import Cluster, Clusters
from gadgets.finesse.credentials import Credential
from gadgets.finesse.xml import User
from gadgets.signin.directory import Directory
from gadgets.signin.guard import SESSION_SECONDS, Sessions
from gadgets.signin.models import SessionResponse, SignInRequest
from gadgets.signin.person import Person
from gadgets.signin.rosters import Rosters

ROLES = ("Agent", "Supervisor")


class UnknownCluster(Refused):
    code = "unknown_cluster"
    title = "This origin belongs to no Finesse cluster in FINESSE_NODES or FINESSE_ORIGINS"


class NoRole(Refused):
    code = "no_role"
    title = "This user is neither an agent nor a supervisor"


class AgentIdUnknown(PulseError):
    status = 409
    code = "agent_id_unknown"
    title = "Finesse does not say this user's skill target id, and the directory does not know it"


SIGN_IN_ERRORS = (*FINESSE_ERRORS, NoRole, UnknownCluster, AgentIdUnknown)


class SignIn:
    """Signs people in: asks their cluster, checks whose credential it is, and learns who they are."""

    def __init__(
        self, clusters: Clusters, finesse: Finesse, directory: Directory, rosters: Rosters, audit_key: bytes
    ) -> None:
        self._audit_key = audit_key
        self._clusters = clusters
        self._rosters = rosters
        self._finesse = finesse
        self._directory = directory

    def sign_in(self, origin: str | None, user_id: str, credential: Credential, source: str) -> Person:
        """The person behind a credential, or the reason why it cannot be (docs/api.md, Session)."""
        cluster = self._clusters.for_origin(origin)
        if cluster is None:
            raise UnknownCluster()
        account = self._directory.accounts.find(cluster.id, credential.name or user_id)
        requester = Requester(account, credential, origin, source)
        user = self._finesse.user(cluster, user_id, requester)
        if not _is_theirs(user, user_id, credential):
            raise NotYourUser()
        if credential.name is None:
            audit("signed_in_by_bearer", cluster=cluster.id, user=user.login_id)
        person = self._person(cluster, origin, user)
        self._introduce(person, requester, person.agent_id in (user.skill_target_id, user.login_id))
        self._rosters.read(cluster, origin, person, credential)
        return person

    def shown(self, origin: str | None, name: str) -> str:
        """Who is meant by a name, as the audit trail may show it: somebody known, or what stands for anybody else."""
        cluster = self._clusters.for_origin(origin)
        account = self._directory.accounts.find(cluster.id, name) if cluster and name else None
        return account.name if account and account.is_known else unknown_user(self._audit_key, name)

    def _introduce(self, person: Person, requester: Requester, says_agent_id: bool) -> None:
        """Only now do we know that two names are one account: what was accepted was accepted for it."""
        account = self._directory.learn(person, says_agent_id=says_agent_id)
        if account != requester.account:
            self._finesse.remember_accepted(account, requester)

    def _person(self, cluster: Cluster, origin: str | None, user: User) -> Person:
        roles = tuple(role for role in ROLES if role in user.roles)
        if not roles:
            raise NoRole()
        return Person(
            cluster=cluster.id,
            id=user.login_id,
            login_name=user.login_name,
            name=user.name,
            agent_id=self._agent_id(cluster, origin, user),
            roles=roles,
            team=user.team,
            supervises=user.teams if "Supervisor" in roles else (),
            extension=user.extension,
        )

    def _agent_id(self, cluster: Cluster, origin: str | None, user: User) -> str:
        """The cc_AgentId of surveys: skill target id, on UCCX user id (docs/cisco/cloud-connect-and-cce.md §4)."""
        if self._is_uccx(cluster, origin, user):
            return user.login_id
        known = user.skill_target_id or self._directory.agent_id(cluster.id, user.login_id)
        if not known:
            raise AgentIdUnknown(f"Import the directory: {invocation('directory import people.csv')}")
        return known

    def _is_uccx(self, cluster: Cluster, origin: str | None, user: User) -> bool:
        """As SystemInfo says; where it does not answer, a skill target id shows that this is UCCE."""
        try:
            return self._finesse.is_uccx(cluster, origin)
        except FinesseUnavailable:
            if user.skill_target_id:
                return False
            raise


def blueprint(desk: SignIn, sessions: Sessions) -> Blueprint:
    routes = Blueprint("session", __name__)

    @routes.post("/gadgets/session")
    @described(body=SignInRequest, answer=SessionResponse, errors=SIGN_IN_ERRORS)
    def session() -> Response:
        """Exchange Finesse's own Authorization header for a session token of 15 minutes."""
        person = signed_in_by_credential(desk, lambda _: _user_id())
        body = {
            "access_token": sessions.issue(person),
            "token_type": "Bearer",
            "expires_in": SESSION_SECONDS,
            "person": person.to_dict(),
        }
        return Response(json.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"})

    return routes


def signed_in_by_credential(desk: SignIn, user_id: Callable[[Credential], str]) -> Person:
    """Sign in who carries a Finesse credential in `Authorization`; a refusal stands in the audit trail."""
    origin, name = request.headers.get("Origin"), ""
    with refusals_noted("gadgets", lambda: desk.shown(origin, name)):
        credential = Credential.parse(request.headers.get("Authorization"))
        user = user_id(credential)
        name = credential.name or user
        return desk.sign_in(origin, user, credential, request_source())


def _user_id() -> str:
    return SignInRequest.parse(request.get_json(silent=True)).user


def _is_theirs(user: User, user_id: str, credential: Credential) -> bool:
    """Administrators may read any user (docs/cisco/finesse.md §4.1): it must be the credential of who came back."""
    own = {name.casefold() for name in (user.login_id, user.login_name) if name}
    return user_id.casefold() in own and credential.is_for(*own)
