"""A giver of tokens for a WxM in tests: always the newest of a list, the next one when one was refused."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Token:
    access_token: str


@dataclass
class Login:
    """`tokens` in the order in which they are given out; the last one stays."""

    tokens: list[Token] = field(default_factory=lambda: [Token("good")])
    turned_down: list[Token] = field(default_factory=list)

    def token(self) -> Token:
        return self.tokens[0]

    def refused(self, token: Token) -> None:
        self.turned_down.append(token)
        if len(self.tokens) > 1 and token == self.tokens[0]:
            self.tokens.pop(0)
