"""Each Finesse node: every way in which its certificate, its answer, its clock or its origin can be wrong, by name."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from trustme import CA

from tests.support import tls
from tests.support.machines import Machine, finesse_check, finesse_on, finesse_responder, word


def test_a_good_node_is_green_down_to_its_clock(machine: Machine, ca: CA) -> None:
    with finesse_on(machine, tls.leaf(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    for what in ("reachable", "certificate", "SystemInfo", "deployment", "clock"):
        assert report.of(finesse_check(port, what))["state"] == "ok", what
    assert report.of(f"origins: https://localhost:{port}")["state"] == "ok"


def test_an_unknown_issuer_fails_with_the_command_that_trusts_it(machine: Machine, ca: CA) -> None:
    with finesse_on(machine, tls.leaf(ca)) as port:
        report = machine.doctor()
    check = report.of(finesse_check(port, "certificate"))
    assert (check["state"], check["code"]) == ("failed", "unknown_issuer")
    assert f"trust add localhost:{port}" in check["cure"]
    assert report.of(finesse_check(port, "SystemInfo"))["state"] == "not applicable"
    assert report.status == 1


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda ca: tls.leaf(ca, days=(-9, -2)), "expired"),
        (lambda ca: tls.leaf(ca, days=(2, 9)), "not_yet_valid"),
        (lambda ca: tls.leaf(ca, "finesse1.bora.com"), "wrong_name"),
    ],
)
def test_a_certificate_that_does_not_hold_fails_in_its_own_words(
    machine: Machine, ca: CA, made: Callable[[CA], tls.Made], code: str
) -> None:
    with finesse_on(machine, made(ca)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert report.failures[finesse_check(port, "certificate")] == code
    assert report.status == 1


def test_a_node_may_have_an_ec_key(machine: Machine, ca: CA) -> None:
    with finesse_on(machine, tls.leaf(ca, key=tls.EC)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert report.of(finesse_check(port, "certificate"))["state"] == "ok"


def test_a_certificate_that_ends_soon_is_noted(machine: Machine, ca: CA) -> None:
    with finesse_on(machine, tls.leaf(ca, days=(-9, 9))) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert word(report, finesse_check(port, "certificate")) == ("note", "ends_soon")


def test_a_list_without_a_nodes_origin_fails_with_the_entry_to_add(machine: Machine, ca: CA) -> None:
    with finesse_on(machine, tls.leaf(ca)) as port:
        machine.set(allowed_origins="https://finesse9.bora.com:8445")
        report = machine.doctor()
    check = report.of(f"origins: https://localhost:{port}")
    assert (check["state"], check["code"]) == ("failed", "origin_missing")
    assert f"https://localhost:{port}" in check["cure"]
    assert word(report, "origins: https://finesse9.bora.com:8445") == ("note", "origin_without_node")


def test_with_several_clusters_an_origin_without_its_node_fails(machine: Machine) -> None:
    nodes = "https://localhost:1,https://localhost:2"
    machine.set(finesse_nodes=nodes, allowed_origins=f"{nodes},https://proxy.bora.com:8445")
    assert machine.doctor().failures["origins: https://proxy.bora.com:8445"] == "origin_without_node"


def test_a_wrong_clock_an_unknown_deployment_and_an_outage_are_told_apart(machine: Machine, ca: CA) -> None:
    responder = finesse_responder(kind="", status="OUT_OF_SERVICE", behind=600)
    with finesse_on(machine, tls.leaf(ca), responder) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert word(report, finesse_check(port, "SystemInfo")) == ("note", "out_of_service")
    assert word(report, finesse_check(port, "deployment")) == ("failed", "deployment")
    assert word(report, finesse_check(port, "clock")) == ("failed", "clock")
    match = re.search(r"is ([0-9.]+) s ahead", report.of(finesse_check(port, "clock"))["says"])
    # A slow machine adds half of what the question took.
    assert match and 599 < float(match[1]) < 610


@pytest.mark.parametrize(
    ("answer", "code"), [((401, ""), "proxy"), ((500, ""), "status"), ((200, "<html/>"), "not_finesse")]
)
def test_what_is_no_finesse_is_said_so(machine: Machine, ca: CA, answer: tls.Answer, code: str) -> None:
    with finesse_on(machine, tls.leaf(ca), lambda path, headers: answer) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert report.failures[finesse_check(port, "SystemInfo")] == code


def test_a_node_that_is_not_there_and_a_name_that_is_unknown_are_told_apart(machine: Machine) -> None:
    with tls.served(tls.leaf(tls.authority())) as port:
        pass
    machine.set(finesse_nodes=f"https://localhost:{port}+https://finesse.invalid:8445", allowed_origins="https://a.b:1")
    failures = machine.doctor().failures
    assert failures[finesse_check(port, "reachable")] == "refused"
    assert failures["Finesse finesse.invalid:8445: reachable"] == "unknown_name"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((200, "<User><loginId>1001</loginId></User>"), ("note", "bearer_reads_others")),
        ((401, "<ErrorType>Invalid Authorization User Specified</ErrorType>"), ("ok", "")),
        ((401, "<ErrorType>Authorization Failure</ErrorType>"), ("note", "bearer_unknown")),
    ],
)
def test_a_supervisors_token_is_tried_on_another_person_and_never_shown(
    machine: Machine, ca: CA, answer: tls.Answer, state: tuple[str, str]
) -> None:
    requests: list[tuple[str, str]] = []

    def respond(path: str, headers: tls.Headers) -> tls.Answer:
        requests.append((path, headers.get("Authorization", "")))
        return answer

    with finesse_on(machine, tls.leaf(ca), respond) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor("--bearer", "-", "1001", typed="hush-token\n")
    assert ("/finesse/api/User/1001", "Bearer hush-token") in requests
    assert word(report, f"SSO localhost:{port}") == state
    assert "hush" not in str(report.checks)


@pytest.mark.parametrize("token", ["", "two words", "值機員", "a\x1b[0m"])
def test_what_is_no_token_is_refused_before_anything_is_asked(machine: Machine, token: str) -> None:
    done = machine.run("doctor", "--bearer", "-", "1001", typed=f"{token}\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--bearer" in done.stderr
    assert not token or token not in done.stderr


CLUSTERS = "Finesse: clusters"


@contextmanager
def two_finesses(machine: Machine, ca: CA, named: tuple[str, ...], joint: str) -> Iterator[tuple[str, str]]:
    """Two that SystemInfo names as one cluster where `named` is `1` and `2`; FINESSE_NODES joins them by `joint`."""
    ports: list[int] = []

    def respond(path: str, headers: tls.Headers) -> tls.Answer:
        own = headers["Host"].partition(":")[2]
        nodes = {"1": str(ports[0]), "2": str(ports[1]), "own": own, "elsewhere": "1"}
        return finesse_responder(nodes=tuple(f"localhost:{nodes[name]}" for name in named))(path, headers)

    with tls.served(tls.leaf(ca), respond) as first, tls.served(tls.leaf(ca), respond) as second:
        ports += [first, second]
        machine.trust(first, ca.cert_pem.bytes())
        one, two = (f"https://localhost:{port}" for port in ports)
        machine.set(finesse_nodes=f"{one}{joint}{two}", allowed_origins=f"{one},{two}")
        yield one, two


@pytest.mark.parametrize(
    ("named", "joint", "state", "cure"),
    [
        (("1", "2"), "+", ("ok", ""), ""),
        (("1", "2"), ",", ("failed", "one_cluster"), "PULSE_FINESSE_NODES={one}+{two}"),
        (("own",), "+", ("failed", "two_clusters"), "PULSE_FINESSE_NODES={one},{two}"),
        (("own", "own"), "+", ("failed", "two_clusters"), "PULSE_FINESSE_NODES={one},{two}"),
        (("own", "own"), ",", ("ok", ""), ""),
        ((), ",", ("not applicable", ""), ""),
    ],
)
def test_nodes_that_are_joined_or_parted_by_mistake_are_named_with_what_to_write(
    machine: Machine, ca: CA, named: tuple[str, ...], joint: str, state: tuple[str, str], cure: str
) -> None:
    with two_finesses(machine, ca, named, joint) as (one, two):
        report = machine.doctor()
        assert word(report, CLUSTERS) == state
        assert cure.format(one=one, two=two) in report.of(CLUSTERS)["cure"]


def test_a_second_node_that_is_not_listed_is_noted(machine: Machine, ca: CA) -> None:
    responder = finesse_responder(nodes=("localhost", "finesse2.bora.com"))
    with finesse_on(machine, tls.leaf(ca), responder) as port:
        machine.trust(port, ca.cert_pem.bytes())
        report = machine.doctor()
    assert word(report, CLUSTERS) == ("note", "second_node")
    assert f"https://localhost:{port}+https://finesse2.bora.com:{port}" in report.of(CLUSTERS)["cure"]
    assert "ALLOWED_ORIGINS" in report.of(CLUSTERS)["cure"]


def test_a_node_that_is_listed_by_another_name_is_let_be(machine: Machine, ca: CA) -> None:
    for names in (("10.1.1.1", "10.1.1.2"), ("localhost.bora.com", "localhost.bora.com")):
        with finesse_on(machine, tls.leaf(ca), finesse_responder(nodes=names)) as port:
            machine.trust(port, ca.cert_pem.bytes())
            assert machine.doctor().of(CLUSTERS)["state"] in {"ok", "not applicable"}


@pytest.mark.parametrize(
    ("time_zone", "offset", "state"),
    [
        ("Asia/Taipei", "480", ("ok", "")),
        ("UTC", "480", ("note", "time_zone")),
        ("Etc/GMT+8", "480", ("note", "time_zone")),
        ("Asia/Kolkata", "330", ("ok", "")),
        ("UTC", "", ("not applicable", "")),
    ],
)
def test_days_that_begin_at_another_hour_than_those_of_finesse_are_noted(
    machine: Machine, ca: CA, time_zone: str, offset: str, state: tuple[str, str]
) -> None:
    machine.set(time_zone=time_zone)
    with finesse_on(machine, tls.leaf(ca), finesse_responder(offset=offset)) as port:
        machine.trust(port, ca.cert_pem.bytes())
        found = machine.doctor().of(finesse_check(port, "time zone"))
    assert (found["state"], found["code"]) == state
    if state[0] == "note":
        assert "UTC+08:00" in found["says"]
        assert "PULSE_TIME_ZONE=Asia/Taipei" in found["cure"]
