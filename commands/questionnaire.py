"""Questionnaires as files: YAML in, YAML out, and what there is."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import func, select

from commands import files
from commands.files import read_text
from commands.store import judged, opened_database, opened_platform
from commands.terminal import plain
from experience.answers.schema import answers
from experience.questionnaires import catalogue, defaults
from experience.questionnaires.yaml_format import Draft, DraftFault, read_draft, write_draft
from foundation.db.database import Database
from foundation.keys import survey_keys


@click.group("questionnaire")
def command() -> None:
    """Questionnaires: what customers are asked."""


@command.command("import")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
def import_(files: tuple[Path, ...]) -> None:
    """Take questionnaires in from YAML files; a question whose id is known is replaced. All files or none."""
    drafts = [_read(file) for file in files]
    with opened_platform() as platform:
        before = platform.catalogue.version
        with platform.database.write() as connection:
            for draft in drafts:
                catalogue.keep(platform.database, connection, draft.documents, [draft.questionnaire])
            changed = catalogue.version(connection) != before
        # Answers that came before their questions are scored now.
        anew = platform.reread() if changed else 0
    for draft in drafts:
        click.echo(f"{draft.questionnaire.name}: {len(draft.documents)} questions")
    if anew:
        click.echo(f"{anew} answers read anew")


@command.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
def export(name: str, file: Path | None) -> None:
    """Write a questionnaire as YAML to a file or to standard output."""
    with opened_database() as database:
        draft = _load(database, name)
    if file:
        files.write(file, write_draft(draft))
    else:
        click.echo(write_draft(draft), nl=False)


@command.command("list")
def list_() -> None:
    """Name every questionnaire, with its number of questions and of answers."""
    with opened_database() as database:
        defaults.seed(database)
        with database.read() as connection:
            counting = select(answers.c.questionnaire, func.count()).group_by(answers.c.questionnaire)
            answered = {row[0]: row[1] for row in connection.execute(counting)}
            for name in sorted(catalogue.load(connection).questionnaires):
                questions = len(catalogue.documents(connection, name))
                click.echo(f"{plain(name)}: {questions} questions, {answered.get(name, 0)} answers")


@command.command()
@click.argument("name")
def preview(name: str) -> None:
    """Print the address at which a questionnaire is seen as customers see it, for a day; nothing there is kept."""
    # It brings the web along, which no other command here needs.
    from experience.survey_web.preview import PreviewLinks

    settings = judged()
    with opened_database() as database:
        _load(database, name)
    base = (settings.web_url_prefix or settings.public_url).rstrip("/")
    if not base:
        raise click.ClickException("PULSE_PUBLIC_URL: set it, so that the address can be printed")
    click.echo(f"{base}/s/preview/{PreviewLinks(survey_keys(settings)).sign(name)}")


def _read(file: Path) -> Draft:
    try:
        return read_draft(read_text(file), file.parent)
    except (DraftFault, UnicodeDecodeError) as fault:
        faults = fault.faults if isinstance(fault, DraftFault) else ["neither UTF-8 nor UTF-16: save it as UTF-8"]
        raise click.ClickException("\n".join(plain(f"{file.name}: {problem}") for problem in faults)) from None


def _load(database: Database, name: str) -> Draft:
    defaults.seed(database)
    with database.read() as connection:
        known = catalogue.load(connection).questionnaires.get(name)
        if not known:
            raise click.ClickException(f"{name}: there is no such questionnaire")
        return Draft(known, catalogue.documents(connection, name))
