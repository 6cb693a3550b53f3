"""A request that cannot be used is refused with what to send instead."""

import pytest

from foundation.errors import BadRequest
from foundation.web.models import RequestModel
from gadgets.install.shells import LayoutParameters
from gadgets.journey.models import JourneyParameters, JourneyRequest
from gadgets.pulse.models import LimitParameters, PulseParameters
from gadgets.signin.models import SignInRequest, TokenParameters

SEND_ONE_KEY = "Send one of dialogId, customerId, mobile and email as JSON."
LIMIT = "limit is a number from 1 to 100."
SIGNS = "is a text of 1 to 320 characters that can be printed."
NO_LIMITS = ("", "0", "101", "+5", "05", " 5", "1_0", "٣")
USER = 'Send {"user": "<Finesse user id>"} as JSON: 1 to 64 of A-Z a-z 0-9 . _ @ -'
REFUSED: list[tuple[type[RequestModel], object, str, str]] = [
    (SignInRequest, None, "bad_request", USER),
    (SignInRequest, {"user": "a b"}, "bad_request", USER),
    (JourneyRequest, [], "bad_request", SEND_ONE_KEY),
    (JourneyRequest, {"dialogId": "1", "mobile": 5}, "bad_request", SEND_ONE_KEY),
    (JourneyRequest, {"dialog_id": "1"}, "bad_request", SEND_ONE_KEY),
    (JourneyRequest, {"email": "a\nb"}, "bad_request", f"email {SIGNS}"),
    (
        JourneyRequest,
        {"dialogId": None},
        "bad_request",
        f"dialogId {SIGNS}",
    ),
    (JourneyParameters, {}, "bad_request", "Name either dialogId or customerRef."),
    (JourneyParameters, {"dialogId": "1", "customerRef": "x"}, "bad_request", "Name either dialogId or customerRef."),
    *((LimitParameters, {"limit": text}, "bad_request", LIMIT) for text in NO_LIMITS),
    (PulseParameters, {"team": "5" * 201}, "bad_request", "Give each argument once, in 200 characters at most."),
    (TokenParameters, {}, "unknown_token_source", "tokenSource must be cherrypoint"),
    (LayoutParameters, {"release": "11.6"}, "unknown_release", "release must be one of 12.5, 12.6, 15.0"),
]


@pytest.mark.parametrize(("model", "sent", "code", "detail"), REFUSED)
def test_a_refusal_says_what_to_send(model: type[RequestModel], sent: object, code: str, detail: str) -> None:
    with pytest.raises(BadRequest) as refused:
        model.parse(sent)
    assert (refused.value.code, refused.value.detail) == (code, detail)


def test_nothing_of_what_was_sent_is_in_a_refusal() -> None:
    with pytest.raises(BadRequest) as refused:
        JourneyRequest.parse({"mobile": "0912344455\n"})
    assert "0912344455" not in repr(refused.value)
    assert refused.value.__context__ is None
