"""Where there is no Cloud Connect: a token straight from a WxM's LoginToken, through Authlib's OAuth2 session."""

import time
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.exceptions import RequestException

from cherrypoint.client import CredentialRefused, NoToken
from cherrypoint.reading import named_token
from cherrypoint.token import Token
from foundation.door import Door
from foundation.requests_door import through

ASKED_AT = "/api/LoginToken"


class LoginRefused(CredentialRefused):
    code = "login_refused"
    title = "The WxM does not accept WXM_USERNAME and WXM_API_KEY"


class Login:
    """Logs in at one WxM; `secret` is the user's API key or password."""

    def __init__(self, door: Door, base: str, name: str, secret: str, seconds: float) -> None:
        self._door = door
        self._base = base
        self._name = name
        self._secret = secret
        self._seconds = seconds

    def fetch(self) -> Token:
        """A new token; LoginRefused or NoToken where there is none."""
        found = named_token(self._told(), time.time())
        if found is None:
            raise NoToken(f"{self._base} answered with no token that lives")
        return Token(*found, generation=token_hex(8))

    def _told(self) -> Mapping[str, Any]:
        with OAuth2Session(token_endpoint_auth_method=_no_client) as session:
            through(session, self._door, self._seconds)
            try:
                found: Mapping[str, Any] = session.fetch_token(
                    self._base + ASKED_AT, grant_type="password", username=self._name, password=self._secret
                )
            except OAuthError as error:
                raise LoginRefused(self._refusal(error.error)) from None
            except RequestException as error:
                if error.response is not None and error.response.status_code in {401, 403}:
                    raise LoginRefused(self._refusal(error.response.status_code)) from None
                raise NoToken(f"{self._base} answered with no token") from None
            except ValueError:
                raise NoToken(f"{self._base} answered with no token") from None
        return found

    def _refusal(self, answer: object) -> str:
        return f"{self._base} refuses WXM_USERNAME and WXM_API_KEY: it answered {answer}"


def _no_client(_session: object, _method: str, uri: str, headers: object, body: str) -> tuple[str, object, str]:
    """A WxM knows users, and no OAuth clients: nothing is added to the request."""
    return uri, headers, body
