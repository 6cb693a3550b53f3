"""What the routes of our Cloud Connect answer (docs/api.md, Cloud Connect); Cisco never published these bodies."""

from typing import Any, Literal

from pydantic import Field

from foundation.web.models import Absent, RequestModel, ResponseModel


class StatusParameters(RequestModel):
    details: str = Field(default="", description="`true`: with what fails, and the time.")


class StatusDetails(ResponseModel):
    name: str
    time: int = Field(description="Milliseconds since 1970.")
    failing: dict[str, str]


class StatusResponse(ResponseModel):
    status: Literal["up", "down"]
    reason: str | Absent = Field(default=None, description="Why it is down.")
    details: StatusDetails | Absent = None


class PingResponse(ResponseModel):
    status: Literal["up"]


class AuthTokenResponse(ResponseModel, alias_generator=None):
    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds.")
    expires_at: int = Field(description="Milliseconds since 1970.")


class QuestionnaireResponse(ResponseModel):
    name: str
    display_name: str
    hash_pii_by: str | None = Field(alias="hashPIIBy")


class DispatchTemplateResponse(ResponseModel):
    id: str
    name: str
    questionnaire_name: str
    channels: list[str]
    is_live: bool


class BatchDispatch(RequestModel, alias_generator=None):
    """The recipients of one dispatch, as WxM's DispatchRequest has them; names in any letter case."""

    dispatch_id: str = Field(alias="DispatchID")
    pre_fill: list[list[dict[str, Any]]] = Field(
        alias="PreFill", description="What is known of each recipient, as a list of `QuestionId` and `Input`."
    )


class BatchRecipient(RequestModel, alias_generator=None):
    """One recipient as flat fields, all of them optional and in any spelling."""

    dispatch_id: str = Field(default="", alias="dispatchId")
    customer_id: str = Field(default="", alias="cc_CustomerId")
    email: str = Field(default="", alias="Email")
    mobile: str = Field(default="", alias="Mobile")
    language: str = Field(default="", alias="cc_language")
    opt_in: str = Field(default="yes", alias="Optin", description="Absent is yes; else yes, y, 1 or true.")
    agent_id: str = Field(default="", alias="cc_AgentId")
    team_id: str = Field(default="", alias="cc_TeamId")
    call_id: str = Field(default="", alias="callId", description="A repeat is known by it.")
    call_type: str = Field(default="", alias="callTypeId", description="By its default dispatch, where it has one.")
    pod: str = Field(default="", alias="POD.ID", description="`cc_CustomerId=…;Email=…;Mobile=…;cc_language=…;Optin=…`")
    survey_info: str = Field(default="", alias="CxSurveyInfo", description="`AG=…|SG=…|PQ=…|AGT=…`")
    validity: str = Field(default="", alias="SurveyValidityTime", description="Seconds, or a moment.")


class BatchItemStatus(ResponseModel):
    position: int
    status: Literal[202, 400]
    state: Literal["accepted", "waiting", "refused"] = Field(
        description="`waiting`: kept until its dispatch is known here."
    )
    reason: str | Absent = None


class BatchResponse(ResponseModel):
    batch_id: str
    accepted: int
    waiting: int
    refused: int
    items: list[BatchItemStatus] | Absent = Field(default=None, description="Absent where all were accepted.")
