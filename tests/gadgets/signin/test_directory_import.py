"""`directory import`: names from a file, safe to run again, each bad record reported by its line."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commands import pulse
from foundation.db.database import Database
from gadgets.signin.directory import Directory, Entered, Entry, people
from tests.support.services import clean_environ
from tests.support.signed_in import make_person

NODE = "https://finesse1.bora.com:8445"
HEAD = "skillTargetId,loginId,name,team\n"


def run(data: Path, text: str | bytes, *words: str, nodes: str = NODE, expected: int = 0) -> Result:
    file = data / "people.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    settings = {"PULSE_DATA_DIR": str(data), **({"PULSE_FINESSE_NODES": nodes} if nodes else {})}
    ended = CliRunner().invoke(pulse, ["directory", "import", str(file), *words], env={**clean_environ(), **settings})
    assert isinstance(ended.exception, SystemExit | None)
    assert ended.exit_code == expected, ended.output
    return ended


def names(data: Path, *ids: str) -> dict[str, str]:
    database = Database(f"sqlite:///{data / 'pulse.db'}")
    names_by_id = Directory(database).agent_names(ids)
    database.close()
    return names_by_id


def test_it_says_what_was_added_changed_and_unchanged(tmp_path: Path) -> None:
    text = f"{HEAD}6001,1001,Ann Lee,Sales\n6002,1002,王小明,Sales\n"
    assert run(tmp_path, text).stdout == "2 added, 0 changed, 0 unchanged, 0 not usable\n"
    assert run(tmp_path, text).stdout == "0 added, 0 changed, 2 unchanged, 0 not usable\n"
    more = text.replace("Ann Lee", "Ann Li") + "6003,1003,Bo Chen,\n"
    assert run(tmp_path, more).stdout == "1 added, 1 changed, 1 unchanged, 0 not usable\n"
    assert names(tmp_path, "6001", "6002", "6003") == {"6001": "Ann Li", "6002": "王小明", "6003": "Bo Chen"}


def test_what_cannot_be_used_is_told_by_its_line_and_the_rest_is_taken(tmp_path: Path) -> None:
    text = (
        f"{HEAD}6001,1001,Ann Lee,Sales\n,1002,Bo,Sales\n6003,,Cy,Sales\n6004,1004,,Sales\n6 5,1005,Di,Sales\n\n"
        '6001,1006,Ed,Sales\n6007,1001,Flo,Sales\n6008,1008,"Gus\nTwo",Sales\n6009,1009\n6010,1010,Hal,Sales\n'
    )
    ended = run(tmp_path, text, expected=1)
    assert ended.stdout == "2 added, 0 changed, 0 unchanged, 8 not usable\n"
    assert ended.stderr.splitlines() == [
        "people.csv:3: 1002: skillTargetId is missing",
        "people.csv:4: 6003: loginId is missing",
        "people.csv:5: 1004: name is missing",
        "people.csv:6: 1005: skillTargetId must be 1 to 64 of A-Z a-z 0-9 . _ @ -",
        "people.csv:8: 1006: skillTargetId 6001 stands in line 2 already",
        "people.csv:9: 1001: loginId 1001 stands in line 2 already",
        "people.csv:10: 1008: name must be one line of 200 letters at most",
        "people.csv:12: 1009: name is missing",
    ]
    assert names(tmp_path, "6001", "6010") == {"6001": "Ann Lee", "6010": "Hal"}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffskillTargetId;loginId;name;team\r\n6001;1001;Lee, Ann;Sales\r\n",
        "team\tNAME\tLoginID\tskilltargetid\textra\nSales\tLee, Ann\t1001\t6001\tx\n",
        f'{HEAD}6001,1001,"Lee, Ann",Sales',
        "sep=;\nskillTargetId;loginId;name;team\n6001;1001;Lee, Ann;Sales\n",
        "skillTargetId;loginId;name;team;a,b,c,d,e\n6001;1001;Lee, Ann;Sales;x\n",
        'skillTargetId,loginId,name,team\n6001.0,1001.0,"Lee, Ann",Sales\n',
        '\ufeffskillTargetId\tloginId\tname\tteam\n="6001"\t\u200e1001\tLee, Ann\tSales\n'.encode("utf-16-le"),
    ],
)
def test_files_are_read_as_spreadsheets_write_them(tmp_path: Path, text: str | bytes) -> None:
    """Cases 04 and 16."""
    run(tmp_path, text)
    assert names(tmp_path, "6001") == {"6001": "Lee, Ann"}


def test_what_a_spreadsheet_made_of_an_id_or_a_team_is_told(tmp_path: Path) -> None:
    text = f"{HEAD}1.23457E+19,1001,Ann,Sales\n6002,1E+05,Bo,Sales\n6003,1003,Cy,5-Mar\n6004,1004,Di,3月5日\n"
    ended = run(tmp_path, text + "6005,1005,Ed,3-5\n", expected=1)
    assert ended.stdout.endswith("1 added, 0 changed, 0 unchanged, 4 not usable\n")
    assert all("spreadsheet" in line for line in ended.stderr.splitlines())


@pytest.mark.parametrize(
    ("text", "words", "nodes", "status", "reason"),
    [
        ("", (), NODE, 1, "must name the columns skillTargetId, loginId, name, team"),
        ("ID,Login\n1,2\n", (), NODE, 1, "must name the columns skillTargetId, loginId, name, team"),
        ("skillTargetId,loginId,name\n", (), NODE, 1, "missing: team"),
        ((HEAD + "6001,1001,王,Sales\n").encode("big5"), (), NODE, 1, "is not UTF-8"),
        (HEAD, (), f"{NODE},https://finesse9.bora.com:8445", 2, f"--cluster: {NODE}, https://finesse9.bora.com:8445"),
        (HEAD, ("--cluster", "https://other.bora.com:8445"), NODE, 2, "no node of PULSE_FINESSE_NODES"),
        (HEAD, ("--cluster", "ftp://x"), "", 2, "must be https"),
        (HEAD, (), "", 2, "set PULSE_FINESSE_NODES"),
    ],
)
def test_what_cannot_be_is_said_plainly(
    tmp_path: Path, text: str | bytes, words: tuple[str, ...], nodes: str, status: int, reason: str
) -> None:
    ended = run(tmp_path, text, *words, nodes=nodes, expected=status)
    assert reason in " ".join(ended.stderr.split())


def test_the_second_node_names_its_cluster(tmp_path: Path) -> None:
    nodes = f"{NODE}+https://finesse2.bora.com:8445"
    text = f"{HEAD}6001,1001,Ann,Sales\n"
    run(tmp_path, text, "--cluster", "https://finesse2.bora.com:8445", nodes=nodes)
    assert run(tmp_path, text, nodes=nodes).stdout.startswith("0 added, 0 changed, 1 unchanged")


def test_an_import_changes_nothing_that_finesse_said(template: Path, tmp_path: Path) -> None:
    """Case 16: of a sign-in, and of a roster, which knows no skill target ids on UCCE."""
    (tmp_path / "pulse.db").write_bytes((template / "pulse.db").read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'pulse.db'}")
    directory = Directory(database)
    directory.learn(make_person("1001", cluster=NODE))
    directory.enter(NODE, [Entry("1002", "Bo Chen", team_id="5001", team_name="Sales")])
    directory.enter(NODE, [Entry("1003", "Cy", agent_id="1003", team_id="5001", team_name="Sales")])
    before = _people(database)
    text = f"{HEAD}6999,1001,Anna,Support\n6002,1002,Bob,Support\n6003,1003,Cyd,\n6001,1009,Impostor,Sales\n"
    assert run(tmp_path, text).stdout.startswith("1 added, 1 changed, 2 unchanged")
    after = _people(database)
    assert {user: after[user] for user in ("1001", "1003")} == {user: before[user] for user in ("1001", "1003")}
    assert after["1002"] == ("Bo Chen", "6002", "5001", "Sales")
    assert Directory(database).agent_names(["6001"]) == {"6001": "Ann Lee"}
    # What an import said, the next one may mend, also after a sign-in that rested on it.
    run(tmp_path, f"{HEAD}6012,1002,Bob,Support\n")
    assert _people(database)["1002"] == ("Bo Chen", "6012", "5001", "Sales")
    person = replace(make_person("1002", cluster=NODE, agent_id="6012"), name="Bo Chen")
    directory.learn(person, says_agent_id=False)
    run(tmp_path, f"{HEAD}6022,1002,Bob,Support\n")
    assert _people(database)["1002"] == ("Bo Chen", "6022", "5001", "Sales")
    directory.learn(replace(person, agent_id="6022"))
    run(tmp_path, f"{HEAD}6032,1002,Bob,Support\n")
    assert _people(database)["1002"] == ("Bo Chen", "6022", "5001", "Sales")
    database.close()


def _people(database: Database) -> dict[str, tuple[str | None, ...]]:
    with database.read() as connection:
        rows = connection.execute(select(people)).all()
    return {row.user_id: (row.name, row.agent_id, row.team_id, row.team_name) for row in rows}


entries = st.builds(
    Entry,
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(["Ann", "Bo"]),
    st.sampled_from([None, "61", "62"]),
    st.sampled_from([None, "5001"]),
    st.sampled_from([None, "Sales", "Support"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.lists(entries, max_size=4), max_size=4))
def test_nothing_that_was_known_is_lost_and_a_repeat_changes_nothing(
    template: Path, tmp_path_factory: pytest.TempPathFactory, batches: list[list[Entry]]
) -> None:
    folder = tmp_path_factory.mktemp("people")
    (folder / "pulse.db").write_bytes((template / "pulse.db").read_bytes())
    database = Database(f"sqlite:///{folder / 'pulse.db'}")
    directory = Directory(database)
    known: dict[str, str] = {}
    for batch in batches:
        directory.enter(NODE, batch)
        last = {entry.user_id: entry for entry in batch}
        assert directory.enter(NODE, batch) == Entered(0, 0, len(last))
        known |= {entry.user_id: entry.agent_id for entry in last.values() if entry.agent_id}
        assert {user_id: directory.agent_id(NODE, user_id) for user_id in known} == known
    database.close()
