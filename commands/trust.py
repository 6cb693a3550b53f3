"""Certificates exchanged with the neighbours: trust theirs, and hand them ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from commands import files
from commands.store import judged, opened_database
from commands.terminal import plain
from foundation.settings import Settings
from foundation.tls import certificates, handshake
from foundation.tls.certificates import Certificate, NoCertificate
from foundation.tls.handshake import Seen
from foundation.tls.trust import Kind, Trust, Trusted, context

SOON = "A running service knows it within seconds."


@click.group("trust")
def command() -> None:
    """Certificates: whom we trust, and what others must have of us."""


class Address(click.ParamType[str]):
    """`host:port`, also with https:// before it; without a port it is 443."""

    name = "HOST:PORT"

    @override
    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            host, port = handshake.address_of(value)
        except ValueError:
            host, port = "", 0
        if not host:
            self.fail(f"{value} is no HOST:PORT", param, ctx)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@command.command()
@click.argument("address", type=Address(), metavar="HOST:PORT")
@click.option("--yes", is_flag=True, help="Do not ask; trust the certificate that it presents.")
@click.option("--issuer", is_flag=True, help="Trust the issuer that it presents, instead of its own certificate alone.")
@click.option("--fingerprint", metavar="SHA256", help="Do not ask; trust the certificate of its chain with this one.")
def add(address: str, yes: bool, issuer: bool, fingerprint: str | None) -> None:
    """Show the certificate that HOST:PORT presents, ask, then trust exactly that one, or its issuer."""
    settings = judged()
    wanted = _wanted(fingerprint)
    with opened_database() as database:
        trust = Trust(database)
        seen = handshake.examine(address, trust.context(), proxy=settings.proxy)
        path = _presented(seen)
        for certificate in path:
            click.echo(describe(certificate) + "\n")
        if not seen.fault:
            click.echo(f"{seen.address} is trusted already.")
            return
        chosen, kind = _chosen(path, wanted, issuer, ask=not (yes or wanted))
        _refuse_what_would_not_help(settings, trust, seen, chosen, kind)
        trust.add(seen.address, chosen, kind)
    meaning = "for itself alone" if kind == "certificate" else "and all that it issues"
    click.echo(f"Trusted, {meaning}: {plain(chosen.subject)}\n{SOON}")


@command.command("list")
def list_() -> None:
    """Name every certificate that is trusted beside the system's authorities."""
    with opened_database() as database:
        entries = Trust(database).all()
    if not entries:
        click.echo("No certificates but the system's authorities are trusted.")
        return
    table = Table("Address", "Trusted", "Subject", "Valid until", "SHA-256", box=None, pad_edge=False)
    for entry in entries:
        certificate = entry.certificate
        kind = "itself alone" if entry.kind == "certificate" else "as issuer"
        # Text, because in a str rich takes ":AB:" of a fingerprint for the name of an emoji.
        table.add_row(
            *map(Text, (entry.address, kind, plain(certificate.subject), _until(certificate), certificate.sha256))
        )
    Console(width=None if sys.stdout.isatty() else 240).print(table)


@command.command()
@click.argument("address", type=Address(), metavar="HOST:PORT")
@click.option("--fingerprint", metavar="SHA256", help="This certificate alone; else all of HOST:PORT.")
def remove(address: str, fingerprint: str | None) -> None:
    """Trust what was trusted for HOST:PORT no longer."""
    with opened_database() as database:
        count = Trust(database).remove(address, _wanted(fingerprint))
    if not count:
        raise click.ClickException(f"nothing was trusted for {address}")
    click.echo(f"{count} removed. {SOON}")


@command.command()
@click.argument("address", type=Address(), metavar="[HOST:PORT]", required=False)
@click.option("--into", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file; else the screen.")
def export(address: str | None, into: Path | None) -> None:
    """Write our chain as Base-64 X.509, for Finesse, agents' browsers, CVP and the AW; or what HOST:PORT presents."""
    path = _ours(judged()) if address is None else _shown_by(address, judged().proxy)
    text = "".join(certificate.pem() for certificate in path)
    if into:
        files.write(into, text, public=True)
    else:
        click.echo(text, nl=False)
    for certificate in path:
        click.echo(f"{plain(certificate.subject)}, until {_until(certificate)}, SHA-256 {certificate.sha256}", err=True)


def describe(certificate: Certificate) -> str:
    """What an administrator compares before he trusts a certificate."""
    lines = {
        "Subject": certificate.subject,
        "Issuer": "itself" if certificate.is_self_signed else certificate.issuer,
        "Names": ", ".join(certificate.names) or ("none (an authority)" if certificate.is_authority else "none"),
        "Valid": f"{certificate.not_before:%Y-%m-%d %H:%M} to {certificate.not_after:%Y-%m-%d %H:%M} UTC",
        "Key": f"{certificate.key}, signed with {certificate.signed_with or 'no hash'}",
        "SHA-256": certificate.sha256,
    }
    return "\n".join(f"{name + ':':9}{plain(text)}" for name, text in lines.items())


def _until(certificate: Certificate) -> str:
    return f"{certificate.not_after:%Y-%m-%d}"


def _wanted(fingerprint: str | None) -> str:
    try:
        return certificates.fingerprint(fingerprint) if fingerprint else ""
    except NoCertificate as error:
        raise click.BadParameter(str(error), param_hint="--fingerprint") from None


def _presented(seen: Seen) -> Sequence[Certificate]:
    if not seen.chain and seen.fault:
        raise click.ClickException(plain(f"{seen.fault.cause}; {seen.fault.cure}"))
    return certificates.links(seen.chain)


def _chosen(path: Sequence[Certificate], wanted: str, issuer: bool, ask: bool) -> tuple[Certificate, Kind]:
    """The certificate to trust, and as what; nothing is trusted without a word of the administrator."""
    if wanted:
        chosen = next((certificate for certificate in path if certificate.sha256 == wanted), None)
        if chosen is None:
            raise click.ClickException("no certificate that it presents has this fingerprint; nothing is trusted")
        return chosen, ("certificate" if chosen == path[0] else "issuer")
    if issuer and len(path) < 2:
        raise click.ClickException("it does not present its issuer; give the issuer's file to the system's store")
    if ask:
        answers = ["certificate", "issuer", "no"] if len(path) > 1 else ["certificate", "no"]
        choice = click.prompt("Trust", type=click.Choice(answers), default="issuer" if issuer else "no")
        if choice == "no":
            raise click.ClickException("nothing is trusted")
        issuer = choice == "issuer"
    return (path[-1], "issuer") if issuer else (path[0], "certificate")


def _refuse_what_would_not_help(settings: Settings, trust: Trust, seen: Seen, chosen: Certificate, kind: Kind) -> None:
    """An expired certificate, or one for another name, stays refused however much it is trusted."""
    candidate = Trusted(seen.address, kind, chosen, datetime.now(UTC))
    left = handshake.examine(seen.address, context([*trust.all(), candidate]), proxy=settings.proxy).fault
    if left:
        raise click.ClickException(plain(f"trusting it would not help: {left.cause}; {left.cure}"))


def _ours(settings: Settings) -> Sequence[Certificate]:
    """Our chain: the file that we serve, else what stands in front of us presents."""
    if settings.tls_cert:
        try:
            return certificates.from_pem(settings.tls_cert.read_bytes())
        except NoCertificate as error:
            raise click.ClickException(f"{settings.tls_cert}: {error}") from None
    if settings.public_url.startswith("https:"):
        return _shown_by(settings.public_url, settings.proxy)
    raise click.ClickException("we have no certificate: neither TLS_CERT is set, nor is PUBLIC_URL on https")


def _shown_by(base: str, proxy: str) -> Sequence[Certificate]:
    return _presented(handshake.examine(base, context([]), proxy=proxy))
