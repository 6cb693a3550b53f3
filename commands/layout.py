"""Our gadgets put into the layout that an administrator has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click

from commands.files import written
from commands.store import judged
from gadgets.install.layouts import UPLOADED, LayoutFault, Release, merged


@click.command("layout")
@click.option("--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True, help="The layout.")
@click.option("--release", type=click.Choice(get_args(Release)), required=True, help="The release of Finesse.")
@click.option(
    "--files",
    type=click.Choice(["finesse", "remote"]),
    default="remote",
    show_default=True,
    help="Where the gadget files are: uploaded to Finesse, or on this service.",
)
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file to write it to.")
def command(into: Path, release: Release, files: str, output: Path | None) -> None:
    """Put our gadgets into a desktop layout of Finesse and leave all else in it as it is.

    Copy the layout from Finesse's console (Desktop Layout) into a file. The new one goes to standard output or to
    --output, what was done to standard error; the file itself is not changed. To run it on its own result changes
    nothing.
    """
    try:
        result = merged(into.read_bytes(), release, UPLOADED if files == "finesse" else _own())
    except LayoutFault as fault:
        raise click.ClickException(f"{into.name} {fault}.") from None
    if output:
        with written(output, public=True) as stream:
            stream.write(result.layout)
    else:
        sys.stdout.buffer.write(result.layout)
        sys.stdout.buffer.flush()
    for note in result.notes:
        click.echo(note, err=True)


def _own() -> str:
    public_url = judged().public_url
    if not public_url:
        raise click.UsageError(
            "Set PULSE_PUBLIC_URL, where Finesse and browsers reach this service, or --files finesse."
        )
    return f"{public_url}/gadgets"
