"""`user`: users of the built-in WxM API are made, given keys, listed and disabled."""

from contextlib import closing

from experience.accounts.users import Users
from foundation.db.database import Database
from tests.support.machines import Machine, machine

__all__ = ["machine"]


def test_a_user_is_made_with_a_key_given_another_disabled_and_let_in_again(machine: Machine) -> None:
    first = machine.run("user", "add", "cvp", "--role", "system").stdout.strip()
    second = machine.run("user", "key", "cvp").stdout.strip()
    with closing(Database(f"sqlite:///{machine.data / 'pulse.db'}")) as database:
        users = Users(database)
        assert users.check("cvp", first) is None
        user = users.check("cvp", second)
        assert user and user.may_write
        assert machine.run("user", "list").stdout == "cvp: system, reads and writes\n"
        assert machine.run("user", "disable", "cvp").exit_code == 0
        assert machine.run("user", "list").stdout == "cvp: system, disabled\n"
        assert users.check("cvp", second) is None
        assert machine.run("user", "enable", "cvp").exit_code == 0
        assert machine.run("user", "list").stdout == "cvp: system, reads and writes\n"
        assert users.check("cvp", second)


def test_what_cannot_be_is_said_plainly(machine: Machine) -> None:
    machine.run("user", "add", "cvp")
    for words in (("add", "cvp"), ("add", "a:b"), ("key", "nobody"), ("disable", "nobody"), ("enable", "nobody")):
        ended = machine.run("user", *words)
        assert ended.exit_code == 1
        assert ended.stderr.startswith("Error: ")
        assert "Traceback" not in ended.stderr


def test_no_user_is_made_where_the_password_is_not_given(machine: Machine) -> None:
    ended = machine.run("user", "add", "reporter", "--password", typed="one\nanother\n")
    assert (ended.exit_code, type(ended.exception)) == (1, SystemExit)
    assert machine.run("user", "list").stdout == ""
