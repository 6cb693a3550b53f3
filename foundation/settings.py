"""Every setting, judged at start in the parent process: all faults are named at once, none of them shows a secret."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from foundation import broken_text, invisible
from foundation.setting_rules import (
    LOOPBACK,
    CacheUrl,
    CommaList,
    DatabaseUrl,
    Keys,
    MailFrom,
    Networks,
    Prefixes,
    Proxy,
    ReadableFile,
    Region,
    SmsUrl,
    SmtpUrl,
    TimeZone,
    WebBase,
    guess,
    tls_pair,
)

PREFIX = "PULSE_"
CONFIG_FILE = "pulse.toml"
SECRETS = frozenset(
    {
        *("secret_key", "survey_key", "database_url", "cache_url", "cloudconnect_password", "wxm_api_key", "smtp_url"),
        "sms_url",
    }
)

# In the order of docs/architecture.md.
FACES = ("gadgets", "cherrypoint", "api", "survey")

# A name and a password, in a URL or in what should be one; they may hold any sign, blanks and an @ too.
_CREDENTIAL = re.compile(r"(?<=[=:] ).+:.*@", re.DOTALL)

# What Cisco's samples print in place of a customer (docs/cisco/cloud-connect-and-cce.md §3.2).
PLACEHOLDERS = ("username@email.com", "1234567890", "icm", "abc@cc.demo.com")


class SettingsError(ValueError):
    """The service cannot start; `faults` holds one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """The settings of docs/settings.md: from `PULSE_*`, from files that `PULSE_*_FILE` names, or pulse.toml."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    public_url: WebBase = ""
    faces: CommaList = FACES
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=128, ge=1, le=4096)
    admin_port: int | None = Field(default=None, ge=1, le=65535)
    data_dir: Path = Path("data")
    database_url: DatabaseUrl = ""
    cache_url: CacheUrl = ""
    secret_key: Keys = ()
    survey_key: Keys = ()
    allowed_origins: CommaList = ()
    finesse_nodes: CommaList = ()
    finesse_origins: CommaList = ()
    cloudconnect_publisher: WebBase = ""
    cloudconnect_subscriber: WebBase = ""
    cloudconnect_username: str = ""
    cloudconnect_password: str = ""
    cloudconnect_timeout: float = Field(default=10, ge=1, le=60)
    token_refresh: int = Field(default=1800, ge=60, le=43200)
    token_endpoint: Literal["off", "on"] = "off"
    wxm_url: WebBase = ""
    wxm_username: str = ""
    wxm_api_key: str = ""
    proxy: Proxy = ""
    trusted_proxies: Networks = ()
    web_url_prefix: WebBase = ""
    journey_access: Literal["dialog", "any"] = "dialog"
    customer_variables: CommaList = ("POD.ID",)
    journey_ignore: CommaList = PLACEHOLDERS
    phone_region: Region = ""
    phone_prefixes: Prefixes = ()
    time_zone: TimeZone = "UTC"
    smtp_url: SmtpUrl = ""
    mail_from: MailFrom = ""
    mail_rate: float = Field(default=0, ge=0, le=10_000)
    sms_url: SmsUrl = ""
    sms_rate: float = Field(default=10, ge=0, le=10_000)
    tls_cert: ReadableFile = None
    tls_key: ReadableFile = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    required: ClassVar[dict[str, tuple[str, ...]]] = {
        "gadgets": ("public_url", "allowed_origins", "finesse_nodes"),
        "cherrypoint": ("cloudconnect_username", "cloudconnect_password"),
        "api": ("public_url",),
    }

    _loopback_origins: tuple[str, ...] = PrivateAttr(default=())

    @property
    def has_surveys_alone(self) -> bool:
        """Whether this node serves customers and nobody else."""
        return self.faces == ("survey",)

    @property
    def node_key(self) -> tuple[str, ...]:
        """What this node signs with: a node with the survey face alone needs no key of sessions."""
        return self.survey_key if self.has_surveys_alone and self.survey_key else self.secret_key

    @property
    def database(self) -> str:
        """The SQLAlchemy URL to open: `DATABASE_URL`, or the SQLite file in `DATA_DIR`."""
        return self.database_url or sqlite_in(self.data_dir)

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


def sqlite_in(folder: Path) -> str:
    """The SQLAlchemy URL of the SQLite file in a data folder."""
    return f"sqlite:///{folder.absolute() / 'pulse.db'}"


AnySettings = TypeVar("AnySettings", bound=Settings)


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
        content = Path(file).read_bytes()
        encoding = broken_text.encoding(content)
        text = invisible.trimmed(content.decode(encoding).strip()).strip()
    except (OSError, ValueError):
        return None
    return text if text or encoding == "utf-8-sig" else None


def config_file() -> dict[str, Any]:
    """What stands in pulse.toml, nothing where there is none; SettingsError names the line that cannot be read."""
    try:
        # Windows' editor puts a mark at the beginning.
        return tomllib.loads(Path(CONFIG_FILE).read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError([f"{CONFIG_FILE}: {error}"]) from error


def read(environ: Mapping[str, str] = os.environ) -> tuple[Settings, list[str]]:
    """The settings as far as they can be read, and every fault found on the way, one a line.

    A setting at fault stands at its default in what is returned, so that the others can still be judged.
    """
    faults = _unknown(environ) + _unreadable(environ)
    settings, bad = validate(Settings)
    return settings, without_credentials(faults + bad + _together(settings))


def validate(kind: type[AnySettings], **values: Any) -> tuple[AnySettings, list[str]]:
    """Settings of a kind with these values, and every fault of one setting alone; that one stands at its default."""
    try:
        return kind(**values), []
    except ValidationError as error:
        bad = {str(item["loc"][0]): item for item in error.errors()}
        faults = [f"{PREFIX}{name.upper()}{_shown(name, item['input'])}: {item['msg']}" for name, item in bad.items()]
        return kind(**values | {name: Settings.model_fields[name].default for name in bad}), faults


def without_credentials(faults: list[str]) -> list[str]:
    """Faults as they may be read by anyone, whatever URL they show."""
    return [_CREDENTIAL.sub("…@", fault) for fault in faults]


def _shown(name: str, value: object) -> str:
    """The bad value as ` = …`, unless the setting may hold a secret."""
    if name in SECRETS:
        return ""
    return f" = {','.join(map(str, value)) if isinstance(value, tuple | list) else value}"


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
    if (settings.database_url or settings.cache_url) and not settings.node_key:
        name = "SURVEY_KEY" if settings.has_surveys_alone else "SECRET_KEY"
        faults.append(f"{PREFIX}{name}: is required with DATABASE_URL or CACHE_URL, the same on every node")
    strange = [face for face in settings.faces if face not in FACES]
    if strange:
        faults.append(f"{PREFIX}FACES = {','.join(settings.faces)}: {', '.join(strange)} is none of {', '.join(FACES)}")
    if settings.cloudconnect_subscriber and not settings.cloudconnect_publisher:
        faults.append(f"{PREFIX}CLOUDCONNECT_SUBSCRIBER: needs CLOUDCONNECT_PUBLISHER")
    if settings.smtp_url and not settings.mail_from:
        faults.append(f"{PREFIX}MAIL_FROM: is required with SMTP_URL: the address that surveys come from")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        faults.append(f"{PREFIX}TLS_CERT and {PREFIX}TLS_KEY: set both or neither")
    if settings.tls_cert and settings.tls_key and (unfit := tls_pair(settings.tls_cert, settings.tls_key)):
        faults.append(f"{PREFIX}TLS_CERT and {PREFIX}TLS_KEY: {unfit}")
    return faults
