"""POST /gadgets/calls/<dialogId>: a person's call has ended, or its customer wants no survey.

What the call was is what Finesse said when this person's session read it, never what the browser says.
"""

from flask import Blueprint, Response, request

from experience.model.call import CallSurveys
from foundation.web.openapi import described
from gadgets.calls.models import CallReport, CallSurveyResponse
from gadgets.calls.reading import leg_of
from gadgets.journey.answer_json import private
from gadgets.journey.calls import NoDialog
from gadgets.signin.guard import Guard
from gadgets.signin.person import Person


def blueprint(guard: Guard, surveys: CallSurveys) -> Blueprint:
    routes = Blueprint("calls", __name__)

    @routes.post("/gadgets/calls/<dialog_id>")
    @guard.signed_in
    @described(body=CallReport, answer=CallSurveyResponse, errors=(NoDialog,))
    def call(person: Person, dialog_id: str) -> Response:
        """The call has ended, or its customer declines; what becomes of the survey. A repeat changes nothing."""
        report = CallReport.parse(request.get_json(silent=True))
        leg = leg_of(person, dialog_id)
        survey = surveys.end(leg) if report.state else surveys.decline(leg)
        if survey is None:
            raise NoDialog()
        return private({"survey": survey})

    return routes
