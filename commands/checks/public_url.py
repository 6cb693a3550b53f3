"""Whether PUBLIC_URL answers, with a certificate that Finesse will accept (docs/cisco/finesse.md §7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

from commands.checks.context import Scene
from commands.checks.reach import NOT_REACHED, RENEW_BEFORE
from commands.checks.result import Finding, does_not_apply, failed, note, of_fault, ok
from foundation.errors import NeighbourDown
from foundation.http.upstream import Answer
from foundation.invocation import invocation
from foundation.tls import certificates, handshake
from foundation.tls.certificates import Certificate
from foundation.tls.handshake import Fault, Seen, address_of

GADGET, TITLE = "/gadgets/CiscoCXJourneyGadget.xml", b'title="Customer Experience Journey"'
HEALTH = "/healthz"
UNKNOWN = {"unknown_issuer", "self_signed"}
WEAK = {"md5", "sha1"}
# In every gadget file of ours.
SHELL = b'id="pulse-shell"'
# A proxy's own words for "nothing is behind me".
NOT_PASSED_ON = {502, 503, 504}
LONGEST_RSA = 2048
KNOWN_BY = "which Finesse and the agents' browsers must know"
INTERMEDIATES = "put the intermediate certificates behind our own into the file of TLS_CERT (or of the proxy in front)"


def served(scene: Scene) -> Iterator[Finding]:
    base = scene.settings.public_url
    if not base:
        yield does_not_apply("PUBLIC_URL", "it is not set")
        return
    if handshake.needs_no_certificate(base):
        yield does_not_apply("PUBLIC_URL: certificate", "plain http on this machine has none")
        yield from _answers(scene, base)
        return
    seen = handshake.examine(base, scene.public_trusted)
    if seen.own is None:
        fault = seen.fault or Fault("no_certificate", f"{base} presents no certificate", "set TLS_CERT and TLS_KEY")
        where = "reachable" if fault.code in NOT_REACHED else "certificate"
        yield of_fault(f"PUBLIC_URL: {where}", fault)
        return
    yield from _acceptable(seen, seen.own, address_of(base)[0])
    if seen.fault:
        yield does_not_apply(f"PUBLIC_URL: {_path(scene)}", "not asked, for the certificate is not accepted here")
        return
    yield from _answers(scene, base)


def _acceptable(seen: Seen, own: Certificate, host: str) -> Iterator[Finding]:
    yield _names(own, host)
    yield _valid(own)
    yield _chain(seen)
    if seen.fault and seen.fault.code in UNKNOWN and certificates.links(seen.chain)[-1].is_self_signed:
        yield _unknown_here(seen)
    yield _signature(own)
    yield _key(own)


def _names(own: Certificate, host: str) -> Finding:
    check = "PUBLIC_URL: names"
    listed = ", ".join(own.names) or "no name"
    if not own.covers(host):
        cure = f"have a certificate made for {host}, or set PUBLIC_URL to a name that it has"
        return failed(check, f"the certificate is for {listed}, not for {host}", cure, "wrong_name")
    if own.common_name.lower() != host.lower():
        cause = f"for {listed}; but its common name is {own.common_name or 'empty'}, and Cisco wants it to be {host}"
        return note(check, cause, "if Finesse does not load the gadgets, have that common name put in", "common_name")
    return ok(check, f"for {listed}")


def _valid(own: Certificate) -> Finding:
    check, now = "PUBLIC_URL: validity", datetime.now(UTC)
    until = f"until {own.not_after:%Y-%m-%d %H:%M} UTC"
    if own.not_after < now:
        return failed(check, f"expired: valid {until}", "renew it", "expired")
    if own.not_before > now:
        cure = "wait, or set the clocks by NTP"
        return failed(check, f"valid only from {own.not_before:%Y-%m-%d %H:%M} UTC", cure, "not_yet_valid")
    if own.not_after - now < RENEW_BEFORE:
        return note(check, until, "it ends soon: have it renewed in time", "ends_soon")
    return ok(check, until)


def _chain(seen: Seen) -> Finding:
    """Finesse builds the path from what is presented and from tomcat-trust, where usually roots alone are."""
    check = "PUBLIC_URL: chain"
    path = certificates.links(seen.chain)
    top = path[-1]
    if len(path) == 1 and top.is_self_signed:
        message = f"it signed itself; Finesse and the agents' browsers must know it (SHA-256 {top.sha256})"
        return note(check, message, _import(), "self_signed")
    if top.is_self_signed:
        return ok(check, f"complete, up to {top.subject}, {KNOWN_BY}")
    if seen.fault and seen.fault.code in UNKNOWN:
        cause = f"it ends at {top.subject}, and who issued that ({top.issuer}) is neither presented nor known here"
        cure = f"{INTERMEDIATES}; where that is an authority of your own: {invocation(f'trust add {seen.address}')}"
        return failed(check, cause, cure, "chain_incomplete")
    return ok(check, f"complete, but for its root {top.issuer}, {KNOWN_BY}")


def _unknown_here(seen: Seen) -> Finding:
    """The chain says all, and yet nobody here knows its top: nothing behind it could be looked at."""
    top = certificates.links(seen.chain)[-1]
    cause = f"nobody here has trusted {top.subject}, so what answers at PUBLIC_URL was not looked at"
    cure = f"compare its fingerprint ({top.sha256}), then: {invocation(f'trust add {seen.address}')}; {_import()}"
    return failed("PUBLIC_URL: trusted here", cause, cure, "unknown_here")


def _import() -> str:
    """Who must know our certificate, or its authority, and how they come to."""
    return (
        "import it into tomcat-trust of every Finesse node, and restart Cisco Finesse Tomcat; and where the authority "
        f"is not a public one, into the agents' browsers or their system: {invocation('trust export')}"
    )


def _signature(own: Certificate) -> Finding:
    check = "PUBLIC_URL: signature"
    if own.signed_with in WEAK:
        cause = f"signed with {own.signed_with}, which Finesse refuses"
        return failed(check, cause, "have it made with SHA-256", "weak_signature")
    if own.signed_with != "sha256":
        message = f"signed with {own.signed_with or 'no hash'}; Cisco names SHA-256"
        return note(check, message, "if Finesse refuses it, have it made with SHA-256", "signature")
    return ok(check, "SHA-256")


def _key(own: Certificate) -> Finding:
    check = "PUBLIC_URL: key"
    if not own.is_rsa:
        cause = f"{own.key}: Cisco's products take RSA keys alone towards WxM, which we are to CVP"
        return failed(check, cause, "have a certificate made with an RSA key of 2048 bits", "ec_key")
    if own.key_bits > LONGEST_RSA:
        message = f"{own.key}: Cisco's text of 12.0 names 2048 bits as the most"
        return note(check, message, "if Finesse refuses it, have it made with 2048 bits", "long_key")
    return ok(check, own.key)


def _path(scene: Scene) -> str:
    return GADGET if "gadgets" in scene.settings.faces else HEALTH


def _answers(scene: Scene, base: str) -> Iterator[Finding]:
    """That Pulse is there, and not another service: whatever a stranger answers, it is not our gadget."""
    path = _path(scene)
    check = f"PUBLIC_URL: {path}"
    try:
        answer = scene.public.get(base, path, {}, handshake.SECONDS)
    except NeighbourDown as error:
        cure = "check that `serve` runs, and what stands in front of it"
        yield failed(check, error.detail, cure, error.code)
        return
    if answer.status in NOT_PASSED_ON:
        cause = f"{base}{path} answered {answer.status}: what stands in front does not reach `serve`"
        yield failed(check, cause, "check that `serve` runs, and the address that the proxy passes on to", "status")
    elif _is_ours(path, answer):
        yield _of_this_address(check, base, answer)
    else:
        cause = f"{base}{path} answered {answer.status}, and not as Pulse does: another service is there"
        cure = "set PUBLIC_URL to the address of Pulse, with its port; or have the proxy there pass everything on to it"
        yield failed(check, cause, cure, "not_pulse")


def _is_ours(path: str, answer: Answer) -> bool:
    if answer.status != 200:
        return False
    if path == GADGET:
        return TITLE in answer.body and SHELL in answer.body
    try:
        return {"status", "version"} <= set(orjson.loads(answer.body))
    except (ValueError, TypeError):
        return False


def _of_this_address(check: str, base: str, answer: Answer) -> Finding:
    """A Pulse with another PUBLIC_URL would send the desktops there."""
    if SHELL in answer.body and f'"publicUrl": "{base}"'.encode() not in answer.body:
        cause = "a Pulse answers there whose own PUBLIC_URL is another: its gadgets load from there"
        return failed(check, cause, "restart `serve` with these settings, or set PUBLIC_URL to its own", "other_pulse")
    return ok(check, "answers")
