"""The survey face: a node with it alone serves customers and nobody else; its files, its words, its size."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from experience.questionnaires.yaml_format import read_draft, write_draft
from experience.survey_web import languages
from foundation.settings import Settings, _together
from foundation.web.admin_port import ADMIN_PORT
from tests.experience.questionnaires.test_page_settings import PNG
from tests.support.survey_page import Customer, Site, survey_site

KEY = "of customers alone, 32 characters"


def test_a_node_for_customers_alone_shows_only_that_it_lives(sqlite_site: Site) -> None:
    client = sqlite_site.client()
    assert client.get("/healthz").status_code == 200
    for path in ("/readyz", "/metrics", "/docs", "/openapi.json", "/api/status", "/gadgets/session"):
        assert client.get(path).status_code == 404, path
    admin = {ADMIN_PORT: True}
    assert client.get("/readyz", environ_overrides=admin).status_code == 200
    assert client.get(f"/s/{sqlite_site.token()}", environ_overrides=admin).status_code == 404
    paths = client.get("/openapi.json", environ_overrides=admin).get_json()["paths"]
    assert {"/s/{segment}", "/s/{segment}/unsubscribe", "/s/preview/{signed}"} <= set(paths)


def test_a_node_for_customers_alone_needs_a_key_of_its_own_and_no_other(migrated_file: Path, tmp_path: Path) -> None:
    shared: dict[str, Any] = {"database_url": "postgresql+psycopg://a@b/c"}
    (fault,) = _together(Settings(faces=("survey",), **shared))
    assert "PULSE_SURVEY_KEY" in fault
    assert _together(Settings(faces=("survey",), survey_key=(KEY,), **shared)) == []
    (fault,) = _together(Settings(survey_key=(KEY,), **shared))
    assert "PULSE_SECRET_KEY" in fault
    shutil.copy(migrated_file, tmp_path / "pulse.db")
    with survey_site(f"sqlite:///{tmp_path / 'pulse.db'}", tmp_path, survey_key=(KEY,)) as site:
        assert Customer(site, site.token()).page.status_code == 200
    assert not (tmp_path / "secret.key").exists()


def test_the_whole_page_is_small_and_its_files_stay(sqlite_site: Site) -> None:
    client = sqlite_site.client()
    html = client.get(f"/s/{sqlite_site.token()}").get_data(as_text=True)
    files = re.findall(r'(?:href|src)="(static/[^"]+)"', html)
    assert len(files) == 2
    size = len(html.encode())
    for file in files:
        response = client.get(f"/s/{file}")
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        size += len(response.data)
        packed = client.get(f"/s/{file}", headers={"Accept-Encoding": "gzip"})
        assert len(packed.data) < len(response.data)
    assert size <= 30 * 1024
    assert client.get("/s/static/0000000000000000/survey.css").status_code == 404


def test_the_organisations_logo_is_served_by_the_page_itself(sqlite_site: Site, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(PNG)
    draft = read_draft(
        "name: Logo\ndisplay_name: Bora\npage: {logo: logo.png}\nquestions: [{id: l, type: Text, text: {en: x}}]",
        tmp_path,
    )
    sqlite_site.import_(write_draft(draft))
    customer = Customer(sqlite_site, sqlite_site.token("Logo"))
    address = re.search(r'<img src="([^"]+)" alt="Bora"', customer.html)
    assert address
    picture = customer.client.get(f"/s/{address[1]}")
    assert (picture.data, picture.mimetype) == (PNG, "image/png")


@pytest.mark.parametrize("name", languages.LOCALES)
def test_every_word_is_there_in_every_language_with_the_same_places(name: str) -> None:
    def words(locale: str) -> dict[str, list[str]]:
        flat = languages._flat(json.loads((languages.FOLDER / f"{locale}.json").read_text("utf-8")))
        return {key: sorted(re.findall(r"\{\w+\}", text)) for key, text in flat.items()}

    assert words(name) == words("en")
