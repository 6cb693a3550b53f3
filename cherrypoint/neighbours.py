"""Where tokens of a WxM elsewhere come from, as the settings say: a real Cloud Connect, or that WxM's own login."""

import hashlib

from cherrypoint.broker import Broker, Fetch
from cherrypoint.client import CloudConnect, nodes_of
from cherrypoint.login import Login
from foundation.cache.cache import Cache
from foundation.http.client import HttpClient
from foundation.settings import Settings


def broker_of(settings: Settings, http: HttpClient, cache: Cache) -> Broker | None:
    """The broker of the one source of tokens; None where the WxM is built in, which makes its own."""
    source = _source(settings, http)
    if source is None:
        return None
    fetch, *facts = source
    key = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]
    return Broker(
        fetch,
        cache,
        refresh=settings.token_refresh,
        key=key,
        seconds=settings.cloudconnect_timeout,
        patient=max(1, settings.threads // 2),
    )


def real_cloud_connect(settings: Settings, http: HttpClient) -> CloudConnect:
    """The client of the Cloud Connect that the settings name."""
    return CloudConnect(
        http,
        nodes_of(settings.cloudconnect_publisher, settings.cloudconnect_subscriber),
        settings.cloudconnect_username,
        settings.cloudconnect_password,
        settings.cloudconnect_timeout,
    )


def _source(settings: Settings, http: HttpClient) -> tuple[Fetch, str, str, str] | None:
    """What fetches, and what tells this source from others that share the cache."""
    if settings.wxm_url and settings.cloudconnect_publisher:
        nodes = f"{settings.cloudconnect_publisher} {settings.cloudconnect_subscriber}"
        return real_cloud_connect(settings, http).fetch, "cloud connect", nodes, settings.cloudconnect_username
    if settings.wxm_url:
        name = settings.wxm_username
        login = Login(http, settings.wxm_url, name, settings.wxm_api_key, settings.cloudconnect_timeout)
        return login.fetch, "login", settings.wxm_url, name
    return None
