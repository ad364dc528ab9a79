"""Random numbers by purpose: streams keyed by seed, purpose and block of 64 rows, the same for all policies.

What is drawn depends neither on how rows are split for computing, nor on how many policies run, nor on what other
purposes there are: a mechanism that is added later, with rate 0, changes nothing.
"""

import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

BLOCK: Final = 64
"""Rows that share a stream."""

_TURN: Final = np.float32(2 * np.pi)
_LEAST: Final = np.float32(2.0**-25)

Singles = npt.NDArray[np.float32]


class Streams:
    """Draws for consecutive blocks of rows.

    What a purpose gave is overwritten when it is asked again: memory is touched once, which is most of its cost.

    Parameters
    ----------
    seed : int
        Keys all streams.
    rows : range
        Rows, from the first of a block.
    """

    def __init__(self, seed: int, rows: range) -> None:
        self._seed = seed
        self._rows = rows
        self._made: dict[str, list[np.random.Generator]] = {}
        self._out: dict[str, Singles] = {}

    def uniform(self, purpose: str, columns: int) -> Singles:
        """Next uniforms of a purpose, from 0 to below 1, shape (rows, columns)."""
        if purpose not in self._made:
            self._made[purpose] = [self._stream(purpose, first) for first in self._rows[::BLOCK]]
            self._out[purpose] = np.empty((len(self._made[purpose]) * BLOCK, columns), dtype=np.float32)
        out = self._out[purpose]
        # a block is always drawn whole, so that a last, shorter one matches too
        for place, stream in enumerate(self._made[purpose]):
            stream.random(out=out[place * BLOCK : (place + 1) * BLOCK], dtype=np.float32)
        return out[: len(self._rows)]

    def normal(self, purpose: str, columns: int) -> Singles:
        """Next standard normals of a purpose, shape (rows, columns), by Box and Muller (1958)."""
        half = -(-columns // 2)
        drawn = self.uniform(purpose, 2 * half)
        radius, angle = drawn[:, :half], drawn[:, half:]
        radius[:] = np.sqrt(2 * exponential(radius))
        angle *= _TURN
        sine = np.sin(angle)
        np.multiply(radius, np.cos(angle, out=angle), out=angle)
        radius *= sine
        return drawn[:, :columns]

    def _stream(self, purpose: str, first_row: int) -> np.random.Generator:
        key = np.random.SeedSequence([self._seed, zlib.crc32(purpose.encode()), first_row // BLOCK])
        return np.random.Generator(np.random.SFC64(key))


def exponential(uniform: Singles) -> Singles:
    """Standard exponentials from uniforms; never 0, so that what cannot happen does not."""
    return np.maximum(-np.log(1 - uniform), _LEAST)
