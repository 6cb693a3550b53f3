"""What a lab publishes: its keys and its password stand in the docs, so nothing outside a lab may rely on them."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.invocation import invocation
from foundation.settings import PREFIX, Settings

ADMINISTRATOR, PASSWORD = "admin", "lab"
DESKTOP_KEY, SYSTEM_KEY = "desktop-key", "system-key"
SECRETS = (DESKTOP_KEY, SYSTEM_KEY, PASSWORD)
# How the signing key of a lab begins, whose sessions anybody gets who knows the lab's password.
SIGNING_KEY_PREFIX = "lab-only-"


def faults(settings: Settings) -> list[str]:
    """Settings that hold something published, one a line; none in a lab itself."""
    if settings.loopback_origins:
        return []
    own = "this is published in docs/lab.md, for a lab alone: set one of your own"
    problems = [
        f"{PREFIX}{name.upper()}: {own}"
        for name in ("cloudconnect_password", "wxm_api_key")
        if getattr(settings, name) in SECRETS
    ]
    problems += [
        f"{PREFIX}{name.upper()}: a lab signs with this key: set one of your own"
        for name in ("secret_key", "survey_key")
        if any(map(is_of_a_lab, getattr(settings, name)))
    ]
    return problems


def is_of_a_lab(signing_key: str) -> bool:
    """Whether a lab generated this signing key for itself."""
    return signing_key.startswith(SIGNING_KEY_PREFIX)


def faults_of_users(names: Iterable[str]) -> list[str]:
    """The enabled users whom a published key lets in, one a line."""
    return [
        f"user {name}: his key or password is published in docs/lab.md. A lab of an earlier version left it here, "
        f"perhaps with made-up answers: {invocation(f'user key {name}')}, or user disable {name}"
        for name in names
    ]
