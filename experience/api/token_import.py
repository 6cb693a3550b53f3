"""Many survey tokens at once (docs/cisco/wxm-api.md §3.3): from a CSV, or for a dispatch that another server delivers.

For whoever may write, and for our own origin alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from experience.accounts.api_tokens import Caller
from experience.accounts.users import ACCOUNT
from experience.answers import past
from experience.api.support import bodies, models
from experience.api.support.callers import Gate
from experience.api.support.errors import Malformed, Unknown
from experience.api.support.schemas import TEXT, array_of, holding, ref
from experience.api.survey_tokens import questionnaire_of
from experience.dispatch import dispatches, judging
from experience.dispatch.batches import MOST_RECORDS, BadRecord
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.surveys import survey_tokens, token_csv
from foundation.web.openapi import described

LARGEST_CSV = 16 * 1024 * 1024
LARGEST_BATCH = 32 * 1024 * 1024
FILES = holding(files={"type": "string", "contentMediaType": "text/csv"})
SENT_BATCH = holding(DispatchId=TEXT, PrefillReponse=array_of(array_of(ref("SentResponse"))))

Document = dict[str, Any]


def blueprint(platform: Platform, gate: Gate, survey_url: str) -> Blueprint:
    routes = Blueprint("api_importing", __name__, url_prefix="/api")

    @routes.post("/SurveyByToken/Import/<int:days>/<int(signed=True):uses>")
    @routes.post("/SurveyByToken/Import/<int:days>/<int(signed=True):uses>/<location>")
    @routes.post("/SurveyByToken/Import/<int:days>/<int(signed=True):uses>/<location>/<plan>")
    @gate.writing
    @described(files=FILES, answer=TEXT)
    def tokens(_caller: Caller, days: int, uses: int, location: str | None = None, plan: str | None = None) -> Response:
        """A survey token for each row of a CSV (part `files`, at most 50,000 rows), good for at most 90 days.

        Columns whose name is a question's id, tag or text prefill it; there is one at least, and below ids a line may
        have the texts. Answered with `download/…`, where the CSV is to be fetched for a day, with the columns Token,
        Survey_URL and NotUnderstood behind its own. `plan` is the id of a delivery plan.
        """
        request.max_content_length = LARGEST_CSV
        blank = {"user": ACCOUNT, "validTill": days, "validUses": uses, "deliveryPlanId": _plan(platform, plan)}
        return bodies.json_response(f"download/{_imported(platform, blank, location, survey_url)}")

    @routes.get("/download/<name>")
    @described(media="text/csv")
    def download(name: str) -> Response:
        """The CSV of an import with its tokens, for a day. It needs no credential: nobody guesses the name."""
        content = token_csv.find(platform.database, name)
        if content is None:
            raise Unknown("There is no such file, or it is older than a day")
        headers = {**bodies.NOT_KEPT, "Content-Disposition": "attachment; filename=tokens.csv"}
        return Response(content.encode(), mimetype="text/csv", headers=headers)

    @routes.post("/SurveyByToken/Import/Dispatch")
    @gate.writing
    @described(body=SENT_BATCH, answer={"type": "object", "additionalProperties": array_of(ref("Response"))})
    def for_dispatch(_caller: Caller) -> Response:
        """A survey token for each list of responses, for a server of the caller's that delivers a dispatch itself.

        Answered with the responses by their token.
        """
        request.max_content_length = LARGEST_BATCH
        return bodies.json_response(_for_dispatch(platform, bodies.sent_fields()))

    return routes


def _plan(platform: Platform, identity: str | None) -> str | None:
    with platform.database.read() as connection:
        if identity and dispatches.find(connection, "plan", identity) is None:
            raise Malformed("There is no such delivery plan")
    return identity


def _imported(platform: Platform, blank: Document, location: str | None, survey_url: str) -> str:
    """The name of the CSV with the tokens."""
    if not 1 <= blank["validTill"] <= token_csv.LONGEST_DAYS:
        raise Malformed(f"days: 1 to {token_csv.LONGEST_DAYS}")
    sent = request.files.get("files")
    if sent is None:
        raise Malformed("files: a part of this name, with the CSV")
    questionnaire = questionnaire_of(platform, {"location": location})
    with platform.database.read() as connection:
        # A questionnaire that came with answers may have no questions of its own.
        own = catalogue.documents(connection, questionnaire) or catalogue.documents(connection)
    known = token_csv.questions_by_name(own)
    rows = token_csv.rows_of(sent.read(), known)
    columns = token_csv.columns_of(rows[0], known)
    names = token_csv.headings(rows, columns)
    if not 1 <= len(rows) - names <= token_csv.MOST_ROWS:
        raise Malformed(f"files: a line of names, then 1 to {token_csv.MOST_ROWS} rows")
    made = list(_made(platform, questionnaire, rows[names:], columns, blank))
    remarks = [_not_understood(platform, token["preFill"]) for token in made]
    return token_csv.keep(platform.database, made, questionnaire, rows, survey_url, remarks)


def _made(
    platform: Platform, questionnaire: str, rows: list[list[str]], columns: dict[int, Document], blank: Document
) -> Iterator[Document]:
    """A token for each row. Raises Malformed with the number of the row at fault."""
    for number, row in enumerate(rows, 1):
        inputs = {
            question["id"]: token_csv.value_of(question, row[place])
            for place, question in columns.items()
            if row[place]
        }
        try:
            yield {**blank, "preFill": judging.prefilled(platform, questionnaire, inputs)}
        except BadRecord as reason:
            raise Malformed(f"row {number}: {reason}") from None


def _not_understood(platform: Platform, prefill: list[Document]) -> str:
    """Which kinds of facts of a row name nobody."""
    _, remarks = past.judge({"responses": prefill}, platform.catalogue.questions, platform.phone)
    return ", ".join(sorted({remark.kind for remark in remarks}))


def _for_dispatch(platform: Platform, fields: Document) -> Document:
    identity, records = fields.get("dispatchid"), fields.get("prefillreponse", fields.get("prefillresponse"))
    if not isinstance(records, list) or len(records) > MOST_RECORDS:
        raise Malformed(f"PrefillReponse: at most {MOST_RECORDS} lists of responses")
    with platform.database.read() as connection:
        dispatch = dispatches.find(connection, "dispatch", identity) if isinstance(identity, str) else None
    if dispatch is None:
        raise Malformed("DispatchId: there is no such dispatch")
    blank = {"user": ACCOUNT, "dispatchId": dispatch["id"], "deliveryPlanId": dispatch["deliveryPlanId"]}
    questionnaire = dispatch["questionnaireName"]
    invitations = [
        {**blank, "preFill": _responses(platform, questionnaire, *numbered)} for numbered in enumerate(records)
    ]
    with platform.database.write() as connection:
        made = survey_tokens.make_many(connection, invitations, questionnaire)
    return {token["id"]: models.responses(token["preFill"]) for token in made}


def _responses(platform: Platform, questionnaire: str, position: int, prefill: Any) -> list[Document]:
    responses = bodies.camel(prefill)
    if not isinstance(responses, list):
        raise Malformed(f"record {position}: is not a list of responses")
    try:
        return judging.checked(platform, questionnaire, responses)
    except BadRecord as reason:
        raise Malformed(f"record {position}: {reason}") from None
