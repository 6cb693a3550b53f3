"""Bring WxM's history in and take ours out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from commands.store import opened_database, opened_platform
from experience import questionnaires
from experience.history import (
    Imported,
    LineFault,
    Source,
    bring_in,
    bring_in_questions,
    opened,
    take_out,
    take_out_questions,
)
from experience.platform import Platform

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group("history")
def command() -> None:
    """Answers of the past: WxM's Answer and Question JSON."""


@command.command("import")
@click.argument("answers", type=EXISTING)
@click.option("--questions", type=EXISTING, help="The questions that the answers refer to.")
def import_(answers: Path, questions: Path | None) -> None:
    """Take the answers of a file in: an array or one object a line, .gz too.

    What is known by its id is left as it is. Bad records are named by their line on standard error, the rest goes in;
    the exit status is 1 where there were any.
    """
    bad = 0
    with opened_platform() as platform:
        if questions:
            bad += _bring_in_questions(platform, questions)
        with opened(answers) as source, _watched(answers, source) as watch:
            done = bring_in(platform, source.stream, watch.tell, watch.moved)
    click.echo(f"answers: {done.added} added, {done.known} known before, {done.bad} bad")
    if bad + done.bad:
        raise SystemExit(1)


def _bring_in_questions(platform: Platform, questions: Path) -> int:
    """The number of bad questions. Answers that were there before their questions are scored now."""
    before = platform.catalogue.version
    with opened(questions) as source, _watched(questions, source) as watch:
        described = bring_in_questions(platform.database, source.stream, watch.tell)
    with platform.database.read() as connection:
        changed = questionnaires.version(connection) != before
    anew = platform.reread() if changed else 0
    click.echo(
        f"questions: {described.added} read, {described.bad} bad" + (f"; {anew} answers read anew" if anew else "")
    )
    return described.bad


@command.command()
@click.argument("file", type=WRITABLE, required=False)
@click.option("--questions", type=WRITABLE, help="Where the questions go.")
def export(file: Path | None, questions: Path | None) -> None:
    """Write all answers, one object a line, to a file or to standard output."""
    with opened_database() as database:
        if questions:
            with questions.open("wb") as stream:
                click.echo(f"questions: {take_out_questions(database, stream)} written", err=True)
        if file:
            with file.open("wb") as stream:
                count = take_out(database, stream)
        else:
            count = take_out(database, sys.stdout.buffer)
    click.echo(f"answers: {count} written", err=True)


class _Watch:
    """Tells of bad records and of how far a file has been read."""

    def __init__(self, path: Path, source: Source, console: Console, progress: Progress | None) -> None:
        self._path = path
        self._source = source
        self._console = console
        self._progress = progress
        self._task = progress.add_task(path.name, total=path.stat().st_size) if progress else None

    def tell(self, fault: LineFault) -> None:
        text = f"{self._path.name}:{fault.line}: {fault.reason}"
        self._console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def moved(self, _done: Imported) -> None:
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=self._source.file.tell())


@contextmanager
def _watched(path: Path, source: Source) -> Iterator[_Watch]:
    """With a progress bar where somebody sees it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Watch(path, source, console, None)
        return
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        yield _Watch(path, source, console, progress)
