"""A token of a WxM: what is presented, when it ends, and which one of its kind it is; pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Token:
    """`expires_at` is in epoch seconds; `generation` tells this token from those before and after it."""

    access_token: str = field(repr=False)
    expires_at: float
    generation: str
