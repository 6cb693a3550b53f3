"""The machine's clock as it is set forward or back, for code that reads it; the clock that never steps goes on."""

import sys
import time

import pytest

_REAL = time.time


def step_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """From now on `time.time` is so many seconds ahead of the true one, under every name that a module has for it."""

    def stepped() -> float:
        return _REAL() + seconds

    now = time.time
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()):
            if value is now and module.__name__ != __name__:
                monkeypatch.setattr(module, name, stepped)
