"""How a number of prompts is divided over the iterations: as SeqEval does, 1 : 2 : 3 : 4. Pure."""

from collections.abc import Mapping

SHARES = {1: 1, 2: 2, 3: 3, 4: 4}
"""Iteration → its share."""


def split_by_shares(prompts: int, shares: Mapping[int, int]) -> dict[int, int]:
    """Iteration → so many of the prompts; whole numbers that add up (largest remainders).

    >>> split_by_shares(805, SHARES), split_by_shares(3, SHARES)
    ({1: 81, 2: 161, 3: 241, 4: 322}, {1: 0, 2: 1, 3: 1, 4: 1})
    """
    whole = sum(shares.values())
    exact = {place: prompts * share / whole for place, share in shares.items()}
    found = {place: int(value) for place, value in exact.items()}
    left = prompts - sum(found.values())
    by_rest = sorted(exact, key=lambda place: (found[place] - exact[place], place))
    for place in by_rest[:left]:
        found[place] += 1
    return found
