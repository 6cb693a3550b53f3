"""Whatever stands in production's environment or pulse.toml, a lab leads to its own folder and this machine alone."""

from pathlib import Path

import pytest

from commands import lab_note
from commands.lab_note import Addresses
from commands.lab_settings import HARMLESS, MAIL_FROM, SENDERS, LabSettings, lab_settings, of_folder
from foundation.settings import Settings

BASE, CLUSTER = "http://localhost:1", "http://localhost:2+http://localhost:3"
AT = Addresses(BASE, CLUSTER, 4)
OWN = {"public_url", "finesse_nodes", "data_dir", "cloudconnect_username", "cloudconnect_password", "token_endpoint"}
PRODUCTION = {
    "public_url": "https://pulse.bora.com",
    "faces": "gadgets",
    "workers": "4",
    "threads": "7",
    "admin_port": "9001",
    "data_dir": "/production",
    "database_url": "postgresql+psycopg://pulse:hush@db.bora.com/pulse",
    "cache_url": "redis://cache.bora.com/0",
    "secret_key": "k" * 32,
    "survey_key": "s" * 32,
    "allowed_origins": "https://finesse1.bora.com:8445",
    "finesse_nodes": "https://finesse1.bora.com:8445",
    "finesse_origins": "https://proxy.bora.com=https://finesse1.bora.com:8445",
    "cloudconnect_publisher": "https://cc1.bora.com:8445",
    "cloudconnect_subscriber": "https://cc2.bora.com:8445",
    "cloudconnect_username": "administrator",
    "cloudconnect_password": "hush",
    "cloudconnect_timeout": "30",
    "token_refresh": "100",
    "token_endpoint": "off",
    "wxm_url": "https://wxm.bora.com",
    "wxm_username": "system",
    "wxm_api_key": "hush",
    "proxy": "http://proxy.bora.com:8080",
    "trusted_proxies": "10.1.2.3",
    "web_url_prefix": "https://surveys.bora.com",
    "journey_access": "any",
    "customer_variables": "user.custId:customerId",
    "journey_ignore": "nobody",
    "phone_region": "TW",
    "phone_prefixes": "0,9",
    "time_zone": "Asia/Taipei",
    "smtp_url": "smtps://survey:hush@mail.bora.com",
    "mail_from": "survey@bora.com",
    "mail_rate": "5",
    "sms_url": "twilio://AC:hush@+15550001111/{to}",
    "sms_rate": "1",
    "tls_cert": "/production/cert.pem",
    "tls_key": "/production/key.pem",
    "log_level": "debug",
}


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every setting that there is, in the environment, and a pulse.toml that nobody can read."""
    assert set(PRODUCTION) == set(Settings.model_fields)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(f"PULSE_{name.upper()}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pulse.toml").write_text("no toml [")


@pytest.mark.usefixtures("production")
def test_a_lab_takes_harmless_settings_and_senders_alone_from_the_environment(tmp_path: Path) -> None:
    settings, faults = lab_settings(AT, None)
    assert faults == []
    for name in set(PRODUCTION) - {*HARMLESS, *SENDERS} - OWN:
        assert getattr(settings, name) == LabSettings.model_fields[name].default, name
    assert settings.database == f"sqlite:///{tmp_path}/lab-data/pulse.db"
    assert (settings.public_url, settings.finesse_nodes, settings.cloudconnect_password) == (BASE, (CLUSTER,), "lab")
    assert (settings.time_zone, settings.threads, settings.phone_prefixes) == ("Asia/Taipei", 7, ("0", "9"))


@pytest.mark.usefixtures("production")
def test_a_command_on_a_labs_folder_uses_the_database_there(tmp_path: Path) -> None:
    settings, faults = of_folder(tmp_path / "of a lab")
    assert faults == []
    assert settings.database == f"sqlite:///{tmp_path}/of a lab/pulse.db"
    assert (settings.wxm_url, settings.cloudconnect_publisher, settings.cache_url, settings.proxy) == ("", "", "", "")


def test_a_bad_value_of_a_setting_that_a_lab_reads_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_TIME_ZONE", "Asia/Taipeh")
    (fault,) = lab_settings(AT, None)[1]
    assert fault.startswith("PULSE_TIME_ZONE = Asia/Taipeh: ")


def test_a_lab_sends_to_its_own_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULSE_MAIL_FROM", raising=False)
    settings, faults = lab_settings(AT, None)
    assert faults == []
    assert settings.smtp_url == "smtp://127.0.0.1:4"
    assert settings.sms_url == "json://localhost:2/lab/sms?:to={to}"
    assert settings.mail_from == MAIL_FROM


def test_a_mail_server_or_sms_service_in_the_environment_wins_over_the_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SMTP_URL", "smtps://mail.bora.com")
    monkeypatch.setenv("PULSE_SMS_URL", "json://sms.bora.com/{to}")
    settings, faults = lab_settings(AT, None)
    assert (settings.smtp_url, settings.sms_url) == ("smtps://mail.bora.com", "json://sms.bora.com/{to}")
    assert [fault.partition(":")[0] for fault in faults] == ["PULSE_MAIL_FROM"]
    monkeypatch.setenv("PULSE_MAIL_FROM", "survey@bora.com")
    settings, faults = lab_settings(AT, None)
    assert (settings.mail_from, faults) == ("survey@bora.com", [])


def test_a_command_on_a_running_labs_folder_sends_to_its_inbox_too(tmp_path: Path) -> None:
    lab_note.leave(tmp_path, AT)
    settings, faults = of_folder(tmp_path)
    assert (settings.smtp_url, faults) == ("smtp://127.0.0.1:4", [])
