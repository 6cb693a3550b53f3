"""Seeded chance, for samples that are the same on every start; nothing secret is ever drawn from it."""

import math
from random import Random


class Dice(Random):
    """The standard generator, with a count of rare events added."""

    def poisson(self, mean: float) -> int:
        limit, product, count = math.exp(-mean), self.random(), 0
        while product > limit:
            product *= self.random()
            count += 1
        return count
