"""Cloud Connect, publisher and subscriber apart: reachable, certificate, credential, token."""

from __future__ import annotations

from collections.abc import Iterator

from cherrypoint.client import AUTH_PATH, CloudConnect, CredentialRefused, NoToken
from cherrypoint.token import Token
from commands.checks.context import Scene
from commands.checks.reach import SECONDS, ask, reach
from commands.checks.result import Finding, does_not_apply, failed, of_fault, ok
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.http.upstream import Answer
from foundation.invocation import invocation
from foundation.tls.handshake import Fault, address_of, needs_no_certificate

THEIRS = "see `utils cloudconnect list`: the container cherrypoint must be up; then its log"
CISCOS_PORT = 8445
SETTINGS_OF_IT = "CLOUDCONNECT_USERNAME and CLOUDCONNECT_PASSWORD"


def nodes(scene: Scene) -> Iterator[Finding]:
    settings = scene.settings
    if not settings.cloudconnect_publisher:
        yield from _built_in(scene)
        return
    yield from _node(scene, "publisher", settings.cloudconnect_publisher)
    if settings.cloudconnect_subscriber:
        yield from _node(scene, "subscriber", settings.cloudconnect_subscriber)
    else:
        yield does_not_apply("Cloud Connect subscriber", "CLOUDCONNECT_SUBSCRIBER is not set: the publisher is alone")


def token(scene: Scene) -> Token | Fault:
    """A token of the first node that gives one."""
    settings = scene.settings
    outcome: Token | Fault = Fault("no_token", "there is no Cloud Connect", "set CLOUDCONNECT_PUBLISHER")
    for base in filter(None, (settings.cloudconnect_publisher, settings.cloudconnect_subscriber)):
        outcome = _token_of(scene, scene.http, base)
        if isinstance(outcome, Token):
            return outcome
    return outcome


def _node(scene: Scene, which: str, base: str) -> Iterator[Finding]:
    name = "Cloud Connect {} {}:{}".format(which, *address_of(base))
    # Certificates with an EC key do not work with WxM (docs/cisco/cloud-connect-and-cce.md §1.3).
    findings, usable = reach(scene, name, base, rsa_only=True)
    yield from findings
    if usable:
        yield from _token(name, _token_of(scene, scene.http, base))
    else:
        yield does_not_apply(f"{name}: credential", "not presented")
        yield does_not_apply(f"{name}: token", "not asked for")


def _built_in(scene: Scene) -> Iterator[Finding]:
    """Ours is asked at its public address, as CVP and Finesse would ask it."""
    yield does_not_apply("Cloud Connect publisher", "built in: CLOUDCONNECT_PUBLISHER is not set")
    yield does_not_apply("Cloud Connect subscriber", "built in: CLOUDCONNECT_SUBSCRIBER is not set")
    settings = scene.settings
    if "cherrypoint" not in settings.faces or not settings.public_url:
        yield does_not_apply("Cloud Connect, built in", "this node does not serve the face cherrypoint")
        return
    yield from _token("Cloud Connect, built in", built_in_token(scene))
    yield _on_ciscos_port(scene, settings.public_url)


def _on_ciscos_port(scene: Scene, base: str) -> Finding:
    """CVP and CCE Administration are told a host, and ask it on 8445 (docs/cisco/cloud-connect-and-cce.md §1.1)."""
    check = f"Cloud Connect, built in: port {CISCOS_PORT}"
    host, port = address_of(base)
    if scene.lab or needs_no_certificate(base):
        return does_not_apply(check, "Cisco's products do not call plain http")
    there = f"https://{f'[{host}]' if ':' in host else host}:{CISCOS_PORT}"
    # Without a credential: another service may be there.
    answer = ask(scene.public, there, AUTH_PATH, {}) if port != CISCOS_PORT else None
    if answer is None or (isinstance(answer, Answer) and b"invalid_credentials" in answer.body):
        return ok(check, "CVP and CCE Administration find it there")
    why = answer.cause if isinstance(answer, Fault) else f"another service answers at {there}"
    cause = f"CVP and CCE Administration ask for Cloud Connect on port {CISCOS_PORT} of {host}; {why}"
    cure = (
        f"have the proxy listen on {CISCOS_PORT} too, or serve HTTPS there: set TLS_CERT and TLS_KEY, then "
        f"serve --port {CISCOS_PORT}; without CVP and CCE, take cherrypoint out of PULSE_FACES"
    )
    return failed(check, cause, cure, "port_8445")


def built_in_token(scene: Scene) -> Token | Fault:
    """What our own Cloud Connect gives at its public address."""
    return _token_of(scene, scene.public, scene.settings.public_url)


def _token_of(scene: Scene, http: HttpClient, base: str) -> Token | Fault:
    """Once a node: a wrong credential may lock its account."""
    if base not in scene.tokens:
        scene.tokens[base] = _fetch_token(scene, http, base)
    return scene.tokens[base]


def _fetch_token(scene: Scene, http: HttpClient, base: str) -> Token | Fault:
    settings = scene.settings
    name, password = settings.cloudconnect_username, settings.cloudconnect_password
    try:
        return CloudConnect(http, (base,), name, password, SECONDS).ask(base, SECONDS)
    except CredentialRefused:
        cause = f"{base} refuses the name or the password in {SETTINGS_OF_IT}"
        return Fault("credential_refused", cause, "they are those of Cloud Connect's administrator: correct them")
    except NoToken as error:
        return Fault(
            error.code, f"{error.detail} at {AUTH_PATH}", _cure_of_ours() if base == settings.public_url else THEIRS
        )
    except NeighbourDown as error:
        cure = "see PUBLIC_URL below: that it runs, and its certificate" if base == settings.public_url else THEIRS
        return Fault(error.code, error.detail, cure)


def _cure_of_ours() -> str:
    return f"if it has no users yet: {invocation('cherrypoint config')}; else see its log"


def _token(name: str, outcome: Token | Fault) -> Iterator[Finding]:
    if isinstance(outcome, Token):
        yield ok(f"{name}: credential", "accepted")
        yield ok(f"{name}: token", "one was given")
    elif outcome.code == "credential_refused":
        yield of_fault(f"{name}: credential", outcome)
        yield does_not_apply(f"{name}: token", "none without a credential")
    else:
        yield failed(f"{name}: token", outcome.cause, outcome.cure, outcome.code)
