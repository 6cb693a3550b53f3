"""A machine with a database of its own, and an authority that it trusts for no one yet."""

from tests.support.machines import ca, machine

__all__ = ["ca", "machine"]
