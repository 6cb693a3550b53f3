"""What CVP says of one call that has ended (docs/cisco/cloud-connect-and-cce.md §2.3, §3); pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lab.calls.call import QUEUES, Call

# The ECC variable holds no more: what comes behind is cut off.
POD_LENGTH = 120
POD = "POD.ID"
WANTED = "user.microapp.isPostCallSurvey"

Item = dict[str, str]


@dataclass(frozen=True, slots=True)
class CallType:
    """A call type of CCE; `dispatch_id` names its deferred survey, and is empty where it has none."""

    id: str
    name: str
    dispatch_id: str = ""

    def with_survey(self, dispatch_id: str) -> "CallType":
        return replace(self, dispatch_id=dispatch_id)

    def to_dict(self) -> dict[str, str | None]:
        return {"id": self.id, "name": self.name, "dispatchId": self.dispatch_id or None}


# By the queue of a call, which is a team's here. Support has none: there the desktop itself asks for surveys.
CALL_TYPES: Mapping[str, CallType] = {
    "5001": CallType("5021", "Sales", "lab-email"),
    "5002": CallType("5022", "Support"),
}


def survey_item(call: Call, call_type: CallType | None) -> Item | None:
    """The item of a call with its last agent; None where CVP asks for no survey.

    Field names are ours: how CVP calls them was never published. [I] A call that nobody answered gets none.
    """
    if call_type is None or not call_type.dispatch_id or call.agent_state == "ALERTING":
        return None
    if call.variables.get(WANTED, "").lower() != "y" or not call.variables.get(POD):
        return None
    return {
        "dispatchId": call_type.dispatch_id,
        "callGUID": call.guid,
        POD: call.variables[POD][:POD_LENGTH],
        "CxSurveyInfo": survey_info(call),
    }


def survey_info(call: Call) -> str:
    """The ECC variable user.CxSurveyInfo; the lab routes by skill group, so that no precision queue is named."""
    return f"AG={call.agent.skill_target_id}|SG={QUEUES[call.queue][1]}|PQ=|AGT={call.agent.team}"
