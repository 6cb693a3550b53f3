"""An address whose connections go to a server that can be another one for the next, or to one that falls silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class TcpSwitch:
    """New connections to `port` go to `target`; those that are there stay with theirs.

    `pause` lets nothing through; `hang` neither, but for connections that are made from now on.
    """

    def __init__(self, target: int, listener: socket.socket) -> None:
        self.target = target
        self.port: int = listener.getsockname()[1]
        self._listener = listener
        self._flows = threading.Event()
        self._flows.set()
        self._wires: list[socket.socket] = []
        self._guard = threading.Lock()
        self._is_over = False

    def pause(self) -> None:
        self._flows.clear()

    def go_on(self) -> None:
        self._flows.set()

    def hang(self) -> None:
        self._flows, hung = threading.Event(), self._flows
        self._flows.set()
        hung.clear()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                self._join(self._listener.accept()[0])

    def close(self) -> None:
        self._flows.set()
        with self._guard:
            self._is_over = True
            for wire in (self._listener, *self._wires):
                with suppress(OSError):
                    wire.shutdown(socket.SHUT_RDWR)
                wire.close()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.target), 10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._guard:
            if self._is_over:
                near.close()
                far.close()
                return
            self._wires += near, far
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._pump, args=(source, sink, self._flows), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket, flows: threading.Event) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                flows.wait()
                sink.sendall(part)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def tcp_switch(target: int) -> Iterator[TcpSwitch]:
    switch = TcpSwitch(target, socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=switch.accept, daemon=True).start()
    try:
        yield switch
    finally:
        switch.close()
