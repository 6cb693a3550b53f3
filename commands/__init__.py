"""The command line, one file a command group; each is read only when it is called."""

import importlib
import io
import signal
import sys
from typing import Any

import click
from typing_extensions import override

from commands import faults
from foundation.invocation import invocation
from foundation.settings import SettingsError
from foundation.version import VERSION

GROUPS = {
    "cherrypoint": "Cloud Connect: its configuration, and whether the WxM can be reached.",
    "cvp-properties": "What belongs into CVP's sip, ivr and VXML.properties.",
    "db": "Bring the database to its newest state.",
    "directory": "Who is who: names of agents from a file.",
    "dispatch": "Dispatches: how deferred surveys are sent, what waits, and what to do about it.",
    "doctor": "Verify everything, with the cause and the cure of each failure.",
    "history": "Bring WxM history in, take ours out.",
    "lab": "Everything on this machine, with a stand-in Finesse desktop, to try and test.",
    "layout": "Put our gadgets into a desktop layout of Finesse.",
    "questionnaire": "Import, export, list and preview questionnaires.",
    "serve": "Serve the gadgets in production.",
    "user": "Users of the built-in WxM API.",
    "trust": "Certificates exchanged with the neighbours.",
}


class Groups(click.Group):
    """Commands found by name in this folder, so that `--help` is quick and no command pays for another."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(GROUPS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in GROUPS:
            return None
        command: click.Command = importlib.import_module(f"commands.{cmd_name.replace('-', '_')}").command
        command.short_help = GROUPS[cmd_name]
        return command

    @override
    def invoke(self, ctx: click.Context) -> Any:
        """What an administrator can mend has a line each and no traceback; faults of settings end with 2."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            click.echo(error, err=True)
            ctx.exit(2)
        except faults.EXPECTED as error:
            raise click.ClickException(faults.describe(error)) from error


@click.command(cls=Groups)
@click.version_option(VERSION, prog_name="Finesse Pulse")
def pulse() -> None:
    """Finesse Pulse: customer experience gadgets for Cisco Finesse, with the backend that they need."""


def main() -> None:
    """Run the command line; without a standard input a prompt ends with an error.

    From here on Ctrl-C is an exception again: what a command has begun is taken back, and a prompt gives the echo back.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stdin = sys.stdin or io.StringIO()
    pulse(prog_name=invocation())
