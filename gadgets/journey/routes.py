"""/gadgets/journey: past answers of the customer on a call, newest first.

A customer is read only through a call that the person is in, or through a reference that such a call gave out
(`JOURNEY_ACCESS=dialog`); naming customers freely is for `JOURNEY_ACCESS=any`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from flask import Blueprint, Response, request

from experience.model.call import SurveyWord
from experience.model.errors import BadCursor
from experience.platform import ExperiencePlatform
from foundation.brakes.sign_ins import refusals_noted, request_source
from foundation.errors import PulseError, Refused
from foundation.keys import Seal
from foundation.signed import is_over
from foundation.web.openapi import described
from gadgets.finesse.xml import Dialog
from gadgets.journey.answer_json import NO_JOURNEY, journey_json, private
from gadgets.journey.caller import Caller
from gadgets.journey.calls import CALL_ERRORS, Calls
from gadgets.journey.models import JourneyParameters, JourneyRequest, JourneyResponse
from gadgets.pulse.models import LimitParameters
from gadgets.signin.directory import Directory
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person

REFERENCE_SECONDS = 1800
# What can be refused of a credential; 404 and 409 are about the call.
REFUSED_CREDENTIAL = frozenset({401, 403, 429})
DIALOG = "dialogId"

# Keeps what a call is, and says what will happen after it.
SurveyOf = Callable[[Person, Dialog, Caller | None], dict[str, SurveyWord]]


class UnknownCustomer(PulseError):
    status = 404
    code = "no_customer_ref"
    title = "This reference is not yours, or is older than 30 minutes"


class ByDialogOnly(Refused):
    code = "by_dialog_only"
    title = "Customers are shown for calls only (JOURNEY_ACCESS=dialog)"


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


@dataclass(frozen=True, slots=True)
class JourneyResponses:
    """Responses with a customer's journey, and a reference for the person who asks."""

    platform: ExperiencePlatform
    directory: Directory
    references: References

    def respond(
        self, person: Person, caller: Caller | None, limit: int, before: str | None, **more: SurveyWord
    ) -> Response:
        """`more`: what is said of the call beside its customer."""
        if caller is None:
            return private({"customer": None, "customerRef": None, **more, **journey_json(NO_JOURNEY, self.directory)})
        shown = {"customerRef": self.references.give(person, caller), "customer": caller.to_dict()}
        journey = self.platform.journey(caller.customer, limit, before)
        return private({**shown, **more, **journey_json(journey, self.directory)})


def blueprint(
    guard: Guard,
    calls: Calls,
    responses: JourneyResponses,
    survey_of: SurveyOf,
    named: Callable[[dict[str, str]], Caller | None] | None,
) -> Blueprint:
    """The routes; `named` reads a customer from a request's own words, and is None unless JOURNEY_ACCESS=any."""
    routes = Blueprint("journey", __name__)
    shown, references = responses.respond, responses.references

    def of_call(person: Person, dialog_id: str, limit: int, before: str | None) -> Response:
        headers, source = request.headers, request_source()
        with refusals_noted("gadgets", lambda: person.id, REFUSED_CREDENTIAL):
            credential = headers.get("X-Finesse-Authorization")
            dialog, caller = calls.read(person, dialog_id, credential, headers.get("Origin"), source)
        return shown(person, caller, limit, before, **survey_of(person, dialog, caller))

    @routes.get("/gadgets/journey")
    @guard.signed_in
    @described(query=JourneyParameters, answer=JourneyResponse, errors=(*CALL_ERRORS, UnknownCustomer, BadCursor))
    def journey(person: Person) -> Response:
        """Answers of the customer on one of the person's calls, or of a customer that was shown before."""
        query = JourneyParameters.parse(request.args.to_dict())
        if query.customer_ref:
            return shown(person, references.read(person, query.customer_ref), query.limit, query.before)
        return of_call(person, query.dialog_id or "", query.limit, query.before)

    @routes.post("/gadgets/journey")
    @guard.signed_in
    @described(body=JourneyRequest, query=LimitParameters, answer=JourneyResponse, errors=(*CALL_ERRORS, ByDialogOnly))
    def journey_at_one_address(person: Person) -> Response:
        """Answers of the customer on one of the person's calls, all at one address, or of one who is named."""
        body = request.get_json(silent=True)
        limit = LimitParameters.parse(request.args.to_dict()).limit
        subject = JourneyRequest.parse(body).subject
        if DIALOG in subject:
            return of_call(person, subject[DIALOG], limit, None)
        if named is None:
            raise ByDialogOnly()
        return shown(person, named(subject), limit, None)

    return routes
