"""Whose name and password these are, with brakes on guessing: for LoginToken and for Basic alike."""

from __future__ import annotations

from contextlib import ExitStack

from experience.accounts.users import User, Users
from foundation.brakes.sign_ins import unknown_user
from foundation.brakes.store import BrakeStore, fingerprint
from foundation.brakes.throttle import Lately, Limit, Throttle, TooManyRefusals
from foundation.errors import PulseError

# From one address for one user; from one address; for one user; of all. None of the first two can use up one of the
# others: nobody alone stops a user, or everybody, from logging in elsewhere.
PER_USER_AND_SOURCE = Limit(10, 30.0)
PER_SOURCE = Limit(30, 10.0)
PER_USER = Limit(40, 10.0)
ALL = Limit(120, 3.0)
ACCEPTED_SECONDS = 1800


class TooManyLogins(TooManyRefusals):
    code = "too_many_requests"
    title = "Too many refused logins"


class SignIn:
    """Checks names and secrets. Who was let in from an address lately is not held up by anybody's guesses."""

    def __init__(self, users: Users, store: BrakeStore, key: bytes) -> None:
        self._users = users
        self._key = key
        self._lately = Lately(store, "api-accepted", key, ACCEPTED_SECONDS)
        self._pair = Throttle(store, "api-user-source", key, PER_USER_AND_SOURCE, _too_many)
        self._source = Throttle(store, "api-source", key, PER_SOURCE, _too_many)
        self._user = Throttle(store, "api-user", key, PER_USER, _too_many)
        self._all = Throttle(store, "api-all", key, ALL, _too_many)

    def check(self, name: str, secret: str, source: str) -> User | None:
        """The user, or None where name or secret is wrong. Raises TooManyLogins and TooManyGuesses."""
        words = fingerprint(self._key, "credential", name, secret), source
        if self._lately.renew(*words):
            user = self._users.check(name, secret)
            if user:
                return user
            self._lately.forget(*words)
        return self._braked(name, secret, source, words)

    def shown(self, name: str) -> str:
        """Who is meant, as the audit trail may show it."""
        return name if self._users.get(name) else unknown_user(self._key, name)

    def _braked(self, name: str, secret: str, source: str, words: tuple[str, str]) -> User | None:
        who = name.casefold()
        with ExitStack() as places:
            taken = [
                places.enter_context(self._pair.place(f"{who}\0{source}")),
                places.enter_context(self._source.place(source)),
                places.enter_context(self._user.place(who)),
                places.enter_context(self._all.place("")),
            ]
            user = self._users.check(name, secret)
            if user:
                self._lately.remember(*words)
            else:
                for place in taken:
                    place.refused()
        return user


def _too_many(seconds: int) -> PulseError:
    return TooManyLogins("Wait, then log in again", retry_after=seconds)
