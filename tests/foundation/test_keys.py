"""The service's own secrets: one key made once, keys for one purpose each, seals that open only in their context."""

import base64
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.keys import KEY_FILE, Seal, derived, signing_keys
from foundation.settings import Settings

KEYS = (b"a key that is long enough to be one", b"another key that is long enough too")
SEAL = Seal(KEYS, "test")


@given(st.binary(), st.text())
def test_what_is_sealed_comes_back_in_its_context(value: bytes, context: str) -> None:
    sealed = SEAL.close(value, context)
    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    assert SEAL.open(sealed, context) == value


@given(st.binary(min_size=4), st.text(), st.text())
def test_a_seal_does_not_open_in_another_context(value: bytes, context: str, other: str) -> None:
    sealed = SEAL.close(value, context)
    assert SEAL.open(sealed, other) == (value if other == context else None)


@given(st.binary(min_size=1), st.integers(0, 10_000), st.integers(1, 255))
def test_a_seal_with_one_bit_changed_is_broken(value: bytes, place: int, change: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(SEAL.close(value, "c") + "=="))
    raw[place % len(raw)] ^= change
    assert SEAL.open(base64.urlsafe_b64encode(bytes(raw)).decode(), "c") is None


@given(st.text())
def test_garbage_opens_to_nothing(text: str) -> None:
    assert SEAL.open(text, "c") is None


def test_the_same_value_is_never_sealed_the_same() -> None:
    assert len({SEAL.close(b"x", "c") for _ in range(100)}) == 100


def test_a_seal_of_an_older_key_still_opens() -> None:
    old = Seal(KEYS[1:], "test").close(b"x", "c")
    assert SEAL.open(old, "c") == b"x"
    assert Seal(KEYS[:1], "test").open(old, "c") is None


def test_a_seal_for_one_purpose_is_of_no_use_for_another() -> None:
    assert Seal(KEYS, "other").open(SEAL.close(b"x", "c"), "c") is None
    assert derived(KEYS[0], "a") != derived(KEYS[0], "b")
    assert len(derived(KEYS[0], "a")) == 32


@pytest.fixture
def keys_in(tmp_path: Path) -> Callable[[], tuple[bytes, ...]]:
    return lambda: signing_keys(Settings(data_dir=tmp_path / "data"))


def test_a_key_is_made_once_and_kept_for_its_owner(keys_in: Callable[[], tuple[bytes, ...]], tmp_path: Path) -> None:
    first = keys_in()
    assert first == keys_in()
    file = tmp_path / "data" / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(first[0]) >= 32
    assert [path.name for path in file.parent.iterdir()] == [KEY_FILE]


def test_processes_that_start_at_once_use_one_key(keys_in: Callable[[], tuple[bytes, ...]]) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: keys_in(), range(16)))) == 1


def test_keys_that_are_set_are_used_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key=tuple(key.decode() for key in KEYS))
    assert signing_keys(settings) == KEYS
    assert list(tmp_path.iterdir()) == []
