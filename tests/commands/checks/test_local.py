"""Our own: settings, database and cache; and how the report is read by people and by programs."""

import sqlite3
from contextlib import closing
from pathlib import Path

import redis
from sqlalchemy.engine import make_url

from cherrypoint.config import FILE, Config, InFile
from foundation.db.schema_version import upgrade
from tests.support.databases import empty_schema
from tests.support.machines import Machine, word
from tests.support.redis_server import own_redis
from tests.support.services import free_port


def test_every_fault_of_the_settings_is_a_failure_and_the_rest_is_still_looked_at(machine: Machine) -> None:
    machine.set(time_zone="Asia/Taipeh", finesse_nodes="https://a1.bora.com:8445", allowed_origins="https://bora.com")
    report = machine.doctor()
    messages = [check["says"] for check in report.checks if check["check"] == "settings"]
    assert any("Asia/Taipei" in text for text in messages)
    assert any("has no port" in text for text in messages)
    assert report.of("database: writable")["state"] == "ok"
    assert report.of("origins: https://a1.bora.com:8445")["code"] == "origin_missing"
    assert report.status == 1


def test_a_missing_database_is_not_made_and_the_command_that_makes_it_is_named(machine: Machine) -> None:
    (machine.data / "pulse.db").unlink()
    report = machine.doctor()
    assert word(report, "database: reachable") == ("failed", "no_database")
    assert "db upgrade" in report.of("database: reachable")["cure"]
    assert not (machine.data / "pulse.db").exists()


def test_an_old_database_is_said_to_be_old_and_left_as_it_is(machine: Machine) -> None:
    with sqlite3.connect(machine.data / "pulse.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert word(machine.doctor(), "database: migrated") == ("failed", "not_migrated")
    assert word(machine.doctor(), "database: migrated") == ("failed", "not_migrated")


def test_a_cache_that_is_gone_fails_without_its_address(machine: Machine) -> None:
    machine.set(cache_url=f"redis://:hush@127.0.0.1:{free_port()}/0", secret_key="k" * 32)
    report = machine.doctor()
    assert word(report, "cache") == ("failed", "no_cache")
    assert "hush" not in str(report.checks)


def test_a_redis_that_takes_no_writes_fails_with_its_cure(machine: Machine, tmp_path: Path) -> None:
    with own_redis(tmp_path) as (url, _process), redis.Redis.from_url(url) as client:
        machine.set(cache_url=url, secret_key="k" * 32)
        report = machine.doctor()
        assert [report.of(check)["state"] for check in ("cache", "cache: writable")] == ["ok", "ok"]
        client.replicaof("127.0.0.1", free_port())
        report = machine.doctor()
    assert report.of("cache")["state"] == "ok"
    assert word(report, "cache: writable") == ("failed", "writes_refused")
    assert "primary" in report.of("cache: writable")["cure"]


def test_a_database_that_takes_no_writes_fails_though_it_can_be_read(machine: Machine) -> None:
    with empty_schema() as schema:
        upgrade(schema)
        read_only = f"{make_url(schema).query['options']} -cdefault_transaction_read_only=on"
        url = make_url(schema).update_query_dict({"options": read_only}).render_as_string(hide_password=False)
        machine.set(database_url=url, secret_key="k" * 32)
        report = machine.doctor()
    assert report.of("database: migrated")["state"] == "ok"
    assert word(report, "database: writable") == ("failed", "writes_refused")
    assert "(read_only)" in report.of("database: writable")["says"]


def test_a_full_disk_fails_though_a_deletion_of_nothing_would_pass(machine: Machine) -> None:
    """SQLite's own trigger stands for the disk: no row can be added, and none is there to be deleted."""
    with closing(sqlite3.connect(machine.data / "pulse.db")) as connection, connection:
        connection.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON heartbeats BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    assert word(machine.doctor(), "database: writable") == ("failed", "writes_refused")


def test_people_read_a_table_with_cause_and_cure_and_a_count(machine: Machine) -> None:
    machine.set(finesse_nodes="https://finesse.invalid:8445", allowed_origins="https://finesse.invalid:8445")
    done = machine.run("doctor")
    assert done.exit_code == 1
    assert "FAILED  Finesse finesse.invalid:8445: reachable" in done.stdout
    assert "→ check DNS" in done.stdout
    assert " failed, " in done.stdout.splitlines()[-1]


def test_failures_come_first_and_are_named_in_one_line(machine: Machine) -> None:
    machine.set(time_zone="GMT+8", faces="api")
    lines = machine.run("doctor").stdout.splitlines()
    assert lines[0] == "Failed: settings, PUBLIC_URL: /healthz"
    marks = [line.split()[0] for line in lines if line.startswith(("ok ", "note ", "FAILED ", "– "))]
    assert marks == sorted(marks, key=lambda mark: {"FAILED": 0, "note": 1}.get(mark, 2))
    assert marks[:2] == ["FAILED", "FAILED"]


def test_failures_alone_can_be_had(machine: Machine) -> None:
    machine.set(time_zone="GMT+8", faces="api")
    done = machine.run("doctor", "--failed")
    marks = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "note ", "– "))]
    assert (done.exit_code, marks) == (1, [])
    assert done.stdout.count("FAILED ") == 2
    assert " failed, " in done.stdout.splitlines()[-1]
    report = machine.doctor("--failed")
    assert {check["state"] for check in report.checks} == {"failed"}
    assert not report.ok


def test_programs_read_the_same_as_json(machine: Machine) -> None:
    report = machine.doctor()
    assert report.ok is (report.status == 0)
    assert all(set(check) == {"check", "state", "says", "cure", "code"} for check in report.checks)
    assert all(check["cure"] and check["code"] for check in report.checks if check["state"] == "failed")


def test_what_cherrypoint_config_was_told_counts_as_it_does_for_the_service(machine: Machine) -> None:
    config = Config(system_user="system", system_key="hush", proxy_enabled=True, proxy_host="127.0.0.1", proxy_port=1)
    InFile(machine.data / FILE).save(config)
    machine.set(faces="api", wxm_url="https://wxm.bora.invalid")
    report = machine.doctor()
    assert report.of("settings")["state"] == "ok"
    assert word(report, "WxM wxm.bora.invalid:443: reachable") == ("failed", "proxy")
