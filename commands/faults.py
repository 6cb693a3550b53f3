"""What stops a command through no fault of ours, in one line with what to do: a file, the database, the cache."""

from __future__ import annotations

import errno

from redis import RedisError
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError, ProgrammingError, SQLAlchemyError

from commands.terminal import plain
from foundation.db.schema_version import NewerDatabaseError

EXPECTED = (OSError, SQLAlchemyError, RedisError, NewerDatabaseError)


def describe(error: Exception) -> str:
    """The line. Whoever reads our output has gone: that is no fault, and click ends quietly."""
    if isinstance(error, OSError):
        if error.errno == errno.EPIPE:
            raise error
        return ": ".join(plain(str(part)) for part in (error.filename, error.strerror or error) if part)
    if isinstance(error, NewerDatabaseError):
        return str(error)
    if isinstance(error, RedisError):
        return f"the cache cannot be used ({type(error).__name__}): check that Redis runs, CACHE_URL, and its password"
    cure = "check that it runs and has room, DATABASE_URL or DATA_DIR, and the rights of this account"
    return f"the database cannot be used ({reason(error)}): {cure}"


def reason(error: Exception) -> str:
    """Why a database refuses: the end of the first line that its driver says.

    What stands before may hold a piece of a password, for an address is told as it was read, and what follows what was
    to be written; an error about a value ends in that value, and has its name told alone.
    """
    if type(error) not in {OperationalError, ProgrammingError, InternalError, DatabaseError}:
        return type(error).__name__
    text = str(getattr(error, "orig", error)).strip()
    return plain(text.partition("\n")[0].rpartition(": ")[2].strip()) or type(error).__name__
