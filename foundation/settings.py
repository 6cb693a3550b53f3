"""Every setting, judged at start in the parent process: all faults are named at once, none of them shows a secret."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import Field, PrivateAttr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

PREFIX = "PULSE_"
CONFIG_FILE = "pulse.toml"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SHORTEST_KEY = 32
SECRETS = frozenset({"secret_key", "database_url", "cache_url"})

# What the seeds print in place of a customer (contract/examples/pod-id.txt, cloud-connect-and-cce.md §2.1, §2.7).
PLACEHOLDERS = ("username@email.com", "1234567890", "icm", "abc@cc.demo.com")

CommaList = Annotated[tuple[str, ...], NoDecode]


class SettingsError(ValueError):
    """The service cannot start; `faults` holds one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def fault(message: str) -> PydanticCustomError:
    """A fault of one setting in plain words; pydantic adds the name."""
    return PydanticCustomError("setting", "{message}", {"message": message})


class Settings(BaseSettings):
    """The settings of design/interfaces.md: from `PULSE_*`, from files that `PULSE_*_FILE` names, or pulse.toml."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    public_url: str = ""
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=128, ge=1, le=4096)
    data_dir: Path = Path("data")
    database_url: str = ""
    cache_url: str = ""
    secret_key: CommaList = ()
    allowed_origins: CommaList = ()
    finesse_nodes: CommaList = ()
    finesse_origins: CommaList = ()
    journey_access: Literal["dialog", "any"] = "dialog"
    customer_variables: CommaList = ("POD.ID",)
    journey_ignore: CommaList = PLACEHOLDERS
    phone_region: str = ""
    phone_prefixes: CommaList = ()
    time_zone: str = "UTC"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    required_by_serve: ClassVar[tuple[str, ...]] = ("public_url", "allowed_origins", "finesse_nodes")

    _loopback_origins: tuple[str, ...] = PrivateAttr(default=())

    @property
    def database(self) -> str:
        """The SQLAlchemy URL to open: `DATABASE_URL`, or the SQLite file in `DATA_DIR`."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'pulse.db'}"

    @property
    def loopback_origins(self) -> tuple[str, ...]:
        """Plain-http origins of the lab on this machine; no setting fills it."""
        return self._loopback_origins

    def for_lab(self, *origins: str) -> Self:
        """The same settings, with the lab's own origins allowed; anything but a loopback origin is refused."""
        for origin in origins:
            if urlsplit(origin).hostname not in LOOPBACK:
                raise ValueError(f"{origin} is not on this machine")
        copy = self.model_copy()
        copy._loopback_origins = origins
        return copy

    @classmethod
    def load(cls) -> "Settings":
        """The settings of this process; SettingsError names every fault."""
        settings, faults = read()
        if faults:
            raise SettingsError(faults)
        return settings

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, Files(settings_cls)

    @field_validator(
        "secret_key",
        "allowed_origins",
        "finesse_nodes",
        "finesse_origins",
        "customer_variables",
        "journey_ignore",
        "phone_prefixes",
        mode="before",
    )
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        return web_base(value) if value else value

    @field_validator("secret_key")
    @classmethod
    def _long_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        short = [str(place) for place, key in enumerate(keys, 1) if len(key) < SHORTEST_KEY]
        if short:
            raise fault(f"key {', '.join(short)} of the list is shorter than {SHORTEST_KEY} characters")
        return keys

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not re.match(r"(sqlite:///|postgresql\+psycopg://)", value):
            raise fault("must begin with postgresql+psycopg:// (or sqlite:///)")
        return value

    @field_validator("cache_url")
    @classmethod
    def _cache(cls, value: str) -> str:
        if value and not re.match(r"rediss?://", value):
            raise fault("must begin with redis://")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise fault(f"is no time zone{guess(value, available_timezones())}; e.g. Asia/Taipei")
        ZoneInfo(value)
        return value

    @field_validator("phone_region")
    @classmethod
    def _region(cls, value: str) -> str:
        region = value.upper()
        if region and region not in phonenumbers.SUPPORTED_REGIONS:
            raise fault("is no region of two letters, e.g. TW")
        return region

    @field_validator("phone_prefixes")
    @classmethod
    def _prefixes(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        bad = [value for value in values if not re.fullmatch(r"[0-9*#]{1,6}", value)]
        if bad:
            raise fault(f"{', '.join(bad)}: a prefix is one to six of 0-9, * and #")
        return values

    @field_validator("tls_cert", "tls_key")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None and not (value.is_file() and os.access(value, os.R_OK)):
            raise fault("is no file that can be read")
        return value


class Files(PydanticBaseSettingsSource):
    """Secrets from the files that `PULSE_<NAME>_FILE` names, then the settings in pulse.toml."""

    @override
    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        named = {name: os.environ.get(secret_file(name)) for name in SECRETS}
        secrets = {name: secret for name, file in named.items() if file and (secret := secret_in(file)) is not None}
        return {name: value for name, value in config_file().items() if name in Settings.model_fields} | secrets


def secret_file(name: str) -> str:
    """The variable that names the file of a secret."""
    return f"{PREFIX}{name.upper()}_FILE"


def secret_in(file: str) -> str | None:
    """What stands in a file; None where it cannot be read as text."""
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, ValueError):
        return None


def config_file() -> dict[str, Any]:
    """What stands in pulse.toml, nothing where there is none; SettingsError names the line that cannot be read."""
    try:
        return tomllib.loads(Path(CONFIG_FILE).read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError([f"{CONFIG_FILE}: {error}"]) from error


def read(environ: Mapping[str, str] = os.environ) -> tuple[Settings, list[str]]:
    """The settings as far as they can be read, and every fault found on the way, one a line.

    A setting at fault stands at its default in what is returned, so that the others can still be judged.
    """
    faults = _unknown(environ) + _unreadable(environ)
    try:
        settings = Settings()
    except ValidationError as error:
        found = {str(item["loc"][0]): item for item in error.errors()}
        faults += [
            f"{PREFIX}{name.upper()}{_shown(name, item['input'])}: {item['msg']}" for name, item in found.items()
        ]
        settings = Settings(**{name: Settings.model_fields[name].default for name in found})
    return settings, faults + _together(settings)


def _shown(name: str, value: object) -> str:
    """The bad value as ` = …`, unless the setting may hold a secret."""
    if name in SECRETS:
        return ""
    return f" = {','.join(map(str, value)) if isinstance(value, tuple | list) else value}"


def guess(value: str, known: Any) -> str:
    """` (did you mean …?)` where one of the known words is near; else nothing."""
    near = difflib.get_close_matches(value, list(known), n=1, cutoff=0.7)
    return f" (did you mean {near[0]}?)" if near else ""


def web_base(value: str) -> str:
    """A base URL without its trailing slash; https, or http to this machine; no path, query, user or fragment."""
    parts = urlsplit(value)
    try:
        port_is_sane = parts.port is None or parts.port > 0
    except ValueError:
        port_is_sane = False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_sane or parts.username:
        raise fault("must be https://host or https://host:port")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise fault("must be https; plain http is for a loopback address only")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise fault("must not have a path, a query or a fragment")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _unknown(environ: Mapping[str, str]) -> list[str]:
    fields = Settings.model_fields
    names = {f"{PREFIX}{name.upper()}" for name in fields} | {secret_file(name) for name in SECRETS}
    strange = [(name, guess(name, names)) for name in environ if name.startswith(PREFIX) and name not in names]
    strange += [(f"{CONFIG_FILE}: {name}", guess(name, fields)) for name in config_file() if name not in fields]
    return [f"{name}: there is no such setting{meant}" for name, meant in sorted(strange)]


def _unreadable(environ: Mapping[str, str]) -> list[str]:
    named = sorted(name for name in map(secret_file, SECRETS) if environ.get(name))
    return [
        f"{name} = {environ[name]}: is no file that can be read" for name in named if secret_in(environ[name]) is None
    ]


def _together(settings: Settings) -> list[str]:
    """Faults that only two settings together show."""
    faults = []
    if settings.workers > 1 and not settings.cache_url:
        faults.append(f"{PREFIX}WORKERS = {settings.workers}: more than one worker needs {PREFIX}CACHE_URL")
    if (settings.database_url or settings.cache_url) and not settings.secret_key:
        faults.append(f"{PREFIX}SECRET_KEY: is required with DATABASE_URL or CACHE_URL, the same on every node")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        faults.append(f"{PREFIX}TLS_CERT and {PREFIX}TLS_KEY: set both or neither")
    return faults
