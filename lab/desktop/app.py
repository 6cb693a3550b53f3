"""The lab's application: Finesse's REST side, its desktop with the gadget container, and calls by itself."""

from flask import Flask

from lab.calls.dialer import Dialer
from lab.container import routes as container
from lab.controls import calls as call_controls
from lab.controls import routes
from lab.cvp import routes as cvp
from lab.desktop import page, session
from lab.desktop.layout import SAMPLE, Layout
from lab.desktop.parts import Parts
from lab.finesse import rest
from lab.inbox import routes as inbox


def create_desktop(
    gadget_base: str,
    *,
    calls: bool = True,
    layout: Layout = SAMPLE,
    nodes: tuple[str, ...] = ("http://localhost:8445",),
    time_zone: str = "UTC",
) -> Flask:
    """`gadget_base` is where the gadget XML is, say http://localhost:8446; `calls` makes some by itself.

    `nodes` are the addresses at which the one application is served, for it is all nodes of its cluster.
    `time_zone` is that of their clocks.
    """
    app = Flask(__name__, static_folder=None, template_folder=page.PAGES)
    parts = Parts(nodes, time_zone, gadget_base)
    app.extensions["lab"] = parts
    parts.network.install(app)
    app.register_blueprint(rest.blueprint(parts))
    app.register_blueprint(call_controls.blueprint(parts))
    app.register_blueprint(routes.blueprint(parts))
    app.register_blueprint(cvp.blueprint(parts))
    app.register_blueprint(inbox.blueprint(parts))
    app.register_blueprint(container.blueprint(gadget_base))
    app.register_blueprint(session.blueprint(parts, gadget_base, layout))
    app.register_blueprint(page.blueprint())
    if calls:
        Dialer(parts).start()
    return app
