"""The gadgets' built modules and styles, read into memory once and served under their content hash for ever."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from flask import Response, request
from werkzeug.exceptions import NotFound

FOREVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
ENCODINGS: Final = {".br": "br", ".gz": "gzip"}


class BundlesMissing(RuntimeError):
    """The gadgets were not built on this machine."""


@dataclass(frozen=True, slots=True)
class File:
    """One built file: its bytes in each encoding (the plain one under ""), its type and the hash of its bytes."""

    bodies: dict[str, bytes]
    mimetype: str
    etag: str


class Bundles:
    """The releases that the build still keeps; `current` is the one that new gadget XML names."""

    def __init__(self, current: str, files: dict[tuple[str, str], File]) -> None:
        self.current = current
        self._files = files

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read all that `static/build.mjs` kept in `folder`."""
        try:
            manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        except FileNotFoundError as error:
            raise BundlesMissing(f"the gadgets are not built ({folder} is missing): run `make setup`") from error
        files = {
            (release, path.relative_to(folder / release).as_posix()): read(path)
            for release in manifest["kept"]
            for path in sorted((folder / release).rglob("*"))
            if path.suffix in TYPES
        }
        return cls(manifest["current"], files)

    def path(self, name: str) -> str:
        """Where browsers find a file of the current release, below `PUBLIC_URL`."""
        if (self.current, name) not in self._files:
            raise BundlesMissing(f"the build has no {name}: run `make setup`")
        return f"/static/{self.current}/{name}"

    def answer(self, release: str, name: str) -> Response:
        """The file, as small as the caller can take it; 404 for all that no kept release has."""
        file = self._files.get((release, name))
        if file is None:
            raise NotFound("no kept release has this file")
        encoding = next((coding for coding in file.bodies if request.accept_encodings[coding] > 0), "")
        response = Response(file.bodies[encoding], mimetype=file.mimetype)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Cache-Control"] = FOREVER
        response.vary.add("Accept-Encoding")
        response.set_etag(f"{file.etag}{encoding}")
        response.make_conditional(request)
        return response


def read(path: Path) -> File:
    """A built file with the compressed forms that stand beside it."""
    plain = path.read_bytes()
    beside = {encoding: path.with_name(path.name + suffix) for suffix, encoding in ENCODINGS.items()}
    bodies = {encoding: file.read_bytes() for encoding, file in beside.items() if file.exists()}
    return File(bodies | {"": plain}, TYPES[path.suffix], hashlib.sha256(plain).hexdigest()[:16])
