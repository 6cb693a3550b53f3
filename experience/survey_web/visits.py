"""One respondent at one survey: what is known beforehand, what was answered so far, and at which question.

Whoever has a link for one answer is one respondent, on whatever device. A link that many share gives each a signed id
of their own, which their form carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from experience.dispatch.judging import LANGUAGE_TAGS
from experience.platform import Platform
from experience.questionnaires import catalogue
from experience.survey_web import flow, languages, links
from experience.survey_web.entries import Entered
from experience.survey_web.flow import Responses, Survey, visible
from experience.survey_web.items import Item, read_items
from experience.surveys import partials
from experience.surveys.partials import PartialIds

# What stands for this page in `surveyClient`; the channel of an answer is then `web`.
CLIENT = "Web"
# In a partial survey: the question at which it is continued, and when it was opened, in seconds since 1970.
PLACE, BEGAN = "place", "began"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """`survey_id` is that of the partial survey; `known` are the responses of the invitation."""

    token: str
    survey_id: str
    invitation: Document
    survey: Survey
    known: Responses
    answered: Responses
    place: str | None
    began: int | None
    is_completed: bool

    @property
    def is_shared(self) -> bool:
        return bool(self.invitation["validUses"] != 1)

    @property
    def responses(self) -> Responses:
        return {**self.answered, **self.known}

    @property
    def asked(self) -> list[Item]:
        """The questions that are asked of this respondent, by what was answered so far."""
        return visible(self.survey.items, self.responses)

    def place_of(self, wanted: str | None) -> str | None:
        """The question of a page; None where all are on one."""
        return flow.place_of(self.asked, wanted) if self.survey.is_paged else None

    def page(self, place: str | None) -> list[Item]:
        """The questions of a page."""
        return [item for item in self.asked if item.id == place] if self.survey.is_paged else self.asked

    def beside(self, place: str | None, step: int) -> str | None:
        """The question of the page so many steps away; None where there is none."""
        return flow.beside(self.asked, place or "", step) if self.survey.is_paged else None

    def with_entered(self, entered: Entered) -> Visit:
        """The same visit once what was entered is kept."""
        left = {key: response for key, response in self.answered.items() if key not in entered.blank}
        return replace(self, answered={**left, **entered.responses})


class Surveys:
    """Questionnaires as surveys; each is read once for each version of the catalogue."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        # Of one version; whoever still reads an older one writes into that one's.
        self._read: tuple[str, dict[str, Survey]] = ("", {})

    def load(self, connection: Connection, name: str) -> Survey:
        """The survey of a questionnaire."""
        now = self._platform.catalogue.version
        version, surveys = self._read
        if version != now:
            version, surveys = self._read = (now, {})
        if name not in surveys:
            surveys[name] = self._survey(connection, name)
        return surveys[name]

    def has(self, name: str) -> bool:
        return name in self._platform.catalogue.questionnaires

    def _survey(self, connection: Connection, name: str) -> Survey:
        known = self._platform.catalogue.questionnaires.get(name)
        documents = catalogue.documents(connection, name)
        items = read_items(documents)
        return Survey(
            name=name,
            title=known.display_name if known else name,
            page=known.page if known else catalogue.PLAIN_PAGE,
            items=items,
            languages=languages.languages_of(items),
            language_questions=frozenset(str(document["id"]) for document in documents if _names_language(document)),
        )


def preferred_language(survey: Survey, invitation: Mapping[str, Any]) -> str | None:
    """The language of an invitation: its own, else what it says beforehand by the tag `cc_language`."""
    known = _by_question(invitation.get("preFill"))
    texts = (known.get(identity, {}).get("textInput") for identity in survey.language_questions)
    wanted = (invitation.get("preferredLanguage"), *texts)
    return next((tag for tag in wanted if isinstance(tag, str) and tag.strip()), None)


def _names_language(document: Mapping[str, Any]) -> bool:
    tags = document.get("questionTags")
    return isinstance(tags, list) and not LANGUAGE_TAGS.isdisjoint(str(tag).lower() for tag in tags)


def survey_id(ids: PartialIds, token: str, invitation: Document, sent: str) -> str:
    """The id of a respondent's partial survey; `sent` is the one that the form carried."""
    if invitation["validUses"] == 1:
        return partials.device_id(token, CLIENT, "")
    return sent if ids.token(sent) == token else ids.new(token)


def read(connection: Connection, surveys: Surveys, ids: PartialIds, token: str, sent: str) -> Visit:
    """The visit of a link that may be answered, or was answered by this respondent. Raises a LinkError."""
    try:
        invitation, over = links.usable(connection, token), None
    except links.LinkError as error:
        if error.invitation is None:
            raise
        invitation, over = error.invitation, error
    identity = survey_id(ids, token, invitation, sent)
    visit = _visit(connection, surveys.load(connection, invitation["location"]), token, identity, invitation)
    if over and not visit.is_completed:
        raise over
    return visit


def _visit(connection: Connection, survey: Survey, token: str, identity: str, invitation: Document) -> Visit:
    document, is_completed = partials.find(connection, identity) or ("{}", False)
    partial = orjson.loads(document)
    known = _by_question(invitation.get("preFill"))
    items = tuple(item for item in survey.items if item.id not in known)
    asked = replace(survey, items=items)
    answered = _by_question(partial.get("responses"))
    place, began = partial.get(PLACE), partial.get(BEGAN)
    return Visit(token, identity, invitation, asked, known, answered, place, began, is_completed)


def _by_question(responses: object) -> dict[str, Mapping[str, Any]]:
    sent = responses if isinstance(responses, list) else []
    return {str(response["questionId"]): response for response in sent if isinstance(response, Mapping)}
