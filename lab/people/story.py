"""The one customer whom the drawing tells of: seven answers, falling, the last one unhappy."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Chapter:
    days_ago: int
    at: time
    agent: str
    channel: str
    nps: int
    csat: int | None
    ces: int | None
    comment: str | None = None


STORY = (
    Chapter(250, time(6, 12, 5), "1001", "email", 9, 5, 6, "Ann sorted out my order in two minutes."),
    Chapter(214, time(3, 40, 51), "1002", "sms", 8, 4, None),
    Chapter(178, time(8, 2, 33), "1001", "voice", 8, 4, 5),
    Chapter(140, time(2, 27, 9), "1004", "sms", 6, 3, None, "Had to repeat my customer number again and again."),
    Chapter(93, time(5, 51, 40), "1001", "email", 9, 5, 6, "Quick and friendly."),
    Chapter(49, time(7, 15, 22), "1001", "voice", 7, 4, None),
    Chapter(
        12,
        time(3, 12, 44),
        "1007",
        "sms",
        3,
        2,
        4,
        "I had to explain everything three times, and nobody called back as promised.",
    ),
)
