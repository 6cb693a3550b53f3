"""cvp-properties: what goes into CVP's properties, with our addresses (docs/cisco/cloud-connect-and-cce.md §2)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click

from commands import files
from commands.store import judged
from foundation.settings import Settings

# Cisco printed the second spelling in the guides of 12.5, and nothing says which one that release reads.
SPELLINGS = ("CloudConnect", "ClouConnect")
VALIDITY = {"12.5": 300_000, "12.6": 60_000}
DISPATCH = {
    "12.5": ("SurveyEndPointApi", "/cherrypoint/surveyendpoint"),
    "12.6": ("SurveyDispatchEndPointApi", "/cherrypoint/surveydispatch"),
}
REQUEST_TIMEOUT_MS = 10_000
TOKEN_SECONDS, SURVEY_SECONDS = 1800, 43_200
BATCH_SIZE, BATCH_SECONDS = 100, 60

Lines = list[str]


@click.command("cvp-properties")
@click.option("--release", type=click.Choice(list(VALIDITY)), required=True, help="Release of CVP.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Write the three files into a folder.")
def command(release: str, into: Path | None) -> None:
    """Print what belongs into sip.properties, ivr.properties and VXML.properties of CVP."""
    settings = judged()
    if not settings.public_url:
        raise click.UsageError("PULSE_PUBLIC_URL says where CVP reaches us; it is not set")
    parts = {"sip": sip(settings, release), "ivr": ivr(settings), "VXML": ["VXML.usagefactor = 1.0"]}
    if into:
        into.mkdir(parents=True, exist_ok=True)
    for name, lines in parts.items():
        text = "\n".join(lines) + "\n"
        if into:
            files.write(into / f"{name}.properties", text)
        else:
            click.echo(f"# ---- {name}.properties ----\n{text}")


def sip(settings: Settings, release: str) -> Lines:
    """Cloud Connect, real or ours. OAMP keeps the password, encrypted, and pushes it."""
    publisher = settings.cloudconnect_publisher or settings.public_url
    subscriber = settings.cloudconnect_subscriber
    name, path = DISPATCH[release]
    apis = ((name, path), ("AuthTokenApi", "/cherrypoint/authtoken"))
    return [
        "# Enter Cloud Connect in OAMP: it pushes addresses, name and password (encrypted) into this file.",
        f"# CVP asks it on port 8445; here it is on port {_port(publisher)}.",
        f"SIP.CloudConnect.publisherAddress = {_host(publisher)}",
        f"SIP.CloudConnect.subscriberAddress = {_host(subscriber) if subscriber else ''}".rstrip(),
        f"SIP.CloudConnect.username = {settings.cloudconnect_username}".rstrip(),
        f"SIP.CloudConnect.RequestTimeout = {REQUEST_TIMEOUT_MS}",
        "# Both spellings that Cisco printed; the one that this release does not read does no harm.",
        *(f"SIP.{spelling}.{api} = {path}" for spelling in SPELLINGS for api, path in apis),
        f"SIP.CloudCherry.SurveyValidityTime = {VALIDITY[release]}",
    ]


def ivr(settings: Settings) -> Lines:
    """The WxM that CVP's survey application asks, and how deferred surveys are batched."""
    wxm = settings.wxm_url or settings.public_url
    urls = {
        "WxmSurveyTokenApiUrl": "SurveyToken",
        "WxmSurveyQuestionsApiUrl": "Questions/Questionnaire",
        "WxmSurveyAnswersSubmitApiUrl": "SurveyByToken/",
        "WxmSurveySettingsApiUrl": "Settings/",
        "WxmAudioUrl": "StreamUserAsset/",
        "WxmSurveyQuestionnaireUrl": "surveyquestionnaire/",
    }
    return [
        f"IVR.AuthTokenRefreshTimeOut = {TOKEN_SECONDS}",
        f"IVR.SurveyTokenRefreshTimeOut = {SURVEY_SECONDS}",
        f"IVR.SurveyQuestionRefreshTimeOut = {SURVEY_SECONDS}",
        *(f"IVR.{key} = {wxm}/api/{path}" for key, path in urls.items()),
        f"IVR.CloudCherryBatchSize = {BATCH_SIZE}",
        f"IVR.CloudCherryBatchTimeout = {BATCH_SECONDS}",
    ]


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""


def _port(base: str) -> int:
    parts = urlsplit(base)
    return parts.port or (443 if parts.scheme == "https" else 80)
