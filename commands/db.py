"""The database: bring its tables to the newest state."""

from __future__ import annotations

import click

from commands.store import opened_database


@click.group("db")
def command() -> None:
    """The database."""


@command.command()
def upgrade() -> None:
    """Bring the tables to their newest state; safe at any time, and from several machines at once."""
    with opened_database():
        click.echo("The database is up to date.")
