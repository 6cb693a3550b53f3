"""The socket on which a worker listens: granian makes it, and hands it to nobody."""

import os
import socket
from contextlib import closing, suppress
from pathlib import Path

FILES = Path("/proc/self/fd")
# Linux's; elsewhere a reader who takes nothing keeps his connection.
USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)


def end_stalled_readers(port: int, seconds: float) -> None:
    """Have the system end a connection whose reader has taken nothing for so long: accepted ones inherit the option."""
    if USER_TIMEOUT is None or not FILES.exists():
        return
    for file in FILES.iterdir():
        with suppress(OSError), closing(socket.socket(fileno=os.dup(int(file.name)))) as wire:
            if wire.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) and wire.getsockname()[1] == port:
                wire.setsockopt(socket.IPPROTO_TCP, USER_TIMEOUT, int(1000 * seconds))
