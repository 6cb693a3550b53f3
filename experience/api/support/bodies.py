"""Bodies as WxM's clients send them, names in any case, and answers as WxM writes them."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
from flask import Response, request

from experience.api.support.errors import Malformed
from foundation import broken_text

NOT_KEPT = {"Cache-Control": "no-store"}
# What was sent stands so deep, at the most, in what is kept and told; orjson writes 254 levels.
LEVELS_AROUND = 10
NOT_JSON = "The body is not JSON in UTF-8, or is nested too deeply"
PACKED = "The body is packed: send it as it is, without Content-Encoding"


def sent() -> Any:
    """The JSON of the request, None where there is no body. Raises Malformed."""
    raw = request.get_data().removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        return None
    try:
        body = broken_text.loads(raw)
        _try_to_write(body)
    except (ValueError, TypeError):
        raise Malformed(PACKED if request.content_encoding else NOT_JSON) from None
    return body


def _try_to_write(body: Any) -> None:
    """What is nested deeper than can be written again cannot be kept, nor listed. Raises TypeError."""
    for _ in range(LEVELS_AROUND):
        body = [body]
    orjson.dumps(body)


def sent_fields() -> dict[str, Any]:
    """The object of the request, its names in lower case. Raises Malformed."""
    return lowered(sent() or {})


def lowered(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise Malformed("The body is not an object")
    return {str(name).lower(): value for name, value in body.items()}


def json_response(body: object) -> Response:
    return written(orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS))


def written(body: bytes | str, status: int = 200) -> Response:
    """An answer whose JSON is written already."""
    return Response(body, status, mimetype="application/json", headers=NOT_KEPT)


def up_to(largest: int, documents: Iterable[str]) -> Iterator[str]:
    """Documents of a list as long as they fit into so many characters together."""
    size = 0
    for document in documents:
        size += len(document)
        if size > largest:
            return
        yield document


def whole(largest: int, documents: Iterable[str]) -> Iterator[str]:
    """All documents of a page. Raises Malformed where they do not fit into so many characters together."""
    size = 0
    for document in documents:
        size += len(document)
        if size > largest:
            raise Malformed(f"rows: these are larger than {largest // 1024} KiB; ask for fewer rows a page")
        yield document


# WxM's models by their camelCase names: clients in .NET send `QuestionId` (docs/cisco/wxm-api.md §1, §5.1, §6).
NAMES = {
    name.lower(): name
    for name in (
        *("id", "user", "locationId", "responseDateTime", "responseDuration", "surveyClient", "responses", "archived"),
        *("notes", "openTicket", "deviceId", "questionId", "questionText", "textInput", "numberInput"),
        *("setName", "sequence", "text", "titleText", "audio", "displayType", "multiSelect", "displayLegend"),
        *("multiSelectChoiceTag", "leadingDisplayTexts", "staffFill", "apiFill", "displayLocation"),
        *("displayLocationByTag", "userWeight", "displayStyle", "conditionalToQuestion", "conditionalAnswerCheck"),
        *("conditionalNumber", "conditionalFilter", "filterquestions", "answerCheck", "number", "groupBy"),
        *("endOfSurvey", "endOfSurveyMessage", "presentationMode", "analyticsTag", "isRequired", "isRetired"),
        *("questionTags", "topicTags", "note", "noteTime", "authorName", "backgroundURL", "disclaimerText"),
        *("validationRegex", "validationHint", "translated", "timeLimit", "interactiveLiveAPIPreFillUrl"),
        *("restrictedData", "sensitiveData", "customMetric", "perLocationOverride", "piiSettings", "isPII"),
        *("piiType", "exceptionBy", "exceptionAt", "anchorMetricName", "mappedHeaderTags", "pipingOptions"),
        *("location", "preFill", "preFillViaAPICallBack", "validTill", "validUses", "isEmailed", "isPrinted"),
        *("requireCaptcha", "classicCaptcha", "skipWelcome", "samplingMode", "doNotPartialSubmit", "rewardCode"),
        *("preferredLanguage", "perSamplePresent", "campaign", "dispatchId", "commonIdentifier", "deliveryPlanId"),
        *(
            "restrictBySignature",
            "restrictFromIPSpace",
            "restrictOnWebDomain",
            "validAfter",
            "isDeliveryTypePull",
            "tagAlongTokens",
        ),
    )
}
# Their names are languages, keys and ids, which are the account's own.
_FREE = frozenset({"translated", "attributes", "dynamicOptions"})


def camel(model: Any) -> Any:
    """A model with WxM's names in WxM's spelling; names that we do not know stay as they are."""
    if isinstance(model, list):
        return [camel(element) for element in model]
    if not isinstance(model, Mapping):
        return model
    named = {NAMES.get(str(name).lower(), str(name)): value for name, value in model.items()}
    return {name: value if name in _FREE else camel(value) for name, value in named.items()}
