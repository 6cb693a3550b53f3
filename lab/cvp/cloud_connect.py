"""How CVP posts a batch to Cloud Connect: once, with the administrator's credential, and without a second try."""

from collections.abc import Sequence

import urllib3

from lab.cvp.items import Item

PATH = "/cherrypoint/surveydispatch"
ADMINISTRATOR, PASSWORD = "admin", "lab"
TIMEOUT_SECONDS = 10.0  # SIP.CloudConnect.RequestTimeout
NO_ANSWER = "no answer"


class CloudConnect:
    def __init__(self, base: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._address = base.rstrip("/") + PATH
        self._timeout = urllib3.Timeout(total=timeout)
        self._headers = urllib3.make_headers(basic_auth=f"{ADMINISTRATOR}:{PASSWORD}")
        self._pool = urllib3.PoolManager(retries=False)

    def post(self, items: Sequence[Item]) -> str:
        """What CVP learns of it: a status, or that there was no answer in time."""
        try:
            answer = self._pool.request(
                "POST", self._address, json=list(items), headers=self._headers, timeout=self._timeout
            )
        except urllib3.exceptions.HTTPError:
            return NO_ANSWER
        return str(answer.status)
