"""Churn within a horizon: the naive rules and the hazard's prediction specification, on one engine."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history import Lives, person_months
from churnlab.lifetime.hazard import HazardFit, cloglog_hazard, fit_hazard
from churnlab.lifetime.pooling import group_spread
from churnlab.risk.columns import COLUMNS, SEASON, Column, Scaler, available, line_columns, season_columns

Floats = npt.NDArray[np.float64]

LEAST_EVENTS = 10
"""With fewer departures to learn from no model is fitted."""

PRIOR_SPREAD = 0.3
"""A column's effect per standard deviation is taken to lie within about +-0.6 on the log hazard."""

_MOST_DRAWN = 20_000_000
"""Drawn risks held at once (160 MB): a large base gets fewer draws."""

_MOST_MONTHS = 4_000_000
"""Person-months learnt from at most, as far as leaving out cut-offs can bring them down (some 3 GB)."""

AT_ONCE = ("recency", "overdue")
"""Columns with a further effect in the first month, where departures fall that had begun already; so has the season."""

_EVENTS_A_TERM = 20
"""Departures that each effect of the season needs: below that it would be learnt from chance."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model by its columns.

    Attributes
    ----------
    name : str
        As results and pages call it.
    label : str
        How a page explains it.
    columns : tuple of str
        Names in :data:`churnlab.risk.columns.COLUMNS`; those that a dataset cannot fill are left out.
    by_line : bool
        Whether product lines have levels of their own, drawn together as far as they are alike.
    by_season : bool
        Whether the season has effects of its own, where departures are enough to tell them.
    """

    name: str
    label: str
    columns: tuple[str, ...]
    by_line: bool = False
    by_season: bool = False


BASE_RATE: Final = ModelSpec("base rate", "every client has the same risk", ())
RECENCY: Final = ModelSpec("recency", "risk by the days since the last order alone", ("recency",))
OWN_GAP: Final = ModelSpec("own gap", "risk by the days since the last order in the client's own gaps", ("overdue",))
HAZARD: Final = ModelSpec(
    "hazard",
    "hazard on rhythm, volume, tenure, line and last scores",
    tuple(column.name for column in COLUMNS),
    by_line=True,
    by_season=True,
)
MODELS: Final = (BASE_RATE, RECENCY, HAZARD)
"""From the simplest to the richest."""


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model of churn within a horizon, covariates frozen at the cut-off.

    Attributes
    ----------
    spec : ModelSpec
        Which model.
    fit : HazardFit
        Coefficients: intercept, first month, one a column, then those of the columns that tell more about
        the first month.
    scaler : Scaler
        What the columns are measured against.
    horizon_months : int
        The horizon.
    """

    spec: ModelSpec
    fit: HazardFit
    scaler: Scaler
    horizon_months: int

    def risk(self, snapshot: pd.DataFrame) -> Floats:
        """Risk of each row to leave within the horizon, shape (rows,)."""
        return self._risk(self.scaler.scale(snapshot), self.fit.coefficients[None, :])[:, 0]

    def risk_interval(
        self, snapshot: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 1000, level: float = 0.95
    ) -> tuple[Floats, Floats]:
        """Interval of each row's risk from the uncertainty of the coefficients, two arrays of shape (rows,)."""
        risks = self.drawn_risk(snapshot, rng=rng, draws=draws)
        low, high = np.quantile(risks, [0.5 - level / 2, 0.5 + level / 2], axis=1)
        return low, high

    def leavers(self, snapshot: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 1000) -> Floats:
        """Draws of how many rows leave: coefficients and chance, shape (draws,); fewer if the base is large."""
        generator = np.random.default_rng(rng)
        risks = self.drawn_risk(snapshot, rng=generator, draws=draws)
        return (generator.random(risks.shape) < risks).sum(axis=0).astype(np.float64)

    def contributions(self, snapshot: pd.DataFrame) -> pd.DataFrame:
        """What each column adds to the log hazard against the usual client, columns named as in the model."""
        scaled = self.scaler.scale(snapshot)
        count = scaled.shape[1]
        return pd.DataFrame(
            scaled * self.fit.coefficients[2 : 2 + count],
            columns=[column.name for column in self.scaler.columns],
            index=snapshot.index,
        )

    def first_month(self, snapshot: pd.DataFrame) -> Floats:
        """Log hazard of each row's first month less that of the months after it, shape (rows,)."""
        first, rest = self.design(snapshot)
        return np.asarray((first - rest) @ self.fit.coefficients)

    def in_season(self, snapshot: pd.DataFrame) -> tuple[Floats, Floats]:
        """What the design has of the season of each row's day, of the first month and after it, as :meth:`design`."""
        seasonal = np.array([column.group == SEASON for column in self.scaler.columns], dtype=bool)
        kept = np.concatenate(([False, False], seasonal, seasonal[_at_once(self.scaler)]))
        first, rest = self.design(snapshot)
        return first * kept, rest * kept

    def design(self, snapshot: pd.DataFrame) -> tuple[Floats, Floats]:
        """Columns of the first month and of those after it, as the coefficients stand, shape (rows, coefficients)."""
        scaled = self.scaler.scale(snapshot)
        at_once = scaled[:, _at_once(self.scaler)]
        ones = np.ones((len(scaled), 1))
        first = np.column_stack((ones, ones, scaled, at_once))
        return first, np.column_stack((ones, 0 * ones, scaled, 0 * at_once))

    def monthly(self, snapshot: pd.DataFrame) -> tuple[Floats, Floats]:
        """Hazard of each row in each month of the horizon, and the standard error of its logarithm.

        Two arrays of shape (rows, horizon) and (rows,): the months of a row err together, on the log of their sum, by
        the delta method.
        """
        first, rest = self.design(snapshot)
        log_first, log_rest = first @ self.fit.coefficients, rest @ self.fit.coefficients
        later = (self.horizon_months - 1) * np.exp(log_rest)
        weight = np.exp(log_first) / (np.exp(log_first) + later)
        slope = weight[:, None] * first + (1 - weight)[:, None] * rest
        error = np.sqrt(np.einsum("ij,jk,ik->i", slope, self.fit.covariance, slope))
        hazards = np.repeat(cloglog_hazard(log_rest)[:, None], self.horizon_months, axis=1)
        hazards[:, 0] = cloglog_hazard(log_first)
        return hazards, error

    def drawn_risk(self, snapshot: pd.DataFrame, *, rng: np.random.Generator | int, draws: int = 1000) -> Floats:
        """Risks under draws of the coefficients, shape (rows, draws); fewer draws if the base is large."""
        generator = np.random.default_rng(rng)
        affordable = max(100, min(draws, _MOST_DRAWN // max(len(snapshot), 1)))
        drawn = generator.multivariate_normal(
            self.fit.coefficients, self.fit.covariance, size=affordable, method="eigh"
        )
        return self._risk(self.scaler.scale(snapshot), drawn)

    def _risk(self, scaled: Floats, coefficients: Floats) -> Floats:
        """1 - prod(1 - h) over the horizon, shape (rows, draws); the first month has its own level."""
        count = scaled.shape[1]
        rest = coefficients[:, 0] + scaled @ coefficients[:, 2 : 2 + count].T
        at_once = scaled[:, _at_once(self.scaler)]
        first = rest + coefficients[:, 1] + at_once @ coefficients[:, 2 + count :].T
        stayed = (1 - cloglog_hazard(first)) * (1 - cloglog_hazard(rest)) ** (self.horizon_months - 1)
        return 1 - stayed


def _at_once(scaler: Scaler) -> list[int]:
    return [place for place, column in enumerate(scaler.columns) if _tells_at_once(column)]


def _tells_at_once(column: Column) -> bool:
    """Whether a column has a further effect in the first month."""
    return column.name in AT_ONCE or "cut_off" in column.needs


def fit_risk(
    snapshot: pd.DataFrame, lives: Lives, *, spec: ModelSpec, horizon_months: int, months_between: int
) -> RiskModel | None:
    """Fit a model on the months behind the snapshots, as far as they were known.

    Parameters
    ----------
    snapshot : DataFrame
        Training rows of one or more cut-offs (:func:`churnlab.history.snapshots`).
    lives : Lives
        What was known on the day of training.
    spec : ModelSpec
        Which columns.
    horizon_months : int
        Horizon, in months.
    months_between : int
        Months between the cut-offs: a departure stands behind several of them, and the penalty is scaled by
        how many so that repeats do not count as news.

    Returns
    -------
    RiskModel or None
        None where fewer than ``LEAST_EVENTS`` clients are known to have left, or to have been there at the
        horizon's end.

    Notes
    -----
    Of a base too large for the memory only the latest cut-off and some before it, evenly apart, are learnt from. The
    months behind neighbouring cut-offs overlap, so little is lost, and no client is left out by lot.
    """
    step = -(-len(snapshot) * horizon_months // _MOST_MONTHS)
    if step > 1:
        snapshot = _every(snapshot, step)
        months_between *= step
    months = person_months(snapshot, lives, horizon_months=horizon_months)
    rows = months["row"].to_numpy()
    clients = snapshot["client_id"].to_numpy()
    departed = pd.unique(clients[rows[months["event"].to_numpy()]])
    whole_horizon = (months["month"] == horizon_months).sum()
    if min(len(departed), whole_horizon) < LEAST_EVENTS:
        return None
    months = _alike(months)
    repeats = max(1.0, horizon_months / months_between)
    chosen = available(snapshot, spec.columns)
    if spec.by_season:
        seasons = season_columns(snapshot)
        chosen += seasons if len(departed) >= 2 * _EVENTS_A_TERM * len(seasons) else ()
    plain = _fitted(snapshot, months, chosen, np.full(len(chosen), PRIOR_SPREAD), repeats=repeats)
    lines = line_columns(snapshot) if spec.by_line else ()
    spread = _line_spread(snapshot, months, lines, plain, repeats=repeats) if lines else 0.0
    if spread > 0:
        spreads = np.concatenate((np.full(len(chosen), PRIOR_SPREAD), np.full(len(lines), spread)))
        plain = _fitted(snapshot, months, (*chosen, *lines), spreads, repeats=repeats)
    scaler, fit = plain
    return RiskModel(spec, fit, scaler, horizon_months)


def _alike(months: pd.DataFrame) -> pd.DataFrame:
    """Lay months of a row that a model cannot tell apart into one: ``row``, ``first``, ``event``, ``months``."""
    first = months["month"] == 1
    return months.groupby(["row", first.rename("first"), "event"], sort=True).size().rename("months").reset_index()


def _every(snapshot: pd.DataFrame, step: int) -> pd.DataFrame:
    """Rows of the latest cut-off and of every `step`-th before it."""
    days = np.sort(snapshot["cut_off"].unique())[::-1][::step]
    return snapshot[snapshot["cut_off"].isin(days)].reset_index(drop=True)


def _design(scaler: Scaler, snapshot: pd.DataFrame, months: pd.DataFrame) -> Floats:
    """First month, columns, and what some of them tell more of the first month, shape (rows of months, k)."""
    first = months["first"].to_numpy(dtype=np.float64)[:, None]
    scaled = scaler.scale(snapshot)[months["row"].to_numpy()]
    return np.column_stack((first, scaled, scaled[:, _at_once(scaler)] * first))


def _fitted(
    snapshot: pd.DataFrame, months: pd.DataFrame, columns: tuple[Column, ...], spreads: Floats, *, repeats: float
) -> tuple[Scaler, HazardFit]:
    """Fit columns whose effects, per unit of a line and per standard deviation else, are held to the given spreads."""
    scaler = Scaler.learn(snapshot, columns)
    design = _design(scaler, snapshot, months)
    lines = np.array([column.needs == ("line",) for column in columns], dtype=bool)
    held = spreads * np.where(lines, scaler.spread, 1.0)
    penalty = repeats / np.concatenate(([2.0], held, np.full(len(_at_once(scaler)), PRIOR_SPREAD))) ** 2
    clients = pd.factorize(snapshot["client_id"], sort=True)[0][months["row"].to_numpy()]  # sorting text is slow
    return scaler, fit_hazard(design, months["event"], client=clients, penalty=penalty, months=months["months"])


def _line_spread(
    snapshot: pd.DataFrame,
    months: pd.DataFrame,
    lines: tuple[Column, ...],
    fitted: tuple[Scaler, HazardFit],
    *,
    repeats: float,
) -> float:
    """How far lines lie apart in log hazard beyond what the columns tell; repeats of a departure count once."""
    scaler, fit = fitted
    hazard = fit.hazard(_design(scaler, snapshot, months))
    belongs = np.column_stack([column.compute(snapshot).to_numpy() for column in lines])[months["row"].to_numpy()]
    seen = belongs.T @ months["event"].to_numpy(dtype=np.float64)
    expected = belongs.T @ (hazard * months["months"].to_numpy())
    return group_spread(seen[expected > 0] / repeats, expected[expected > 0] / repeats)
