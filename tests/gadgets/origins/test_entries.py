"""Bad entries of ALLOWED_ORIGINS stop the start, every one named, with the entry that was meant."""

import pytest

from gadgets.origins.allow_list import AllowList, faults

GUESSED = {
    "https://finesse1.bora.com": "https://finesse1.bora.com:8445",
    "https://finesse1.bora.com/": "https://finesse1.bora.com:8445",
    "https://finesse1.bora.com:8445/": "https://finesse1.bora.com:8445",
    "https://finesse1.bora.com:8445/desktop": "https://finesse1.bora.com:8445",
    "https://finesse1.bora.com:8445?x=1": "https://finesse1.bora.com:8445",
    "http://finesse1.bora.com:8445": "https://finesse1.bora.com:8445",
    "finesse1.bora.com": "https://finesse1.bora.com:8445",
    "finesse1.bora.com:8445": "https://finesse1.bora.com:8445",
    "HTTPS://Finesse1.Bora.COM:8445": "https://finesse1.bora.com:8445",
    "https://finesse1.bora.com.:8445": "https://finesse1.bora.com:8445",
    "https://*.bora.com": "https://*.bora.com:8445",
    "*.bora.com": "https://*.bora.com:8445",
    "https://bücher.bora.com:8445": "https://xn--bcher-kva.bora.com:8445",
}
NOT_GUESSED = (
    "*",
    "https://*",
    "https://*:8445",
    "https://*.com:8445",
    "https://finesse*.bora.com:8445",
    "https://finesse1.*.com:8445",
    "https://*.*.bora.com:8445",
    "https://finesse1.bora.com:*",
    "https://finesse1.bora.com:99999",
    "https://finesse1.bora.com:0",
    "https://user:word@finesse1.bora.com:8445",
    "https://fin_esse.bora.com:8445",
    "https://[::1]:8445",
    "https://.bora.com:8445",
    "https://",
    "null",
)


@pytest.mark.parametrize("entry", GUESSED)
def test_the_entry_that_was_meant_is_guessed(entry: str) -> None:
    (fault,) = faults((entry,))
    assert fault.startswith(f"{entry}: ")
    assert fault.endswith(f" → {GUESSED[entry]}")


@pytest.mark.parametrize("entry", NOT_GUESSED)
def test_a_bad_entry_is_named(entry: str) -> None:
    (fault,) = faults((entry,))
    assert fault.startswith(f"{entry}: ")
    guess = fault.partition(" → ")[2]
    assert not guess or faults((guess,)) == []


def test_every_bad_entry_is_named_at_once() -> None:
    bad = (*GUESSED, *NOT_GUESSED)
    reported = faults(("https://finesse1.bora.com:8445", *bad, "https://*.bora.com:443"))
    assert [fault.partition(": ")[0] for fault in reported] == [entry.partition(": ")[0] for entry in bad]


def test_a_bare_star_never_becomes_an_entry() -> None:
    assert " → " not in faults(("*",))[0]


def test_a_guess_is_an_entry_that_works() -> None:
    assert AllowList.of(tuple(GUESSED.values())).allows("https://finesse1.bora.com:8445")
