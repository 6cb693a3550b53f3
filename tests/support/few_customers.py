"""Answers of few customers, each of whom gave several; made from answers of many."""

from typing import Any

CUSTOMER, MOBILE, EMAIL = (f"64b0000000000000000000{end}" for end in ("a1", "a4", "a5"))


def of_few(answer: dict[str, Any], customers: int) -> dict[str, Any]:
    """The same answer of one of few customers; every tenth customer shares a number with the next."""
    for response in answer["responses"]:
        number = int("".join(sign for sign in response["textInput"] or "0" if sign.isdecimal())[-8:] or 0) % customers
        if response["questionId"] == CUSTOMER:
            response["textInput"] = f"C-{number}"
        elif response["questionId"] == MOBILE:
            response["textInput"] = f"+8869123{number - (number % 10 == 1):05}"
        elif response["questionId"] == EMAIL:
            response["textInput"] = f"Customer{number}@Example.com"
    return answer
