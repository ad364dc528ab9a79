"""What the surveys say, laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from churnlab.answers.books import Books, both_ends
from churnlab.answers.listening import ListeningAnswer
from churnlab.answers.overview import Overview
from churnlab.answers.response import ResponseAnswer
from churnlab.answers.words import compact, count, months, percent, points, printable
from churnlab.lifetime import Estimate
from churnlab.surveys.nps import LEAST_SURE_ANSWERS

_TOO_FEW, _FEW = "too few", " (few)"
_DASH = "\N{EN DASH}"


def indices(overview: Overview) -> pd.DataFrame:
    """Net promoter index of every year, one column a wave and mode."""
    named = {(row["wave"], row["mode"], row["period"]): _index(row) for row in overview.nps.to_dict("records")}
    groups = sorted({place[:2] for place in named})
    rows = [
        (months(year), *(named.get((*group, year), _DASH) for group in groups))
        for year in sorted({place[2] for place in named})
    ]
    return pd.DataFrame(rows, columns=["year", *(", ".join(group) for group in groups)])


def _index(row: Mapping[Hashable, float]) -> str:
    few = _FEW if row["n"] < LEAST_SURE_ANSWERS else ""
    return _TOO_FEW if pd.isna(row["nps"]) else f"{_read(row)}, n {count(row['n'])}{few}"


def _read(row: Mapping[Hashable, float], value: str = "nps", low: str = "low", high: str = "high") -> str:
    return compact(Estimate(row[value], row[low], row[high]), points)


def readings(found: ListeningAnswer) -> pd.DataFrame:
    """The index of the last year of every wave and mode, read four ways."""
    names = found.readings["reading"].unique()
    rows = []
    for _, group in found.readings.groupby(["wave", "mode", "period"], sort=False):
        place, named = group.iloc[0], group.set_index("reading")
        year = months(place["period"])
        cells = (_shaded(named.loc[name]) if name in named.index else _DASH for name in names)
        rows.append((place["wave"], place["mode"], year, *cells))
    return pd.DataFrame(rows, columns=["wave", "mode", "year", *names])


def _shaded(row: "pd.Series[float]") -> str:
    """Index with its votes, marked where they are few."""
    if np.isnan(row["nps"]):
        return f"{_TOO_FEW}, n {count(row['n'])}"
    return f"{_read(row.to_dict())}, n {count(row['n'])}{_FEW if row['faint'] else ''}"


def books(found: Books) -> pd.DataFrame:
    """Index by product line or manager, in the last year of every wave and mode; both ends where there are many."""
    series = [both_ends(group) for _, group in found.rows.groupby(["wave", "mode", "period"], sort=False)]
    rows = [
        (
            row["wave"],
            row["mode"],
            months(row["period"]),
            printable(row["name"]),
            count(row["n"]),
            _TOO_FEW if np.isnan(row["nps"]) else f"{_read(row)}{_FEW if row['faint'] else ''}",
        )
        for group in series
        for row in group.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["wave", "mode", "year", found.kind, "clients", "index"])


def movements(found: ListeningAnswer) -> pd.DataFrame:
    """How far the index of every wave and mode moved between its last two years, and what could have been told."""
    rows = [
        (
            row["wave"],
            row["mode"],
            f"{months(row['before'])} to {months(row['after'])}",
            count(row["both"]),
            f"{_read(row, 'value')}{_FEW if row['faint'] else ''}",
            f"{row['p_value']:.3f}",
            f"{row['told']:.0f}",
            f"{row['seen']:.0f}",
        )
        for row in found.movements.to_dict("records")
    ]
    names = ["wave", "mode", "years", "clients in both", "moved by", "p", "told from", "seen from"]
    return pd.DataFrame(rows, columns=names)


def weighted(found: ResponseAnswer) -> pd.DataFrame:
    """The index of those who voted, and weighted to all who were asked."""
    rows = [
        (
            row["wave"],
            row["mode"],
            months(row["period"]),
            count(row["asked"]),
            count(row["n"]),
            _read(row),
            f"{_read(row, 'weighted', 'weighted_low', 'weighted_high')}{_FEW if row['faint'] else ''}",
            _read(row, "moved", "moved_low", "moved_high"),
        )
        for row in found.weighted.dropna(subset="weighted").to_dict("records")
    ]
    names = ["wave", "mode", "year", "asked", "voted", "index", "weighted", "moved by"]
    return pd.DataFrame(rows, columns=names)


def response(found: ResponseAnswer) -> pd.DataFrame:
    """Invitations and answers by wave and mode."""
    rows = [
        (
            row["wave"],
            row["mode"],
            *(count(row[name]) for name in ("invited", "answered", "clients")),
            compact(Estimate(row["share"], row["low"], row["high"]), percent),
        )
        for row in found.rates.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["wave", "mode", "invitations", "answers", "clients", "answered"])


def bounds(found: ResponseAnswer) -> pd.DataFrame:
    """How far those who gave no score could bend the index."""
    rows = [
        (
            row["wave"],
            row["mode"],
            months(row["period"]),
            count(row["n"]),
            count(row["silent"]),
            points(row["nps"]),
            f"{points(row['worst'])} ({points(row['worst_low'])})",
            f"{points(row['best'])} ({points(row['best_high'])})",
        )
        for row in found.bounds.dropna(subset="worst").to_dict("records")
    ]
    names = ["wave", "mode", "year", "answered", "silent", "index", "all silent detractors", "all silent promoters"]
    return pd.DataFrame(rows, columns=names)
