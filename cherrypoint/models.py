"""What the routes of our Cloud Connect answer (docs/api.md, Cloud Connect); Cisco never published these bodies."""

from typing import Literal

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
