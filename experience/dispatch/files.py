"""A dispatch as people write it, in YAML, with its delivery plan and templates; as WxM's documents and back.

Names are WxM's, in snake case: `is_live` is WxM's `isLive`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from experience.accounts.users import ACCOUNT
from experience.dispatch.contacted import KEPT_HOURS
from experience.dispatch.messages import checked_template
from experience.model.lengths import LONGEST_MESSAGE, LONGEST_NAME, LONGEST_NOTE
from experience.questionnaires.yaml_format import read_file

Identity = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
# CCE's ids are numbers, which YAML tells from texts.
CallType = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", coerce_numbers_to_str=True)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Words = Annotated[str, Field(max_length=LONGEST_NOTE)]
Subject = Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(checked_template)]
Body = Annotated[str, Field(max_length=LONGEST_MESSAGE), AfterValidator(checked_template)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]
Mailbox = Annotated[str, Field(pattern=r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)?$", max_length=320)]
LanguageTag = Annotated[str, Field(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
Document = dict[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Wording(_Strict):
    """The words of a message in another language than the plan's first."""

    subject: Subject = ""
    text_body: Body = ""
    html_body: Body = ""


class Step(_Strict):
    """One message of a plan: by which channel, how many hours after the one before, in which words.

    Words are Jinja templates: `{{ link }}`, `{{ unsubscribe }}`, `{{ prefill.cc_customerid }}`. `languages` has those
    of other languages: `zh-TW`, or `zh` for all of them.
    """

    on_channel: Annotated[str, Field(pattern=r"^(email|sms)(://\S*)?$")]
    delay_by_hours: Annotated[int | float, Field(ge=0, le=720)] = 0
    subject: Subject = ""
    text_body: Body = ""
    html_body: Body = ""
    template_id: Words = ""
    languages: dict[LanguageTag, Wording] = Field(default_factory=dict)

    @model_validator(mode="after")
    def has_words(self) -> Self:
        """Something to send."""
        if not (self.text_body or self.html_body or self.template_id):
            raise ValueError("text_body, html_body or template_id: one of them says what is sent")
        return self


class Template(_Strict):
    """A content template: WxM tells no more of it."""

    id: Identity
    name: Text


class Plan(_Strict):
    """A delivery plan: when, how often and by which channels customers are asked."""

    id: Identity
    name: Text
    description: Words = ""
    is_live: bool = True
    schedule: Annotated[tuple[Step, ...], Field(min_length=1)]
    unique_customer_id_by_pre_filled_question_tag: Annotated[
        str, Field(alias="uniqueCustomerIDByPreFilledQuestionTag", max_length=LONGEST_NAME)
    ] = ""
    # WxM's own spelling.
    unique_id_account_wide: Annotated[bool, Field(alias="uniquieIDAccountWide")] = False
    remind_only_after_hours: Annotated[int, Field(ge=0)] = 0
    # Per customer, and per address; 0: as often as asked.
    repeat_only_after_hours: Annotated[int, Field(ge=0, le=KEPT_HOURS)] = 24
    # On the recipient's clock; without them there are no quiet hours.
    good_after_time_of_day: TimeOfDay | None = None
    good_before_time_of_day: TimeOfDay | None = None
    good_on_days_of_week: tuple[Annotated[int, Field(ge=0, le=7)], ...] = ()
    start_after: Words | None = None
    end_before: Words | None = None
    # Ours: nothing is sent that is later than this.
    latest_after_hours: Annotated[int, Field(ge=1, le=720)] = 72
    email_from_address: Mailbox = ""
    email_from_name: Words = ""
    reply_to: Mailbox = ""


class Dispatch(_Strict):
    """The file."""

    id: Identity
    name: Text
    questionnaire_name: Text
    is_live: bool = True
    message: Words = ""
    # A batch may say of a call its type and not its dispatch: then it is this one.
    default_of_call_types: tuple[CallType, ...] = ()
    delivery_plan: Plan
    content_templates: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispatched:
    """A dispatch with its plan and templates, as WxM's documents."""

    dispatch: Document
    plan: Document
    templates: list[Document]


def read_dispatch(text: str) -> Dispatched:
    """A YAML file's text. Raises DraftFault, which names every fault with its place."""
    read = read_file(Dispatch, text, "dispatch")
    dispatch = read.model_dump(by_alias=True, mode="json", exclude={"delivery_plan", "content_templates"})
    named = {template.name: template.id for template in read.content_templates}
    more = {"user": ACCOUNT, "deliveryPlanId": read.delivery_plan.id, "contentTemplateIds": named}
    plan = {"user": ACCOUNT, **read.delivery_plan.model_dump(by_alias=True, mode="json")}
    templates = [{**draft.model_dump(by_alias=True), "account": ACCOUNT} for draft in read.content_templates]
    return Dispatched({**dispatch, **more}, plan, templates)


def write_dispatch(kept: Dispatched) -> str:
    """The YAML text from which `read_dispatch` makes the same documents."""
    dispatch = Dispatch.model_validate(
        {
            **_only(Dispatch, kept.dispatch),
            "deliveryPlan": _only(Plan, kept.plan),
            "contentTemplates": [_only(Template, template) for template in kept.templates],
        }
    )
    content = dispatch.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _only(model: type[BaseModel], document: Mapping[str, Any]) -> Document:
    """The fields of a document that the file has words for: WxM's own stamps and counters are not among them."""
    names = {field.alias for field in model.model_fields.values()}
    return {name: value for name, value in document.items() if name in names}
