"""What a contact centre says of a call and its customer: flat fields in any spelling, POD.ID, CxSurveyInfo; pure.

Sources: docs/cisco/cloud-connect-and-cce.md §3.1; the names of flat fields were never published.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from experience.dispatch.batches import CUT_OFF, OPT_IN, Record, Value, means_yes
from experience.model import timestamps
from foundation import invisible

# The ECC variable POD.ID holds so many characters, and Optin stands last in it.
POD_LENGTH = 120
# CxSurveyInfo holds so many, depending on guide and release: of one of these lengths the last value may be cut off.
SURVEY_INFO_LENGTHS = frozenset({50, 80, 120, 133})
LONGEST_VALIDITY = 3650 * 86_400

# A prefill tag, and the names that its value may stand under: in lower case, letters and digits alone.
TAGS: Mapping[str, tuple[str, ...]] = {
    "cc_customerid": ("cccustomerid", "customerid"),
    "email": ("email", "emailid", "emailaddress", "customeremail", "customeremailid"),
    "mobile": ("mobile", "mobilenumber", "phone", "phonenumber"),
    "cc_language": ("cclanguage", "cclangauge", "language"),
    OPT_IN: ("optin", "ccoptin"),
    "cc_agentid": ("ccagentid", "agentskilltargetid", "agentid"),
    "cc_teamid": ("ccteamid", "agentteamid", "teamid"),
    "callid": ("callguid", "guid", "callid", "cccallid"),
}
CONTEXT: Mapping[str, tuple[str, ...]] = {
    "skillGroupId": ("skillgroupid",),
    "precisionQueueId": ("precisionqueueid",),
    "callTypeId": ("calltypeid", "calltype"),
    "callKey": ("callkey",),
}
# A call key is the day and the number that the router gave the call (docs/cisco/finesse.md §4.2).
CALL_KEYS = (("callkeyprefix", "callkeycallid"), ("routercallkeyday", "routercallkey"))
DISPATCH = ("dispatchid", "dispatchtemplateid", "dispatch")
BATCH = ("batchid",)
VALIDITY = ("surveyvaliditytime",)
POD, SURVEY_INFO = ("podid", "userpodid", "pod"), ("cxsurveyinfo", "usercxsurveyinfo")
_INFO = {"ag": "agentskilltargetid", "sg": "skillgroupid", "pq": "precisionqueueid", "agt": "agentteamid"}
KNOWN_NAMES = frozenset(
    {
        *(name for names in (*TAGS.values(), *CONTEXT.values()) for name in names),
        *(name for pair in CALL_KEYS for name in pair),
        *(*DISPATCH, *BATCH, *VALIDITY, *POD, *SURVEY_INFO, "prefill"),
    }
)
CALL_NAMES = frozenset({*TAGS["callid"], *CONTEXT["callKey"], *(name for pair in CALL_KEYS for name in pair)})
_DISPATCH_ID = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64}")
_NOT_PLAIN = re.compile(r"[^a-z0-9]")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The fields of one recipient: names that we know are plain, others are in lower case, as prefill tags are."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, sent: Fields) -> CallFacts:
        """From an object; what stands in POD.ID and CxSurveyInfo counts where no field of its own says it."""
        direct = [(_known(name), text) for name, value in sent.items() if (text := _text(value)) is not None]
        own = _firsts(direct)
        pairs = [*direct, *pod_fields(_first(own, POD)), *survey_info_fields(_first(own, SURVEY_INFO))]
        # Of several consents, one that is none counts; one that is there and empty is none.
        consents = [value for name, value in pairs if name in TAGS[OPT_IN]]
        refusals = [value for value in consents if not means_yes(value)]
        values = _firsts((name, value) for name, value in pairs if name not in TAGS[OPT_IN] and value)
        return cls(values | dict.fromkeys([OPT_IN] if consents else [], next(iter(refusals or consents), "")))

    @property
    def dispatch_id(self) -> str:
        """As far as it can be one: it becomes part of an address at another WxM."""
        name = _first(self.values, DISPATCH).strip()
        return name if _DISPATCH_ID.fullmatch(name) else ""

    @property
    def batch_id(self) -> str:
        return _first(self.values, BATCH).strip()

    @property
    def tagged(self) -> dict[str, Value]:
        """By prefill tag; a field that we do not know may be a tag of the site's own."""
        known = {tag: value for tag, names in TAGS.items() if (value := _first(self.values, names).strip())}
        own = {name: value for name, value in self.values.items() if name not in KNOWN_NAMES and value.strip()}
        consent = {OPT_IN: self.values[OPT_IN]} if OPT_IN in self.values else {}
        return {**own, **known, **consent}

    @property
    def context(self) -> dict[str, str]:
        known = {name: value for name, names in CONTEXT.items() if (value := _first(self.values, names).strip())}
        for day, number in CALL_KEYS:
            if self.values.get(day) and self.values.get(number):
                known.setdefault("callKey", f"{self.values[day].strip()}:{self.values[number].strip()}")
        return known

    @property
    def names_somebody(self) -> bool:
        """Whether there is anything by which a customer could be known or reached."""
        return any(self.values.get(name) for tag in ("cc_customerid", "email", "mobile") for name in TAGS[tag])

    def valid_till(self, received: datetime) -> datetime | None:
        """Seconds since it was received, or a moment; None where neither is said."""
        text = _first(self.values, VALIDITY).strip()
        try:
            seconds = float(text)
        except ValueError:
            return _moment(text)
        return received + timedelta(seconds=seconds) if 0 < seconds <= LONGEST_VALIDITY else None

    def record(self, position: int, received: datetime) -> Record:
        return Record(position, {}, self.tagged, self.context, self.valid_till(received))


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without case and signs: cc_CustomerId and customer-id are told from others by letters alone."""
    return _NOT_PLAIN.sub("", invisible.removed(name).lower())


def pod_fields(text: str) -> list[tuple[str, str]]:
    """`key=value` pairs joined by `;`, or a bare customer id; cut off without Optin, it says that there was no yes."""
    pairs = [
        (key.strip(), equals, value.strip()) for key, equals, value in (part.partition("=") for part in text.split(";"))
    ]
    fields = [(_known(key), value) if equals else ("cccustomerid", key) for key, equals, value in pairs if key]
    is_full = POD_LENGTH in {len(text), len(text.encode("utf-8", "replace"))}
    if is_full and not any(name in TAGS[OPT_IN] for name, _ in fields):
        fields.append((OPT_IN, CUT_OFF))
    return fields


def survey_info_fields(text: str) -> list[tuple[str, str]]:
    """`AG=…|SG=…|PQ=…|AGT=…`; the last value is left out where the text may have been cut off in it."""
    parts = text.split("|")
    if len(text) in SURVEY_INFO_LENGTHS:
        parts.pop()
    pairs = (part.partition("=") for part in parts)
    return [(_INFO[name], value.strip()) for key, _, value in pairs if (name := plain(key)) in _INFO]


@lru_cache(maxsize=4096)
def _known(name: str) -> str:
    bare = plain(name)
    return bare if bare in KNOWN_NAMES else invisible.removed(name).strip().lower()


def _firsts(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The first value of each name."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return values


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := values.get(name))), "")


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def _moment(text: str) -> datetime | None:
    try:
        return timestamps.parse(text).astimezone(UTC)
    except ValueError:
        return None
