"""Where there is no Cloud Connect: a token straight from a WxM's LoginToken, through Authlib's OAuth2 session."""

import re
import time
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import Response
from requests.exceptions import RequestException

from cherrypoint.client import CredentialRefused, NoToken
from cherrypoint.reading import named_token
from cherrypoint.token import Token
from foundation.http.client import HttpClient
from foundation.http.requests_adapter import through

LOGIN_PATH = "/api/LoginToken"
# What else a WxM answers with, such as 429, says nothing of the credential.
SPEAK_OF_THE_CREDENTIAL = frozenset({200, 400, 401, 403})
WORD = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class LoginRefused(CredentialRefused):
    code = "login_refused"
    title = "The WxM does not accept WXM_USERNAME and WXM_API_KEY"


class Login:
    """Logs in at one WxM; `secret` is the user's API key or password."""

    def __init__(self, http: HttpClient, base: str, name: str, secret: str, seconds: float) -> None:
        self._http = http
        self._base = base
        self._name = name
        self._secret = secret
        self._seconds = seconds

    def fetch(self) -> Token:
        """A new token; LoginRefused or NoToken where there is none."""
        named = named_token(self._fetch(), time.time())
        if named is None:
            raise NoToken(f"{self._base} answered with no token that lives")
        return Token(*named, generation=token_hex(8))

    def _fetch(self) -> Mapping[str, Any]:
        with OAuth2Session(token_endpoint_auth_method=_no_client) as session:
            through(session, self._http, self._seconds)
            session.register_compliance_hook("access_token_response", self._of_the_credential)
            try:
                answer: Mapping[str, Any] = session.fetch_token(
                    self._base + LOGIN_PATH, grant_type="password", username=self._name, password=self._secret
                )
            except OAuthError as error:
                raise LoginRefused(self._refusal(error.error)) from None
            except RequestException as error:
                if error.response is not None and error.response.status_code in {401, 403}:
                    raise LoginRefused(self._refusal(error.response.status_code)) from None
                raise NoToken(f"{self._base} answered with no token") from None
            except (ValueError, TypeError, OverflowError, RecursionError):
                raise NoToken(f"{self._base} answered with no token") from None
        return answer

    def _of_the_credential(self, response: Response) -> Response:
        if response.status_code not in SPEAK_OF_THE_CREDENTIAL:
            raise NoToken(f"{self._base} answered {response.status_code}")
        return response

    def _refusal(self, answer: object) -> str:
        """In our words: of the WxM's own a single one at most."""
        word = answer if WORD.fullmatch(str(answer)) else "an error"
        return f"{self._base} refuses WXM_USERNAME and WXM_API_KEY: it answered {word}"


def _no_client(_session: object, _method: str, uri: str, headers: object, body: str) -> tuple[str, object, str]:
    """A WxM knows users, and no OAuth clients: nothing is added to the request."""
    return uri, headers, body
