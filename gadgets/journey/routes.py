"""/gadgets/journey: past answers of the customer on a call, newest first.

A customer is read only through a call that the person is in, or through a reference that such a call gave out
(`JOURNEY_ACCESS=dialog`); naming customers freely is for `JOURNEY_ACCESS=any`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Blueprint, Response, request

from experience.model.errors import BadCursor
from experience.model.journey import Journey
from experience.platform import ExperiencePlatform
from foundation.brakes.sign_ins import refusals_noted, request_source
from foundation.errors import PulseError, Refused
from foundation.keys import Seal
from foundation.signed import is_over
from foundation.web.openapi import described
from gadgets.finesse.accounts import Accounts
from gadgets.finesse.client import FINESSE_ERRORS, Asker, Finesse, NotYourUser
from gadgets.finesse.clusters import Clusters
from gadgets.finesse.credentials import Credential
from gadgets.finesse.xml import CallKind, Dialog
from gadgets.journey.answer_json import names_in, private, to_dict
from gadgets.journey.caller import Caller, CallerRules, caller_of
from gadgets.journey.models import JourneyParameters, JourneyRequest, JourneyResponse
from gadgets.pulse.figures import METRICS, Names
from gadgets.pulse.models import LimitParameters
from gadgets.signin.directory import Directory
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person

REFERENCE_SECONDS = 1800
# What can be refused of a credential; 404 and 409 are about the call.
REFUSED_CREDENTIAL = frozenset({401, 403, 429})
DIALOG = "dialogId"


class NoDialog(PulseError):
    status = 404
    code = "no_dialog"
    title = "This call is not, or no longer, among your calls"


class Monitoring(PulseError):
    status = 409
    code = "monitoring"
    title = "A monitored call: its customer is not shown"


class UnknownCustomer(PulseError):
    status = 404
    code = "no_customer_ref"
    title = "This reference is not yours, or is older than 30 minutes"


class ByDialogOnly(Refused):
    code = "by_dialog_only"
    title = "Customers are shown for calls only (JOURNEY_ACCESS=dialog)"


CALL_ERRORS = (*FINESSE_ERRORS, NoDialog, Monitoring)


@dataclass(frozen=True, slots=True)
class References:
    """Signed references to a customer: for one person, for 30 minutes, without anything readable in them."""

    seal: Seal

    def give(self, person: Person, caller: Caller) -> str:
        facts = [int(time.time()) + REFERENCE_SECONDS, caller.customer_id, caller.mobile, caller.email]
        return self.seal.close(orjson.dumps(facts), person.key)

    def read(self, person: Person, reference: str) -> Caller:
        """Raises UnknownCustomer."""
        opened = self.seal.open(reference, person.key)
        if opened is None:
            raise UnknownCustomer()
        until, customer_id, mobile, email = orjson.loads(opened)
        if is_over(until):
            raise UnknownCustomer()
        return Caller(customer_id, mobile, email)


class Calls:
    """Who is on a person's call: read from Finesse with that person's own credential."""

    def __init__(self, clusters: Clusters, finesse: Finesse, accounts: Accounts, rules: CallerRules) -> None:
        self._accounts = accounts
        self._by_id = {cluster.id: cluster for cluster in clusters.all}
        self._finesse = finesse
        self._rules = rules

    def caller(
        self, person: Person, dialog_id: str, credential: Credential, origin: str | None, source: str
    ) -> Caller | None:
        """None where nothing on the call names a customer. Raises NoDialog, Monitoring and what `Finesse` raises."""
        if not credential.is_for(person.id, person.login_name):
            raise NotYourUser()
        cluster = self._by_id.get(person.cluster)
        if cluster is None:
            raise NoDialog("The cluster of this session is no longer configured.")
        asker = Asker(self._accounts.find(cluster.id, person.id), credential, origin, source)
        calls = self._finesse.dialogs(cluster, person.id, asker)
        return caller_of(_dialog(dialog_id, calls), person.extension, self._rules, calls)


def _dialog(dialog_id: str, calls: tuple[Dialog, ...]) -> Dialog:
    dialog = next((call for call in calls if call.id == dialog_id), None)
    if dialog is None:
        raise NoDialog()
    if dialog.kind is CallKind.MONITORING:
        raise Monitoring()
    return dialog


@dataclass(frozen=True, slots=True)
class JourneyResponses:
    """Responses with a customer's journey, and a reference for the person who asks."""

    platform: ExperiencePlatform
    directory: Directory
    references: References

    def respond(self, person: Person, caller: Caller | None, limit: int, before: str | None) -> Response:
        if caller is None:
            return private({"customer": None, "customerRef": None, **_to_dict(NO_JOURNEY, NOBODY)})
        journey = self.platform.journey(caller.customer, limit, before)
        names = names_in(journey.answers, self.directory)
        reference = self.references.give(person, caller)
        return private({"customer": caller.to_dict(), "customerRef": reference, **_to_dict(journey, names)})


def blueprint(
    guard: Guard,
    calls: Calls,
    platform: ExperiencePlatform,
    directory: Directory,
    references: References,
    named: Callable[[dict[str, str]], Caller | None] | None,
) -> Blueprint:
    """The routes; `named` reads a customer from a request's own words, and is None unless JOURNEY_ACCESS=any."""
    routes = Blueprint("journey", __name__)

    shown = JourneyResponses(platform, directory, references).respond

    def of_call(person: Person, dialog_id: str, limit: int, before: str | None) -> Response:
        with refusals_noted("gadgets", lambda: person.id, REFUSED_CREDENTIAL):
            credential = Credential.parse(request.headers.get("X-Finesse-Authorization"))
            origin = request.headers.get("Origin")
            caller = calls.caller(person, dialog_id, credential, origin, request_source())
        return shown(person, caller, limit, before)

    @routes.get("/gadgets/journey")
    @guard.signed_in
    @described(query=JourneyParameters, answer=JourneyResponse, errors=(*CALL_ERRORS, UnknownCustomer, BadCursor))
    def journey(person: Person) -> Response:
        """Answers of the customer on one of the person's calls, or of a customer that was shown before."""
        asked = JourneyParameters.parse(request.args.to_dict())
        if asked.customer_ref:
            return shown(person, references.read(person, asked.customer_ref), asked.limit, asked.before)
        return of_call(person, asked.dialog_id or "", asked.limit, asked.before)

    @routes.post("/gadgets/journey")
    @guard.signed_in
    @described(body=JourneyRequest, query=LimitParameters, answer=JourneyResponse, errors=(*CALL_ERRORS, ByDialogOnly))
    def journey_at_one_address(person: Person) -> Response:
        """Answers of the customer on one of the person's calls, all at one address, or of one who is named."""
        subject = JourneyRequest.parse(request.get_json(silent=True)).subject
        if DIALOG in subject:
            return of_call(person, subject[DIALOG], _limit(), None)
        if named is None:
            raise ByDialogOnly()
        return shown(person, named(subject), _limit(), None)

    return routes


NOBODY = Names({}, {})
NO_JOURNEY = Journey(None, 0, None, None, {}, [], None)


def _limit() -> int:
    return LimitParameters.parse(request.args.to_dict()).limit


def _to_dict(journey: Journey, names: Names) -> dict[str, Any]:
    body: dict[str, Any] = {
        "summary": {
            "responses": journey.total,
            "first": journey.first,
            "last": journey.last,
            **{metric: _standing(journey, metric) for metric in METRICS},
        },
        "responses": [to_dict(answer, names) | {"answers": answer.answers} for answer in journey.answers],
        "next": journey.next,
    }
    return body if journey.shared_by is None else {"sharedBy": journey.shared_by, **body}


def _standing(journey: Journey, metric: str) -> dict[str, Any]:
    standing = journey.summary.get(metric)
    return {"last": standing.last, "mean": standing.mean} if standing else {"last": None, "mean": None}
