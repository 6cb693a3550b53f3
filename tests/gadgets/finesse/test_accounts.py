"""Names of a Finesse account: all of its spellings, whoever learned them and where."""

from collections.abc import Callable

import pytest

from gadgets.finesse.accounts import Account, Accounts, account_of, normalize, without_domain
from gadgets.signin.directory import Directory, Entry
from tests.support.services import Service
from tests.support.signed_in import make_person

CLUSTER = "https://finesse1"
PEOPLE = [("1001", "ann"), ("1002", "bob@corp.com"), ("1003", "bob@other.com"), ("1004", "STRAẞE"), ("zoe", "zoe")]


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(lambda cluster: PEOPLE if cluster == CLUSTER else [])


@pytest.mark.parametrize(
    ("name", "login_id"),
    [
        ("1001", "1001"),
        ("ann", "1001"),
        ("ANN", "1001"),
        (" ann ", "1001"),
        ("CORP\\Ann", "1001"),
        ("corp.com\\1001", "1001"),
        ("ann@corp.com", "1001"),
        ("CORP\\ann@corp.com", "1001"),
        ("ａｎｎ", "1001"),
        ("bob@corp.com", "1002"),
        ("BOB@OTHER.COM", "1003"),
        ("bob", "1002"),
        ("strasse", "1004"),
        ("Zoe", "zoe"),
    ],
)
def test_every_spelling_means_the_account(accounts: Accounts, name: str, login_id: str) -> None:
    assert accounts.find(CLUSTER, name) == account_of(CLUSTER, login_id)


@pytest.mark.parametrize(("name", "shown"), [("Eve", "eve"), ("CORP\\eve", "eve"), ("eve@x", "eve"), ("@x", "@x")])
def test_who_never_signed_in_is_one_too_without_his_domain(accounts: Accounts, name: str, shown: str) -> None:
    assert accounts.find(CLUSTER, name) == Account(CLUSTER, shown, False)


def test_people_of_another_cluster_are_others(accounts: Accounts) -> None:
    assert not accounts.find("https://finesse2", "ann").is_known


def test_a_whole_name_comes_before_a_part_of_another() -> None:
    accounts = Accounts(lambda _: [("1", "ann@corp"), ("2", "ann")])
    assert accounts.find(CLUSTER, "ann") == account_of(CLUSTER, "2")
    assert accounts.find(CLUSTER, "ann@corp") == account_of(CLUSTER, "1")


def test_made_up_names_ask_for_everybody_once_in_two_seconds() -> None:
    requests: list[str] = []

    def load(cluster: str) -> list[tuple[str, str]]:
        requests.append(cluster)
        return PEOPLE

    accounts = Accounts(load)
    for number in range(100):
        accounts.find(CLUSTER, f"made-up-{number}")
    assert 1 <= len(requests) < 5


def test_who_signs_in_is_known_at_once_here_and_soon_at_other_nodes(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = (Directory(start().app.extensions["pulse"]["database"]) for _ in range(2))
    person = make_person(cluster=CLUSTER)
    assert not here.accounts.find(CLUSTER, "ann").is_known
    monkeypatch.setattr("gadgets.finesse.accounts.RELOAD_SECONDS", 0.0)
    assert not there.accounts.find(CLUSTER, "ann").is_known
    assert here.learn(person) == here.accounts.find(CLUSTER, "CORP\\ann") == account_of(CLUSTER, "1001")
    assert there.accounts.find(CLUSTER, "ann") == there.accounts.find(CLUSTER, "1001") == account_of(CLUSTER, "1001")


def test_who_was_only_imported_is_not_known_until_finesse_has_said_his_names(service: Service) -> None:
    directory = Directory(service.app.extensions["pulse"]["database"])
    directory.enter(CLUSTER, [Entry("1001", "Ann Lee")])
    assert not directory.accounts.find(CLUSTER, "1001").is_known


def test_who_has_no_login_name_is_known_by_his_id(service: Service) -> None:
    database = service.app.extensions["pulse"]["database"]
    Directory(database).learn(make_person(cluster=CLUSTER, login_name=""))
    assert Directory(database).accounts.find(CLUSTER, "1001").is_known


def test_a_name_is_the_same_however_often_it_is_normalized() -> None:
    for name in ("ANN", "ǅ", "ﬁ", "İ", "Ｚoe ", "CORP\\x@y"):
        assert normalize(normalize(name)) == normalize(name)
        assert without_domain(without_domain(name)) == without_domain(name)
