"""Bring WxM's history in and take ours out: of the own database, or of the WxM elsewhere that WXM_URL names."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from commands.elsewhere import opened_elsewhere
from commands.files import written
from commands.store import judged, opened_platform
from commands.terminal import plain
from experience.answers.past import KINDS
from experience.history import transfer
from experience.history.transfer import Imported, LineFault, Source, opened
from experience.platform import Platform
from experience.questionnaires import catalogue
from foundation.errors import NeighbourDown

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
WRITABLE = click.Path(dir_okay=False, writable=True, path_type=Path)
MAY_NOT = 403
# Of what is not understood, of each kind.
MOST_NAMED = 100


class History(Protocol):
    """What answers and questions are read from and written to; `moved` hears how far it has come."""

    def take_out(self, stream: BinaryIO, moved: Callable[[int, int], object]) -> int: ...

    def take_out_questions(self, stream: BinaryIO) -> int: ...

    def bring_in(
        self, stream: BinaryIO, report: Callable[[LineFault], None], moved: Callable[[Imported], None]
    ) -> Imported: ...

    def bring_in_questions(self, stream: BinaryIO, report: Callable[[LineFault], None]) -> Imported: ...


@click.group("history")
def command() -> None:
    """Answers of the past: WxM's Answer and Question JSON.

    Of the own database; where WXM_URL is set, of that WxM, over its public API.
    """


@command.command("import")
@click.argument("answers", type=EXISTING)
@click.option("--questions", type=EXISTING, help="The questions that the answers refer to.")
def import_(answers: Path, questions: Path | None) -> None:
    """Take the answers of a file in: an array or one object a line, .gz too.

    What is known by its id is left as it is. Bad records are named by line and id on standard error, the rest goes in;
    the exit status is 1 where there were any. What is not understood of a record that goes in is named and counted: a
    score off its scale, which is left out, a date before 2000 or in the future, a number, an address or an id.
    Where WXM_URL is set, the file's answers are added to that WxM, by a user who may write.
    """
    bad = 0
    with _opened_history() as history:
        if questions:
            with opened(questions) as source, _watched(questions, source) as watch:
                described = history.bring_in_questions(source.stream, watch.report)
            click.echo(f"questions: {described.added} read, {described.bad} bad")
            bad += described.bad
        with opened(answers) as source, _watched(answers, source) as watch:
            done = history.bring_in(source.stream, watch.report, watch.moved)
    click.echo(f"answers: {done.added} added, {done.known} known before, {done.bad} bad")
    if done.no_customers:
        counts = ", ".join(f"{text} {count}" for text, count in done.no_customers.most_common())
        click.echo(plain(f"customer ids that stand for no customer: {done.no_customers.total()} ({counts})"))
    click.echo(f"not understood: {', '.join(f'{kind} {done.not_understood[kind]}' for kind in KINDS)}")
    if bad + done.bad:
        raise SystemExit(1)


@command.command()
@click.argument("file", type=WRITABLE, required=False)
@click.option("--questions", type=WRITABLE, help="Where the questions go.")
def export(file: Path | None, questions: Path | None) -> None:
    """Write all answers, one object a line, to a file or to standard output; where WXM_URL is set, that WxM's."""
    with _opened_history() as history:
        if questions:
            with written(questions) as stream:
                click.echo(f"questions: {history.take_out_questions(stream)} written", err=True)
        with written(file) if file else _standard_output() as stream, _counted() as moved:
            count = history.take_out(stream, moved)
    click.echo(f"answers: {count} written", err=True)


class Own:
    """The history in the own database."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def take_out(self, stream: BinaryIO, moved: Callable[[int, int], object]) -> int:
        return transfer.take_out(self._platform.database, stream, moved)

    def take_out_questions(self, stream: BinaryIO) -> int:
        return transfer.take_out_questions(self._platform.database, stream)

    def bring_in(
        self, stream: BinaryIO, report: Callable[[LineFault], None], moved: Callable[[Imported], None]
    ) -> Imported:
        return transfer.bring_in(self._platform, stream, report, moved)

    def bring_in_questions(self, stream: BinaryIO, report: Callable[[LineFault], None]) -> Imported:
        """Answers that were there before their questions are scored now."""
        database, before = self._platform.database, self._platform.catalogue.version
        described = transfer.bring_in_questions(database, stream, report)
        with database.read() as connection:
            changed = catalogue.version(connection) != before
        if changed and (anew := self._platform.reread()):
            click.echo(f"{anew} answers read anew")
        return described


@contextmanager
def _opened_history() -> Iterator[History]:
    settings = judged()
    try:
        if settings.wxm_url:
            with opened_elsewhere(settings) as elsewhere:
                yield elsewhere
        else:
            with opened_platform() as platform:
                yield Own(platform)
    except NeighbourDown as error:
        may_not = getattr(error, "wxm_status", None) == MAY_NOT
        cure = " Its user may read only: take the System user, who may write." if may_not else ""
        raise click.ClickException(plain(f"{error.detail}{cure}")) from error


@contextmanager
def _standard_output() -> Iterator[BinaryIO]:
    yield sys.stdout.buffer


class _Watch:
    """Tells of bad records and of how far a file has been read."""

    def __init__(self, path: Path, source: Source, console: Console, progress: Progress | None) -> None:
        self._path = path
        self._source = source
        self._console = console
        self._progress = progress
        self._named: Counter[str] = Counter()
        self._task = progress.add_task(path.name, total=path.stat().st_size) if progress else None

    def report(self, fault: LineFault) -> None:
        """Name it, of what is not understood the first of each kind only."""
        if fault.kind:
            self._named[fault.kind] += 1
            if self._named[fault.kind] > MOST_NAMED + 1:
                return
        which = f"answer {fault.id}: " if fault.id else ""
        text = plain(f"{self._path.name}:{fault.line}: {which}{fault.reason}")
        if fault.kind and self._named[fault.kind] > MOST_NAMED:
            text = f"{self._path.name}: more {fault.kind} are counted only"
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


@contextmanager
def _counted() -> Iterator[Callable[[int, int], object]]:
    """A bar of how many answers have been written, where somebody sees it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("answers")
        yield lambda done, total: progress.update(task, completed=done, total=total)
