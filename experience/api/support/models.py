"""WxM's models as its clients read them: every key is there, in WxM's order (docs/cisco/wxm-api.md §10.1).

Clients read by position, or take a missing key for a fault. What is kept beside WxM's keys stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from experience.accounts.users import ACCOUNT
from experience.model.answer_json import is_unanswered
from experience.model.questions import Question, declared_range

Document = dict[str, Any]

RESPONSE: Document = {"questionId": None, "questionText": None, "textInput": None, "numberInput": 0}
ANSWER: Document = {
    **{"id": None, "user": ACCOUNT, "locationId": None, "responseDateTime": None, "responseDuration": 0},
    **{"surveyClient": None, "responses": [], "archived": False, "notes": [], "openTicket": None, "deviceId": None},
}
NOTE: Document = {
    **{"user": None, "authorName": None, "noteTime": None, "note": None, "noteSurveyID": None, "attachments": None}
}
# Shown only where nothing is to be met: some clients show no question without this.
UNCONDITIONAL: Document = {"filterquestions": []}
QUESTION: Document = {
    **{"id": None, "user": ACCOUNT, "setName": None, "sequence": 0, "text": "", "titleText": None, "audio": None},
    **{"displayType": "Text", "multiSelect": [], "displayLegend": [], "multiSelectChoiceTag": []},
    **{"leadingDisplayTexts": [], "staffFill": False, "apiFill": False, "displayLocation": []},
    **{"displayLocationByTag": [], "userWeight": 0, "displayStyle": None, "conditionalToQuestion": None},
    **{"conditionalAnswerCheck": None, "conditionalNumber": 0, "conditionalFilter": UNCONDITIONAL},
    **{"endOfSurvey": False, "endOfSurveyMessage": None, "presentationMode": None, "analyticsTag": None},
    **{"isRequired": False, "isRetired": False, "questionTags": [], "topicTags": [], "goodAfter": None},
    **{"goodBefore": None, "timeOfDayAfter": None, "timeOfDayBefore": None, "note": None, "backgroundURL": None},
    **{"disclaimerText": None, "validationRegex": None, "validationHint": None, "translated": {}, "timeLimit": 0},
    **{"interactiveLiveAPIPreFillUrl": None, "restrictedData": False, "sensitiveData": None, "attributes": {}},
    **{"customMetric": None, "perLocationOverride": [], "redactFullyOnFinding": [], "redactNumbersOver": 0},
    **{"redactEmailAddresses": False, "pipingOptions": [], "processTextSentiment": None},
    **{"processTextTheme": None, "anchorMetricName": None, "piiSettings": None, "mappedHeaderTags": []},
    **{"lastUpdate": None, "lastAuthor": None},
}
SURVEY: Document = {
    **{"logoURL": "", "backgroundURL": None, "businessName": "", "businessCountry": None, "businessTagline": None},
    **{"colorCode1": "#838383", "colorCode2": "#838383", "colorCode3": "#ffffff"},
    **{"welcomeText": "Please share your feedback.", "welcomeAudio": None, "welcomeImage": None},
    **{"thankyouText": "Thank you for your response.", "thankyouAudio": None, "thankyouImage": None},
    **{"disclaimerText": None, "textStyles": [], "questions": [], "preFill": [], "ack": None, "translated": {}},
    **{"reCaptchaSiteKey": None, "classicCaptcha": False, "skipWelcome": False, "partialResponseId": ""},
    **{"doNotSocialShare": None, "attributes": {}, "preferredStation": "api"},
    # Of these the place is not known.
    **{"branding": None, "welcomeTitle": None, "thankyouTitle": None, "welcomeDisclaimerText": None},
    **{"socialShareMessage": None, "redirectOnSubmit": None, "preferredLanguage": None},
    **{"accountSpecificSettings": [], "customMetrics": {}},
}
SURVEY_TOKEN: Document = {
    **{"id": None, "user": ACCOUNT, "note": None, "location": None, "preFill": [], "preFillViaAPICallBack": None},
    **{"validTill": None, "validUses": 1, "isEmailed": False, "isPrinted": False, "requireCaptcha": False},
    **{"classicCaptcha": False, "skipWelcome": False, "samplingMode": False, "doNotPartialSubmit": False},
    **{"perSamplePresent": 0, "rewardCode": None, "listenFromTwitter": None, "emailOpenUA": None},
    **{"doNotSocialShare": None, "preferredLanguage": None, "emailQuestion": None, "cityQuestion": None},
    **{"stateQuestion": None, "countryQuestion": None, "regionQuestion": None, "ipAddressQuestion": None},
    **{"uaQuestion": None, "browserQuestion": None, "browserVersionQuestion": None, "osQuestion": None},
    **{"deviceQuestion": None, "deviceBrandQuestion": None, "campaign": None},
    # What WxM keeps beside.
    **{"created": None, "commonIdentifier": None, "deliveryPlanId": None, "dispatchId": None},
    **{"displayExitMessage": None, "displayExpiredMessage": None, "evalFilter": None, "externalApiPostURLEval": None},
    **{"isDeliveryTypePull": False, "lastDeliveryException": None, "lastDeliveryRun": None},
    **{"lastInviteDelivery": None, "lastInviteOpen": None, "lastSequenceDeliveryRun": None, "lastSurveyIssue": None},
    **{"lastSurveyIssueChannel": None, "nextDeliveryRun": None, "restrictBySignature": None},
    **{"restrictFromIPSpace": None, "restrictOnWebDomain": None, "tagAlongTokens": None, "validAfter": None},
}
DISPATCH: Document = {
    **{"id": None, "user": ACCOUNT, "name": None, "created": None, "updated": None, "deliveryPlanId": None},
    **{"contentTemplateIds": {}, "tokenTemplateId": None, "questionnaireName": None},
    **{"questionnaireDisplayName": None, "isLive": False, "message": None},
}
COUNTERS = (
    *("tokensAttached", "surveysDelivered", "surveysOpened", "surveysAnswered", "remindersDelivered", "emailSent"),
    *("emailBounces", "unsubscribes", "smsSent", "deliveryExceptions", "expiredTokens", "duplicateSupressed"),
)
PLAN: Document = {
    **{"id": None, "user": ACCOUNT, "name": None, "description": None, "isLive": False, "created": None},
    **{"updated": None, "schedule": [], "uniqueCustomerIDByPreFilledQuestionTag": None},
    **{"uniquieIDAccountWide": False, "remindOnlyAfterHours": 0, "repeatOnlyAfterHours": 0},
    **{"goodAfterTimeOfDay": None, "goodBeforeTimeOfDay": None, "goodOnDaysOfWeek": [], "startAfter": None},
    **{"endBefore": None, "emailFromAddress": None, "emailFromName": None, "whitelabelSurveyDomainPath": None},
    **dict.fromkeys(COUNTERS, 0),
    **{"lastRun": None, "status": None, "message": None},
}
# Cisco's invitation module reads additionalURLParameter without looking whether it is there.
STEP: Document = {
    **{"onChannel": "", "paceConnections": 0, "nonConCurrent": False, "delayByHours": 0, "subject": None},
    **{"textBody": None, "htmlBody": None, "templateId": None, "externalDNDCheck": None, "additionalURLParameter": ""},
}
TEMPLATE: Document = {"id": None, "account": ACCOUNT, "name": None}
# What a survey says in another language; what is no text of ours is told in its own.
TRANSLATED = {
    **{"welcomeTitle": None, "welcomeText": SURVEY["welcomeText"], "welcomeAudio": None, "thankyouTitle": None},
    **{"thankyouText": SURVEY["thankyouText"], "thankyouAudio": None, "disclaimerText": None},
}


def whole(model: Mapping[str, Any], document: Mapping[str, Any]) -> Document:
    """A document with every key of a model; what is null has the model's value."""
    filled = {name: value if (known := document.get(name)) is None else known for name, value in model.items()}
    return {**filled, **{name: value for name, value in document.items() if name not in model}}


def response(document: Mapping[str, Any]) -> Document:
    return whole(RESPONSE, document)


def responses(documents: Iterable[Any] | None) -> list[Document]:
    """Responses, also of a survey token that was kept before all of them were objects."""
    return [response(document) for document in documents or () if isinstance(document, Mapping)]


def answer(document: Mapping[str, Any], known: Mapping[str, Question]) -> Document:
    """An answer. A score that was not given is left out: as the number 0, WxM's only other word, it would be one."""
    given = [sent for sent in document.get("responses") or () if not is_unanswered(known.get(sent["questionId"]), sent)]
    notes = [whole(NOTE, note) for note in document.get("notes") or ()]
    return whole(ANSWER, {**document, "responses": responses(given), "notes": notes})


def question(document: Mapping[str, Any]) -> Document:
    """A question; where nothing is to be met for it to be shown, it says so."""
    told = whole(QUESTION, document)
    if not (isinstance(told["conditionalFilter"], Mapping) and told["conditionalFilter"].get("filterquestions")):
        told["conditionalFilter"] = UNCONDITIONAL
    return told


def survey_question(document: Mapping[str, Any]) -> Document:
    """A question as a survey shows it: the range of a scale has a label at both ends."""
    told = question(document)
    scale = declared_range(document)
    if scale and told["multiSelect"] and ";" not in told["multiSelect"][0]:
        legend = [text for text in told["displayLegend"] if isinstance(text, str)] or [str(end) for end in scale]
        told["multiSelect"] = [f"{scale[0]};{legend[0]}-{scale[1]};{legend[-1]}", *told["multiSelect"][1:]]
    return told


def survey(**facts: Any) -> Document:
    """What is asked by a token; the languages are those of its questions."""
    shown = [survey_question(document) for document in facts["questions"]]
    languages = sorted({language for told in shown for language in told["translated"] if isinstance(language, str)})
    translated = {language: dict(TRANSLATED) for language in languages}
    return whole(SURVEY, {**facts, "questions": shown, "translated": translated})
