"""How long a text may be that is kept, and later shown: in characters, documents in bytes.

Far above what people write, and low enough that a page of many stays small. What an earlier version kept may be
longer: it stays as it is, and is cut where it is shown.
"""

# Of ids, questionnaires and whatever else answers are counted or looked up by.
LONGEST_NAME = 200
# What a customer wrote, or what is known of one beforehand.
LONGEST_TEXT = 20_000
# What staff wrote beside an answer.
LONGEST_NOTE = 10_000
# What a question asks, in one language, and one of its choices.
LONGEST_QUESTION = 5_000
LONGEST_CHOICE = 1_000
# Responses of one answer: a survey asks for far fewer; filters look through them all.
MOST_RESPONSES = 2_000
LARGEST_ANSWER = 1024 * 1024
LARGEST_QUESTION = 256 * 1024
# A survey token with what it prefills.
LARGEST_TOKEN = 128 * 1024
# What a message to a customer says.
LONGEST_MESSAGE = 200_000

# Of one answer, as people are shown it: texts in all, and questions.
MOST_SHOWN_TEXT = 40_000
MOST_SHOWN_QUESTIONS = 500


def cut(text: str, longest: int) -> str:
    """A text that is too long, up to there and with an ellipsis."""
    return text if len(text) <= longest else f"{text[: max(0, longest - 1)]}…"
