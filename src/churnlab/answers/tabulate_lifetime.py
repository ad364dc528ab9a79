"""Answers about lifetimes laid out as tables for readers."""

import numpy as np
import pandas as pd

from churnlab.answers.lifetime import ALL, LOWER_END, LifetimeAnswer, LineLifetime, why_it_ends
from churnlab.answers.lifetime_groups import SURVIVAL_MONTHS, Comparison, GroupsAnswer, tenths
from churnlab.answers.lifetime_record import LifetimeRecord
from churnlab.answers.remaining import RemainingAnswer
from churnlab.answers.words import Form, compact, count, months, percent
from churnlab.lifetime import Estimate, HazardTable

_DASH = "\N{EN DASH}"
_YEAR = 12


def tenure_years(table: HazardTable) -> pd.DataFrame:
    """Client-months at risk and departures by year of tenure."""
    counts = pd.DataFrame({"months at risk": table.at_risk, "left": table.events})
    years = counts.groupby((table.month - 1) // _YEAR + 1).sum()
    years = years[years["months at risk"] > 0]
    return years.map(count).rename_axis("year of tenure").reset_index()


def lines(found: LifetimeAnswer) -> pd.DataFrame:
    """Who buys what."""
    rows = [
        (one.line, count(one.regulars), compact(one.share, percent), count(one.lives), count(one.departures))
        for one in (found.overall, *found.lines)
    ]
    return pd.DataFrame(rows, columns=["line", "regulars today", "share of regulars", "lives observed", "ended"])


def stays(found: LifetimeAnswer) -> pd.DataFrame:
    """How long they stay, by line."""
    rows = [
        (
            one.line,
            compact(one.mean, months),
            months(one.horizon) if one.horizon else _DASH,
            _half_left(one, months, divisor=1),
        )
        for one in (found.overall, *found.lines)
    ]
    return pd.DataFrame(rows, columns=["line", "mean months stayed", "of the first", "median month of leaving"])


def article(found: LifetimeAnswer) -> pd.DataFrame:
    """Share of regulars and lifetime by line, in years, with what the records cannot say."""
    rows = [
        (one.line, _DASH if one.line == ALL else compact(one.share, percent), _half_left(one, _tenth), _unsaid(one))
        for one in (found.overall, *found.lines)
    ]
    return pd.DataFrame(rows, columns=["line", "share of regulars", "years by which half have left", "cannot be said"])


def groups(found: Comparison) -> pd.DataFrame:
    """Groups of regulars: lives, mean months stayed, and who is still there after some years."""
    names = [f"still there after {later}" for later in SURVIVAL_MONTHS]
    rows = [
        (
            one.name,
            count(one.lives),
            count(one.departures),
            compact(one.mean, months),
            *(compact(share, percent) for share in one.surviving),
        )
        for one in found.groups
    ]
    return pd.DataFrame(rows, columns=["group", "lives", "ended", "mean months stayed", *names])


def reasons(found: GroupsAnswer) -> pd.DataFrame:
    """Share of regulars that has left for each reason."""
    incidence = found.incidence
    if incidence is None:
        return pd.DataFrame(columns=["reason"])
    rows = []
    for number, name in enumerate(found.reasons):
        cells = []
        for later in SURVIVAL_MONTHS:
            place = later - 1
            ends = (incidence.share, incidence.low, incidence.high)
            reached = place < len(incidence.month)
            cells.append(compact(Estimate(*(float(end[number, place]) for end in ends)), percent) if reached else _DASH)
        rows.append((name, count(incidence.events[number]), *cells))
    return pd.DataFrame(rows, columns=["reason", "departures", *(f"within {later}" for later in SURVIVAL_MONTHS)])


def tenure_bands(found: GroupsAnswer) -> pd.DataFrame:
    """Monthly hazard by bands of tenure."""
    bands = found.bands
    if bands is None:
        return pd.DataFrame(columns=["months of tenure"])
    rows = [
        (
            f"{bands.first[place]} to {bands.last[place]}",
            count(bands.months[place]),
            count(bands.events[place]),
            compact(Estimate(float(bands.hazard[place]), float(bands.low[place]), float(bands.high[place])), tenths),
        )
        for place in range(len(bands.first))
    ]
    return pd.DataFrame(rows, columns=["months of tenure", "months at risk", "left", "leave a month"])


def record(found: LifetimeRecord) -> pd.DataFrame:
    """Brier scores of the past forecasts, by quarter."""
    if found.score is None:
        return pd.DataFrame(columns=["months after"])
    chosen = np.flatnonzero(found.score.month % 3 == 0)
    rows = [
        (months(found.score.month[place]), f"{found.score.score[place]:.3f}", f"{found.score.baseline[place]:.3f}")
        for place in chosen
    ]
    return pd.DataFrame(rows, columns=["months after", "by tenure", "one curve for all"])


def _half_left(line: LineLifetime, form: Form, *, divisor: int = _YEAR) -> str:
    """Time by which half have left; where that was not seen, the interval's lower end and what was."""
    if not line.horizon:
        return _DASH
    median = Estimate(*(end / divisor for end in (line.median.value, line.median.low, line.median.high)))
    if not np.isnan(median.value):
        return compact(median, form)
    seen = f"half had not left by {form(line.curve.month[-1] / divisor)}, {why_it_ends(line)}"
    return seen if np.isnan(median.low) else f"more than {form(median.low)} ({LOWER_END}); {seen}"


def _tenth(years: float) -> str:
    return f"{years:.1f}"


def _unsaid(line: LineLifetime) -> str:
    if not line.horizon:
        return (
            f"anything: {count(line.lives)} lives seen, {count(line.departures)} ended, in {line.years_sold:.1f} years"
        )
    last = f"whether any stay beyond {line.curve.month[-1] / _YEAR:.1f} years, {why_it_ends(line)}"
    before = "who came and went before the records"
    if line.line == ALL:
        return f"{last}; {before} of {line.years_sold:.1f} years"
    sold = "" if line.ends_with_records else f", which saw the line sold for {line.years_sold:.1f} years"
    return f"{last}; {before}{sold}"


_PLACES = (("one in ten stays longer", 0.1), ("the middle", 0.5), ("one in ten stays less long", 0.9))


def remaining(found: RemainingAnswer) -> pd.DataFrame:
    """Months that clients will still stay: by line, who stays long, the one in the middle, and who does not.

    Those named are of the clients of whom most can be said.
    """
    rows = []
    for line, clients in found.clients.groupby("line", sort=False):
        said = clients[clients["horizon"] > 0]
        alike = said[said["horizon"] == said["horizon"].max()]
        cells = [_DASH] * len(_PLACES)
        if len(alike):
            ends = alike[["months", "low", "high"]].to_numpy(dtype=np.float64)
            chosen = [ends[int(share * (len(ends) - 1))] for _, share in _PLACES]
            cells = [compact(Estimate(*map(float, one)), months) for one in chosen]
        ahead = months(alike["horizon"].iloc[0]) if len(alike) else _DASH
        rows.append((line, count(len(clients)), count(len(alike)), ahead, *cells))
    heads = ["line", "active clients", "of these spoken of", "months ahead", *(name for name, _ in _PLACES)]
    return pd.DataFrame(rows, columns=heads)
