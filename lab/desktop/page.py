"""The desktop page and its files, Finesse's scripts among them."""

from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

PAGES = Path(__file__).parents[1] / "pages"


def blueprint() -> Blueprint:
    bp = Blueprint("page", __name__)
    _add_page(bp)
    _add_assets(bp)
    return bp


def _add_page(bp: Blueprint) -> None:
    @bp.get("/")
    def root() -> AnyResponse:
        return redirect("/desktop" + ("?" + request.query_string.decode("latin-1") if request.query_string else ""))

    @bp.get("/desktop")
    @bp.get("/desktop/")
    def desktop() -> str:
        return render_template("desktop.html")


def _add_assets(bp: Blueprint) -> None:
    @bp.get("/desktop/assets/js/finesse.js")
    @bp.get("/desktop/assets/js/finesse.min.js")
    def library() -> Response:
        files = sorted((PAGES / "library").glob("*.js"))
        return _script("\n".join(file.read_text("utf-8") for file in files))

    @bp.get("/desktop/assets/js/jquery.min.js")
    def jquery() -> Response:
        return _script((PAGES / "assets" / "jquery.js").read_text("utf-8"))

    @bp.get("/desktop/assets/<path:name>")
    def asset(name: str) -> Response:
        return send_from_directory(PAGES / "assets", name, max_age=0)

    @bp.get("/favicon.ico")
    def icon() -> Response:
        return send_from_directory(PAGES / "assets", "icon.svg")


def _script(text: str) -> Response:
    return Response(text, content_type="text/javascript;charset=UTF-8", headers={"Cache-Control": "no-cache"})
