"""Whether the database and Redis take writes: tried by the heartbeat of the service, which is committed."""

from __future__ import annotations

from collections.abc import Callable

from commands.checks.result import Finding, failed, ok
from foundation.cache.cache import Cache
from foundation.causes import UNKNOWN, cause_of
from foundation.db.database import Database
from foundation.web.store_health import beat, write_cache

DATABASE_CURES = {
    "read_only": "have DATABASE_URL name the primary (…&target_session_attrs=read-write), and see that neither "
    "default_transaction_read_only nor its file system is read-only",
    "full": "make room on its disk, or raise its quota",
    "io_error": "look at its disk and its log",
    "damaged": "restore a backup",
    "not_permitted": "let this account insert, update and delete",
    "busy": "another process writes, and takes long: wait for it, or end it",
}
CACHE_CURES = {
    "read_only": "it is a replica: have CACHE_URL name the primary",
    "full": "raise its maxmemory, or have it evict what is old (maxmemory-policy volatile-lru)",
    "not_permitted": "let this account use every command on keys that begin with pulse:",
    "cannot_save": "its snapshots fail: look at its disk and its log",
    "no_replicas": "bring its replicas back, or lower min-replicas-to-write",
}


def to_database(database: Database) -> Finding:
    return _tried(
        "database: writable",
        lambda: beat(database),
        "a write was made and committed",
        DATABASE_CURES,
        "check that it runs, has room, and that this account may read and write",
    )


def to_cache(cache: Cache) -> Finding:
    return _tried(
        "cache: writable",
        lambda: write_cache(cache),
        "a value was kept",
        CACHE_CURES,
        "check that Redis runs, has room, and that this account may write",
    )


def _tried(check: str, write: Callable[[], None], done: str, cures: dict[str, str], cure: str) -> Finding:
    try:
        write()
    except Exception as error:
        cause = cause_of(error) or UNKNOWN
        return failed(check, f"a write is refused ({cause})", cures.get(cause, cure), "writes_refused")
    return ok(check, done)
