"""A service that serves the shells alone, over files as static/build.mjs leaves them."""

import json
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from foundation.settings import Settings
from foundation.web import error_handler, middleware
from gadgets.install import shells

PUBLIC = "https://pulse.bora.com:8446"
NAMES = ("CiscoCXJourneyGadget.xml", "CiscoCXAnalyticsGadget.xml")
FILES = ("pulse.en.js", "pulse.zh-TW.js", "cea.css")


def build(folder: Path, current: str, *earlier: str) -> Path:
    """What static/build.mjs leaves behind, with the release's name as every file's content."""
    for release in (current, *earlier):
        (folder / release).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / release / name).write_text(f"/* {release} {name} */")
            (folder / release / f"{name}.br").write_bytes(b"br " + name.encode())
    (folder / "manifest.json").write_text(json.dumps({"current": current, "kept": [current, *earlier]}))
    return folder


def service(built: Path, public_url: str = PUBLIC) -> FlaskClient:
    app = Flask(__name__, static_folder=None)
    error_handler.install(app)
    middleware.install(app)
    app.register_blueprint(shells.blueprint(Settings(public_url=public_url), built))
    return app.test_client()
