"""What `cherrypoint config` sets: kept in the data folder, or in the database where the settings name one."""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol

import orjson
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cherrypoint.schema import configured
from foundation.db.database import Database
from foundation.invocation import invocation
from foundation.keys import Seal, signing_keys
from foundation.settings import Settings, SettingsError

FILE = "cherrypoint.json"
PURPOSE = "cherrypoint config"


@dataclass(frozen=True, slots=True)
class Config:
    """The fields of Cisco's prompts (docs/cisco/cloud-connect-and-cce.md §1.4); `updated_at` in ms, 0 for never."""

    desktop_user: str = ""
    desktop_key: str = field(default="", repr=False)
    system_user: str = ""
    system_key: str = field(default="", repr=False)
    web_url_prefix: str = ""
    deployment_id: str = ""
    proxy_enabled: bool = False
    proxy_host: str = ""
    proxy_port: int = 0
    updated_at: int = 0

    @property
    def proxy(self) -> str:
        return f"http://{self.proxy_host}:{self.proxy_port}" if self.proxy_enabled and self.proxy_host else ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Config":
        """Of what was kept by this release or another: a field that is not known here is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


class Store(Protocol):
    def load(self) -> Config: ...

    def save(self, config: Config) -> None: ...


class InFile:
    """A file that its owner alone may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Config:
        try:
            return Config.of(orjson.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return Config()
        except OSError as error:
            raise SettingsError([f"{self._path}: cannot be read ({error.strerror}): check PULSE_DATA_DIR"]) from error
        except (ValueError, TypeError, AttributeError) as error:
            cure = f"remove it, then give the answers again: {invocation('cherrypoint config')}"
            raise SettingsError([f"{self._path}: cannot be read: {cure}"]) from error

    def save(self, config: Config) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(orjson.dumps(asdict(config)))
        draft.replace(self._path)


class InDatabase:
    """One sealed row, which all nodes on the database can open and nobody who reads the table."""

    def __init__(self, database: Database, keys: tuple[bytes, ...]) -> None:
        self._database = database
        self._seal = Seal(keys, PURPOSE)

    def load(self) -> Config:
        statement = select(configured.c.value).where(configured.c.name == PURPOSE)
        with self._database.read() as connection:
            value = connection.execute(statement).scalar()
        opened = self._seal.open(value, PURPOSE) if value else None
        return Config.of(orjson.loads(opened)) if opened else Config()

    def save(self, config: Config) -> None:
        sealed = self._seal.close(orjson.dumps(asdict(config)), PURPOSE)
        adding = self._database.dialect_insert(configured).values(name=PURPOSE, value=sealed)
        with self._database.write() as connection:
            connection.execute(adding.on_conflict_do_update(index_elements=["name"], set_={"value": sealed}))


def store_of(settings: Settings, database: Database) -> Store:
    """Where the configuration is kept; `database` is the one that the settings name."""
    if settings.database_url:
        return InDatabase(database, signing_keys(settings))
    return InFile(settings.data_dir / FILE)


def stamped(config: Config) -> Config:
    """As it is saved now."""
    return replace(config, updated_at=int(time.time() * 1000))


def completed(settings: Settings) -> Settings:
    """The settings, with what they leave open taken from the configuration; a setting always wins."""
    config = _load(settings)
    taken = {"proxy": config.proxy, "web_url_prefix": config.web_url_prefix}
    if settings.wxm_url and not settings.wxm_username:
        taken |= {"wxm_username": config.system_user, "wxm_api_key": config.system_key}
    return settings.model_copy(
        update={name: value for name, value in taken.items() if value and not getattr(settings, name)}
    )


def _load(settings: Settings) -> Config:
    """The configuration; nothing where the database has no tables yet."""
    if not settings.database_url:
        return InFile(settings.data_dir / FILE).load()
    database = Database(settings.database)
    try:
        return store_of(settings, database).load()
    except SQLAlchemyError:
        return Config()
    finally:
        database.close()
