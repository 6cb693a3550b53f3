"""JSON of requests, half signs in it too, read by orjson: what is nested too deeply is no JSON, no error of Python."""

from typing import Any

from flask.json.provider import DefaultJSONProvider
from typing_extensions import override

from foundation import broken_text


class JsonBodies(DefaultJSONProvider):
    """Flask's own provider, but for reading."""

    @override
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return broken_text.loads(s.encode("utf-8", "surrogatepass") if isinstance(s, str) else s)
