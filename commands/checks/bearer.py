"""Whether a supervisor's token can read another person's User: it decides how far SSO sign-ins can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from commands.checks.context import Scene
from commands.checks.origins import fleet_of
from commands.checks.reach import ask
from commands.checks.result import Finding, does_not_apply, note, of_fault, ok
from foundation.http.upstream import Answer
from foundation.tls.handshake import Fault, address_of
from gadgets.finesse.client import WRONG_PERSON


def crossing(scene: Scene) -> Iterator[Finding]:
    fleet = fleet_of(scene)
    if scene.bearer is None or fleet is None:
        yield does_not_apply("SSO", "not asked; to see it: doctor --bearer <a supervisor's token> <another's user id>")
        return
    token, user = scene.bearer
    for cluster in fleet.all:
        base = cluster.id
        check = "SSO {}:{}".format(*address_of(base))
        path = f"/finesse/api/User/{quote(user, safe='')}"
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/xml"}
        answer = ask(scene.http, base, path, headers)
        yield of_fault(check, answer) if isinstance(answer, Fault) else _judged(check, answer, user)


def _judged(check: str, answer: Answer, user: str) -> Finding:
    if answer.status == 200:
        cause = f"this token reads the User of {user}: whoever holds such a token could sign in to us as {user}"
        cure = "let Finesse's administrator see who holds such roles; the audit trail names every SSO sign-in"
        return note(check, cause, cure, "bearer_reads_others")
    if WRONG_PERSON in answer.body:
        return ok(check, f"the token is good, and Finesse does not give it the User of {user}: sign-ins are exact")
    cause = f"Finesse answered {answer.status}: nothing can be said, for the token itself may be refused"
    return note(check, cause, "take a fresh token from a desktop that is signed in now", "bearer_unknown")
