"""Paths in any case, with a slash or none, never a redirect; WxM's error shape for all that is not there."""

import gzip

import pytest

from tests.experience.api.client import Client

ROWS = [
    ("GET", "/api/Questions"),
    ("GET", "/api/Questions/Active"),
    ("POST", "/api/Answers"),
    ("POST", "/api/Answers/count"),
    ("POST", "/api/Answers/page/0/5"),
    ("GET", "/api/Answer/kept-001"),
    ("POST", "/api/summary"),
    ("POST", "/api/FlashNPS"),
    ("GET", "/api/Settings"),
    ("GET", "/api/AllSurveyQuestionnaires"),
    ("GET", "/api/surveyquestionnaire"),
    ("GET", "/api/Profile"),
    ("GET", "/api/SurveyToken"),
]


@pytest.mark.parametrize(("method", "path"), ROWS)
def test_a_path_is_taken_in_any_case_with_a_slash_or_none(system: Client, method: str, path: str) -> None:
    literal, _, name = path.partition("kept-")
    rest = f"kept-{name}" if name else ""
    spellings = [literal, literal.lower(), literal.upper(), literal.swapcase(), f"/{literal}"]
    statuses = {system.call(method, f"{spelled}{rest}{end}").status for spelled in spellings for end in ("", "/")}
    assert statuses == {200}


@pytest.mark.parametrize("path", ["/api/Answer/KEPT-001", "/api/Settings/post call survey".replace(" ", "%20")])
def test_ids_and_names_keep_their_case(desktop: Client, path: str) -> None:
    assert desktop.get(path).error == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/", "/API/nothing", "/api/Dispatches/x", "/api/DeliveryPlan/x", "/api/download/x"),
        *("/api/SurveyByToken/QR/XX-1", "/api/StreamUserAsset/x", "/api/SurveyByToken/Import", "/api/SurveyByToken/QR"),
    ],
)
def test_what_is_not_there_is_told_in_wxms_words(system: Client, path: str) -> None:
    reply = system.get(path)
    assert (reply.status, reply.headers["Content-Type"]) == (404, "application/json")
    assert reply.error == "not_found"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    [
        *("/api", "/api/nothing", "/api/Answers/nothing", "/api/Answers/page/x/y", "/api/Questions/nothing/at/all"),
        *("/api/SurveyByToken/Import", "/api/SurveyByToken/Import/x", "/api/SurveyByToken/Import/1/2/3/4/5"),
        *("/api/SurveyByToken/QR", "/api/Dispatches/a/b", "/api/PartialSurvey", "/api/account", "/api/widgets"),
    ],
)
def test_a_path_that_is_absent_is_so_for_every_method(system: Client, method: str, path: str) -> None:
    reply = system.call(method, path)
    assert (reply.status, reply.error) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET", "HEAD", "OPTIONS"])
def test_methods_that_wxms_clients_do_not_use_are_refused(system: Client, method: str) -> None:
    reply = system.call(method, "/api/WidgetsSummary/Visualize")
    assert reply.status == 405
    assert method == "HEAD" or reply.error == "method_not_allowed"
    assert reply.headers["Allow"] == "POST"


def test_a_body_may_begin_with_a_byte_order_mark_and_may_not_be_packed(desktop: Client) -> None:
    counted = desktop.raw("/api/Answers/count", b"\xef\xbb\xbf{}")
    assert (counted.status, counted.json) == (200, desktop.post("/api/Answers/count").json)
    packed = desktop.raw("/api/Answers/count", gzip.compress(b"{}"), Content_Encoding="gzip")
    assert (packed.status, packed.error) == (400, "invalid_request")
    assert "Content-Encoding" in packed.json["error_description"]
    assert desktop.raw("/api/Answers/count", "{}".encode("utf-16")).error == "invalid_request"


def test_a_body_that_is_no_json_is_refused(desktop: Client) -> None:
    for body in ("text", 5, [1]):
        assert desktop.post("/api/Answers/count", body).error == "filter_not_applied"
    assert desktop.post("/api/WidgetsSummary/Visualize", [1]).error == "invalid_request"


@pytest.mark.parametrize(("path", "size", "status"), [("LoginToken", 70_000, 413), ("nothing", 5_000_000, 404)])
def test_who_is_refused_goes_on_with_the_connection_on_which_he_sent_much(
    anyone: Client, path: str, size: int, status: int
) -> None:
    """No request that he sends next on it is lost."""
    for _ in range(10):
        reply = anyone.raw(f"/api/{path}", b"x" * size)
        assert (reply.status, reply.headers.get("Connection")) == (status, None)
