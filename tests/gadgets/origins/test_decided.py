"""Which origins are allowed is decided by our own grammar, byte for byte (docs/api.md, Origins)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadgets.origins.allow_list import AllowList, entry_for, faults
from tests.gadgets.origins.hostile import ALLOWED, CLASSES, ENTRIES, HOSTILE

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
LIST = AllowList.of(ENTRIES)

labels = st.builds(
    lambda first, middle, last: f"{first}{middle}{last}",
    st.sampled_from(LETTERS),
    st.text(f"{LETTERS}-", max_size=12),
    st.sampled_from(LETTERS),
)
domains = st.lists(labels, min_size=2, max_size=4).map(".".join)
ports = st.one_of(st.sampled_from([443, 8445, 80, 65535]), st.integers(1, 65535))


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, str]:
    """An entry, and an origin that it means."""
    domain, port, star = draw(domains), draw(ports), draw(st.booleans())
    below = draw(st.lists(labels, min_size=1, max_size=3).map(".".join)) + "." if star else ""
    sent = "" if port == 443 else f":{port}"
    return f"https://{'*.' if star else ''}{domain}:{port}", f"https://{below}{domain}{sent}"


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """The same text with one byte changed, added or taken away."""
    place = draw(st.integers(0, len(text)))
    sign = draw(st.one_of(st.sampled_from("./:@*-_%A0 \n"), st.characters(max_codepoint=255)))
    rest = draw(st.sampled_from([text[place + 1 :], text[place:]]))
    return text[:place] + draw(st.sampled_from([sign, ""])) + rest


def meant(entry: str, origin: str) -> bool:
    """Whether an entry means an origin, said again without a pattern."""
    if not origin.startswith("https://") or any(sign not in f"{LETTERS}.-:" for sign in origin[8:]):
        return False
    host, colon, port = origin[8:].partition(":")
    entry_host, _, entry_port = entry.removeprefix("https://").rpartition(":")
    if (port or "443") != entry_port or port == "443" or (colon and not port):
        return False
    if not entry_host.startswith("*."):
        return host == entry_host
    parts, suffix = host.split("."), entry_host.split(".")[1:]
    sane = all(0 < len(part) < 64 and part[0] != "-" and part[-1] != "-" for part in parts)
    return sane and len(host) <= 253 and len(parts) > len(suffix) and parts[-len(suffix) :] == suffix


def test_there_are_more_than_forty_hostile_origins() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 40


@pytest.mark.parametrize("kind", CLASSES)
def test_hostile_origins_are_refused(kind: str) -> None:
    assert [origin for origin in CLASSES[kind] if LIST.allows(origin)] == []


@pytest.mark.parametrize("kind", CLASSES)
def test_the_pattern_for_flask_cors_refuses_them_too(kind: str) -> None:
    pattern = LIST.pattern()
    assert [origin for origin in CLASSES[kind] if pattern.match(origin) or pattern.match(f"{origin}\n")] == []


@pytest.mark.parametrize("origin", ALLOWED)
def test_what_an_entry_means_is_allowed(origin: str) -> None:
    assert LIST.allows(origin)
    assert LIST.pattern().match(origin)


@given(entries())
def test_every_origin_that_an_entry_means_is_allowed(pair: tuple[str, str]) -> None:
    entry, origin = pair
    assert faults((entry,)) == []
    assert AllowList.of((entry,)).allows(origin)


@given(st.data(), entries())
@settings(max_examples=300)
def test_an_origin_with_one_byte_changed_is_refused_unless_it_is_meant(
    data: st.DataObject, pair: tuple[str, str]
) -> None:
    entry, origin = pair
    changed = data.draw(mutations(origin))
    assert AllowList.of((entry,)).allows(changed) == meant(entry, changed)


@given(st.data(), st.lists(entries(), min_size=1, max_size=3))
@settings(max_examples=300)
def test_the_pattern_matches_what_is_allowed_and_nothing_else(
    data: st.DataObject, pairs: list[tuple[str, str]]
) -> None:
    allowed = AllowList.of(tuple(entry for entry, _ in pairs))
    origin = data.draw(st.sampled_from([sent for _, sent in pairs]))
    for text in (origin, data.draw(mutations(origin)), data.draw(st.text()), f"https://{'a.' * 140}{origin[8:]}"):
        assert bool(allowed.pattern().match(text)) == allowed.allows(text)


def test_a_host_is_as_long_as_a_name_may_be_and_no_longer() -> None:
    longest, longer = (f"{'a' * first}.{'b' * 60}.{'c' * 60}.{'d' * 60}.bora.com" for first in (61, 62))
    assert [len(longest), len(longer)] == [253, 254]
    assert LIST.allows(f"https://{longest}:8445")
    assert not LIST.allows(f"https://{longer}:8445")
    assert faults((f"https://{longest}:8445",)) == []
    assert "longer than a name may be" in faults((f"https://{longer}:8445",))[0]


def test_an_empty_list_allows_nothing() -> None:
    empty = AllowList.of(())
    assert not any(empty.allows(origin) or empty.pattern().match(origin) for origin in (*ALLOWED, *HOSTILE))


@given(entries())
def test_the_entry_told_for_a_refused_origin_allows_it(pair: tuple[str, str]) -> None:
    entry = entry_for(pair[1])
    assert entry is not None
    assert faults((entry,)) == []
    assert AllowList.of((entry,)).allows(pair[1])


@pytest.mark.parametrize(
    "origin", ["null", "http://a.bora.com:8445", "https://A.bora.com", "https://a.bora.com:443", ""]
)
def test_no_entry_is_told_for_what_none_can_allow(origin: str) -> None:
    assert entry_for(origin) is None
