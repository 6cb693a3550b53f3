"""The cast: who works in the lab's contact centre, in which team, and who supervises whom."""

from dataclasses import dataclass

EVERYONES_WORD = "lab"
ADMINISTRATOR = "administrator"
TEAMS = {"5001": "Sales", "5002": "Support"}


@dataclass(frozen=True, slots=True)
class Person:
    """One account; `supervises` names team ids and is empty for an agent."""

    id: str
    login_name: str
    first_name: str
    last_name: str
    team: str
    supervises: tuple[str, ...] = ()

    @property
    def skill_target_id(self) -> str:
        return str(int(self.id) + 5000)

    @property
    def extension(self) -> str:
        return str(int(self.id) + 1000)

    @property
    def roles(self) -> tuple[str, ...]:
        return ("Agent", "Supervisor") if self.supervises else ("Agent",)

    @property
    def team_name(self) -> str:
        return TEAMS[self.team]

    @property
    def name(self) -> str:
        """As people of that name write it: Chinese surnames lead and take no space."""
        if self.last_name.isascii():
            return f"{self.first_name} {self.last_name}"
        return self.last_name + self.first_name


CAST = (
    Person("1001", "ann", "Ann", "Lee", "5001"),
    Person("1002", "yichun.chen", "怡君", "陳", "5001"),
    Person("1003", "tom.becker", "Tom", "Becker", "5001"),
    Person("1004", "zhiming.lin", "志明", "林", "5001"),
    Person("1005", "priya.nair", "Priya", "Nair", "5001"),
    Person("1006", "lucas.moreau", "Lucas", "Moreau", "5001"),
    Person("1007", "ben.ortiz", "Ben", "Ortiz", "5002"),
    Person("1008", "meiling.wang", "美玲", "王", "5002"),
    Person("1009", "omar.said", "Omar", "Said", "5002"),
    Person("1010", "grace.kim", "Grace", "Kim", "5002"),
    Person("1011", "jiahao.zhang", "家豪", "張", "5002"),
    Person("1012", "elena.rossi", "Elena", "Rossi", "5002"),
    Person("1101", "walter.hughes", "Walter", "Hughes", "5001", ("5001",)),
    Person("1102", "maria.santos", "Maria", "Santos", "5001", ("5001", "5002")),
)
AGENTS = tuple(person for person in CAST if not person.supervises)
_BY_NAME = {name: person for person in CAST for name in (person.id, person.login_name)}


def find(name: str) -> Person | None:
    """By Finesse id or by login name, as Finesse's own User resource takes either."""
    return _BY_NAME.get(name)


def members(team: str) -> list[Person]:
    return [person for person in CAST if person.team == team]
