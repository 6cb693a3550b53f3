"""JSON of requests, read by orjson: what is nested too deeply is no JSON to it, and an error in Python's own."""

from typing import Any

import orjson
from flask.json.provider import DefaultJSONProvider
from typing_extensions import override


class JsonBodies(DefaultJSONProvider):
    """Flask's own provider, but for reading."""

    @override
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)
