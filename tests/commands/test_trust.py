"""`trust`: what is shown before it is trusted, what is trusted then, and what others get of us."""

from pathlib import Path

import pytest
from trustme import CA

from foundation.tls.certificates import from_pem
from tests.support import tls
from tests.support.machines import Machine, finesse_check


def own(made: tls.Made) -> str:
    return from_pem(made.cert_chain_pems[0].bytes())[0].sha256


def certificate_state(machine: Machine, port: int) -> str:
    machine.set(finesse_nodes=f"https://localhost:{port}", allowed_origins=f"https://localhost:{port}")
    return machine.doctor().of(finesse_check(port, "certificate"))["state"]


def test_it_shows_what_would_be_trusted_and_trusts_nothing_without_a_word(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca)
    with tls.served(made) as port:
        done = machine.run("trust", "add", f"localhost:{port}", typed="\n")
        assert done.exit_code == 1
        for word in ("Subject:", "Issuer:", "Names:", "Valid:", "RSA 2048", own(made), "localhost, 127.0.0.1"):
            assert word in done.stdout, word
        assert certificate_state(machine, port) == "failed"


@pytest.mark.parametrize("answer", ["--yes", "certificate"])
def test_it_trusts_exactly_the_certificate_that_was_shown(machine: Machine, ca: CA, answer: str) -> None:
    flags = [answer] if answer == "--yes" else []
    with tls.served(tls.leaf(ca)) as port:
        done = machine.run("trust", "add", f"localhost:{port}", *flags, typed=f"{answer}\n")
        assert done.exit_code == 0, done.output
        assert certificate_state(machine, port) == "ok"
        assert f"localhost:{port} is trusted already" in machine.run("trust", "add", f"localhost:{port}").stdout
    with tls.served(tls.leaf(ca)) as other:
        assert certificate_state(machine, other) == "failed"


def test_it_trusts_the_issuer_that_is_presented_where_asked_to(machine: Machine, ca: CA) -> None:
    root = ca.cert_pem.bytes()
    with tls.served(tls.leaf(ca), chain=root) as port:
        assert machine.run("trust", "add", f"localhost:{port}", "--issuer", "--yes").exit_code == 0
    with tls.served(tls.leaf(ca)) as other:
        assert certificate_state(machine, other) == "ok"


def test_a_script_names_the_fingerprint_and_nothing_else_is_trusted(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca)
    with tls.served(made) as port:
        address = f"localhost:{port}"
        wrong = machine.run("trust", "add", address, "--fingerprint", "00" * 32)
        assert (wrong.exit_code, "nothing is trusted" in wrong.stderr) == (1, True)
        assert machine.run("trust", "add", address, "--fingerprint", "junk").exit_code == 2
        right = machine.run("trust", "add", address, "--fingerprint", own(made).replace(":", "").lower())
        assert right.exit_code == 0, right.output
        assert certificate_state(machine, port) == "ok"


@pytest.mark.parametrize(("names", "days"), [(("elsewhere.bora.com",), (-1, 9)), (("localhost",), (-9, -1))])
def test_what_trusting_could_not_mend_is_not_trusted(
    machine: Machine, ca: CA, names: tuple[str, ...], days: tuple[int, int]
) -> None:
    with tls.served(tls.leaf(ca, *names, days=days)) as port:
        done = machine.run("trust", "add", f"localhost:{port}", "--yes")
    assert (done.exit_code, "would not help" in done.stderr) == (1, True)
    assert machine.run("trust", "list").stdout.startswith("No certificates")


def test_what_was_trusted_is_listed_and_can_be_removed(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca)
    with tls.served(made) as port:
        machine.run("trust", "add", f"localhost:{port}", "--yes")
        listed = machine.run("trust", "list").stdout
        assert f"localhost:{port}" in listed
        assert own(made) in listed
        assert machine.run("trust", "remove", f"localhost:{port}").exit_code == 0
        assert certificate_state(machine, port) == "failed"
    assert machine.run("trust", "remove", f"localhost:{port}").exit_code == 1


HOSTILE = ":AB: [red]x[/] \x1b[2K\u202e"


def test_names_in_a_certificate_are_shown_letter_by_letter(machine: Machine, ca: CA) -> None:
    """A fingerprint may hold `:AB:`, which is an emoji's name; a stranger's subject may hold what a terminal obeys."""
    made = ca.issue_cert("localhost", common_name="localhost", organization_name=HOSTILE, key_type=tls.RSA)
    shown = r":AB: [red]x[/] \x1b[2K\u202e"
    with tls.served(made) as port:
        added = machine.run("trust", "add", f"localhost:{port}", "--yes").stdout
    for output in (added, machine.run("trust", "list").stdout):
        assert shown in output, output
        assert "\x1b" not in output


def test_our_chain_is_written_as_base_64_without_our_key(machine: Machine, ca: CA, tmp_path: Path) -> None:
    made = tls.leaf(ca.create_child_ca(key_type=tls.RSA))
    file = tmp_path / "own.pem"
    file.write_bytes(made.private_key_and_cert_chain_pem.bytes())
    machine.set(tls_cert=str(file), tls_key=str(file))
    done = machine.run("trust", "export")
    assert len(from_pem(done.stdout)) == 2
    assert "PRIVATE" not in done.stdout
    machine.run("trust", "export", "--into", str(tmp_path / "chain.pem"))
    assert (tmp_path / "chain.pem").read_text() == done.stdout


def test_behind_a_proxy_the_chain_that_it_presents_is_written(machine: Machine, ca: CA) -> None:
    made = tls.leaf(ca)
    with tls.served(made) as port:
        machine.set(public_url=f"https://localhost:{port}")
        assert from_pem(machine.run("trust", "export").stdout)[0].sha256 == own(made)


@pytest.mark.parametrize("junk", ["finesse1:port", ":8445", "https://"])
def test_what_is_no_address_is_refused_in_words(machine: Machine, junk: str) -> None:
    done = machine.run("trust", "add", junk)
    assert (done.exit_code, "is no HOST:PORT" in done.stderr) == (2, True)
