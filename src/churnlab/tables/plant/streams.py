"""Random streams: one for each purpose, so that one part of the plant does not move another."""

from functools import cache

import numpy as np


class Streams:
    """Generators of one seed by purpose.

    A purpose always draws for every client, whatever its state, in the same order: so a plant that is run
    again under another policy meets the same chances, and a client whom the policy does not touch lives the
    same life.

    Parameters
    ----------
    seed : int
        From 0 up.

    Raises
    ------
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> float(Streams(3)("offers").random()) == float(Streams(3)("offers").random())
    True
    """

    def __init__(self, seed: int) -> None:
        if seed < 0:
            raise ValueError(f"seed: expected a whole number from 0 up, came {seed}; choose another")
        self._of = cache(lambda purpose: np.random.default_rng([seed, *purpose.encode()]))

    def __call__(self, purpose: str) -> np.random.Generator:
        """Give the generator of a purpose; the same one each time, which goes on where it stood.

        Parameters
        ----------
        purpose : str
            Any word.

        Returns
        -------
        numpy.random.Generator
        """
        return self._of(purpose)
