"""The lab's application: Finesse's REST side, its desktop with the gadget container, and calls by itself."""

from flask import Flask

from lab import controls, finesse, page
from lab.container import routes as container
from lab.dialer import Dialer
from lab.layout import SAMPLE, Layout
from lab.parts import Parts


def create_desktop(gadget_base: str, *, calls: bool = True, layout: Layout = SAMPLE) -> Flask:
    """`gadget_base` is where the gadget XML is, say http://localhost:8446; `calls` makes some by itself."""
    app = Flask(__name__, static_folder=None, template_folder="pages")
    parts = Parts()
    app.extensions["lab"] = parts
    app.register_blueprint(finesse.blueprint(parts))
    app.register_blueprint(controls.blueprint(parts))
    app.register_blueprint(container.blueprint(gadget_base))
    app.register_blueprint(page.blueprint(parts, gadget_base, layout))
    if calls:
        Dialer(parts).start()
    return app
