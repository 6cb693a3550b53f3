"""cherrypoint: what Cisco's `set|show cloudconnect cherrypoint config` and `test-connectivity` do, in their words.

Prompts, order and words: docs/cisco/cloud-connect-and-cce.md §1.4.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import click

from cherrypoint.config import Config, Store, stamped, store_of
from commands.store import judged, opened_database
from commands.terminal import plain
from experience.accounts.users import Role, UserFault, Users
from foundation import invisible
from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.invocation import invocation
from foundation.setting_rules import proxy as sane_proxy
from foundation.setting_rules import web_base
from foundation.settings import Settings
from foundation.tls.trust import Trust

MASK = "*******"
CISCOS_PREFIX = "https://nps.bz"


@click.group("cherrypoint")
def command() -> None:
    """Cloud Connect: its configuration, and whether the WxM behind it can be reached."""


@command.command()
def config() -> None:
    """Ask for the configuration in Cisco's order; Enter keeps what is there."""
    click.echo("Fetching existing configuration...")
    with opened_config() as (settings, database, store):
        present = store.load()
        click.echo("Enter the Config details to be saved:")
        entered = _prompt(present, settings)
        if not settings.wxm_url:
            try:
                _keep_users(Users(database), entered)
            except UserFault as error:
                raise click.ClickException(error.detail) from error
        store.save(stamped(entered))
    click.echo("The config details updated successfully.")
    click.echo("A running service knows them after a restart.")


@command.command()
def show() -> None:
    """Show the configuration, keys masked."""
    with opened_config() as (settings, database, store):
        config = store.load()
        users = [] if settings.wxm_url else Users(database).list()
    if not settings.wxm_url:
        named = ", ".join(f"{user.name} ({user.role})" for user in users if not user.disabled)
        click.echo(f"WxM is built in, for PULSE_WXM_URL is not set; its users are {named or 'none yet'}", err=True)
    if not config.updated_at:
        click.echo(f"nothing is configured yet: {invocation('cherrypoint config')}", err=True)
    click.echo(f"Desktop User (with Read Only Privileges): {config.desktop_user}")
    click.echo(f"Desktop User API Key: {MASK if config.desktop_key else ''}")
    click.echo(f"System User (with Read and Write Privileges): {config.system_user}")
    click.echo(f"System User API Key: {MASK if config.system_key else ''}")
    click.echo(f"Web URL Prefix: {config.web_url_prefix}")
    click.echo(f"Deployment ID: {config.deployment_id}")
    click.echo(f"Proxy Enabled(true/false): {str(config.proxy_enabled).lower()}")
    click.echo(f"Proxy Host: {config.proxy_host}")
    click.echo(f"Proxy Port: {config.proxy_port}")
    click.echo(f"Last Updated Timestamp: {config.updated_at}")


@command.command("test-connectivity")
def test_connectivity() -> None:
    """Ask for an address and a proxy, and say whether that address can be reached from here."""
    from cherrypoint.connectivity import what_failed
    from commands.checks.context import with_our_own

    with opened_config() as (settings, database, store):
        present = store.load()
        tls = Trust(database).context() if settings.wxm_url else with_our_own(settings, database)
    base = settings.wxm_url or _address_of_built_in(settings)
    url = click.prompt("Test URL", default=f"{base}/api/", value_proc=_url)
    # Nothing stands between this service and itself.
    known, through = (present, settings.proxy) if settings.wxm_url else (replace(present, proxy_host=""), "")
    host = click.prompt("Proxy Host", default=known.proxy_host, show_default=bool(known.proxy_host), value_proc=_host)
    port = click.prompt("Proxy Port", default=known.proxy_port, type=click.IntRange(1 if host else 0, 65535))
    http = HttpClient(f"http://{host}:{port}" if host else through, lambda: tls)
    user = settings.wxm_username or present.system_user
    is_its = url.startswith(f"{base}/")
    failed = what_failed(http, url, user if is_its else "", settings.wxm_api_key or present.system_key)
    if failed:
        click.echo(f"Connectivity check to {url} failed: {plain(failed)}", err=True)
        sys.exit(1)
    click.echo(f"Connectivity check to {url} was successful.")


def _address_of_built_in(settings: Settings) -> str:
    """Where this service is the WxM: Cisco's own is no more, and would say nothing of ours."""
    why = "WxM is built in, and this node does not serve it: there is nothing to reach"
    if "api" not in settings.faces:
        raise click.ClickException(f"{why}; `{invocation('doctor')}` verifies what it serves")
    if not settings.public_url:
        raise click.ClickException("WxM is built in: set PULSE_PUBLIC_URL to where it is reached")
    click.echo(f"WxM is built in: it is this service, at {settings.public_url}", err=True)
    return settings.public_url


@contextmanager
def opened_config() -> Iterator[tuple[Settings, Database, Store]]:
    """The settings, the database, and where the configuration is."""
    settings = judged()
    with opened_database() as database:
        yield settings, database, store_of(settings, database)


def _prompt(present: Config, settings: Settings) -> Config:
    """What the administrator typed, with present values where nothing was."""
    prefix = present.web_url_prefix or settings.web_url_prefix or settings.public_url or CISCOS_PREFIX
    entered = replace(
        present,
        desktop_user=click.prompt(
            "Desktop User (with Read Only Privileges)", default=present.desktop_user or None, value_proc=_pasted
        ),
        desktop_key=_secret("Desktop User API Key", present.desktop_key),
        system_user=click.prompt(
            "System User (with Read and Write Privileges)", default=present.system_user or None, value_proc=_pasted
        ),
        system_key=_secret("System User API Key", present.system_key),
        web_url_prefix=click.prompt("Web URL Prefix", default=prefix, value_proc=_web_address),
        deployment_id=click.prompt("Deployment ID", default=present.deployment_id, value_proc=_pasted),
        proxy_enabled=click.prompt("Proxy Enabled(true/false)", default=str(present.proxy_enabled).lower(), type=bool),
    )
    if not entered.proxy_enabled:
        return entered
    host = click.prompt("Proxy Host", default=present.proxy_host or None, value_proc=_host)
    port = click.prompt("Proxy Port", default=present.proxy_port, type=click.IntRange(1, 65535))
    return replace(entered, proxy_host=host, proxy_port=port)


def _secret(label: str, present: str) -> str:
    """A key, not shown while it is typed; the present one where nothing is."""
    typed: str = click.prompt(
        f"{label} [{MASK if present else ''}]", default="", show_default=False, hide_input=sys.stdin.isatty()
    )
    return _pasted(typed) or present


def _pasted(text: str) -> str:
    """What was typed, without what comes along unseen when it is copied out of a page or a mail."""
    return invisible.removed(text).strip()


def _web_address(value: str) -> str:
    try:
        return web_base(_pasted(value))
    except ValueError as error:
        raise click.UsageError(f"{value} {error}") from error


def _url(value: str) -> str:
    value = _pasted(value)
    try:
        parts = urlsplit(value)
        web_base(f"{parts.scheme}://{parts.netloc}")
    except ValueError as error:
        raise click.UsageError(f"{value} {error}") from error
    return value


def _host(value: str) -> str:
    """The host of a proxy; a proxy that wants a password is none."""
    value = _pasted(value)
    try:
        return value and urlsplit(sane_proxy(f"http://{value}:1")).netloc.removesuffix(":1")
    except ValueError as error:
        raise click.UsageError(f"{value} must be a host's name or address alone") from error


def _keep_users(users: Users, config: Config) -> None:
    """Where the WxM is built in, its two users are these: all is judged before any is made."""
    pairs: tuple[tuple[str, Role, str], ...] = (
        (config.desktop_user, "desktop", config.desktop_key),
        (config.system_user, "system", config.system_key),
    )
    if config.desktop_user == config.system_user:
        raise UserFault("The Desktop User and the System User must be two users")
    known = {user.name: user for user in users.list()}
    for name, role, _ in pairs:
        if name in known and known[name].role != role:
            raise UserFault(f"{name} is a {known[name].role} user already: name another as the {role} user")
        if name in known and known[name].disabled:
            raise UserFault(f"{name} is disabled: {invocation(f'user enable {name}')}")
    for name, role, key in pairs:
        if name not in known:
            users.add(name, role)
        if key:
            users.set_key(name, key)
