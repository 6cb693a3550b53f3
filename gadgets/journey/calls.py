"""Who the customer on a person's call is: read from Finesse with that person's own credential."""

from functools import partial

from foundation.errors import PulseError
from foundation.single_flight import SingleFlight
from gadgets.finesse.accounts import Accounts
from gadgets.finesse.client import FINESSE_ERRORS, Finesse, NotYourUser, Requester
from gadgets.finesse.clusters import Clusters
from gadgets.finesse.credentials import Credential
from gadgets.finesse.xml import CallKind, Dialog
from gadgets.journey.caller import Caller, CallerRules, caller_of
from gadgets.signin.person import Person


class NoDialog(PulseError):
    status = 404
    code = "no_dialog"
    title = "This call is not, or no longer, among your calls"


class Monitoring(PulseError):
    status = 409
    code = "monitoring"
    title = "A monitored call: its customer is not shown"


CALL_ERRORS = (*FINESSE_ERRORS, NoDialog, Monitoring)


class Calls:
    """Calls of signed-in people. Who asks while an answer is on its way shares the next one."""

    def __init__(self, clusters: Clusters, finesse: Finesse, accounts: Accounts, rules: CallerRules) -> None:
        self._clusters = {cluster.id: cluster for cluster in clusters.all}
        self._finesse = finesse
        self._accounts = accounts
        self._rules = rules
        self._flights = SingleFlight()

    def read(
        self, person: Person, dialog_id: str, authorization: str | None, origin: str | None, source: str
    ) -> tuple[Dialog, Caller | None]:
        """The call, and its customer: None where nothing on it names one. Raises CALL_ERRORS.

        `authorization` is the header that the person's browser sends to Finesse; `origin` and `source` are the
        desktop's and the caller's addresses.
        """
        credential = Credential.parse(authorization)
        if not credential.is_for(person.id, person.login_name):
            raise NotYourUser()
        cluster = self._clusters.get(person.cluster)
        if cluster is None:
            raise NoDialog("The cluster of this session is no longer configured.")
        requester = Requester(self._accounts.find(person.cluster, person.id), credential, origin, source)
        question = partial(self._finesse.dialogs, cluster, person.id, requester)
        dialogs = self._flights.run_next((person.id, requester), question)
        dialog = _shown(dialog_id, dialogs)
        return dialog, caller_of(dialog, person.extension, self._rules, dialogs)


def _shown(dialog_id: str, dialogs: tuple[Dialog, ...]) -> Dialog:
    """The dialog of this id, whose customer may be shown."""
    dialog = next((dialog for dialog in dialogs if dialog.id == dialog_id), None)
    if dialog is None:
        raise NoDialog()
    if dialog.kind is CallKind.MONITORING:
        raise Monitoring()
    return dialog
