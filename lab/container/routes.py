"""The container's addresses: /gadgets/ifr, metadata, js, concat and makeRequest."""

import json
from html import escape
from pathlib import Path
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, jsonify, request

from lab.container.fetch import Fetcher, Unreachable
from lab.container.gadget import Gadget, load
from lab.container.rewrite import CSS, JAVASCRIPT, absolute_css
from lab.container.spec import KNOWN, Unloadable

FEATURES = Path(__file__).parent.parent / "pages" / "features"
UNPARSEABLE = "throw 1; < don't be evil' >"  # Shindig's own guard against the answer being run as a script


def blueprint(gadget_base: str) -> Blueprint:
    bp = Blueprint("container", __name__, url_prefix="/gadgets")
    fetcher = Fetcher(gadget_base)
    _add_frames(bp, fetcher)
    _add_scripts(bp, fetcher)
    _add_make_request(bp, fetcher)
    return bp


def _gadget(fetcher: Fetcher) -> Gadget:
    host, _, port = request.host.partition(":")
    filled = {
        "scheme": request.scheme,
        "host": host,
        "hostPort": port or "80",
        "externalServerHost": f"{request.scheme}://{request.host}",
    }
    return load(request.args, filled, fetcher)


def _add_frames(bp: Blueprint, fetcher: Fetcher) -> None:
    @bp.get("/ifr")
    def frame() -> Response:
        try:
            whole = "concat" in request.args
            html = _gadget(fetcher).page(request.args.get("view", "default"), whole=whole)
        except Unloadable as fault:
            html = f"<html><body><p>{escape(str(fault))}</p></body></html>"
        return Response(html, content_type="text/html;charset=UTF-8", headers={"Cache-Control": "no-store"})

    @bp.get("/metadata")
    def metadata() -> Response:
        try:
            facts = _gadget(fetcher).facts()
        except Unloadable as fault:
            facts = {"error": str(fault)}
        return jsonify(facts)


def _add_scripts(bp: Blueprint, fetcher: Fetcher) -> None:
    @bp.get("/js/<names>.js")
    def features(names: str) -> Response:
        wanted = [name for name in names.split(":") if name in KNOWN]
        files = [FEATURES / f"{name}.js" for name in wanted]
        text = "\n".join(file.read_text("utf-8") for file in files if file.exists())
        return Response(text, content_type=f"{JAVASCRIPT};charset=UTF-8", headers={"Cache-Control": "no-cache"})

    @bp.get("/concat")
    def concat() -> Response:
        kind = request.args.get("rewriteMime", "")
        if kind not in (JAVASCRIPT, CSS):
            abort(400)
        urls = [value for name, value in request.args.items() if name.isdigit()]
        return Response("\n".join(_part(fetcher, url, kind) for url in urls), content_type=f"{kind};charset=UTF-8")


def _part(fetcher: Fetcher, url: str, kind: str) -> str:
    try:
        text = fetcher.get(url).text
    except Unreachable as fault:
        return f"/* ---- Error: {fault} ---- */"
    return absolute_css(text, url) if kind == CSS else text


def _add_make_request(bp: Blueprint, fetcher: Fetcher) -> None:
    @bp.post("/makeRequest")
    def make_request() -> Response:
        form = request.form
        url, method = form.get("url", ""), form.get("httpMethod", "GET").upper()
        headers = dict(parse_qsl(form.get("headers", "")))
        try:
            got = fetcher.ask(method, url, headers, form.get("postData") or None)
            answer = {"rc": got.status, "body": got.text, "headers": got.headers}
        except Unreachable:
            answer = {"rc": 504, "body": ""}
        return Response(UNPARSEABLE + json.dumps({url: answer}), content_type="application/json")
