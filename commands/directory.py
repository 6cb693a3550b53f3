"""Who is who: names of agents from a file, for those whom Finesse has not told us of."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click

from commands.store import judged, opened_database
from experience.model.lengths import LONGEST_NAME
from foundation.setting_rules import web_base
from gadgets.finesse.clusters import Cluster, Clusters
from gadgets.signin.directory import Directory, Entered, Entry

COLUMNS = ("skillTargetId", "loginId", "name", "team")
IDENTITY = re.compile(r"[A-Za-z0-9._@-]{1,64}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A record of the file: who it is about, or why it cannot be used."""

    number: int
    entry: Entry | None = None
    fault: str = ""


@click.group("directory")
def command() -> None:
    """Who is who: names of agents, for those whom Finesse has not told us of."""


@command.command("import")
@click.argument("people", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cluster", help="A node of the Finesse cluster that they sign in to; needed where there are several.")
def import_(people: Path, cluster: str | None) -> None:
    """Take names from a CSV file with the columns skillTargetId, loginId, name and team.

    Safe to run again: what is known already is left as it is. Records that cannot be used are reported by their line,
    the others are taken.
    """
    chosen = _cluster(Clusters.of(judged().finesse_nodes).all, cluster)
    done, faults = Entered(), 0
    lines = _lines(_read(people))
    with opened_database() as database:
        directory = Directory(database)
        while some := list(islice(lines, BATCH)):
            entered = directory.enter(chosen.id, [line.entry for line in some if line.entry])
            done.added += entered.added
            done.changed += entered.changed
            done.unchanged += entered.unchanged
            for line in some:
                if line.fault:
                    faults += 1
                    click.echo(f"{people.name}:{line.number}: {line.fault}", err=True)
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


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name} is not UTF-8: save it as “CSV UTF-8 (comma delimited)”.") from None


def _lines(text: str) -> Iterator[Line]:
    """Every record; commas, semicolons or tabs between, as the spreadsheet of the country writes them."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    places = _places(next(reader, []))
    logins: dict[str, int] = {}
    skills: dict[str, int] = {}
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Line(number, fault=f"cannot be read: {error}")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        record = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        if fault := _fault(record) or _repeated(record, number, logins, skills):
            yield Line(number, fault=fault)
        else:
            team = record["team"] or None
            yield Line(number, Entry(record["loginId"], record["name"], record["skillTargetId"], team_name=team))


def _places(header: list[str]) -> dict[str, int]:
    """Where each column stands; others are ignored."""
    named = [cell.strip().casefold() for cell in header]
    missing = [name for name in COLUMNS if name.casefold() not in named]
    if missing:
        raise click.ClickException(
            f"The first line must name the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}."
        )
    return {name: named.index(name.casefold()) for name in COLUMNS}


def _fault(record: dict[str, str]) -> str:
    """Why a record cannot be used; empty where it can."""
    for name in ("skillTargetId", "loginId"):
        if not IDENTITY.fullmatch(record[name]):
            return f"{name} must be 1 to 64 of A-Z a-z 0-9 . _ @ -" if record[name] else f"{name} is missing"
    if not record["name"]:
        return "name is missing"
    for name in ("name", "team"):
        if len(record[name]) > LONGEST_NAME or CONTROL.search(record[name]):
            return f"{name} must be one line of {LONGEST_NAME} letters at most"
    return ""


def _repeated(record: dict[str, str], number: int, logins: dict[str, int], skills: dict[str, int]) -> str:
    """Which earlier line speaks of the same person or of the same id: either might be meant."""
    for name, seen in (("loginId", logins), ("skillTargetId", skills)):
        first = seen.setdefault(record[name], number)
        if first != number:
            return f"{name} {record[name]} stands in line {first} already"
    return ""
