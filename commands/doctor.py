"""doctor: verify everything, and say of each failure its cause and its cure."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click
import orjson
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from commands.checks import (
    batches,
    bearer,
    brakes,
    cloud_connect,
    finesse,
    local,
    origins,
    public_url,
    seen,
    senders,
    wxm,
)
from commands.checks.context import Scene, opened
from commands.checks.result import Check, Finding, failed
from commands.terminal import plain

CHECKS: tuple[Check, ...] = (
    local.settings,
    local.database,
    local.production,
    local.cache,
    brakes.sources,
    brakes.memory,
    origins.origins_allowed,
    finesse.nodes,
    cloud_connect.nodes,
    wxm.platform,
    public_url.served,
    senders.mail,
    senders.sms,
    senders.queue,
    batches.kept,
    seen.origins,
    seen.paths,
    bearer.crossing,
)
MARKS = {
    "ok": ("ok", "green"),
    "note": ("note", "yellow"),
    "failed": ("FAILED", "bold red"),
    "not applicable": ("–", ""),
}
# What stands first; all else is in the order of the checks.
ORDER = {"failed": 0, "note": 1}
WIDTH = 120


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option("--failed", "failed_only", is_flag=True, help="Print what failed, and nothing else.")
@click.option(
    "--bearer",
    "token_and_user",
    nargs=2,
    metavar="TOKEN USER",
    help="Try too whether a supervisor's SSO token reads another USER; TOKEN - is one line of standard input.",
)
def command(as_json: bool, failed_only: bool, token_and_user: tuple[str, str] | None) -> None:
    """Verify everything. The exit status is 1 where anything failed.

    While a lab runs on the data folder, that lab is examined.
    """
    with opened(_bearer(token_and_user)) as scene:
        findings = list(examined(scene))
    shown = [finding for finding in findings if finding.state == "failed" or not failed_only]
    if as_json:
        report = {"ok": not _count(findings, "failed"), "checks": [asdict(finding) for finding in shown]}
        click.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        _print(shown, findings)
    if _count(findings, "failed"):
        raise SystemExit(1)


def examined(scene: Scene) -> Iterator[Finding]:
    """Everything that the checks find; one that breaks is a finding of its own, and stops no other."""
    for check in CHECKS:
        try:
            yield from check(scene)
        except Exception as error:
            name = f"{check.__module__.rpartition('.')[2]}: {check.__name__}"
            cause = f"the check itself broke ({type(error).__name__})"
            yield failed(name, cause, "this is a mistake of ours: please report it", "check_broke")


def _bearer(words: tuple[str, str] | None) -> tuple[str, str] | None:
    """A token on the command line is seen by every process of the machine; `-` keeps it out of there."""
    if words is None:
        return None
    first, user = words
    token = first if first != "-" else sys.stdin.readline().strip()
    if not re.fullmatch(r"[!-~]+", token):
        raise click.UsageError("--bearer: a token is one line of letters, digits and signs, without spaces")
    return token, user


def _count(findings: list[Finding], state: str) -> int:
    return sum(finding.state == state for finding in findings)


def _print(shown: list[Finding], findings: list[Finding]) -> None:
    """What failed stands first, by name in one line and then in full; the count is of all `findings`."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    finding_column = Column("Finding", overflow="fold")
    table = Table("", "Check", finding_column, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for finding in sorted(shown, key=lambda finding: ORDER.get(finding.state, len(ORDER))):
        cure = ("\n→ " + plain(finding.cure), "bold") if finding.cure else ""
        table.add_row(Text(*MARKS[finding.state]), Text(plain(finding.check)), Text.assemble(plain(finding.says), cure))
    if names := [plain(finding.check) for finding in findings if finding.state == "failed"]:
        console.print(f"Failed: {', '.join(names)}\n", style="bold red", markup=False)
    if shown:
        console.print(table)
    bad, notes, good = (_count(findings, state) for state in ("failed", "note", "ok"))
    console.print(f"\n{bad} failed, {notes} to know, {good} ok", style="red" if bad else "green")
