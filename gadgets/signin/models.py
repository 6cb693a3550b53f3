"""What the sign-in and token routes take and answer (docs/api.md, Session and Token)."""

from typing import ClassVar, Literal

from pydantic import Field

from foundation.errors import BadRequest
from foundation.web.models import RequestModel, ResponseModel


class UnknownTokenSource(BadRequest):
    code = "unknown_token_source"
    title = "tokenSource must be cherrypoint"


class SignInRequest(RequestModel):
    usage: ClassVar[str] = 'Send {"user": "<Finesse user id>"} as JSON: 1 to 64 of A-Z a-z 0-9 . _ @ -'

    user: str = Field(pattern=r"^[A-Za-z0-9._@-]{1,64}$")


class TeamName(ResponseModel):
    id: str
    name: str


class SignedInPerson(ResponseModel):
    id: str
    login_name: str
    name: str
    agent_id: str = Field(description="What surveys carry as cc_AgentId.")
    roles: list[Literal["Agent", "Supervisor"]]
    team: TeamName
    supervises: list[TeamName]


class SessionResponse(ResponseModel, alias_generator=None):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.")
    person: SignedInPerson


class TokenParameters(RequestModel):
    error: ClassVar[type[BadRequest]] = UnknownTokenSource

    token_source: Literal["cherrypoint"]


class TokenResponse(ResponseModel, alias_generator=None):
    access_token: str
    expires_at: int = Field(description="Milliseconds since 1970.")
