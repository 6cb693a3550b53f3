"""The brake from one source: few wrong passwords reach Finesse, so that no account is ever locked by us."""

import base64
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path

import pytest
import redis

from tests.support.problems import assert_problem
from tests.support.scripted_finesse import Account, Reply, ScriptedFinesse, basic
from tests.support.services import Service
from tests.support.signed_in import make_person

WRONG = [f"wrong-{number}" for number in range(10)]


@pytest.fixture
def ann(finesse: ScriptedFinesse) -> Account:
    return finesse.add(Account("1001", "ann"))


def slowly(path: str) -> None:
    """As usual, and late enough that others ask meanwhile."""
    time.sleep(0.2)


def statuses(service: Service, names: list[str]) -> list[int]:
    return [
        service.sign_in(name, word, user="1001").status_code for name, word in zip(cycle(names), WRONG, strict=False)
    ]


def journey(service: Service, finesse: ScriptedFinesse, name: str, password: str) -> int:
    person = make_person(cluster=finesse.base)
    header = basic(name, password)
    return service.get("/gadgets/journey?dialogId=1", person, X_Finesse_Authorization=header).status_code


def test_ten_wrong_passwords_from_one_source_reach_finesse_twice(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert statuses(service, ["1001"]) == [401] * 2 + [429] * 8
    assert finesse.refusals == len(finesse.seen) == 2
    answer = service.sign_in("1001", "another")
    assert_problem(answer, 429, "try_later")
    assert 1700 < int(answer.headers["Retry-After"]) <= 1800 * 2


@pytest.mark.parametrize(
    "names", [["1001", "ann", "ANN"], ["CORP\\ann", "ann@corp.com", "aNN"], ["corp\\1001", "1001@x", " Ａnn "]]
)
def test_all_spellings_of_one_account_share_the_brake(
    service: Service, finesse: ScriptedFinesse, ann: Account, names: list[str]
) -> None:
    assert service.sign_in("1001").status_code == 200
    assert statuses(service, names) == [401] * 2 + [429] * 8
    assert finesse.refusals == 2


def test_letters_beyond_ascii_are_of_either_case_too(service: Service, finesse: ScriptedFinesse) -> None:
    finesse.add(Account("1001", "Ännä"))
    assert service.sign_in("Ännä", user="1001").status_code == 200
    assert statuses(service, ["ÄNNÄ", "a\u0308nna\u0308", "1001"]) == [401] * 2 + [429] * 8


def test_one_password_in_two_spellings_is_sent_once(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    assert service.sign_in("1001").status_code == 200
    assert [service.sign_in(name, "wrong", user="1001").status_code for name in ("1001", "ann", "CORP\\ann")] == [
        401
    ] * 3
    assert finesse.refusals == 1


def test_two_nodes_that_share_a_cache_share_the_brake(
    start: Callable[..., Service], finesse: ScriptedFinesse, ann: Account, redis_url: str
) -> None:
    shared = {"cache_url": redis_url, "secret_key": ("a key that is the same on every node",)}
    nodes = [start(**shared), start(**shared)]
    statuses = [node.sign_in("1001", word).status_code for node, word in zip(cycle(nodes), WRONG, strict=False)]
    assert statuses == [401] * 2 + [429] * 8
    assert finesse.refusals == 2


def test_journeys_count_too(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    assert [journey(service, finesse, "1001", word) for word in WRONG] == [401] * 2 + [429] * 8
    assert service.sign_in("1001", "wrong again").status_code == 429
    assert finesse.refusals == 2


def test_journeys_and_sign_ins_by_either_name_count_together(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert service.sign_in("1001").status_code == 200
    for number, word in enumerate(WRONG):
        if number % 2:
            journey(service, finesse, "ann", word)
        else:
            service.sign_in("ann", word, user="1001")
    assert finesse.refusals == 2


def test_many_wrong_passwords_at_the_same_moment_reach_finesse_twice(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(lambda word: service.sign_in("1001", word).status_code, WRONG))
    assert sorted(statuses) == [401] * 2 + [429] * 8
    assert finesse.refusals == 2


def test_a_right_password_after_a_wrong_one_works(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    assert service.sign_in("1001", "wrong").status_code == 401
    assert service.sign_in("1001").status_code == 200
    assert service.sign_in("1001", "wrong too").status_code == 401
    assert journey(service, finesse, "1001", "right") == 404
    assert finesse.refusals == 2


def test_a_refused_password_is_not_sent_again(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    for _ in range(5):
        assert_problem(service.sign_in("1001", "wrong"), 401, "invalid_credentials")
        assert journey(service, finesse, "1001", "wrong") == 401
    assert len(finesse.seen) == 1


def test_an_accepted_password_works_while_others_are_refused(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert service.sign_in("1001").status_code == 200
    assert statuses(service, ["1001"])[2:] == [429] * 8
    assert journey(service, finesse, "1001", "right") == 404
    assert finesse.requests_to("/Dialogs")[-1].status == 200


def test_without_a_slot_a_right_password_has_to_wait(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    statuses(service, ["1001"])
    assert_problem(service.sign_in("1001"), 429, "try_later")


def test_a_password_that_was_changed_counts_like_any_wrong_one(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    assert service.sign_in("1001").status_code == 200
    ann.password = "changed"
    assert journey(service, finesse, "1001", "right") == 401
    statuses(service, ["1001"])
    assert finesse.refusals == 2


@pytest.mark.parametrize("shared", [False, True])
def test_ten_journeys_at_once_with_a_changed_password_send_one_refusal_and_the_new_one_is_let_in(
    start: Callable[..., Service], finesse: ScriptedFinesse, ann: Account, redis_url: str, shared: bool
) -> None:
    more = {"cache_url": redis_url, "secret_key": ("a key that is the same on every node",)} if shared else {}
    nodes = [start(**more), start(**more)] if shared else [start()]
    assert nodes[0].sign_in("1001").status_code == 200
    ann.password = "changed"
    finesse.script = slowly
    with ThreadPoolExecutor(10) as pool:
        requests = [(nodes[number % len(nodes)], name) for number, name in zip(range(10), cycle(["1001", "ann"]))]
        statuses = list(pool.map(lambda request: journey(request[0], finesse, request[1], "right"), requests))
    assert statuses == [401] * 10
    assert finesse.refusals == 1
    assert nodes[-1].sign_in("1001", "changed").status_code == 200
    assert journey(nodes[0], finesse, "1001", "changed") == 404


def test_the_brake_of_one_user_is_not_that_of_another(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    finesse.add(Account("1002", "bob", skill_target_id="6002"))
    statuses(service, ["1001"])
    assert service.sign_in("1002").status_code == 200


def test_a_user_cannot_be_braked_by_naming_him_in_the_body(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    finesse.add(Account("1002", "bob", skill_target_id="6002"))
    for word in WRONG:
        service.sign_in("1001", word, user="1002")
    assert finesse.refusals == 2
    assert service.sign_in("1002").status_code == 200


def test_made_up_bearers_hold_up_nobody(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    finesse.bearers["good"] = "1001"
    assert {service.sign_in("1001", bearer=f"forged-{word}").status_code for word in WRONG} == {401}
    assert service.sign_in("1001", bearer="good").status_code == 200
    assert service.sign_in("1001").status_code == 200


def test_a_refused_bearer_is_not_sent_again(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    for _ in range(5):
        assert service.sign_in("1001", bearer="forged").status_code == 401
    assert len(finesse.seen) == 1


def test_answers_that_are_no_refusals_hold_no_slot(service: Service, finesse: ScriptedFinesse, ann: Account) -> None:
    finesse.script = lambda _path: Reply(500, "")
    assert {service.sign_in("1001", word).status_code for word in WRONG} == {502}
    finesse.script = lambda _path: None
    assert service.sign_in("1001").status_code == 200


def test_four_gadgets_that_sign_in_at_once_make_one_call(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    finesse.script = slowly
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: service.sign_in("1001").status_code, range(4)))
    assert statuses == [200] * 4
    assert len(finesse.requests_to()) == 1


def test_four_gadgets_with_a_wrong_password_make_one_call(
    service: Service, finesse: ScriptedFinesse, ann: Account
) -> None:
    finesse.script = slowly
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: service.sign_in("1001", "wrong").status_code, range(4)))
    assert statuses == [401] * 4
    assert len(finesse.requests_to()) == 1


@pytest.mark.parametrize("shared", [False, True])
def test_nothing_of_a_password_is_kept_logged_or_told(
    start: Callable[..., Service],
    finesse: ScriptedFinesse,
    redis_url: str,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    shared: bool,
) -> None:
    more = {"cache_url": redis_url, "secret_key": ("a key that is the same on every node",)} if shared else {}
    service = start(log_level="debug", **more)
    right, wrong = "Xy7-right-Pässword", "Xy7-wrong-Pässword"
    finesse.add(Account("1001", "ann", password=right))
    finesse.bearers["Xy7-bearer-token"] = "1001"
    replies = b""
    for word in (wrong, right):
        answer = service.sign_in("1001", word)
        replies += answer.data + str(answer.headers).encode()
        journey(service, finesse, "1001", word)
    replies += service.sign_in("1001", bearer="Xy7-bearer-token").data
    finesse.script = lambda _path: Reply(500, "")
    replies += service.sign_in("1001", wrong + "2").data
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    cached = everything(redis_url)
    assert bool(cached) is shared
    output = "".join(capfd.readouterr()).encode()
    for secret in (right, wrong, "Xy7-bearer-token", f"1001:{right}", f"1001:{wrong}"):
        for form in (secret.encode(), base64.b64encode(secret.encode()).rstrip(b"="), secret.encode().hex().encode()):
            assert form not in replies + kept + cached + output


def everything(url: str) -> bytes:
    client = redis.Redis.from_url(url)
    keys: list[bytes] = list(client.scan_iter("*"))
    values: list[bytes] = [value for key in keys if isinstance(value := client.get(key), bytes)]
    client.close()
    return b"".join([*keys, *values])
