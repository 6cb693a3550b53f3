"""Built modules and styles are served for ever under their hash, earlier releases too, and nothing else is."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.gadgets.install.built import build, service


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    (tmp_path / "secret.js").write_text("secret")
    (tmp_path / "dist/dead").mkdir(parents=True)
    (tmp_path / "dist/dead/pulse.en.js").write_text("dropped")
    return service(build(tmp_path / "dist", "cafe", "beef", "f00d"))


@pytest.mark.parametrize("release", ["cafe", "beef", "f00d"])
@pytest.mark.parametrize(("name", "mimetype"), [("pulse.en.js", "text/javascript"), ("cea.css", "text/css")])
def test_kept_releases_are_served_for_ever(client: FlaskClient, release: str, name: str, mimetype: str) -> None:
    answer = client.get(f"/static/{release}/{name}")
    assert (answer.status_code, answer.mimetype, answer.text) == (200, mimetype, f"/* {release} {name} */")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    [
        "/static/dead/pulse.en.js",
        "/static/cafe/",
        "/static/cafe/pulse.en.js.br",
        "/static/cafe/../../secret.js",
        "/static/cafe/..%2f..%2fsecret.js",
        "/static/..%2fsecret.js/x",
        "/static/manifest.json",
        "/static/cafe//etc/passwd",
    ],
)
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (308, 404)
    assert client.get(path, follow_redirects=True).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, br", "br"), ("br;q=0", None), ("identity", None), ("", None), ("gzip", None)]
)
def test_a_caller_gets_the_smallest_form_that_it_takes(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    answer = client.get("/static/cafe/pulse.en.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.data == (b"br pulse.en.js" if encoding else b"/* cafe pulse.en.js */")
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_whoever_has_a_file_is_told_so(client: FlaskClient) -> None:
    first = client.get("/static/cafe/pulse.en.js")
    again = client.get("/static/cafe/pulse.en.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/static/cafe/pulse.en.js", headers={"Accept-Encoding": "br"})
    assert other.headers["ETag"] != first.headers["ETag"]
