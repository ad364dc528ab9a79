"""What the surveys say, laid out as tables for readers, beside :mod:`tabulate`."""

from collections.abc import Hashable, Mapping

import pandas as pd

from churnlab.answers.listening import ListeningAnswer
from churnlab.answers.overview import Overview
from churnlab.answers.words import compact, count, months, percent, points
from churnlab.lifetime import Estimate

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
    found = Estimate(row["nps"], row["low"], row["high"])
    return "too few" if pd.isna(found.value) else f"{compact(found, points)}, n {count(row['n'])}"


def response(found: ListeningAnswer) -> pd.DataFrame:
    """Invitations and answers by wave and mode."""
    rows = [
        (
            row["wave"],
            row["mode"],
            *(count(row[name]) for name in ("invited", "answered", "clients")),
            compact(Estimate(row["share"], row["low"], row["high"]), percent),
        )
        for row in found.response.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["wave", "mode", "invitations", "answers", "clients", "answered"])


def bounds(found: ListeningAnswer) -> pd.DataFrame:
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
