"""The lab's application: Finesse's REST side, its desktop with the gadget container, and calls by itself."""

from flask import Flask

from lab import call_controls, controls, finesse, page, session
from lab.container import routes as container
from lab.dialer import Dialer
from lab.layout import SAMPLE, Layout
from lab.parts import Parts


def create_desktop(
    gadget_base: str,
    *,
    calls: bool = True,
    layout: Layout = SAMPLE,
    nodes: tuple[str, ...] = ("http://localhost:8445",),
) -> Flask:
    """`gadget_base` is where the gadget XML is, say http://localhost:8446; `calls` makes some by itself.

    `nodes` are the addresses at which the one application is served, for it is all nodes of its cluster.
    """
    app = Flask(__name__, static_folder=None, template_folder="pages")
    parts = Parts(nodes)
    app.extensions["lab"] = parts
    parts.network.install(app)
    app.register_blueprint(finesse.blueprint(parts))
    app.register_blueprint(call_controls.blueprint(parts))
    app.register_blueprint(controls.blueprint(parts))
    app.register_blueprint(container.blueprint(gadget_base))
    app.register_blueprint(session.blueprint(parts, gadget_base, layout))
    app.register_blueprint(page.blueprint())
    if calls:
        Dialer(parts).start()
    return app
