"""The house keeps its floors (docs/architecture.md): who imports whom, what is pure, and how modules are written."""

import ast
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from foundation.settings import Settings

ROOT = Path(__file__).parent.parent
FLOORS = {
    "foundation": 1,
    "migrations": 2,
    "experience": 2,
    "gadgets": 3,
    "cherrypoint": 3,
    "lab": 3,
    "commands": 4,
    "app": 4,
}
# Values and rules: importing them loads neither the web nor the database.
PURE = (
    "experience.answers.filter_terms",
    "experience.privacy.pii",
    "foundation.errors",
    "gadgets.journey.caller",
    "gadgets.finesse.credentials",
    "gadgets.origins.allow_list",
    "gadgets.pulse.figures",
    "gadgets.pulse.periods",
    "gadgets.pulse.query",
    "gadgets.pulse.scope",
    "gadgets.signin.person",
)
# The rooms of `experience/`, the lower ones first: each knows those before it.
ROOMS = (
    *("meta", "privacy", "model", "questionnaires", "accounts", "surveys", "answers", "figures", "journeys"),
    *("wxm", "platform", "dispatch", "respondents", "history", "survey_web", "api"),
)
# What the gadgets know of the platform: the interface and its values; and in which form a phone number or an address
# is looked for and shown, for they read both from the variables of a call. That is pure, and decided in one place.
KNOWN_TO_GADGETS = {"experience.platform.ExperiencePlatform", "experience.model", "experience.privacy.pii"}
BACK_ENDS = {"Platform", "Wxm"}
LONGEST_MODULE = 300
LONGEST_FUNCTION = 45
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def modules(*packages: str) -> list[Path]:
    paths = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    return sorted(paths) + ([ROOT / "app.py"] if "app" in packages else [])


OURS = modules(*FLOORS)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it; `from a import b` counts as `a` and as `a.b`."""
    names: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports by dots"
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def packages(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imports(path)}


def test_there_is_a_house() -> None:
    assert len(OURS) > 60
    assert {path.relative_to(ROOT).parts[0].removesuffix(".py") for path in OURS} == set(FLOORS)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_module_imports_a_floor_above_or_a_neighbour(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for other in packages(path) & set(FLOORS) - {own}:
        if {own, other} == {"app", "commands"}:
            continue
        assert FLOORS[other] < FLOORS[own], f"{name(path)} imports {other}"
    assert "tests" not in packages(path)


def test_the_lab_imports_none_of_ours() -> None:
    for path in modules("lab"):
        assert packages(path) & set(FLOORS) <= {"lab"}, name(path)


def room(path: Path) -> str:
    return path.relative_to(ROOT / "experience").parts[0].removesuffix(".py")


def test_every_room_has_its_place() -> None:
    assert {room(path) for path in modules("experience")} == {*ROOMS, "__init__"}


@pytest.mark.parametrize("path", [path for path in modules("experience") if room(path) in ROOMS], ids=name)
def test_no_room_imports_one_above(path: Path) -> None:
    for module in imports(path):
        if module.startswith("experience."):
            other = module.split(".")[1]
            assert ROOMS.index(other) <= ROOMS.index(room(path)), f"{name(path)} imports {module}"


def test_the_gadgets_know_the_platform_by_its_interface_and_its_values() -> None:
    for path in modules("gadgets"):
        for module in imports(path):
            inside = any(f"{module}.".startswith(f"{known}.") for known in KNOWN_TO_GADGETS)
            around = any(f"{known}.".startswith(f"{module}.") for known in KNOWN_TO_GADGETS)
            assert inside or around or not module.startswith("experience"), f"{name(path)} imports {module}"


def test_back_ends_are_built_in_app_and_commands_alone() -> None:
    for path in set(OURS) - set(modules("app", "commands")):
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in BACK_ENDS, f"{name(path)} builds {node.func.id}"


def test_tests_stand_in_the_rooms_of_what_they_test() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        room = path.relative_to(ROOT / "tests").parent
        assert room.parts[:1] in {("browser",), ("front",)} or (ROOT / room).is_dir(), name(path)


def test_pure_modules_load_neither_web_nor_database() -> None:
    values = [f"experience.model.{path.stem}" for path in modules("experience/model") if path.stem != "__init__"]
    loaded = f"import sys, {', '.join([*PURE, *values])}"
    program = f"{loaded}; print(*{{'flask', 'werkzeug', 'sqlalchemy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_outbound_http_goes_through_one_client() -> None:
    clients = {"urllib3", "requests", "httpx", "http", "socket", "aiohttp"}
    for path in modules("foundation", "experience", "gadgets", "cherrypoint", "app"):
        # A handshake reads what a host presents, and sends no request.
        if path.parent != ROOT / "foundation/http" and path.stem != "handshake" and path.name != "login.py":
            assert not packages(path) & clients, name(path)
            assert "urllib.request" not in imports(path), name(path)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith('"""'), name(path)
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", OURS, ids=name)
def test_functions_fit_on_a_screen(path: Path) -> None:
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{name(path)}: {node.name}"


@pytest.mark.parametrize("path", [*OURS, *modules("tests")], ids=name)
def test_nothing_is_hushed_up_or_left_for_later(path: Path) -> None:
    words = (
        "type: " + "ignore",
        "no" + "qa",
        "TO" + "DO",
        "FIX" + "ME",
        "NotImplemented" + "Error",
        "pragma: no " + "cover",
    )
    text = path.read_text("utf-8")
    assert [word for word in words if word in text] == []


def test_no_secret_is_in_the_sources() -> None:
    for path in OURS:
        assert not re.search(r"BEGIN [A-Z ]*PRIVATE KEY", path.read_text("utf-8")), name(path)


def test_every_setting_is_documented_with_its_default() -> None:
    lines = re.findall(r"^\| (`[A-Z_`, ]+`) \| (.*?) \|", (ROOT / "docs/settings.md").read_text("utf-8"), re.MULTILINE)
    rows = {name.strip("`"): default for names, default in lines for name in names.split(", ")}
    assert set(rows) == {field.upper() for field in Settings.model_fields}
    for field, about in Settings.model_fields.items():
        if about.default and isinstance(about.default, int | str):
            assert str(about.default) in rows[field.upper()], field


def test_every_package_that_is_imported_is_pinned() -> None:
    """But for pydantic's core, which pydantic pins itself, and what is there for the type checker alone."""
    pins = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pinned = {normalized(re.split(r"[\[=]", pin)[0]) for pin in pins if "==" in pin}
    homes = packages_distributions()
    foreign = {package for path in OURS for package in packages(path)} - set(FLOORS) - sys.stdlib_module_names
    for package in foreign - {"pydantic_core", "_typeshed"}:
        assert {normalized(home) for home in homes[package]} & pinned, package


def normalized(distribution: str) -> str:
    return distribution.lower().replace("_", "-")
