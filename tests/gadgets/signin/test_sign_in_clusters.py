"""A credential goes only to the cluster that the Origin names, once (docs/api.md, Session)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from gadgets.finesse.clusters import Clusters, faults
from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, Reply, ScriptedFinesse, scripted_finesse
from tests.support.services import Service, free_port

Fleet = tuple[ScriptedFinesse, ...]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """Three nodes, all with the same user."""
    with ExitStack() as stack:
        nodes = tuple(stack.enter_context(scripted_finesse()) for _ in range(3))
        for node in nodes:
            node.add(Account("1001", "ann"))
        yield nodes


def calls(fleet: Fleet) -> list[int]:
    """How many User requests each node saw."""
    return [len(node.requests_to()) for node in fleet]


def test_with_one_cluster_every_allowed_origin_is_its(start: Callable[..., Service], fleet: Fleet) -> None:
    service = start(finesse_nodes=[f"{fleet[0].base}+{fleet[1].base}"])
    for origin in ("https://finesse1.bora.com:8445", "https://other.bora.com:8445", None):
        assert service.sign_in("1001", origin=origin).status_code == 200


def test_with_several_clusters_the_map_of_origins_decides(start: Callable[..., Service], fleet: Fleet) -> None:
    service = start(
        finesse_nodes=[f"{fleet[0].base}+{fleet[1].base}", fleet[2].base],
        finesse_origins=(f"https://a.bora.com:8445={fleet[1].base}", f"https://b.bora.com:8445={fleet[2].base}"),
    )
    assert service.sign_in("1001", origin="https://b.bora.com:8445").status_code == 200
    assert calls(fleet) == [0, 0, 1]
    assert service.sign_in("1001", origin="https://a.bora.com:8445").status_code == 200
    assert calls(fleet) == [1, 0, 1]


@pytest.mark.parametrize("origin", ["https://finesse1.bora.com:8445", None])
def test_with_several_clusters_an_unknown_origin_reaches_none(
    start: Callable[..., Service], fleet: Fleet, origin: str | None
) -> None:
    service = start(finesse_nodes=[fleet[0].base, fleet[2].base])
    assert_problem(service.sign_in("1001", origin=origin), 403, "unknown_cluster")
    assert calls(fleet) == [0, 0, 0]


def test_a_node_is_known_by_its_own_origin() -> None:
    clusters = Clusters.of(
        ("https://a1.bora.com:8445+https://b1.bora.com:8445", "https://a2.bora.com:8445"),
        ("https://proxy.bora.com=https://a2.bora.com:8445", "https://proxy.bora.com:8446=https://b1.bora.com:8445"),
    )
    first, second = clusters.all
    assert clusters.for_origin("https://a1.bora.com:8445") is first
    assert clusters.for_origin("https://b1.bora.com:8445") is first
    assert clusters.for_origin("https://proxy.bora.com:8446") is first
    assert clusters.for_origin("https://a2.bora.com:8445") is second
    assert clusters.for_origin("https://proxy.bora.com") is second
    for origin in (None, "", "null", "https://a1.bora.com", "https://a3.bora.com:8445", "http://a1.bora.com:8445"):
        assert clusters.for_origin(origin) is None


def test_the_node_of_the_desktop_is_asked_first() -> None:
    (cluster,) = Clusters.of(("https://a1.bora.com:8445+https://b1.bora.com:8445",)).all
    assert cluster.nodes_for("https://b1.bora.com:8445")[0] == "https://b1.bora.com:8445"
    assert cluster.nodes_for("https://a1.bora.com:8445")[0] == "https://a1.bora.com:8445"
    assert cluster.nodes_for("https://proxy.bora.com")[0] == "https://a1.bora.com:8445"


def test_the_second_node_is_asked_where_nothing_listens_at_the_first(
    start: Callable[..., Service], fleet: Fleet
) -> None:
    service = start(finesse_nodes=[f"http://127.0.0.1:{free_port()}+{fleet[1].base}"])
    assert service.sign_in("1001").status_code == 200
    assert calls(fleet) == [0, 1, 0]


def test_a_wrong_password_is_not_tried_at_the_second_node(start: Callable[..., Service], fleet: Fleet) -> None:
    service = start(finesse_nodes=[f"{fleet[0].base}+{fleet[1].base}"])
    assert_problem(service.sign_in("1001", "wrong"), 401, "invalid_credentials")
    assert calls(fleet) == [1, 0, 0]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, "<html/>", "text/html"),
        Reply(503, ""),
        Reply(200, "junk"),
        Reply(404, ""),
        Reply(raw=b""),
        Reply(raw=b"HTT"),
    ],
)
def test_the_second_node_is_not_asked_once_the_first_was_connected_to(
    start: Callable[..., Service], fleet: Fleet, reply: Reply
) -> None:
    fleet[0].script = lambda _path: reply
    service = start(finesse_nodes=[f"{fleet[0].base}+{fleet[1].base}"])
    assert service.sign_in("1001").status_code >= 400
    assert calls(fleet)[1:] == [0, 0]
    assert calls(fleet)[0] == 1


def test_where_no_node_can_be_reached_finesse_is_unavailable(start: Callable[..., Service], fleet: Fleet) -> None:
    service = start(finesse_nodes=[f"http://127.0.0.1:{free_port()}+http://127.0.0.1:{free_port()}"])
    answer = service.sign_in("1001")
    assert_problem(answer, 502, "finesse_unavailable")
    assert_problem(service.sign_in("1001"), 502, "finesse_unavailable")


def test_people_of_two_clusters_with_one_id_are_two(start: Callable[..., Service], fleet: Fleet) -> None:
    service = start(
        finesse_nodes=[fleet[0].base, fleet[2].base],
        finesse_origins=(f"https://a.bora.com:8445={fleet[0].base}", f"https://b.bora.com:8445={fleet[2].base}"),
        journey_access="any",
    )
    tokens = []
    for origin in ("https://a.bora.com:8445", "https://b.bora.com:8445"):
        session = service.sign_in("1001", origin=origin).json
        assert session is not None
        tokens.append(session["access_token"])
    shown = service.post("/gadgets/journey", {"customerId": "C-1"}, tokens[0]).json
    assert shown is not None
    path = f"/gadgets/journey?customerRef={shown['customerRef']}"
    assert service.get(path, tokens[0]).status_code == 200
    assert_problem(service.get(path, tokens[1]), 404, "no_customer_ref")


def test_a_credential_is_never_sent_after_a_redirect(start: Callable[..., Service], fleet: Fleet) -> None:
    location = f"Location: {fleet[2].base}/finesse/api/User/1001\r\n".encode()
    fleet[0].script = lambda _path: Reply(302, raw=b"HTTP/1.1 302 Found\r\n" + location + b"Content-Length: 0\r\n\r\n")
    service = start(finesse_nodes=[fleet[0].base])
    assert_problem(service.sign_in("1001"), 502, "finesse_unavailable")
    assert calls(fleet)[2] == 0


def test_a_proxy_of_the_environment_is_not_used(
    start: Callable[..., Service], fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, fleet[2].base)
    assert start(finesse_nodes=[fleet[0].base]).sign_in("1001").status_code == 200
    assert calls(fleet) == [1, 0, 0]


@pytest.mark.parametrize(
    ("nodes", "origins", "names"),
    [
        (("http://finesse1.bora.com:8445",), (), ("http://finesse1.bora.com:8445",)),
        (("https://a:8445+https://b:8445+https://c:8445",), (), ("https://a:8445+https://b:8445+https://c:8445",)),
        (("https://a:8445", "https://A:8445"), (), ("twice",)),
        (("https://a:8445+",), (), ("https://a:8445+: a + stands between two nodes",)),
        (("https://a:8445/x", "ftp://b"), (), ("https://a:8445/x", "ftp://b")),
        (("https://a:8445",), ("https://p=https://b:8445",), ("https://b:8445",)),
        (("https://a:8445",), ("https://p",), ("https://p",)),
        (("https://a:8445",), ("p=https://a:8445", "https://q=b"), ("p=https://a:8445", "https://q=b")),
    ],
)
def test_every_bad_entry_is_named(nodes: tuple[str, ...], origins: tuple[str, ...], names: tuple[str, ...]) -> None:
    reported = faults(nodes, origins)
    assert len(reported) == len(names)
    assert all(name in fault for name, fault in zip(names, reported, strict=True))


def test_good_entries_have_no_fault() -> None:
    assert faults(("https://a:8445+https://b:8445", "http://localhost:8445"), ("https://p=https://b:8445",)) == []
