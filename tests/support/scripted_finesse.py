"""A Finesse that does as a test tells it: HTTP on a loopback port, docs/cisco/finesse.md §4, requests noted."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.support.scripted_server import Handler, serving

XML = "application/xml;charset=UTF-8"
PAGE = "<!doctype html><html><body><h1>HTTP Status {0}</h1></body></html>"
ADMINISTRATOR = ("administrator", "of all")


def basic(name: str, password: str) -> str:
    """The header value that Finesse's library makes of a name and a password."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def error(kind: str, data: str = "") -> str:
    body = f"<ErrorData>{data}</ErrorData><ErrorMessage>x</ErrorMessage><ErrorType>{kind}</ErrorType>"
    return f"<ApiErrors><ApiError>{body}</ApiError></ApiErrors>"


@dataclass
class Account:
    """A user of this Finesse; `supervises` holds (id, name) of teams."""

    id: str
    login_name: str = ""
    password: str = "right"
    roles: tuple[str, ...] = ("Agent",)
    team: tuple[str, str] = ("5001", "Sales")
    supervises: tuple[tuple[str, str], ...] = ()
    skill_target_id: str = "6001"
    extension: str = "2001"
    name: tuple[str, str] = ("Ann", "Lee")

    def xml(self) -> str:
        teams = "".join(f"<Team><id>{key}</id><name>{escape(name)}</name></Team>" for key, name in self.supervises)
        parts = {
            "extension": self.extension,
            "firstName": self.name[0],
            "lastName": self.name[1],
            "loginId": self.id,
            "loginName": self.login_name,
            "skillTargetId": self.skill_target_id,
            "teamId": self.team[0],
            "teamName": self.team[1],
        }
        texts = "".join(f"<{tag}>{escape(text)}</{tag}>" if text else f"<{tag}/>" for tag, text in parts.items())
        roles = "".join(f"<role>{role}</role>" for role in self.roles)
        return f"<User>{texts}<roles>{roles}</roles>{f'<teams>{teams}</teams>' if teams else ''}</User>"


def dialog(
    dialog_id: str,
    variables: dict[str, str] | None = None,
    *,
    caller: str = "886912344455",
    called: str = "2001",
    call_type: str = "PREROUTE_ACD_IN",
    agents: tuple[str, ...] = ("2001",),
    dialled: str = "8000",
) -> str:
    """One call. Every party has actions, callers too; those in `agents` have Finesse's mark for agents."""
    named = "".join(
        f"<CallVariable><name>{escape(name)}</name><value>{escape(value)}</value></CallVariable>"
        for name, value in (variables or {}).items()
    )
    parties = "".join(
        f"<Participant><actions><action>DROP</action></actions><mediaAddress>{escape(party)}</mediaAddress>"
        f"<mediaAddressType>{'AGENT_DEVICE' if party in agents else ''}</mediaAddressType></Participant>"
        for party in {caller: 1, called: 1, **dict.fromkeys(agents, 1)}
    )
    return (
        f"<Dialog><fromAddress>{escape(caller)}</fromAddress><id>{dialog_id}</id><mediaProperties>"
        f"<callType>{call_type}</callType><dialedNumber>{dialled}</dialedNumber>"
        f"<callvariables>{named}</callvariables></mediaProperties>"
        f"<participants>{parties}</participants><state>ACTIVE</state><toAddress>{escape(called)}</toAddress></Dialog>"
    )


@dataclass(frozen=True)
class Reply:
    """What is sent; `raw` bytes go out as they are, in place of a whole HTTP answer."""

    status: int = 200
    body: str | bytes = ""
    kind: str = XML
    raw: bytes | None = None


@dataclass(frozen=True)
class Seen:
    """One request that came in, and what was answered; `authorization` is its header."""

    path: str
    authorization: str | None
    status: int


Script = Callable[[str], Reply | None]


@dataclass(repr=False)
class ScriptedFinesse:
    """`script` may answer a path in place of the usual answer; it may also sleep or wait before it returns None."""

    base: str = ""
    accounts: dict[str, Account] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    dialogs: dict[str, list[str]] = field(default_factory=dict)
    deployment: str = "UCCE"
    script: Script = lambda _path: None
    seen: list[Seen] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"ScriptedFinesse({self.base})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What hypothesis prints: not all that was seen."""
        printer.text(repr(self))

    def add(self, account: Account) -> Account:
        self.accounts[account.id] = account
        return account

    def forget(self) -> None:
        """As new: no accounts, no script, nothing seen."""
        self.accounts, self.bearers, self.dialogs = {}, {}, {}
        self.deployment, self.script, self.seen = "UCCE", lambda _path: None, []

    def requests_to(self, word: str = "/User/") -> list[Seen]:
        """Requests whose path holds a word."""
        return [request for request in self.seen if word in request.path]

    @property
    def refusals(self) -> int:
        """How often a credential was refused: what locks a real account."""
        return sum(request.status == 401 for request in self.seen)

    def answer(self, path: str, authorization: str | None) -> Reply:
        # What is answered slowly, to one who has left, is no request of the test that runs by then.
        seen = self.seen
        reply = self.script(path) or self._usual(path, authorization)
        seen.append(Seen(path, authorization, reply.status))
        return reply

    def _usual(self, path: str, authorization: str | None) -> Reply:
        if path.endswith("/SystemInfo"):
            kind = f"<deploymentType>{self.deployment}</deploymentType>" if self.deployment else ""
            return Reply(200, f"<SystemInfo>{kind}<status>IN_SERVICE</status></SystemInfo>")
        who = self._who(authorization)
        if who is None:
            return Reply(401, error("Authorization Failure"))
        name, _, rest = unquote(path).removeprefix("/finesse/api/User/").partition("/")
        account = self._named(name)
        if account is None:
            return Reply(404, error("User Not Found", name))
        if who not in (account.id, ADMINISTRATOR[0]):
            return Reply(401, error("Invalid Authorization User Specified", name))
        if rest == "Dialogs":
            return Reply(200, f"<Dialogs>{''.join(self.dialogs.get(account.id, []))}</Dialogs>")
        return Reply(200, account.xml())

    def _who(self, authorization: str | None) -> str | None:
        scheme, _, value = (authorization or "").partition(" ")
        if scheme == "Bearer":
            return self.bearers.get(value)
        if authorization == basic(*ADMINISTRATOR):
            return ADMINISTRATOR[0]
        name, _, password = base64.b64decode(value).decode("utf-8", "replace").partition(":")
        account = self._named(name)
        return account.id if account and account.password == password else None

    def _named(self, name: str) -> Account | None:
        known = (
            account
            for account in self.accounts.values()
            if name.lower() in (account.id.lower(), account.login_name.lower())
        )
        return next(known, None)


@contextmanager
def scripted_finesse() -> Iterator[ScriptedFinesse]:
    finesse = ScriptedFinesse()

    class Scripted(Handler, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = finesse.answer(self.path, self.headers["Authorization"])
            if reply.raw is not None:
                self.wfile.write(reply.raw)
                self.close_connection = True
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(Scripted) as base:
        finesse.base = base
        yield finesse
