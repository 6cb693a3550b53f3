"""About six hundred customers: their ids, addresses, language and temper, the same on every start."""

from dataclasses import dataclass
from functools import cache

from lab.people.dice import Dice

COUNT = 600
FIRST = 10_001
_GIVEN_NAMES = (
    "ann",
    "wei",
    "james",
    "yating",
    "maria",
    "kevin",
    "meihua",
    "oliver",
    "sofia",
    "chiahao",
    "emma",
    "daniel",
)
_FAMILY = ("chen", "smith", "lin", "wong", "garcia", "huang", "brown", "tsai", "jones", "liu", "martin", "yang", "hsu")
# Two people in one household with one number: whose call it is cannot be told from the number alone.
HOUSEHOLD = ("C-10077", "C-10078")
DRAWN = "C-10042"


@dataclass(frozen=True, slots=True)
class Customer:
    """`calls` weighs how often this one calls; `temper` shifts every score, in standard deviations."""

    id: str
    email: str
    mobile: str
    language: str
    temper: float
    calls: float

    @property
    def pod_id(self) -> str:
        return f"cc_CustomerId={self.id};Email={self.email};Mobile={self.mobile};cc_language={self.language};Optin=yes;"


@cache
def customers() -> tuple[Customer, ...]:
    dice = Dice("customers")
    everyone = {number: _draw(dice, number) for number in range(FIRST, FIRST + COUNT)}
    return tuple(everyone.values())


def _draw(dice: Dice, number: int) -> Customer:
    customer_id = f"C-{number}"
    temper, calls = dice.gauss(0, 0.35), 0.25 + dice.expovariate(1)
    first, family = dice.choice(_GIVEN_NAMES), dice.choice(_FAMILY)
    language = "zh-tw" if dice.random() < 0.45 else "en-us"
    mobile = f"8869{dice.randrange(10, 90)}{number:06d}"
    if customer_id == DRAWN:
        return Customer(DRAWN, "ann@example.com", "886912344455", "en-us", 0, 0)
    if customer_id in HOUSEHOLD:
        mobile = "886955010077"
    return Customer(customer_id, f"{first}.{family}{number - 10_000}@example.com", mobile, language, temper, calls)


@cache
def by_id() -> dict[str, Customer]:
    return {customer.id: customer for customer in customers()}


@cache
def regulars() -> tuple[Customer, ...]:
    """Those who call often enough to have a history, the drawn one first."""
    return (by_id()[DRAWN], *(customer for customer in customers() if customer.calls > 1))
