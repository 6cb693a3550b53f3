"""The documentation stands alone: what the code cites is there, and no link between the pages leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLDERS = ("foundation", "experience", "gadgets", "cherrypoint", "commands", "lab", "static/gadgets", "tests", "bench")
OUTSIDE = re.compile(r"\b(?:contract|design|reference|seeds|issues)/")
CITED = re.compile(r"docs/(?P<page>(?:cisco/)?[\w.-]+\.md)(?P<sections>(?:(?:,| and)? ?§[\d.]+(?: \([^)]*\))?)*)")
LINK = re.compile(r"\]\((?!https?:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")


def sources() -> Iterator[Path]:
    yield ROOT / "app.py"
    for folder in FOLDERS:
        for ending in ("*.py", "*.js", "*.ts"):
            yield from (ROOT / folder).rglob(ending)


def headings(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


def numbers(page: Path) -> set[str]:
    return {match[1] for heading in headings(page) if (match := re.match(r"(\d+(?:\.\d+)?)\.? ", heading))}


def anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings(page)}


def test_every_page_and_section_that_the_code_cites_is_there() -> None:
    cited = [(path, match) for path in sources() for match in CITED.finditer(path.read_text("utf-8"))]
    assert len(cited) > 80
    for path, match in cited:
        page = ROOT / "docs" / match["page"]
        assert page.exists(), f"{path}: {match[0]}"
        sections = {number.rstrip(".") for number in re.findall(r"§([\d.]+)", match["sections"])}
        assert sections <= numbers(page), f"{path}: {match[0]}"


def test_nothing_is_cited_that_is_outside_the_repository() -> None:
    for path in [*sources(), *PAGES]:
        if path != Path(__file__):
            assert not OUTSIDE.search(path.read_text("utf-8")), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    for match in LINK.finditer(page.read_text("utf-8")):
        target = (page.parent / match["path"]).resolve() if match["path"] else page
        assert target.exists(), match[0]
        assert not match["anchor"] or match["anchor"] in anchors(target), match[0]
