"""The settings of a lab: its own, and harmless ones of the environment; pulse.toml and production's count for nothing.

A setting that names a place, a neighbour, a key or a face of production is not read, whoever adds it: only what is
listed here is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from typing_extensions import override

from commands import lab_note
from commands.lab_note import Addresses
from foundation import published
from foundation.settings import PREFIX, Settings, validate

HOST = "127.0.0.1"
FOLDER = Path("lab-data")

# How customers and days are read, and what is logged: none of it leads anywhere.
HARMLESS = (
    *("time_zone", "phone_region", "phone_prefixes", "customer_variables", "journey_ignore", "journey_access"),
    *("threads", "log_level"),
)
# Whoever names these in the environment wants to see real messages; without them nothing leaves this machine.
SENDERS = ("smtp_url", "mail_from", "mail_rate", "sms_url", "sms_rate")
MAIL_FROM = "Finesse Pulse lab <survey@lab.example>"
# What a command on a lab's folder may be told while no lab runs there: addresses that it prints or files names under.
OF_COMMANDS = (*HARMLESS, "public_url", "finesse_nodes")


class LabSettings(Settings):
    """Settings that are given one by one: neither the environment nor pulse.toml is read for the others."""

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
        return (init_settings,)


def lab_settings(at: Addresses, data: Path | None) -> tuple[Settings, list[str]]:
    """Of a lab at these addresses. With faults, one a line."""
    nodes = at.cluster.split("+")
    own: dict[str, Any] = {"public_url": at.base, "finesse_nodes": (at.cluster,), "data_dir": data or FOLDER}
    own |= {"cloudconnect_username": published.ADMINISTRATOR, "cloudconnect_password": published.PASSWORD}
    own |= {"token_endpoint": "on"}
    named = _of_environment((*HARMLESS, *SENDERS))
    settings, faults = validate(LabSettings, **_inbox(at, named), **named, **own)
    if settings.smtp_url and not settings.mail_from:
        faults.append(f"{PREFIX}MAIL_FROM: is required with SMTP_URL: the address that surveys come from")
    return settings.for_lab(*nodes, *(node.replace("localhost", HOST) for node in nodes)), faults


def _inbox(at: Addresses, named: Mapping[str, str]) -> dict[str, str]:
    """The ways into the lab's own inbox, but for those that the environment names."""
    mail = {"smtp_url": f"smtp://{HOST}:{at.mail_port}", "mail_from": MAIL_FROM}
    # Apprise puts what follows `:` into the body that it posts.
    sms = {"sms_url": f"json://{urlsplit(at.cluster.partition('+')[0]).netloc}/lab/sms?:to={{to}}"}
    ways = ({} if "smtp_url" in named or not at.mail_port else mail) | sms
    return {name: value for name, value in ways.items() if name not in named}


def of_folder(data: Path) -> tuple[Settings, list[str]]:
    """Of a command on a lab's folder: those of the lab that runs there, else what a command may be told."""
    running = lab_note.running(data)
    if running:
        return lab_settings(running, data)
    return validate(LabSettings, **_of_environment((*OF_COMMANDS, *SENDERS)), data_dir=data)


def _of_environment(names: Iterable[str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    values = {name: environ.get(f"{PREFIX}{name.upper()}", "") for name in names}
    return {name: value for name, value in values.items() if value}
