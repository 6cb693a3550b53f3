"""WxM, real or built in: is our token accepted, are there questions, and which tags do they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.client import CredentialRefused
from cherrypoint.login import Login
from cherrypoint.token import Token
from commands.checks import cloud_connect
from commands.checks.context import Scene
from commands.checks.reach import SECONDS, ask, reach, unexpected
from commands.checks.result import Finding, does_not_apply, failed, note, of_fault, ok
from experience.questionnaires.schema import questions
from foundation.errors import NeighbourDown
from foundation.http.client import HttpClient
from foundation.invocation import invocation
from foundation.tls.handshake import Fault, address_of

ACTIVE = "/api/Questions/Active"

# What a gadget can show hangs on these (docs/cisco/wxm-api.md §5.3), in any case; of each row one is enough.
TAGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("cc_AgentId",), "answers cannot be told by agent"),
    (("cc_TeamId",), "answers cannot be told by team"),
    (("cc_CustomerId", "Mobile", "Email"), "answers cannot be told by customer"),
    (("NPS",), "no NPS is shown"),
    (("CSAT", "csat_satisfaction_5", "csat_agreement_5"), "no CSAT is shown"),
    (("CES", "ces_agree_5", "ces_agree_7", "ces_effort_5", "ces_effort_7"), "no CES is shown"),
    (("Comments",), "no comments are shown"),
)
NEEDED = 3


def platform(scene: Scene) -> Iterator[Finding]:
    base = scene.settings.wxm_url
    if not base:
        yield does_not_apply("WxM", "built in: WXM_URL is not set")
        yield from _built_in(scene)
        return
    name = "WxM {}:{}".format(*address_of(base))
    # Towards WxM only RSA keys work (docs/cisco/cloud-connect-and-cce.md §1.3).
    findings, usable = reach(scene, name, base, rsa_only=True)
    yield from findings
    token = _token(scene) if usable else None
    if token is None:
        yield does_not_apply(f"{name}: token", "not asked for")
    elif isinstance(token, Fault):
        yield of_fault(f"{name}: token", token)
    else:
        yield from _questions(scene.http, name, base, token)


def _token(scene: Scene) -> Token | Fault:
    """From Cloud Connect where there is one, else by our own login."""
    settings = scene.settings
    if settings.cloudconnect_publisher:
        return cloud_connect.token(scene)
    try:
        return Login(scene.http, settings.wxm_url, settings.wxm_username, settings.wxm_api_key, SECONDS).fetch()
    except CredentialRefused:
        cause = f"{settings.wxm_url} refuses WXM_USERNAME with WXM_API_KEY"
        return Fault("login_refused", cause, "correct them; a new key comes from that user's profile in WxM")
    except NeighbourDown as error:
        return Fault(error.code, error.detail, "check that WXM_URL names a WxM, and that host's log")


def _questions(http: HttpClient, name: str, base: str, token: Token) -> Iterator[Finding]:
    answer = ask(http, base, ACTIVE, {"Authorization": f"Bearer {token.access_token}"})
    check = f"{name}: token"
    if isinstance(answer, Fault):
        yield of_fault(check, answer)
    elif answer.status in {401, 403}:
        cause = f"{base} does not accept the token ({answer.status})"
        cure = "Cloud Connect and WXM_URL must be of one WxM account: check `show cloudconnect cherrypoint config`"
        yield failed(check, cause, cure, "token_refused")
    elif answer.status != 200:
        yield unexpected(check, base, ACTIVE, answer)
    else:
        yield ok(check, "accepted")
        yield from _judged(name, _documents(answer.body))


def _built_in(scene: Scene) -> Iterator[Finding]:
    """Through our own faces, as CVP's survey application would; where they are not served, in the database."""
    settings = scene.settings
    if settings.public_url and {"api", "cherrypoint"} <= set(settings.faces) and not settings.cloudconnect_publisher:
        token = cloud_connect.built_in_token(scene)
        if isinstance(token, Token):
            yield from _questions(scene.public, "WxM, built in", settings.public_url, token)
            return
    yield does_not_apply("WxM, built in: token", "not tried: this node's own faces gave none")
    yield from _stored_questions(scene)


def _stored_questions(scene: Scene) -> Iterator[Finding]:
    if scene.database is None:
        yield does_not_apply("WxM, built in: questions", "there is no database to look into")
        return
    try:
        with scene.database.read() as connection:
            documents = [orjson.loads(text) for text in connection.execute(select(questions.c.document)).scalars()]
    except SQLAlchemyError:
        yield does_not_apply("WxM, built in: questions", "the database cannot be read")
        return
    yield from _judged("WxM, built in", documents)


def _documents(body: bytes) -> list[Any]:
    try:
        documents = orjson.loads(body)
    except ValueError:
        return []
    return documents if isinstance(documents, list) else []


def _judged(name: str, documents: Iterable[Any]) -> Iterator[Finding]:
    questions = [document for document in documents if isinstance(document, Mapping)]
    if not questions:
        cure = f"activate a questionnaire in WxM; where it is built in: {invocation('questionnaire import FILE')}"
        yield failed(f"{name}: questions", "there are no questions", cure, "no_questions")
        return
    yield ok(f"{name}: questions", f"{len(questions)} found")
    carried = {str(tag).casefold() for document in questions for tag in document.get("questionTags") or ()}
    lacking = [row for row in TAGS if not carried & {tag.casefold() for tag in row[0]}]
    if not lacking:
        yield ok(f"{name}: tags", "none is missing")
    for tags, effect in lacking:
        cause = f"no question has the tag {' or '.join(tags)}: {effect}"
        cure = f"give the question that asks it the tag {tags[0]}"
        if (tags, effect) in TAGS[:NEEDED]:
            yield failed(f"{name}: tags", cause, cure, "tag_missing")
        else:
            yield note(f"{name}: tags", cause, cure, "tag_missing")
