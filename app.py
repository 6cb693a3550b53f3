"""Finesse Pulse: create_app(settings) builds the parts, hands each what it needs and registers the faces.

Run as a program it is the command line: `python app.py --help`.
"""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from experience.platform import Platform
from foundation import errors, watch
from foundation.cache import Cache
from foundation.database import Database
from foundation.door import Door
from foundation.keys import Seal, derived, signing_keys
from foundation.settings import PREFIX, Settings
from gadgets import caller, clusters, cors, journey, origins, pulse, session, shells
from gadgets.brake import Brake
from gadgets.caller import CallerRules
from gadgets.clusters import Clusters
from gadgets.directory import Directory
from gadgets.embedded import Embedded
from gadgets.finesse import Finesse
from gadgets.people import Guard, Sessions

LARGEST_BODY = 64 * 1024


def create_app(settings: Settings) -> Flask:
    """The service as a WSGI application. `settings` have been judged, and the database is at its newest state."""
    app = Flask("finesse_pulse", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    keys = signing_keys(settings)
    database, cache = Database(settings.database), Cache(settings.cache_url)
    platform = Platform(database, settings.time_zone, settings.phone_region or None, settings.phone_prefixes)
    errors.install(app)
    cors.install(app, origins.AllowList.of(settings.allowed_origins, settings.loopback_origins))
    watch.install(app, {"database": _answers(database), "cache": cache.usable})
    _gadgets_face(app, settings, keys, database, cache, platform)
    app.extensions["pulse"] = {"database": database, "platform": platform}
    return app


def judge(settings: Settings) -> list[str]:
    """Every fault that the parts find in settings which are well-formed by themselves, one a line."""
    missing = [name for name in Settings.required_by_serve if not getattr(settings, name)]
    if settings.loopback_origins:
        missing.remove("allowed_origins")
    return [
        *(f"{PREFIX}{name.upper()}: is required" for name in missing),
        *(f"{PREFIX}ALLOWED_ORIGINS: {fault}" for fault in origins.faults(settings.allowed_origins)),
        *clusters.faults(settings.finesse_nodes, settings.finesse_origins),
        *caller.faults(settings.customer_variables),
    ]


def _gadgets_face(
    app: Flask, settings: Settings, keys: tuple[bytes, ...], database: Database, cache: Cache, platform: Platform
) -> None:
    sessions, directory, source = Sessions(keys), Directory(database), Embedded(platform)
    guard = Guard(sessions)
    finesse = Finesse(Door(), Brake(cache, derived(keys[0], "credential")), cache)
    fleet = Clusters.of(settings.finesse_nodes, settings.finesse_origins)
    rules = CallerRules.of(
        settings.customer_variables, settings.journey_ignore, settings.phone_region, settings.phone_prefixes
    )
    named = rules.customer if settings.journey_access == "any" else None
    references = journey.References(Seal(keys, "customer"))
    calls = journey.Calls(fleet, finesse, rules)
    app.register_blueprint(shells.blueprint(settings))
    app.register_blueprint(session.blueprint(session.Desk(fleet, finesse, directory), sessions))
    app.register_blueprint(journey.blueprint(guard, calls, source, directory, references, named))
    app.register_blueprint(pulse.blueprint(guard, pulse.Board(source, directory, cache, settings.time_zone)))


def _answers(database: Database) -> Callable[[], object]:
    def check() -> None:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))

    return check


if __name__ == "__main__":
    from commands import main

    main()
