"""Tokens of the WxM that is built in, where no broker fetches any: a user of ours, and a token that is signed here."""

from cherrypoint.broker import CloudConnectUnavailable
from cherrypoint.token import Token
from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import Role, Users
from experience.model.scope import Scope
from foundation.invocation import invocation

RETRY_SECONDS = 60


class OwnTokens:
    """Issues tokens. Raises CloudConnectUnavailable while there is no user for them."""

    def __init__(self, users: Users, tokens: ApiTokens) -> None:
        self._users = users
        self._tokens = tokens

    def token(self) -> Token:
        """The system user's, who reads and writes."""
        return self._issue("system")

    def bound(self, scope: Scope) -> Token:
        """The desktop user's, by which the answers of a scope can be read and no others."""
        return self._issue("desktop", scope)

    def _issue(self, role: Role, scope: Scope | None = None) -> Token:
        user = next((user for user in self._users.list() if user.role == role and not user.disabled), None)
        if user is None:
            advice = f"There is no {role} user: {invocation('cherrypoint config')}"
            raise CloudConnectUnavailable(advice, retry_after=RETRY_SECONDS)
        access_token, expires_at = self._tokens.issue(user, scope=scope)
        return Token(access_token, expires_at, "own")
