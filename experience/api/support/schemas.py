"""The bodies of WxM's API as schemas for openapi.json: what is promised of them, and no more."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def array_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def holding(**properties: Schema) -> Schema:
    """An object that always has these."""
    return {"type": "object", "required": list(properties), "properties": properties}


def may_hold(**properties: Schema) -> Schema:
    """An object that may have these."""
    return {"type": "object", "properties": properties}


TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
NULL: Schema = {"type": "null"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
COUNTS: Schema = {"type": "object", "additionalProperties": COUNT}

SIGNS = {"lt": "less than `number`", "gt": "greater than", "eq": "equal to"}

SCHEMAS: dict[str, Schema] = {
    "WxmError": holding(error=TEXT, error_description=TEXT),
    "Token": {
        **holding(access_token=TEXT, token_type={"const": "bearer"}, expires_in=COUNT, userName=TEXT, email=TEXT),
        "description": "`.issued` and `.expires` are moments as RFC 1123 writes them.",
    },
    "Credential": holding(grant_type={"const": "password"}, username=TEXT, password=TEXT),
    "Question": holding(id=TEXT),
    "SentQuestion": may_hold(
        id=TEXT,
        text=TEXT,
        displayType=TEXT,
        sequence=WHOLE,
        displayLocation=array_of(TEXT),
        questionTags=array_of(TEXT),
    ),
    "Response": may_hold(questionId=TEXT, questionText=MAYBE_TEXT, textInput=MAYBE_TEXT),
    "Answer": holding(id=TEXT, locationId=TEXT, responseDateTime=TEXT, responses=array_of(ref("Response"))),
    "SentAnswer": may_hold(
        id=TEXT,
        locationId=TEXT,
        responseDateTime=MOMENT,
        responses=array_of(ref("SentResponse")),
    ),
    "SentResponse": holding(questionId=TEXT, textInput=MAYBE_TEXT, numberInput={"type": ["integer", "null"]}),
    "Page": holding(currentPage=COUNT, totalCount=COUNT, totalPages=COUNT, responses=array_of(ref("Answer"))),
    "FilterBy": either(
        NULL,
        {
            **may_hold(
                location=array_of(TEXT),
                afterdate=MOMENT,
                beforedate=MOMENT,
                filterquestions=array_of(
                    holding(
                        questionId=TEXT,
                        answerCheck=array_of(TEXT),
                        number=NUMBER,
                        groupBy={"enum": ["AND", "OR", None]},
                    )
                ),
                archived=FLAG,
                channel=TEXT,
                withNotes=FLAG,
            ),
            "description": "Names in any case. From `afterdate` to before `beforedate`. WxM's other fields are refused "
            "by name (400 filter_not_applied) unless they are null, false, 0 or empty; unknown ones are ignored. "
            "answerCheck: lt, gt or eq compare with `number`; `Any Text` is any text; else one of the texts.",
        },
    ),
    "Nps": holding(
        questionID=MAYBE_TEXT, promoters=COUNT, passive=COUNT, detractors=COUNT, netPromoters=WHOLE, defaultIndex=FLAG
    ),
    "FlashNps": holding(totalResponses=COUNT, netPromoter=ref("Nps")),
    "Summary": holding(
        summary=array_of(holding(askedQuestion=ref("Question"), response=COUNTS, ratingTrend={"type": "object"})),
        weightedScore=WHOLE,
        responseCount=COUNT,
        netPromoter=ref("Nps"),
    ),
    "Widget": may_hold(
        id=TEXT,
        rows=array_of(TEXT),
        columns=array_of(TEXT),
        aggregator={"enum": ["Count", "Average", "NPS", "T1B", "T2B", "T3B", None]},
        aggregatorQuestionIDs=array_of(TEXT),
        optionsToExclude={"type": "object", "additionalProperties": array_of(TEXT)},
    ),
    "Visualize": holding(widgets=array_of(ref("Widget")), filter=ref("FilterBy")),
    "Visualized": holding(
        visualizationSummary={
            "type": "object",
            "additionalProperties": holding(summary=array_of(ref("SummaryByOption")), summaryTree=array_of({})),
        },
        totalCount=COUNT,
        sampleSize=COUNT,
        totalCountByWidget=COUNTS,
    ),
    "SummaryByOption": holding(
        id=holding(
            key=TEXT, groupKey=MAYBE_TEXT, rowValues=TEXT, columnValues=TEXT, responses=array_of(ref("Response"))
        ),
        value=holding(score={"type": ["number", "null"]}, count=COUNT, distributedCount=COUNTS),
    ),
    "SurveyToken": holding(id=TEXT, user=TEXT, location=TEXT, validTill=MOMENT, validUses=WHOLE),
    "TokenPage": holding(currentPage=COUNT, tokens=array_of(ref("SurveyToken")), totalCount=COUNT, totalPages=COUNT),
    "SentSurveyToken": may_hold(
        location=TEXT,
        preFill=array_of(ref("Response")),
        validTill=either(MOMENT, COUNT),
        validUses=WHOLE,
        note=TEXT,
        restrictBySignature={**MAYBE_TEXT, "description": "The passphrase; it is shown as `true`."},
    ),
    "TokenSurvey": holding(businessName=TEXT, partialResponseId=TEXT, questions=array_of(ref("Question"))),
    "Dispatch": holding(id=TEXT, name=TEXT, questionnaireName=TEXT, deliveryPlanId=TEXT, isLive=FLAG),
    "DeliveryPlan": holding(id=TEXT, name=TEXT, isLive=FLAG, schedule=array_of(holding(onChannel=TEXT))),
    "ContentTemplate": holding(id=TEXT, account=TEXT, name=TEXT),
    "DeliveryEvents": holding(
        id=TEXT,
        target=TEXT,
        dispatchId=TEXT,
        events=array_of(holding(timeStamp=MOMENT, action=TEXT, channel=MAYBE_TEXT, message=MAYBE_TEXT)),
    ),
    "LogEvent": holding(
        id=TEXT,
        tokenId=MAYBE_TEXT,
        deliveryWorkFlowId=MAYBE_TEXT,
        dispatchId=TEXT,
        batchId=MAYBE_TEXT,
        created=MOMENT,
        updated=MOMENT,
        events=array_of({"type": "object"}),
    ),
    "MergedData": holding(
        _id=TEXT,
        answeredAt=MOMENT,
        partial=FLAG,
        responses=array_of(ref("Response")),
        wxmEvents=array_of({"type": "object"}),
    ),
    "SentBatch": array_of(
        holding(DispatchID=TEXT, PreFill=array_of(array_of(holding(QuestionId=TEXT, Input=either(TEXT, NUMBER)))))
    ),
    "BatchStatus": holding(
        batchId=TEXT,
        statusByDispatch=array_of(
            holding(dispatchId=TEXT, message=TEXT, dispatchStatus={"enum": ["202", "206", "400"]}),
        ),
    ),
    "Settings": holding(
        user=TEXT, locations=array_of(TEXT), locationList=array_of(ref("Questionnaire")), timeZoneOffset=WHOLE
    ),
    "Questionnaire": holding(name=TEXT, displayName=TEXT, hashPIIBy=TEXT, isNameImmutable=FLAG),
    "Profile": holding(user=TEXT, name=TEXT, timeZoneOffset=WHOLE),
}
ERROR = ref("WxmError")
SECURITY: Schema = {
    "wxmBearer": {"type": "http", "scheme": "bearer", "description": "From POST /api/LoginToken."},
    "wxmBasic": {"type": "http", "scheme": "basic", "description": "User name, and password or API key."},
}
