"""Where brakes remember: small JSON documents that all threads, and with Redis all nodes, change atomically.

A store of their own, so that no session, token or figure pushes a brake out. A change is a pure function of a document
and of the seconds since it was written; where two nodes change one at the same moment, one of them does so again.

Nothing is pushed out in favour of something newer. Who uses the store bounds the number of its keys (`bucket`), and
documents bound their own size: there is no full store, and so no way to make it forget.

Time is monotonic in process, and Redis' own clock for all nodes. Documents hold seconds that are left, never moments:
where a clock steps back no time has passed, and the document is dated anew, so that no brake stays on until the clock
has caught up.
"""

import hashlib
import hmac
import secrets
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson
from cachetools import LRUCache

from foundation.cache.redis_client import RedisClient
from foundation.errors import OursDown

PREFIX = "pulse-brake:"
BUCKET_DIGITS = 4
STRIPES = 64
TRIES = 200
MOST_COPIES = 5000
SWEEP_EVERY = 1000
READ = """
local now = redis.call('TIME')
return {redis.call('GET', KEYS[1]) or '', now[1], now[2]}
"""
SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""

Document = Any
Result = TypeVar("Result")
# The new document (None: it stays as it is), and the result for the caller.
Change = Callable[[Document, float], tuple[Document, Result]]


class BrakesBusy(OursDown):
    """Too many change one document at once; nobody is let past a brake that could not be asked."""

    code = "cache_unavailable"


class BrakeStore(Protocol):
    def update(self, key: str, seconds: int, change: Change[Result]) -> Result:
        """Change one document, atomically; it is forgotten `seconds` after it was last written."""
        ...


def open_store(url: str = "") -> BrakeStore:
    """In Redis where there is one, else in this process."""
    if not url:
        return InProcess()
    return InRedis(RedisClient(url))


def fingerprint(key: bytes, *words: str) -> str:
    """Tells two facts apart, and shows nothing of them."""
    return hmac.digest(key, "\0".join(words).encode("utf-8", "replace"), hashlib.sha256).hex()[:24]


def bucket(key: bytes, *words: str) -> str:
    """One of 65,536 keys for what anyone can make up. Two that meet in one are braked together, none is forgotten."""
    return fingerprint(key, *words)[:BUCKET_DIGITS]


class InProcess:
    """All documents in this process, as the bytes that Redis would hold."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._documents: dict[str, tuple[float, float, bytes]] = {}
        self._writes = 0

    def update(self, key: str, seconds: int, change: Change[Result]) -> Result:
        with self._lock:
            now = self._clock()
            written, until, body = self._documents.get(key, (now, 0.0, b""))
            document = orjson.loads(body) if body and now < until else None
            changed, result = change(document, now - written)
            if changed is not None:
                self._documents[key] = (now, now + seconds, orjson.dumps(changed))
                self._writes += 1
                if self._writes % SWEEP_EVERY == 0:
                    self._sweep(now)
            return result

    def _sweep(self, now: float) -> None:
        """Drop what is over."""
        over = [key for key, (_, until, _) in self._documents.items() if until <= now]
        for key in over:
            del self._documents[key]


@dataclass(frozen=True, slots=True)
class Copy:
    """A document as it stands in Redis, by its bytes; when it was read or written, by Redis' clock and by ours."""

    body: bytes
    moment: float
    ours: float

    @property
    def now(self) -> float:
        return self.moment + time.monotonic() - self.ours

    def load(self) -> tuple[float, Document]:
        """When it was written, and the document."""
        written, document = orjson.loads(self.body) if self.body else (self.now, None)
        return written, document


class InRedis:
    """All documents in Redis: a change is made here, and written if the document is still the one that was changed.

    What this node wrote last is tried first, without reading it again: where no other node wrote meanwhile, a change
    is one trip. What leaves a document as it is was always read just now.
    """

    def __init__(self, client: RedisClient, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._redis = client
        self._read = client.connections.register_script(READ)
        self._swap = client.connections.register_script(SWAP)
        # Threads of one process wait for each other here, and not by trying again.
        self._locks = [threading.Lock() for _ in range(STRIPES)]
        self._copies: LRUCache[str, Copy] = LRUCache(MOST_COPIES)
        self._copies_lock = threading.Lock()

    def update(self, key: str, seconds: int, change: Change[Result]) -> Result:
        with self._locks[zlib.crc32(key.encode()) % STRIPES]:
            with self._copies_lock:
                copy = self._copies.pop(key, None)
            for _ in range(TRIES):
                is_read = copy is None
                copy = copy or self._fetch(key)
                now = self._clock() if self._clock else copy.now
                written, document = copy.load()
                changed, result = change(document, max(0.0, now - written))
                if changed is None and is_read and (now >= written or document is None):
                    return result
                if changed is not None or is_read:
                    dated = orjson.dumps([now, document if changed is None else changed])
                    if self._write(key, copy.body, dated, seconds):
                        self._keep(key, Copy(dated, now, time.monotonic()))
                        return result
                copy = None
                if is_read:
                    time.sleep(secrets.randbelow(5) / 1000)
        raise BrakesBusy(retry_after=2)

    def _fetch(self, key: str) -> Copy:
        body, whole, micros = self._redis.ask(lambda: self._read(keys=[PREFIX + key]))
        return Copy(body, int(whole) + int(micros) / 1_000_000, time.monotonic())

    def _write(self, key: str, before: bytes, body: bytes, seconds: int) -> bool:
        """Whether the document was still the one that was changed."""
        return bool(self._redis.ask(lambda: self._swap(keys=[PREFIX + key], args=[before, body, seconds * 1000])))

    def _keep(self, key: str, copy: Copy) -> None:
        with self._copies_lock:
            self._copies[key] = copy
