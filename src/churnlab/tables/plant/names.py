"""Made-up names of firms and of the people in them, and text for codes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnlab.tables.plant.clock import Texts

_HEADS = ["Kel", "Ost", "Var", "Bren", "Lum", "Tor", "Esk", "Mir", "Sel", "Dov", "Rav", "Gar", "Ulm", "Pell"]
_TAILS = ["vik", "mar", "holm", "ford", "stad", "lund", "mere", "wick", "haven", "borg", "dal", "ness", "fell"]
_TRADES = {
    "furniture": ["Furniture", "Cabinet Works", "Kitchens", "Joinery", "Interiors"],
    "construction": ["Building", "Frame Houses", "Construction", "Roof & Floor", "Site Services"],
    "trade": ["Timber Trade", "Board Supply", "Panel Market", "Wood Centre", "Building Stores"],
    "packaging": ["Crates", "Packaging", "Pallet Works", "Case & Box"],
    "retail": ["House Building (retail counter)"],
}
_FIRST = [
    *("Ada", "Agda", "Albin", "Alma", "Alva", "Ana", "Anton", "Aron", "Asta", "Bela", "Berit", "Bo"),
    *("Cato", "Clara", "Dag", "Dina", "Ebba", "Edda", "Egon", "Eino", "Elia", "Elo", "Elsa", "Emil"),
    *("Enna", "Erla", "Fia", "Finn", "Frida", "Greta", "Gus", "Hanna", "Hedda", "Hilma", "Ida", "Ilse"),
    *("Ines", "Isak", "Ivo", "Jana", "Jon", "Josef", "Kai", "Karin", "Katla", "Lars", "Lea", "Lena"),
    *("Leo", "Lotta", "Lova", "Mads", "Maja", "Marit", "Mats", "Milo", "Nea", "Nils", "Nora", "Odd"),
    *("Olga", "Otto", "Pia", "Rasmus", "Rita", "Runa", "Saga", "Selma", "Signe", "Siri", "Sofus", "Sten"),
    *("Svea", "Tage", "Tea", "Thea", "Tove", "Ulf", "Una", "Vera", "Viggo", "Vilma", "Yrsa"),
]
_ROOTS = ["Alder", "Berg", "Birk", "Bjel", "Dahl", "Eng", "Falk", "Grim", "Hag", "Hol", "Kron", "Lind", "Mol", "Nor"]
_ENDS = ["an", "berg", "by", "er", "feldt", "gren", "ing", "mann", "nes", "qvist", "rud", "son", "strand", "sen", "um"]


def firm_names(rng: np.random.Generator, segment: Texts) -> list[str]:
    """Draw firm names: a made-up place and the trade.

    Parameters
    ----------
    rng : numpy.random.Generator
        Shuffles the names.
    segment : ndarray of str, (n,)
        Trade of each firm.

    Returns
    -------
    list of str
        n different names; a number is added when the names of a trade run out.
    """
    places = [_joined(head, tail) for head in _HEADS for tail in _TAILS]
    pools = {}
    for key, trades in _TRADES.items():
        names = [f"{place} {trade}" for place in places for trade in trades]
        rng.shuffle(names)
        pools[key] = names
    given = dict.fromkeys(pools, 0)
    drawn = []
    for key in segment.tolist():
        cycle, place = divmod(given[key], len(pools[key]))
        drawn.append(pools[key][place] + (f" {cycle + 1}" if cycle else ""))
        given[key] += 1
    return drawn


def person_names(rng: np.random.Generator, n: int) -> list[str]:
    """Draw names of people, of made-up syllables.

    Parameters
    ----------
    rng : numpy.random.Generator
        Draws them.
    n : int
        How many; a name may come twice, but no first name before all have come.

    Returns
    -------
    list of str
    """
    first = np.concatenate([rng.permutation(len(_FIRST)) for _ in range(-(-n // len(_FIRST)))])[:n]
    root, end = (rng.integers(0, len(part), n) for part in (_ROOTS, _ENDS))
    return [f"{_FIRST[a]} {_joined(_ROOTS[b], _ENDS[c])}" for a, b, c in zip(first, root, end, strict=True)]


def _joined(head: str, tail: str) -> str:
    """Join two syllables, without a letter three times in a row."""
    return head + (tail[1:] if head[-2:] == 2 * tail[0] else tail)


def labelled(codes: NDArray[np.integer], labels: Sequence[str]) -> "pd.Categorical[str]":
    """Turn codes into text without keeping a copy of it for each row.

    Parameters
    ----------
    codes : ndarray of int
        Positions in `labels`; -1 is missing.
    labels : sequence of str
        The texts.

    Returns
    -------
    pandas.Categorical
    """
    return pd.Categorical.from_codes(codes, pd.Index(labels))
