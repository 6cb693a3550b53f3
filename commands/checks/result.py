"""What a check found: that all is well, what failed with its cause and its cure, what to know, what does not apply."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from commands.checks.context import Scene
from foundation.tls.handshake import Fault

State = Literal["ok", "note", "failed", "not applicable"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `code` is a word that programs can rely on; only a failure makes the exit status 1."""

    check: str
    state: State
    says: str
    cure: str = ""
    code: str = ""


Check = Callable[[Scene], Iterable[Finding]]


def ok(check: str, message: str) -> Finding:
    return Finding(check, "ok", message)


def note(check: str, message: str, cure: str = "", code: str = "") -> Finding:
    return Finding(check, "note", message, cure, code)


def failed(check: str, cause: str, cure: str, code: str) -> Finding:
    return Finding(check, "failed", cause, cure, code)


def of_fault(check: str, fault: Fault) -> Finding:
    return failed(check, fault.cause, fault.cure, fault.code)


def does_not_apply(check: str, why: str) -> Finding:
    return Finding(check, "not applicable", why)
