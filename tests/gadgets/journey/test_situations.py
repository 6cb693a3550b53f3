"""Every way a call can go, and who the customer is then; docs/calls.md tells the same table."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experience.privacy import pii
from foundation.settings import PLACEHOLDERS
from gadgets.finesse import xml
from gadgets.finesse.xml import CallKind, Dialog
from gadgets.journey.caller import Caller, CallerRules, caller_of
from tests.support.scripted_finesse import dialog as xml_of
from tests.support.services import ROOT

RULES = CallerRules.of(("POD.ID", "user.custId:customerId", "callVariable3:mobile"), PLACEHOLDERS, "TW", ())
OWN, COLLEAGUE = "2001", "2002"
CALLER, EXPERT, CALLED = "886912344455", "886223456789", "886922000111"
ANN, BY_NUMBER, BY_CALLED = Caller("C-10042"), Caller("", "+886912344455"), Caller("", "+886922000111")
POD = {"POD.ID": "cc_CustomerId=C-10042"}


@dataclass(frozen=True)
class Situation:
    """The call that is asked about is the first of `calls`."""

    said: str
    customer: Caller | None
    calls: tuple[Dialog, ...] = field(repr=False)


def call(
    identity: str = "1",
    caller: str = CALLER,
    called: str = OWN,
    kind: str = "PREROUTE_ACD_IN",
    variables: dict[str, str] | None = None,
    agents: tuple[str, ...] = (OWN,),
    associated: str = "",
    is_voice: bool = True,
    callback: str = "",
) -> Dialog:
    of_kind, marked = CallKind.of(kind), frozenset(agents)
    return Dialog(identity, caller, called, of_kind, variables or {}, marked, associated, is_voice, callback)


def consult(to: str = COLLEAGUE, kind: str = "CONSULT", variables: dict[str, str] | None = None) -> Dialog:
    """Placed by this person beside call 1."""
    return call("2", OWN, to, kind, variables, (OWN, to) if to == COLLEAGUE else (OWN,), "1")


def consulted(kind: str = "CONSULT", caller: str = COLLEAGUE, variables: dict[str, str] | None = None) -> Dialog:
    """The other end of a consult call: the colleague's call 1 is not among this person's."""
    return call("2", caller, OWN, kind, variables, (OWN, caller), "1")


def listened(kind: str = "SUPERVISOR_MONITOR", variables: dict[str, str] | None = None) -> Dialog:
    return call("3", OWN, COLLEAGUE, kind, variables, (OWN, COLLEAGUE))


def outbound(kind: str = "OUT", associated: str = "", **variables: str) -> Dialog:
    return call("1", OWN, CALLED, kind, variables, (OWN,), associated)


def campaign(kind: str = "OUTBOUND", called: str = OWN, **variables: str) -> Dialog:
    return call("1", "88670010000", called, kind, variables)


def preview(**variables: str) -> Dialog:
    return call("1", "5500", OWN, "OUTBOUND_DIRECT_PREVIEW", variables, (), callback=CALLED)


HELD, UNNAMED = call(variables=POD, associated="2"), call(associated="2")
BA, DIALLED = {"BACustomerNumber": CALLED}, {"dialedNumber": CALLED}
UCCX = {"ccx_customer_ani": CALLER, "ccx_survey_opt_in": "true"}
TWO = {"POD.ID": "Email=ann@example.com", "user.custId": "C-10042", "callVariable3": CALLED}

SITUATIONS = [
    Situation("inbound, named by POD.ID", ANN, (call(variables=POD),)),
    Situation("inbound, named by nothing: the calling number", BY_NUMBER, (call(),)),
    Situation("inbound from a withheld number", None, (call(caller="anonymous"),)),
    Situation("inbound, held while a colleague is consulted", ANN, (HELD, consult())),
    Situation("inbound, held, the number alone", BY_NUMBER, (UNNAMED, consult())),
    Situation("consult call: the customer of the held call", ANN, (consult(), HELD)),
    Situation("consult call, the held call known by its number", BY_NUMBER, (consult(), UNNAMED)),
    Situation("consult call to an expert outside: never the expert", BY_NUMBER, (consult(EXPERT), UNNAMED)),
    Situation("consult call to an expert, of a kind unknown", BY_NUMBER, (consult(EXPERT, "OTHER"), UNNAMED)),
    Situation("consult call whose held call is gone", None, (consult(EXPERT),)),
    Situation("consult call beside an outbound call", BY_CALLED, (consult(EXPERT), outbound(associated="2"))),
    Situation("outbound, held while an expert is consulted", BY_CALLED, (outbound(associated="2"), consult(EXPERT))),
    Situation("two calls placed, which is which unknown", None, (consult(EXPERT, "OUT"), outbound(associated="2"))),
    Situation("consulted, without the customer's data: nobody", None, (consulted(),)),
    Situation("consulted, with the customer's data", ANN, (consulted(variables=POD),)),
    Situation("consulted from a long extension: nobody", None, (consulted("CONSULT_OFFERED", "20022002"),)),
    Situation("transferred to this person", ANN, (call("2", kind="TRANSFER", variables=POD),)),
    Situation("transferred, the number alone", BY_NUMBER, (call("2", kind="TRANSFER"),)),
    Situation(
        "transferred, still naming the call it came from", BY_NUMBER, (call("2", kind="TRANSFER", associated="1"),)
    ),
    Situation("conference of three", ANN, (call(kind="CONFERENCE", variables=POD, agents=(OWN, COLLEAGUE)),)),
    Situation("conference, the number alone", BY_NUMBER, (call(kind="CONFERENCE", agents=(OWN, COLLEAGUE)),)),
    Situation("conference placed by a colleague, nobody named", None, (listened("CONFERENCE"),)),
    Situation("two calls at once: each its own, the first", ANN, (call(variables=POD), call("5", CALLED))),
    Situation("two calls at once: each its own, the second", BY_CALLED, (call("5", CALLED), call(variables=POD))),
    Situation("wrap-up: the dialog is still there", ANN, (call(variables=POD, agents=()),)),
    Situation("outbound by hand: the called number", BY_CALLED, (outbound(),)),
    Situation("outbound by hand, behind an access code", BY_CALLED, (call("1", OWN, "9", "OUT", DIALLED),)),
    Situation("campaign: BACustomerNumber, whoever is the caller", BY_CALLED, (campaign(**BA),)),
    Situation("campaign, preview", BY_CALLED, (campaign("OUTBOUND_PREVIEW", **BA),)),
    Situation("campaign, named by POD.ID", ANN, (campaign(**BA, **POD),)),
    Situation("campaign without BACustomerNumber: the called number", BY_CALLED, (campaign(called=CALLED),)),
    Situation("campaign without both: never the dialer", None, (campaign(),)),
    Situation(
        "campaign from the agent's own extension, its reservation gone",
        BY_CALLED,
        (outbound("OUTBOUND", "9", BACustomerNumber=CALLED),),
    ),
    Situation("the same without BACustomerNumber: the called number", BY_CALLED, (outbound("OUTBOUND", "9"),)),
    Situation("campaign beside its reservation", BY_CALLED, (outbound("OUTBOUND", "9"), call("9", "5500"))),
    Situation("direct preview: callbackNumber", BY_CALLED, (preview(),)),
    Situation(
        "direct preview: callbackNumber before BACustomerNumber with the dialer's prefix",
        BY_CALLED,
        (preview(BACustomerNumber=f"9{CALLED}"),),
    ),
    Situation("barge-in, with the call's data", ANN, (listened("CONFERENCE", POD),)),
    Situation("between agents", None, (call("1", COLLEAGUE, OWN, "AGENT_INSIDE", None, (OWN, COLLEAGUE)),)),
    Situation(
        "a colleague's extension of seven digits or more", None, (call(caller="20022002", agents=(OWN, "20022002")),)
    ),
    Situation(
        "a colleague's extension, known from another call",
        None,
        (call(caller="2002-2002"), call("5", agents=("20022002",))),
    ),
    Situation(
        "the own extension in a variable", BY_NUMBER, (call(variables={"callVariable3": OWN * 2}, agents=(OWN * 2,)),)
    ),
    Situation("Unified CCX: the number that its script set", BY_NUMBER, (call(caller="anonymous", variables=UCCX),)),
    Situation(
        "Unified CCX: the address that its script set",
        Caller("", "", "ann@example.com"),
        (call(caller="anonymous", variables={"ccx_customer_email_id": "Ann@Example.com"}),),
    ),
    Situation("Unified CCX, named by a variable of ours first", ANN, (call(variables={**UCCX, **POD}),)),
    Situation(
        "several variables: each fact from the first that has it",
        Caller("C-10042", "+886922000111", "ann@example.com"),
        (call(variables=TWO),),
    ),
    Situation(
        "several variables: what cannot be used is no fact",
        ANN,
        (call(variables={"POD.ID": "cc_CustomerId=ICM", "user.custId": "C-10042"}),),
    ),
    Situation(
        "a customer id that stands for no customer: the number beside it",
        BY_CALLED,
        (call(variables={"POD.ID": f"cc_CustomerId=null;Mobile={CALLED}"}),),
    ),
    Situation(
        "a customer id that stands for no customer alone: the calling number",
        BY_NUMBER,
        (call(variables={"POD.ID": "cc_CustomerId=undefined", "user.custId": "0"}),),
    ),
    Situation("a task that is no call, named", ANN, (call(variables=POD, is_voice=False),)),
    Situation("a task that is no call: no number is the customer's", None, (call(is_voice=False),)),
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.said)
def test_the_customer_is_right_in_every_situation(situation: Situation) -> None:
    assert caller_of(situation.calls[0], OWN, RULES, situation.calls) == situation.customer


def test_the_table_in_the_documents_is_this_one() -> None:
    text = (ROOT / "docs/calls.md").read_text("utf-8")
    told = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("|")][2:]
    assert told == [each.said for each in SITUATIONS]


extensions = st.sampled_from([OWN, COLLEAGUE, "20012001", "2001-2001", "+20012001"])
numbers = st.sampled_from([CALLER, EXPERT, CALLED, "", "anonymous", "20012001", "2001 2001", "2001"])
kinds = st.sampled_from(
    ["PREROUTE_ACD_IN", "OUT", "CONSULT", "CONSULT_OFFERED", "CONFERENCE", "TRANSFER", "OUTBOUND", ""]
)
drawn = st.builds(
    call,
    st.sampled_from("123"),
    numbers,
    numbers,
    kinds,
    st.dictionaries(
        st.sampled_from(["BACustomerNumber", "dialedNumber", "callVariable3", "ccx_customer_ani"]), numbers
    ),
    st.lists(extensions, max_size=2).map(tuple),
    st.sampled_from(["", "1", "2", "3"]),
    st.booleans(),
    numbers,
)


@given(st.lists(drawn, min_size=1, max_size=3), extensions)
def test_no_address_of_ours_is_ever_a_customer(calls: list[Dialog], own: str) -> None:
    found = caller_of(calls[0], own, RULES, calls)
    ours = {"".join(filter(str.isdecimal, party)) for party in calls[0].agents | {own}}
    assert found is None or found.mobile.removeprefix("+") not in ours


@given(drawn, st.lists(drawn, max_size=2))
def test_a_consult_call_alone_never_shows_a_number(asked: Dialog, others: list[Dialog]) -> None:
    """Whomever it reaches, and whatever else is going on: only its own held call's number may count."""
    if asked.kind is CallKind.CONSULT and asked.associated not in {other.id for other in others}:
        unnamed = caller_of(asked, OWN, CallerRules(), others)
        assert unnamed is None or unnamed.mobile == pii.phone(asked.variables.get("ccx_customer_ani", ""))


def test_an_agent_is_told_by_its_mark_and_not_by_what_it_may_do() -> None:
    (listed,) = xml.dialogs(f"<Dialogs>{xml_of('1', {}, agents=(OWN,))}</Dialogs>".encode())
    assert listed.agents == {OWN}
    assert caller_of(listed, OWN, RULES, [listed]) == BY_NUMBER


def test_a_dialers_call_is_read_as_finesse_writes_it() -> None:
    """Cases 02 and 09: from the agent's extension without its reservation, and in direct preview."""
    agent = "<Participant><actions><action>HOLD</action></actions><mediaAddress>2001</mediaAddress>"
    parts = (
        f"<Dialog><associatedDialogUri>/finesse/api/Dialog/2130706631</associatedDialogUri><fromAddress>{OWN}"
        f"</fromAddress><id>1</id><mediaProperties><mediaId>1</mediaId><callType>OUTBOUND</callType></mediaProperties>"
        f"<mediaType>Voice</mediaType><participants>{agent}<mediaAddressType>AGENT_DEVICE</mediaAddressType>"
        f"</Participant></participants><toAddress>{CALLED}</toAddress></Dialog>",
        f"<Dialog><associatedDialogUri/><fromAddress>5500</fromAddress><id>2</id><callbackNumber>{CALLED}"
        "</callbackNumber><mediaProperties><mediaId>1</mediaId><callType>OUTBOUND_DIRECT_PREVIEW</callType>"
        f"</mediaProperties><mediaType>Voice</mediaType><participants/><toAddress>{OWN}</toAddress></Dialog>",
    )
    for part in parts:
        (listed,) = xml.dialogs(f"<Dialogs>{part}</Dialogs>".encode())
        assert caller_of(listed, OWN, RULES, [listed]) == BY_CALLED


BROKEN = ("\x01", "&", "&nbsp;", "&#1;", "&#x1F;", "&#99999999999;", "<", "<b>", "a < b & c", "\ufffe", "]]>")


@pytest.mark.parametrize("sign", BROKEN, ids=ascii)
def test_a_bad_character_in_one_call_hides_neither_the_others_nor_the_call_itself(sign: str) -> None:
    broken = xml_of("1", {"callVariable1": "SIGN", **POD}).replace("SIGN", sign)
    listed = xml.dialogs(f"<?xml version='1.0'?><Dialogs>{broken}{xml_of('2', POD)}</Dialogs>".encode())
    assert [(dialog.id, dialog.variables["POD.ID"]) for dialog in listed] == [
        ("1", POD["POD.ID"]),
        ("2", POD["POD.ID"]),
    ]


def test_bytes_that_are_no_text_cost_nothing_but_themselves() -> None:
    body = f"<Dialogs>{xml_of('1', {'callVariable1': 'SIGN', **POD})}</Dialogs>".encode().replace(b"SIGN", b"\xff\xfe")
    assert xml.dialogs(body)[0].variables["POD.ID"] == POD["POD.ID"]


def test_a_call_that_cannot_be_read_at_all_hides_no_other() -> None:
    listed = xml.dialogs(f"<Dialogs><Dialog><id>1</id><mediaProperties></Dialog>{xml_of('2', POD)}</Dialogs>".encode())
    assert [dialog.id for dialog in listed] == ["2"]


@pytest.mark.parametrize("body", ["<html><Dialog></Dialog>", "", "<Dialogs", "Dialogs", "<Dialog><id>1</id>"])
def test_what_is_no_list_of_calls_is_none(body: str) -> None:
    with pytest.raises(xml.NotFinesse):
        xml.dialogs(body.encode())


@given(st.text(alphabet=st.characters(exclude_characters="<>&", codec="utf-8"), max_size=20))
def test_every_text_in_a_variable_leaves_the_other_calls(text: str) -> None:
    body = f"<Dialogs>{xml_of('1', {'callVariable1': text})}{xml_of('2', POD)}</Dialogs>"
    assert xml.dialogs(body.encode())[-1].variables["POD.ID"] == POD["POD.ID"]


def test_the_call_that_a_call_belongs_to_is_read_from_its_address() -> None:
    plain = xml_of("2", {"POD.ID": "C-1"})
    for address in ("/finesse/api/Dialog/16804377", "/finesse/api/Dialog/16804377/", "16804377"):
        named = f"<associatedDialogUri>{address}</associatedDialogUri>"
        body = f"<Dialogs>{plain.replace('<fromAddress>', f'{named}<fromAddress>')}</Dialogs>"
        (found,) = xml.dialogs(body.encode())
        assert found.associated == "16804377"
    (found,) = xml.dialogs(f"<Dialogs>{plain}</Dialogs>".encode())
    assert (found.associated, found.is_voice) == ("", True)


@pytest.mark.parametrize(
    ("told", "is_voice"),
    [("<mediaType>Voice</mediaType>", True), ("<mediaType/>", True), ("<mediaType>Cisco_Chat_MRD</mediaType>", False)],
)
def test_a_task_is_told_from_a_call_by_its_media(told: str, is_voice: bool) -> None:
    body = f"<Dialogs>{xml_of('2').replace('<fromAddress>', f'{told}<fromAddress>')}</Dialogs>"
    assert xml.dialogs(body.encode())[0].is_voice is is_voice


@pytest.mark.parametrize(("media", "is_voice"), [("1", True), ("", True), ("5002", False)])
def test_a_task_is_told_from_a_call_by_its_media_id(media: str, is_voice: bool) -> None:
    body = f"<Dialogs>{xml_of('2').replace('<callType>', f'<mediaId>{media}</mediaId><callType>')}</Dialogs>"
    assert xml.dialogs(body.encode())[0].is_voice is is_voice
