"""The survey page in Chromium, on a phone of 320 px: every kind of question is answered, with JavaScript and without.

With SCREENS=FOLDER every state is drawn there, to be looked at.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize
from werkzeug.serving import make_server

from tests.browser.labs import REPOSITORY
from tests.support.services import free_port
from tests.support.survey_page import ENTERED, KEPT, Site, survey_site

AXE = (REPOSITORY / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}"""
TOUCHED = "button, .scale label, .stars label, .smiles label, .options label, select, input[type=text], \
input[type=date], textarea, .summary a, a.button"
SMALL = """(touched) => [...document.querySelectorAll(touched)]
  .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, box]) => box.width < 44 || box.height < 44).map(([html]) => html)"""
PHONE: ViewportSize = {"width": 320, "height": 640}

SCHEMES: tuple[tuple[Literal["light", "dark"], Literal["none", "active"]], ...] = (
    ("light", "none"),
    ("dark", "none"),
    ("light", "active"),
)
WORDS = {"en": ("Send answers", "Thank you"), "zh-TW": ("送出答案", "謝謝您")}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[tuple[Site, str]]:
    folder = tmp_path_factory.mktemp("survey")
    file = folder / "pulse.db"
    file.write_bytes((template / "pulse.db").read_bytes())
    port = free_port()
    with survey_site(f"sqlite:///{file}", folder) as site:
        server = make_server("127.0.0.1", port, site.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield site, f"http://127.0.0.1:{port}/s"
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page in a fresh session, without a word in its console."""
    context = browser.new_context(viewport=PHONE, **options)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    yield page
    assert context.cookies() == []
    context.close()
    # A page with what is to be mended has the status 422, which Chromium says in its console.
    assert [fault for fault in faults if "422" not in fault and "favicon" not in fault and "410" not in fault] == []


def enter(page: Page, entered: dict[str, Any]) -> None:
    """Enter values as a customer does."""
    for name, value in entered.items():
        field = page.locator(f'[name="q:{name}"]')
        kind = field.first.evaluate("(element) => element.type")
        if kind in ("radio", "checkbox"):
            for choice in value if isinstance(value, list) else [value]:
                page.locator(f'label:has([name="q:{name}"][value="{choice}"])').click()
        elif kind == "select-one":
            field.select_option(value)
        else:
            field.fill(value.replace("\r\n", "\n"))


def look(page: Page, name: str, language: str) -> list[str]:
    """What axe finds, in either scheme and in forced colours; what is too small for a thumb; what is cut off."""
    page.evaluate(AXE)
    faults = [f"small: {html}" for html in page.evaluate(SMALL, TOUCHED)]
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    faults += [f"{wide} px cut off"] if wide > 0 else []
    # Colours do not depend on the language.
    for scheme, forced in SCHEMES if language == "en" or os.environ.get("SCREENS") else SCHEMES[:1]:
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        faults += [f"{scheme} {forced} {violation}" for violation in page.evaluate(RUN)]
        draw(page, f"{name}-{language}-{'forced' if forced == 'active' else scheme}")
    page.emulate_media(color_scheme="light", forced_colors="none")
    return faults


def draw(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def is_save(response: Response) -> bool:
    return response.request.method == "POST" and not response.url.endswith("/displayed")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_every_kind_of_question_is_answered_on_a_phone(
    browser: Browser, served: tuple[Site, str], language: str, scripts: bool
) -> None:
    site, base = served
    token, before = site.token(dispatchId="after-a-call"), len(site.answers())
    send, thanks = WORDS[language]
    with opened(browser, f"{base}/{token}", locale=language, java_script_enabled=scripts) as page:
        enter(page, {**ENTERED, "minutes": "soon"})
        page.get_by_role("button", name=send).click()
        page.locator('[aria-invalid="true"]').wait_for()
        page.locator('[name="q:minutes"]').fill("12,5")
        page.get_by_role("button", name=send).click()
        page.get_by_role("heading", name=thanks).wait_for()
    assert len(site.answers()) == before + 1
    assert site.values()[-1] == KEPT
    assert site.events(token).count("Answered") == 1


@pytest.mark.parametrize("language", WORDS)
def test_every_state_is_accessible_fits_a_phone_and_a_thumb(
    browser: Browser, served: tuple[Site, str], language: str
) -> None:
    site, base = served
    token, paged = site.token(), site.token("Branching")
    faults: list[str] = []
    with opened(browser, f"{base}/{token}", locale=language) as page:
        faults += look(page, "form", language)
        enter(page, {**ENTERED, "nps": [], "minutes": "soon"})
        page.locator(".primary").click()
        page.locator(".summary").wait_for()
        faults += look(page, "mend", language)
        enter(page, {"nps": "9", "minutes": "3"})
        page.locator(".primary").click()
        page.locator(".tick").wait_for()
        faults += look(page, "done", language)
        page.goto(f"{base}/{token}")
        faults += look(page, "used-up", language)
        page.goto(f"{base}/{token}/unsubscribe")
        faults += look(page, "unsubscribe", language)
        page.goto(f"{base}/{paged}")
        enter(page, {"b-nps": "3"})
        page.locator(".primary").click()
        page.locator("textarea").wait_for()
        faults += look(page, "second", language)
    assert faults == []


def test_scripts_save_what_is_entered_and_let_a_choice_go(browser: Browser, served: tuple[Site, str]) -> None:
    site, base = served
    token = site.token(dispatchId="after-a-call")
    address, chosen = f"{base}/{token}", '[name="q:csat"]:checked'
    with opened(browser, address) as page:
        page.wait_for_function("() => !document.querySelector('form').hasAttribute('data-shown')")
        with page.expect_response(is_save):
            enter(page, {"csat": "4"})
    with opened(browser, address) as page:
        assert page.locator(chosen).get_attribute("value") == "4"
        with page.expect_response(is_save):
            enter(page, {"csat": "4"})
        assert page.locator(chosen).count() == 0
    with opened(browser, address) as page:
        assert page.locator(chosen).count() == 0
    assert site.events(token) == ["Displayed", "Open"]


def test_a_keyboard_is_enough(browser: Browser, served: tuple[Site, str]) -> None:
    site, base = served
    before = len(site.answers())
    with opened(browser, f"{base}/{site.token()}") as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _ in range(9):
            page.keyboard.press("ArrowRight")
        page.locator('[name="q:name"]').focus()
        page.keyboard.type("Ann")
        page.keyboard.press("Enter")
        page.locator(".tick").wait_for()
    assert len(site.answers()) == before + 1
    assert site.values()[-1] == {"nps": 9, "name": "Ann", "kind-agent": "6001"}
