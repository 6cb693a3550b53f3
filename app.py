"""Finesse Pulse: create_app(settings) builds the parts, hands each what it needs and registers the faces.

Run as a program it is the command line: `python app.py --help`.
"""

import signal

if __name__ == "__main__":
    # What is imported takes a while: Ctrl-C meanwhile ends the program without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from commands import main

    # Ends the program: what is below takes a second to import, and few commands need it.
    main()

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from flask import Flask
from redis import RedisClusterException, RedisError
from sqlalchemy.exc import SQLAlchemyError

from cherrypoint import batches, service
from cherrypoint.broker import Broker
from cherrypoint.gate import Gate
from cherrypoint.neighbours import broker_of
from cherrypoint.own_tokens import OwnTokens
from cherrypoint.token import Token
from cherrypoint.unknown_paths import UnknownPaths
from experience import api
from experience.accounts.api_tokens import ApiTokens
from experience.accounts.users import Users
from experience.api.support.sign_in import SignIn
from experience.dispatch import dispatches, unsubscribes
from experience.dispatch.call_surveys import DesktopSurveys
from experience.dispatch.calls import of_key as calls_by_key
from experience.dispatch.intake import Intake
from experience.dispatch.queue_gauges import QueueGauges
from experience.model.scope import Scope
from experience.platform import ExperiencePlatform, Platform
from experience.survey_web import face as survey_face
from experience.surveys.partials import PartialIds
from experience.wxm.calls import WxmCalls
from experience.wxm.platform import Wxm
from experience.wxm.questionnaires import WxmQuestionnaires
from foundation.brakes.store import BrakeStore, open_store
from foundation.cache.cache import Cache
from foundation.db.database import Database
from foundation.http.client import HttpClient
from foundation.keys import Seal, derived, signing_keys, survey_keys
from foundation.server.load import Load
from foundation.settings import Settings
from foundation.tls.trust import CurrentTrust, Trust
from foundation.web import error_handler, health, metrics, middleware, openapi, proxies
from foundation.web.admin_port import HIDDEN_FROM_CUSTOMERS, restrict_admin_routes
from foundation.web.health import Dependency, Health
from foundation.web.json_bodies import JsonBodies
from foundation.web.probe import Probe
from foundation.web.store_health import cache_health, database_health
from gadgets.calls import reading
from gadgets.calls import routes as call_reports
from gadgets.finesse.brake import Brake
from gadgets.finesse.client import Finesse
from gadgets.finesse.clusters import Clusters
from gadgets.install import shells
from gadgets.journey import comments
from gadgets.journey import routes as journey
from gadgets.journey.caller import CallerRules
from gadgets.journey.calls import Calls
from gadgets.origins import allow_list, cors
from gadgets.origins.refused_origins import RefusedOrigins
from gadgets.pulse import routes as pulse
from gadgets.signin import session, token
from gadgets.signin.directory import Directory
from gadgets.signin.guard import SECURITY, Guard, Sessions
from gadgets.signin.rosters import Rosters

LARGEST_BODY = 64 * 1024
OURS_DOWN: dict[type[Exception], str] = {
    SQLAlchemyError: "database_unavailable",
    **dict.fromkeys((RedisError, RedisClusterException), "cache_unavailable"),
}


@dataclass(frozen=True)
class Parts:
    """What faces are built from."""

    settings: Settings
    keys: tuple[bytes, ...]
    database: Database
    cache: Cache
    brakes: BrakeStore
    health: Health
    http: HttpClient
    platform: Platform
    surveys: DesktopSurveys
    load: Load
    broker: Broker | None


def create_app(settings: Settings) -> Flask:
    """The service as a WSGI application. `settings` have been judged, and the database is at its newest state."""
    app = Flask("finesse_pulse", static_folder=None)
    app.json = JsonBodies(app)
    # Flask would redirect `//path`, to whatever host the caller named.
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    parts = build(settings)
    error_handler.install(app, OURS_DOWN)
    allowed = allow_list.AllowList.of(settings.allowed_origins, settings.loopback_origins)
    cors.install(app, allowed, RefusedOrigins(parts.database).note)
    middleware.install(app, tls=settings.tls_cert is not None)
    health.install(app, parts.health)
    metrics.refresh_with(app, QueueGauges(parts.database).refresh)
    for face in settings.faces:
        FACES[face](app, parts)
    openapi.install(app)
    if settings.has_surveys_alone:
        restrict_admin_routes(app, HIDDEN_FROM_CUSTOMERS)
    elif settings.admin_port:
        restrict_admin_routes(app)
    proxies.install(app, settings.trusted_proxies)
    app.extensions["pulse"] = {
        "database": parts.database,
        "platform": parts.platform,
        "load": parts.load,
        "sweep_calls": parts.surveys.sweep,
        "largest_body": partial(_largest_body, settings.faces),
    }
    return app


def _largest_body(faces: Collection[str], path: str) -> int:
    """How much is read of a body before its route is known, which may want less."""
    larger = {"api": (api.paths.PREFIX, api.LARGEST_BODY), "survey": (survey_face.PATHS, survey_face.LARGEST_BODY)}
    if "cherrypoint" in faces and batches.spelled(path) in batches.PATHS:
        return batches.LARGEST_BATCH
    return next((size for name, (prefix, size) in larger.items() if name in faces and prefix.match(path)), LARGEST_BODY)


def build(settings: Settings) -> Parts:
    """The parts that every face stands on."""
    database, cache, load = Database(settings.database), Cache(settings.cache_url), Load()
    http = _http_client(settings, database)
    platform = Platform(
        database,
        settings.time_zone,
        settings.phone_region or None,
        settings.phone_prefixes,
        ignored=settings.journey_ignore,
    )
    return Parts(
        settings=settings,
        keys=signing_keys(settings),
        database=database,
        cache=cache,
        brakes=open_store(settings.cache_url),
        health=Health(
            {
                "database": database_health(database),
                "cache": cache_health(cache),
                "threads": Dependency((Probe(load.check_threads, every=0, again=0),)),
            }
        ),
        http=http,
        platform=platform,
        surveys=DesktopSurveys(platform, unsubscribes.is_opted_out),
        load=load,
        broker=broker_of(settings, http, cache),
    )


def _http_client(settings: Settings, database: Database) -> HttpClient:
    neighbours = settings.wxm_url, settings.cloudconnect_publisher, settings.cloudconnect_subscriber
    return HttpClient(settings.proxy, CurrentTrust(Trust(database)), limit=settings.threads, rsa_only=neighbours)


def _gadgets(app: Flask, parts: Parts) -> None:
    settings, cache = parts.settings, parts.cache
    sessions, directory, experience = Sessions(parts.keys), Directory(parts.database), _experience(parts)
    guard = Guard(sessions)
    openapi.add_schemas(app, "/gadgets/", security=SECURITY)
    brake = Brake(parts.brakes, derived(parts.keys[0], "credential"))
    finesse = Finesse(parts.http, brake, cache)
    rosters = Rosters(Finesse(_http_client(settings, parts.database), brake, cache), directory, cache)
    fleet = Clusters.of(settings.finesse_nodes, settings.finesse_origins)
    rules = CallerRules.of(
        settings.customer_variables, settings.journey_ignore, settings.phone_region, settings.phone_prefixes
    )
    named = rules.caller if settings.journey_access == "any" else None
    responses = journey.JourneyResponses(experience, directory, journey.References(Seal(parts.keys, "customer")))
    calls = Calls(fleet, finesse, directory.accounts, rules)
    app.register_blueprint(shells.blueprint(settings))
    desk = session.SignIn(fleet, finesse, directory, rosters, derived(parts.keys[0], "audit"))
    app.register_blueprint(session.blueprint(desk, sessions))
    app.register_blueprint(token.blueprint(guard, desk, _mint(parts), settings.token_endpoint))
    survey_of = partial(reading.survey_of, parts.surveys, rules)
    app.register_blueprint(journey.blueprint(guard, calls, responses, survey_of, named))
    app.register_blueprint(call_reports.blueprint(guard, parts.surveys))
    app.register_blueprint(comments.blueprint(guard, experience, directory, settings.time_zone))
    app.register_blueprint(pulse.blueprint(guard, pulse.PulseCache(experience, directory, cache, settings.time_zone)))


def _experience(parts: Parts) -> ExperiencePlatform:
    """The WxM that the settings name, or the platform that is built in."""
    settings, broker = parts.settings, parts.broker
    if broker is None:
        return parts.platform
    return Wxm(
        parts.http,
        settings.wxm_url,
        broker,
        time_zone=settings.time_zone,
        phone_region=settings.phone_region,
        phone_prefixes=settings.phone_prefixes,
    )


def _cherrypoint(app: Flask, parts: Parts) -> None:
    settings = parts.settings
    key = derived(parts.keys[0], "cloud connect")
    gate = Gate(settings.cloudconnect_username, settings.cloudconnect_password, parts.brakes, key)
    system = parts.broker.token if parts.broker else _own_tokens(parts).token
    templates = partial(dispatches.list_templates, parts.database)
    take = Intake(parts.platform, is_remote=bool(settings.wxm_url), calls=calls_by_key).take
    behind = service.CloudConnectBackend(system, _questionnaires(parts), templates, parts.health.failing, take)
    openapi.add_schemas(app, "/cherrypoint/", security=service.SECURITY)
    app.register_blueprint(service.blueprint(gate, behind, UnknownPaths(parts.database)))
    batches.install(app)


def _mint(parts: Parts) -> Callable[[Scope], Token]:
    """A token for whoever may see a scope: ours is bound to it, a WxM's own cannot be."""
    if broker := parts.broker:
        return lambda _: broker.token()
    return _own_tokens(parts).bound


def _own_tokens(parts: Parts) -> OwnTokens:
    return OwnTokens(Users(parts.database), ApiTokens(parts.keys))


def _questionnaires(parts: Parts) -> Callable[[], list[dict[str, object]]]:
    """The questionnaires of the WxM that the settings name, or our own."""
    broker = parts.broker
    if broker is None:
        return parts.platform.list_questionnaires
    return WxmQuestionnaires(WxmCalls(parts.http, parts.settings.wxm_url, broker)).listed


def _api(app: Flask, parts: Parts) -> None:
    settings, users, tokens = parts.settings, Users(parts.database, parts.keys), ApiTokens(parts.keys)
    places = api.PublicUrls(settings.public_url, f"{(settings.web_url_prefix or settings.public_url).rstrip('/')}/s")
    sign_in = SignIn(users, parts.brakes, derived(parts.keys[0], "api sign-in"))
    api.install(app, parts.platform, users, sign_in, tokens, PartialIds(parts.keys), places)


def _survey(app: Flask, parts: Parts) -> None:
    survey_face.install(app, parts.platform, survey_keys(parts.settings), parts.brakes)


FACES: dict[str, Callable[[Flask, Parts], None]] = {
    "gadgets": _gadgets,
    "cherrypoint": _cherrypoint,
    "api": _api,
    "survey": _survey,
}
