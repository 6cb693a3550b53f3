"""The delivery worker of a process, as the settings want it: its senders, its thread, its end."""

from __future__ import annotations

import atexit
import fcntl
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from experience.dispatch.delivery import Delivery
from experience.dispatch.senders import Sender
from experience.dispatch.senders.mail import MailSender, MailServer
from experience.platform import Platform
from foundation.settings import Settings
from foundation.tls.trust import CurrentTrust, Trust, TrustContext

# Of a node's processes the one that holds this file delivers; the system lets go of it when that process ends.
LOCK = "delivery.lock"
LOCK_SECONDS = 2.0
# As long as a message may take that is on its way when the process is told to end.
END_SECONDS = 5.0
# Calls to a WxM at once: a worker makes one, and one for its token.
FORWARDS = 4


def senders(settings: Settings, trusted: Callable[[], TrustContext]) -> dict[str, Sender]:
    """Those that are configured, by channel."""
    configured: dict[str, Sender] = {}
    if settings.smtp_url:
        configured["email"] = MailSender(MailServer.of(settings.smtp_url, settings.mail_from), trusted)
    if settings.sms_url:
        from experience.dispatch.senders.sms import SmsSender

        configured["sms"] = SmsSender(settings.sms_url)
    if forwarding := _wxm(settings, trusted):
        configured["wxm"] = forwarding
    return configured


def _wxm(settings: Settings, trusted: Callable[[], TrustContext]) -> Sender | None:
    """To the WxM that the settings name, with connections and tokens of its own: it keeps nobody else waiting."""
    if not settings.wxm_url:
        return None
    from cherrypoint.neighbours import broker_of
    from experience.dispatch.senders.wxm import WxmSender
    from experience.wxm.calls import WxmCalls
    from foundation.cache.cache import Cache
    from foundation.http.client import HttpClient

    neighbours = settings.wxm_url, settings.cloudconnect_publisher, settings.cloudconnect_subscriber
    http = HttpClient(settings.proxy, trusted, limit=FORWARDS, rsa_only=neighbours)
    broker = broker_of(settings, http, Cache(settings.cache_url))
    return WxmSender(WxmCalls(http, settings.wxm_url, broker)) if broker else None


def survey_url(settings: Settings) -> str:
    """The address below which surveys are."""
    return f"{(settings.web_url_prefix or settings.public_url).rstrip('/')}/s"


def worker(settings: Settings, platform: Platform) -> Delivery | None:
    """One that delivers by all senders that are configured; None where none is."""
    configured = senders(settings, CurrentTrust(Trust(platform.database)))
    rates = {"email": settings.mail_rate, "sms": settings.sms_rate}
    return Delivery(platform, configured, survey_url(settings), rates) if configured else None


def start(settings: Settings, platform: Platform) -> None:
    """Deliver in a thread of this process until it ends, where a sender is configured; one process a node does."""
    delivery = worker(settings, platform)
    if delivery is None:
        return
    thread = threading.Thread(target=partial(_run, delivery, settings.data_dir), name="delivery", daemon=True)
    thread.start()

    def end() -> None:
        delivery.stop()
        thread.join(END_SECONDS)

    atexit.register(end)


def _run(delivery: Delivery, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        while not _is_ours(lock.fileno()):
            if delivery.wait_to_stop(LOCK_SECONDS):
                return
        delivery.run(folder)


def _is_ours(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
