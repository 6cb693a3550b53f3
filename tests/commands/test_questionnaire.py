"""`questionnaire preview`: an address at which a survey is seen, and nothing is kept."""

from pathlib import Path
from urllib.parse import urlsplit

from app import create_app
from foundation.settings import Settings
from tests.support.machines import Machine, machine

__all__ = ["machine"]


def test_the_address_of_a_preview_shows_the_survey(machine: Machine) -> None:
    machine.set(public_url="https://pulse.bora.com", web_url_prefix="https://feedback.bora.com")
    address = urlsplit(machine.run("questionnaire", "preview", "Post call survey").stdout.strip())
    assert address.netloc == "feedback.bora.com"
    app = create_app(Settings(data_dir=Path(machine.data), faces=("survey",)))
    try:
        page = app.test_client().get(address.path)
    finally:
        app.extensions["pulse"]["database"].close()
    assert page.status_code == 200
    assert "How likely are you to recommend us?" in page.get_data(as_text=True)


def test_what_cannot_be_previewed_is_said_plainly(machine: Machine) -> None:
    assert "there is no such questionnaire" in machine.run("questionnaire", "preview", "Nothing").stderr
