"""Memory and processor time of a process and its children, as Linux tells them."""

import os
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def memory(pid: int) -> float:
    """Resident MiB of the largest of the family: the worker that serves."""
    return max(_resident(member) for member in family(pid)) / 1024


def processor(pid: int) -> float:
    """Seconds of processor that the family has taken."""
    return sum(_ticks(member) for member in family(pid)) / TICKS


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _ticks(pid: int) -> int:
    # The name of a program may hold blanks; behind it user and system time are the 12th and the 13th.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
