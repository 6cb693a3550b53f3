"""Batches of a contact centre in either shape, and by what their recipients are known when they come again."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.support.answering import TEXTS
from tests.support.delivering import DISPATCH

CUSTOMERS = 10


class Item(NamedTuple):
    """A recipient of a batch; `call` is 0 where the script names none."""

    customer: int
    call: int
    agent: str


class Batch(NamedTuple):
    """A batch; `name` is empty where its sender gives none."""

    shape: str
    name: str
    items: tuple[Item, ...]


def address_of(customer: int) -> str:
    return f"c{customer}@example.com"


def _flat(item: Item) -> dict[str, Any]:
    fields = {"cc_CustomerId": f"C-{item.customer}", "Email": address_of(item.customer), "cc_AgentId": item.agent}
    return {"dispatchId": DISPATCH, **fields, **_call(item)}


def _by_question(item: Item) -> dict[str, Any]:
    texts = {"customer": f"C-{item.customer}", "email": address_of(item.customer), "agent": item.agent}
    prefill = [{"QuestionId": TEXTS[name], "Input": text} for name, text in texts.items()]
    return {"DispatchID": DISPATCH, "PreFill": [prefill], **_call(item)}


def _call(item: Item) -> dict[str, str]:
    return {"callId": f"call-{item.call}"} if item.call else {}


SHAPES = {"flat": _flat, "by question": _by_question}


def identities(batch: Batch) -> set[tuple[Any, ...]]:
    """By what its recipients are known when they come again."""
    return {_identity(batch, place, item) for place, item in enumerate(batch.items)}


def _identity(batch: Batch, place: int, item: Item) -> tuple[Any, ...]:
    if item.call:
        return "call", item.call
    return ("batch", batch.name, place, batch.shape, item) if batch.name else ("item", batch.shape, item)


ITEMS = st.builds(Item, st.integers(0, CUSTOMERS - 1), st.integers(0, 6), st.sampled_from(["6001", "6002"]))
BATCHES = st.builds(
    Batch,
    st.sampled_from(sorted(SHAPES)),
    st.sampled_from(["", "b1", "b2"]),
    st.lists(ITEMS, min_size=1, max_size=6).map(tuple),
)
