"""A server that is far away: a relay before a port of this machine that keeps every byte back for half a round trip."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
PIECE = 65536


class Distance:
    """How far: `round_trip` is in seconds, and may be changed at any time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.round_trip = 0.0
        self.relay = 0

    async def listen(self, is_up: threading.Event) -> None:
        server = await asyncio.start_server(self._meet, HOST, 0)
        self.relay = server.sockets[0].getsockname()[1]
        is_up.set()
        await server.serve_forever()

    async def _meet(self, reader: StreamReader, writer: StreamWriter) -> None:
        """A connection takes a round trip before its first byte is on its way."""
        await asyncio.sleep(self.round_trip)
        there, back = await asyncio.open_connection(HOST, self._port)
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))

    async def _carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """What is under way does not hold up what comes behind it."""
        now = asyncio.get_running_loop().time
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def arrive() -> None:
            piece = b"-"
            while piece:
                due, piece = await under_way.get()
                await asyncio.sleep(due - now())
                writer.write(piece)
            writer.close()

        async with asyncio.TaskGroup() as both:
            both.create_task(arrive())
            piece = b"-"
            while piece:
                piece = await _read(reader)
                under_way.put_nowait((now() + self.round_trip / 2, piece))


async def _read(reader: StreamReader) -> bytes:
    with suppress(ConnectionError):
        return await reader.read(PIECE)
    return b""


@contextmanager
def far(port: int) -> Iterator[Distance]:
    """A relay before `port`, at `relay`, for as long as this lasts."""
    distance, is_up = Distance(port), threading.Event()
    threading.Thread(target=lambda: asyncio.run(distance.listen(is_up)), daemon=True).start()
    is_up.wait()
    yield distance
