"""Who is who: names of agents from a file, for those whom Finesse has not told us of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click

from commands.store import judged, opened_database
from commands.terminal import plain
from experience.model.lengths import LONGEST_NAME, cut
from foundation import csv_files
from foundation.csv_files import CsvFault, Sheet
from foundation.setting_rules import web_base
from gadgets.finesse.clusters import Cluster, Clusters
from gadgets.signin.directory import Directory, Entered, Entry

COLUMNS = ("skillTargetId", "loginId", "name", "team")
IDS = ("skillTargetId", "loginId")
IDENTITY = re.compile(r"[A-Za-z0-9._@-]{1,64}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What spreadsheets make of ids and of names such as 3-5.
POINT_ZERO = re.compile(r"(\d+)\.0+")
POWER_OF_TEN = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
MADE_A_DAY = re.compile(
    r"\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d{1,2}月\d{1,2}日|\d{4}/\d{1,2}/\d{1,2}",
    re.IGNORECASE,
)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the file: who it is about, or why it cannot be used."""

    number: int
    entry: Entry | None = None
    fault: str = ""
    id: str = ""


@click.group("directory")
def command() -> None:
    """Who is who: names of agents, for those whom Finesse has not told us of."""


@command.command("import")
@click.argument("people", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cluster", help="A node of the Finesse cluster that they sign in to; needed where there are several.")
def import_(people: Path, cluster: str | None) -> None:
    """Take names from a CSV file with the columns skillTargetId, loginId, name and team.

    Safe to run again: what is known already is left as it is, and so is what Finesse said. Records that cannot be used
    are reported by line and login id, the others are taken.
    """
    chosen = _cluster(Clusters.of(judged().finesse_nodes).all, cluster)
    done, faults = Entered(), 0
    lines = _lines(_sheet(people))
    with opened_database() as database:
        directory = Directory(database)
        while some := list(islice(lines, BATCH)):
            entered = directory.enter(chosen.id, [line.entry for line in some if line.entry], imported=True)
            done.added += entered.added
            done.changed += entered.changed
            done.unchanged += entered.unchanged
            for line in some:
                if line.fault:
                    faults += 1
                    which = f"{line.id}: " if line.id else ""
                    click.echo(plain(f"{people.name}:{line.number}: {which}{line.fault}"), err=True)
    click.echo(f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged, {faults} not usable")
    if faults:
        raise SystemExit(1)


def _cluster(known: tuple[Cluster, ...], node: str | None) -> Cluster:
    """The cluster that is meant: the only one, or the one that has the node."""
    choices = ", ".join(cluster.id for cluster in known)
    if node is None:
        if len(known) == 1:
            return known[0]
        raise click.UsageError(
            f"Name the cluster with --cluster: {choices}"
            if known
            else "Name the cluster with --cluster https://finesse1.example.com:8445, or set PULSE_FINESSE_NODES."
        )
    try:
        base = web_base(node)
    except ValueError as error:
        raise click.UsageError(f"--cluster {node}: {error}") from None
    match = next((cluster for cluster in known if base in cluster.nodes), None if known else Cluster((base,)))
    if match is None:
        raise click.UsageError(f"--cluster {node} is no node of PULSE_FINESSE_NODES: {choices}")
    return match


def _sheet(file: Path) -> Sheet:
    try:
        sheet = csv_files.read(file.read_bytes(), {name.casefold() for name in COLUMNS}.__contains__)
    except CsvFault as fault:
        raise click.ClickException(
            f"{file.name}: {fault}. The first line must name the columns {', '.join(COLUMNS)}."
        ) from None
    named = [csv_files.heading(name) for name in sheet.names]
    if missing := [name for name in COLUMNS if name.casefold() not in named]:
        raise click.ClickException(
            f"The first line must name the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}."
        )
    return sheet


def _lines(sheet: Sheet) -> Iterator[Line]:
    """Every record; columns of other names are ignored."""
    named = [csv_files.heading(name) for name in sheet.names]
    places = {name: named.index(name.casefold()) for name in COLUMNS}
    logins: dict[str, int] = {}
    skills: dict[str, int] = {}
    for row in sheet.records:
        cells = row.cells
        record = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        for name in IDS:
            record[name] = match[1] if (match := POINT_ZERO.fullmatch(record[name])) else record[name]
        if fault := row.fault or _fault(record) or _repeated(record, row.line, logins, skills):
            yield Line(row.line, fault=fault, id=cut(record["loginId"] or record["skillTargetId"], LONGEST_NAME))
        else:
            team = record["team"] or None
            yield Line(row.line, Entry(record["loginId"], record["name"], record["skillTargetId"], team_name=team))


def _fault(record: dict[str, str]) -> str:
    """Why a record cannot be used; empty where it can."""
    for name in IDS:
        if POWER_OF_TEN.fullmatch(record[name]):
            return f"{name} {record[name]} is what a spreadsheet made of a longer id: format the column as text"
        if not IDENTITY.fullmatch(record[name]):
            return f"{name} must be 1 to 64 of A-Z a-z 0-9 . _ @ -" if record[name] else f"{name} is missing"
    if not record["name"]:
        return "name is missing"
    for name in ("name", "team"):
        if len(record[name]) > LONGEST_NAME or CONTROL.search(record[name]):
            return f"{name} must be one line of {LONGEST_NAME} letters at most"
    if MADE_A_DAY.fullmatch(record["team"]):
        return "team is a day, as a spreadsheet makes of a name such as 3-5: format the column as text"
    return ""


def _repeated(record: dict[str, str], number: int, logins: dict[str, int], skills: dict[str, int]) -> str:
    """Which earlier line speaks of the same person or of the same id: either might be meant."""
    for name, seen in (("loginId", logins), ("skillTargetId", skills)):
        first = seen.setdefault(record[name], number)
        if first != number:
            return f"{name} {record[name]} stands in line {first} already"
    return ""
