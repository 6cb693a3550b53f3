"""Which gadgets stand on which tab: the sample layout of the gadget service, for the lab's two roles."""

from dataclasses import dataclass, field

from lab.people.cast import Person

JOURNEY = "/gadgets/CiscoCXJourneyGadget.xml"
ANALYTICS = "/gadgets/CiscoCXAnalyticsGadget.xml"


@dataclass(frozen=True, slots=True)
class Placed:
    """One gadget element of the layout: `key` names it to tests, `attributes` override UserPrefs of the same name."""

    key: str
    path: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tab:
    id: str
    gadgets: tuple[Placed, ...]


Layout = dict[str, tuple[Tab, ...]]
HOME = Tab("home", (Placed("cej", JOURNEY),))
SAMPLE: Layout = {
    "Agent": (HOME, Tab("myStatistics", (Placed("cea-agent", f"{ANALYTICS}?filterTags=cc_AgentId"),))),
    "Supervisor": (HOME, Tab("teamData", (Placed("cea-team", f"{ANALYTICS}?filterTags=cc_TeamId"),))),
}


def tabs_of(person: Person, layout: Layout) -> tuple[Tab, ...]:
    """A supervisor gets the Supervisor layout, not both."""
    return layout["Supervisor" if person.supervises else "Agent"]
