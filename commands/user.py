"""Users of the built-in WxM API: who may read answers, and who may also write them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from commands.store import judged, opened_database
from experience.accounts.users import ROLES, Role, UserFault, Users
from foundation.keys import signing_keys

WORDS: dict[Role, str] = {"desktop": "reads", "system": "reads and writes"}


@click.group("user")
def command() -> None:
    """Users of the built-in WxM API."""


@command.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="desktop", show_default=True, help="system may also write.")
@click.option("--password", is_flag=True, help="Ask for a password, too.")
def add(name: str, role: Role, password: bool) -> None:
    """Make a user and show his API key, which is not shown again."""
    word = click.prompt("Password", hide_input=True, confirmation_prompt=True) if password else ""
    with opened_users() as users:
        users.add(name, role)
        if word:
            users.set_password(name, word)
        click.echo(users.new_key(name))


@command.command()
@click.argument("name")
def key(name: str) -> None:
    """Give a user a new API key and show it; the earlier one, and tokens he holds, are of no use any more."""
    with opened_users() as users:
        click.echo(users.new_key(name))


@command.command()
@click.argument("name")
def disable(name: str) -> None:
    """Let a user in no more; tokens he holds end at once, and for good."""
    with opened_users() as users:
        users.disable(name)


@command.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let a disabled user in again: his key and his password count as before."""
    with opened_users() as users:
        users.enable(name)


@command.command("list")
def list_() -> None:
    """Name every user and what he may do."""
    with opened_users() as users:
        for user in users.list():
            click.echo(f"{user.name}: {user.role}, {'disabled' if user.disabled else WORDS[user.role]}")


@contextmanager
def opened_users() -> Iterator[Users]:
    """The users in the database that the settings name; a fault of theirs is reported plainly."""
    keys = signing_keys(judged())
    with opened_database() as database:
        try:
            yield Users(database, keys)
        except UserFault as fault:
            raise click.ClickException(fault.detail) from None
