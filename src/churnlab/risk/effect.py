"""The hazard's effect specification: what goes with leaving, other things equal; what scenarios inherit.

Never recency, trend or volume: they stand between satisfaction and leaving.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import Rule, departures, month_ends, person_months, snapshots
from churnlab.lifetime import HazardFit, fit_hazard
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]

LEAST_EVENTS = 30
"""With fewer departures no effect is estimated: five terms need about ten events each."""

_MONTHS_BETWEEN = 3
_LEAST_LINE_EVENTS = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """A hazard on tenure, line and last scores, unpenalised, with client-clustered covariance.

    Attributes
    ----------
    terms : tuple of str
        Columns, without the intercept; ``tenure`` is log(1 + months), scores are points against their mean.
    fit : HazardFit
        Coefficients: intercept first, then one a term.
    centre : dict of str to float
        Mean of the ``service`` and ``price`` scores, points; empty without surveys.
    lines : tuple of str
        Lines with a term of their own.
    clients : int
        Clients that were observed.
    """

    terms: tuple[str, ...]
    fit: HazardFit
    centre: dict[str, float]
    lines: tuple[str, ...]
    clients: int

    @property
    def has_scores(self) -> bool:
        """Whether effects of scores were estimated."""
        return bool(self.centre)

    def design(self, snapshot: pd.DataFrame) -> Floats:
        """Columns of the terms for snapshot rows, shape (rows, terms)."""
        return _design(snapshot, self.centre, self.lines)


def fit_effect(tables: Tables, *, as_of: pd.Timestamp, rule: Rule | None = None) -> Effect | None:
    """Fit leaving on tenure, line and last scores, over quarters of observed time.

    Scores are those known at the start of each quarter; a quarter counts for a client until it leaves or is last
    observed. Quarters start once surveys have been going for a quarter, or at the records' start without surveys.

    Parameters
    ----------
    tables : Tables
        A loaded dataset.
    as_of : Timestamp
        Rows on or after this day are not used.
    rule : OwnRhythm or FixedDays, optional
        What counts as leaving.

    Returns
    -------
    Effect or None
        None with fewer than ``LEAST_EVENTS`` departures, or columns that cannot be told apart.

    Notes
    -----
    Scores are noisy, partly missing measures of satisfaction and are not corrected for that here, so their effects
    are understated; they are associations.
    """
    lives = departures(tables.orders, as_of=as_of, rule=rule, clients=tables.clients)
    surveys = tables.surveys
    scored = surveys is not None and {"quality", "timing", "attention", "price"} <= set(surveys.columns)
    start = lives.records_start
    if scored and surveys is not None:
        start = max(start, surveys["survey_date"].min())
    cut_offs = month_ends(start + pd.DateOffset(months=_MONTHS_BETWEEN), as_of, every=_MONTHS_BETWEEN)
    if not cut_offs:
        return None
    snapshot = snapshots(tables, cut_offs, rule=rule)
    months = person_months(snapshot, lives, horizon_months=_MONTHS_BETWEEN, begun=False)
    if months["event"].sum() < LEAST_EVENTS:
        return None
    rows = snapshot.iloc[months["row"]].reset_index(drop=True)
    centre = {}
    if scored:
        known = with_scores(rows)
        centre = {name: float(known[name].mean()) for name in ("service", "price")}
    lines = _lines(rows, months["event"].to_numpy())
    columns = _design(rows, centre, lines)
    try:
        fit = fit_hazard(columns, months["event"], client=rows["client_id"])
    except (ValueError, np.linalg.LinAlgError):
        return None
    return Effect(_terms(centre, lines), fit, centre, lines, rows["client_id"].nunique())


def with_scores(snapshot: pd.DataFrame) -> pd.DataFrame:
    """Add ``service``, the mean of the last quality, timing and attention scores that are known."""
    return snapshot.assign(service=snapshot[["quality", "timing", "attention"]].mean(axis=1))


def _lines(rows: pd.DataFrame, event: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Lines with a term: all but the commonest and those that too few left."""
    if "line" not in rows:
        return ()
    left = rows.loc[event, "line"].value_counts()
    named = [line for line in rows["line"].value_counts().index[1:] if left.get(line, 0) >= _LEAST_LINE_EVENTS]
    return tuple(sorted(str(line) for line in named))


def _terms(centre: dict[str, float], lines: tuple[str, ...]) -> tuple[str, ...]:
    scores = ("service", "price", "no score known") if centre else ()
    return ("tenure", *(f"line {line}" for line in lines), *scores)


def _design(snapshot: pd.DataFrame, centre: dict[str, float], lines: tuple[str, ...]) -> Floats:
    columns = [np.log1p(snapshot["tenure_months"])]
    columns += [(snapshot["line"] == line).astype(float) for line in lines]
    if centre:
        known = with_scores(snapshot)
        columns += [(known[name] - centre[name]).fillna(0.0) for name in ("service", "price")]
        columns.append(known["service"].isna().astype(float))
    return np.column_stack([column.to_numpy(dtype=np.float64) for column in columns])
