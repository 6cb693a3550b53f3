"""Settings: judged at start, every fault named at once, none of them showing a secret (docs/settings.md)."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from commands.setting_faults import judge
from foundation.settings import Settings, SettingsError, read
from tests.support.services import ROOT, clean_environ

GOOD = {
    "PULSE_PUBLIC_URL": "https://pulse.bora.com",
    "PULSE_ALLOWED_ORIGINS": "https://finesse1.bora.com:8445,https://*.bora.com:8445",
    "PULSE_FINESSE_NODES": "https://finesse1.bora.com:8445+https://finesse2.bora.com:8445",
}
KEY = "a secret key that is long enough to be one"
Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads settings from the given variables, in a folder without any pulse.toml but what a test puts there."""
    monkeypatch.chdir(tmp_path)

    def from_environ(**environ: str) -> Settings:
        for name, value in environ.items():
            monkeypatch.setenv(f"PULSE_{name}", value)
        settings, problems = read()
        if problems:
            raise SettingsError(problems)
        return settings

    return from_environ


def faults(load: Load, **environ: str) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load(**environ)
    assert str(raised.value) == "\n".join(raised.value.faults)
    return raised.value.faults


def test_the_defaults_are_those_of_the_table(load: Load) -> None:
    settings = load()
    assert (settings.workers, settings.threads, settings.data_dir) == (1, 128, Path("data"))
    assert (settings.journey_access, settings.customer_variables, settings.time_zone) == ("dialog", ("POD.ID",), "UTC")
    assert (settings.phone_region, settings.phone_prefixes, settings.log_level) == ("", (), "info")
    assert settings.database == f"sqlite:///{Path.cwd() / 'data/pulse.db'}"
    assert settings.loopback_origins == ()


def test_lists_are_comma_lists(load: Load) -> None:
    settings = load(ALLOWED_ORIGINS=" https://a:1 , https://b:2,,", CUSTOMER_VARIABLES="POD.ID,user.custId:customerId")
    assert settings.allowed_origins == ("https://a:1", "https://b:2")
    assert settings.customer_variables == ("POD.ID", "user.custId:customerId")


def test_an_empty_variable_is_none(load: Load) -> None:
    assert load(WORKERS="", TIME_ZONE="", PUBLIC_URL="").workers == 1


BAD = {
    "PUBLIC_URL": "http://pulse.bora.com",
    "WORKERS": "0",
    "THREADS": "many",
    "JOURNEY_ACCESS": "all",
    "TIME_ZONE": "Asia/Taipe",
    "PHONE_REGION": "Taiwan",
    "PHONE_PREFIXES": "0,x",
    "ADMIN_PORT": "70000",
    "TRUSTED_PROXIES": "10.0.0.1,proxy.bora.com",
    "TLS_CERT": "/nowhere/cert.pem",
    "LOG_LEVEL": "loud",
}


def test_every_fault_is_named_at_once_with_its_value(load: Load) -> None:
    reported = faults(load, **BAD)
    for name, value in BAD.items():
        (line,) = [fault for fault in reported if fault.startswith(f"PULSE_{name} ")]
        assert value in line
    assert len(reported) == len(BAD)
    assert all("\n" not in fault for fault in reported)


@pytest.mark.parametrize(
    "value",
    [
        "pulse.bora.com", "ftp://pulse.bora.com", "https://", "https://pulse.bora.com/path", "https://p:99999",
        "https://pulse bora.com", "https://*.bora.com", "https://[::1", "https://ä.com",
        "https://user:word@pulse.bora.com", "https://pulse.bora.com?x=1", "http://10.0.0.1:8446", "https://p#x",
    ],
)  # fmt: skip
def test_the_public_url_is_an_https_origin(load: Load, value: str) -> None:
    (fault,) = faults(load, PUBLIC_URL=value)
    assert fault.startswith("PULSE_PUBLIC_URL = ")


@pytest.mark.parametrize("value", ["http://localhost:8446", "http://127.0.0.1:8446/", "https://Pulse.Bora.com"])
def test_plain_http_is_for_this_machine_alone(load: Load, value: str) -> None:
    assert load(PUBLIC_URL=value).public_url == value.lower().rstrip("/")


def test_a_time_zone_is_guessed(load: Load) -> None:
    assert "did you mean Asia/Taipei" in faults(load, TIME_ZONE="Asia/Taipe")[0]


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("GMT+8", "Asia/Taipei"), ("UTC+08:00", "Asia/Taipei"), ("+8", "Asia/Taipei"), ("gmt-5", "America/"),
        ("UTC+05:30", "Asia/Kolkata"), ("GMT+99", "Asia/Taipei"),
    ],
)  # fmt: skip
def test_an_offset_is_no_time_zone_and_a_place_is_named(load: Load, value: str, meant: str) -> None:
    (fault,) = faults(load, TIME_ZONE=value)
    assert "is an offset" in fault
    assert meant in fault
    assert "Etc/" not in fault


def test_a_time_zone_in_other_letters_is_guessed(load: Load) -> None:
    assert "did you mean Asia/Taipei" in faults(load, TIME_ZONE="asia/taipei")[0]
    assert "did you mean Asia/Taipei" in faults(load, TIME_ZONE="Taipei")[0]


def test_unknown_names_are_guessed(load: Load) -> None:
    reported = faults(load, ALLOWED_ORIGIN="x", TIMEZONE="UTC", QUITE_ANOTHER_THING="x")
    assert reported == [
        "PULSE_ALLOWED_ORIGIN: there is no such setting (did you mean PULSE_ALLOWED_ORIGINS?)",
        "PULSE_QUITE_ANOTHER_THING: there is no such setting",
        "PULSE_TIMEZONE: there is no such setting (did you mean PULSE_TIME_ZONE?)",
    ]


def test_a_password_in_an_address_is_never_shown(load: Load) -> None:
    for name in ("PUBLIC_URL", "PROXY", "WXM_URL", "CLOUDCONNECT_PUBLISHER"):
        (fault,) = faults(load, **{name: "https://ann:hu@sh/x@pulse.bora.com"})
        assert fault.startswith(f"PULSE_{name} = …@pulse.bora.com: ")
        os.environ.pop(f"PULSE_{name}")
    settings = Settings(finesse_nodes=("https://ann:hush@f1:8445",), allowed_origins=("https://ann:hush@f1:8445",))
    assert not [fault for fault in judge(settings, []) if "hush" in fault]
    for address in ("ann:hush@bora.com:80", "https://ann:my hush@bora.com", "https:/ann:hush@bora.com"):
        (fault,) = faults(load, PROXY=address)
        assert "hush" not in fault
        os.environ.pop("PULSE_PROXY")
        settings = Settings(finesse_nodes=(address,), allowed_origins=(address,))
        assert not [fault for fault in judge(settings, []) if "hush" in fault]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+psycopg://ann:hush@db:x/test"), ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "mysql://db/test"), ("CACHE_URL", "redis://:hush@cache:x"), ("CACHE_URL", "cache:6379"),
        ("CACHE_URL", "redis://cache:6379/first"),
    ],
)  # fmt: skip
def test_an_address_of_a_database_or_a_cache_is_one(load: Load, name: str, value: str) -> None:
    (fault,) = faults(load, SECRET_KEY=KEY, **{name: value})
    assert fault.startswith(f"PULSE_{name}: ")
    assert "hush" not in fault


@pytest.mark.parametrize(
    ("name", "value", "sign"),
    [
        ("DATABASE_URL", "postgresql+psycopg://ann:hu@sh@db:5432/test", "%40"),
        ("DATABASE_URL", "postgresql+psycopg://ann:hu@sh/x@db/test", "%40"),
        ("CACHE_URL", "redis://:hu/sh@cache:6379/0", "%2F"),
        ("CACHE_URL", "redis://:hu#sh@cache:6379/0", "%23"),
        ("CACHE_URL", "redis://:hu?sh@cache:6379/0", "%3F"),
    ],
)
def test_a_sign_of_a_password_that_would_end_it_is_named_with_what_to_write(
    load: Load, name: str, value: str, sign: str
) -> None:
    (fault,) = faults(load, SECRET_KEY=KEY, **{name: value})
    assert f"write {sign}" in fault
    assert "hu" not in fault
    assert "sh" not in fault.removeprefix(f"PULSE_{name}")
    escaped = value.replace("hu@sh/x@", "hu%40sh%2Fx@")
    for each in ("@", "/", "#", "?"):
        escaped = escaped.replace(f"hu{each}sh", f"hu%{ord(each):02X}sh")
    os.environ.pop(f"PULSE_{name}")
    load(SECRET_KEY=KEY, **{name: escaped})


def test_a_sign_of_a_password_that_does_no_harm_is_let_be(load: Load) -> None:
    load(SECRET_KEY=KEY, CACHE_URL="redis://:hu@sh@cache:6379/0", DATABASE_URL="postgresql+psycopg://a:h/u#s@db/x@y")


def test_settings_may_stand_in_pulse_toml(load: Load) -> None:
    Path("pulse.toml").write_text(
        'workers = 1\ntime_zone = "Asia/Taipei"\nallowed_origins = ["https://a:1", "https://b:2"]\n'
    )
    settings = load(WORKERS="1", PHONE_REGION="tw")
    assert (settings.time_zone, settings.phone_region) == ("Asia/Taipei", "TW")
    assert settings.allowed_origins == ("https://a:1", "https://b:2")


def test_pulse_toml_may_be_written_on_windows(load: Load) -> None:
    Path("pulse.toml").write_bytes(
        b'\xef\xbb\xbftime_zone = "Asia/Taipei"\r\ncloudconnect_username = "\xe9\x99\xb3"\r\n'
    )
    assert (load().time_zone, load().cloudconnect_username) == ("Asia/Taipei", "陳")


def test_the_environment_goes_before_the_file(load: Load) -> None:
    Path("pulse.toml").write_text('time_zone = "Asia/Taipei"\nphone_region = "TW"\n')
    settings = load(TIME_ZONE="Europe/Berlin")
    assert (settings.time_zone, settings.phone_region) == ("Europe/Berlin", "TW")


def test_faults_in_the_file_are_named_like_others(load: Load) -> None:
    Path("pulse.toml").write_text('time_zon = "UTC"\nthreads = 0\nlog_level = "loud"\n')
    reported = faults(load, WORKERS="0")
    named = {"pulse.toml:", "PULSE_WORKERS", "PULSE_THREADS", "PULSE_LOG_LEVEL"}
    assert {fault.partition(" ")[0] for fault in reported} == named
    assert "did you mean time_zone" in reported[0]
    assert len(reported) == 4


@pytest.mark.parametrize("text", ["workers = ", "\x00", "[", "a = 1\na = 2"])
def test_a_file_that_cannot_be_read_is_named(load: Load, text: str) -> None:
    Path("pulse.toml").write_text(text)
    (fault,) = faults(load)
    assert fault.startswith("pulse.toml: ")


def test_a_file_that_is_no_text_is_named(load: Load) -> None:
    Path("pulse.toml").write_bytes(b"time_zone = '\xff'")
    (fault,) = faults(load)
    assert fault.startswith("pulse.toml: ")


def test_a_secret_may_come_from_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "cache").write_text("redis://:hush@127.0.0.1/0\n")
    settings = load(SECRET_KEY_FILE=str(tmp_path / "key"), CACHE_URL_FILE=str(tmp_path / "cache"))
    assert settings.secret_key == (KEY,)
    assert settings.cache_url == "redis://:hush@127.0.0.1/0"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_secret_is_read_as_editors_and_shells_write_it(load: Load, tmp_path: Path, encoding: str) -> None:
    """Windows' editor puts a mark before it, PowerShell writes UTF-16 behind `>`."""
    (tmp_path / "key").write_bytes(f"{KEY}\u200b\r\n".encode(encoding))
    assert load(SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == (KEY,)


def test_the_variable_itself_goes_before_the_file_it_names(load: Load, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("another key that is long enough to be one")
    assert load(SECRET_KEY=KEY, SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == (KEY,)


def test_a_secret_file_that_cannot_be_read_is_named(load: Load, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "nowhere", tmp_path, tmp_path / "bytes"):
        (fault,) = faults(load, SECRET_KEY_FILE=str(path))
        assert fault.startswith(f"PULSE_SECRET_KEY_FILE = {path}: ")


@pytest.mark.parametrize("path", ["", "/nowhere"])
def test_a_certificate_is_a_file(load: Load, tmp_path: Path, path: str) -> None:
    reported = faults(load, TLS_CERT=path or str(tmp_path), TLS_KEY=path or str(tmp_path))
    assert [fault.partition(" ")[0] for fault in reported] == ["PULSE_TLS_CERT", "PULSE_TLS_KEY"]


def test_a_fault_in_a_secret_never_shows_it(load: Load) -> None:
    reported = faults(load, SECRET_KEY="hush,hush-too", DATABASE_URL="mysql://u:hush@h/d", CACHE_URL="http://hush")
    assert {fault.partition(":")[0] for fault in reported} == {
        "PULSE_SECRET_KEY",
        "PULSE_DATABASE_URL",
        "PULSE_CACHE_URL",
    }
    assert "hush" not in "\n".join(reported)


def test_a_shared_database_or_cache_needs_a_key(load: Load) -> None:
    (fault,) = faults(load, CACHE_URL="redis://127.0.0.1/0")
    assert fault.startswith("PULSE_SECRET_KEY: is required")
    (fault,) = faults(load, CACHE_URL="", DATABASE_URL="postgresql+psycopg://h/d")
    assert fault.startswith("PULSE_SECRET_KEY: is required")
    assert load(DATABASE_URL="postgresql+psycopg://h/d", SECRET_KEY=KEY).database == "postgresql+psycopg://h/d"


def test_several_workers_need_a_cache(load: Load) -> None:
    (fault,) = faults(load, WORKERS="2")
    assert fault.startswith("PULSE_WORKERS = 2: ")
    assert load(WORKERS="2", CACHE_URL="redis://127.0.0.1/0", SECRET_KEY=KEY).workers == 2


def test_no_setting_can_allow_a_plain_http_origin(load: Load) -> None:
    for name in ("LOOPBACK_ORIGINS", "_LOOPBACK_ORIGINS"):
        assert "there is no such setting" in faults(load, **{name: "http://localhost:8445"})[0]
        os.environ.pop(f"PULSE_{name}")
    with pytest.raises(ValidationError):
        Settings.model_validate({"loopback_origins": ("http://localhost:8445",)})
    settings = load().for_lab("http://localhost:8445")
    assert settings.loopback_origins == ("http://localhost:8445",)
    with pytest.raises(ValueError, match="not on this machine"):
        settings.for_lab("http://10.0.0.1:8445")


def test_settings_do_not_change() -> None:
    for name in ("workers", "allowed_origins"):
        with pytest.raises(ValidationError):
            setattr(Settings(), name, 2)


def test_what_can_be_read_is_read_beside_the_faults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULSE_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("PULSE_PHONE_REGION", "TW")
    settings, reported = read()
    assert (settings.time_zone, settings.phone_region, len(reported)) == ("UTC", "TW", 1)


def serve(environ: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """`python app.py serve` in a folder of its own, until it gives up."""
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "serve", "--host", "127.0.0.1", "--port", "1"],
        cwd=folder,
        env=clean_environ() | dict(environ),
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )


def test_serve_names_every_fault_and_ends_with_status_2(tmp_path: Path) -> None:
    environ = {
        "PULSE_ALLOWED_ORIGINS": "https://finesse1.bora.com,*,https://finesse2.bora.com:8445",
        "PULSE_FINESSE_NODES": "http://finesse1.bora.com:8445",
        "PULSE_FINESSE_ORIGINS": "https://proxy",
        "PULSE_CUSTOMER_VARIABLES": "POD.ID,x:shoe",
        "PULSE_WORKERS": "two",
        "PULSE_SECRET_KEY": "hush",
        "PULSE_NONSENSE": "1",
    }
    done = serve(environ, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 9, done.stderr
    for part in (
        "PULSE_PUBLIC_URL: is required",
        "PULSE_ALLOWED_ORIGINS: https://finesse1.bora.com: has no port → https://finesse1.bora.com:8445",
        "PULSE_ALLOWED_ORIGINS: *: ",
        "PULSE_FINESSE_NODES: http://finesse1.bora.com:8445: ",
        "PULSE_FINESSE_ORIGINS: https://proxy: ",
        "PULSE_CUSTOMER_VARIABLES: x:shoe: ",
        "PULSE_WORKERS = two: ",
        "PULSE_SECRET_KEY: ",
        "PULSE_NONSENSE: there is no such setting",
    ):
        assert len([line for line in lines if line.startswith(part)]) == 1, part
    assert "hush" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_not_also_missing(tmp_path: Path) -> None:
    done = serve({**GOOD, "PULSE_PUBLIC_URL": "http://pulse.bora.com"}, tmp_path)
    only = "PULSE_PUBLIC_URL = http://pulse.bora.com: must be https; plain http is for a loopback address only"
    assert done.stderr.splitlines() == [only]


def test_serve_names_what_is_missing(tmp_path: Path) -> None:
    done = serve({}, tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"{name}: is required" for name in GOOD]
