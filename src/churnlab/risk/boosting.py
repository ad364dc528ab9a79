"""Boosted trees as a ranker: many weak rules on all features of a snapshot, calibrated on later days.

It never feeds lifetime, value or scenarios, which need one hazard.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from churnlab.history.features import FEATURES
from churnlab.history.folds import label_known_on
from churnlab.risk.models import LEAST_EVENTS, ModelSpec
from churnlab.risk.statistics import calibration_line, log_odds

Floats = npt.NDArray[np.float64]

BOOSTING: Final = ModelSpec(
    "boosting", "boosted trees on all features", ("line", *(feature.name for feature in FEATURES))
)
"""Ranks only; see :func:`churnlab.risk.choose` for when it may speak."""

LEAST_TO_CALIBRATE = 30
"""Fewer departures than this on either side of the day of calibration: risks are left as the trees give them."""


class BoostedRisk(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Boosted trees for a yes-or-no outcome, calibrated on later days where days are given.

    Trees are grown on earlier rows, a line on the log odds is learnt on later ones, and then trees are grown on all
    rows: on a small base, where these have fitted less noise, risks come out less sure than they could be.

    Rows are neither weighted nor drawn anew by class, which would spoil the level of the risks. Missing values are
    allowed. Neither the order of rows nor anything but their values changes the fit.

    Parameters
    ----------
    trees : int
        Trees.
    learning_rate : float
        Part of each tree that is kept.
    leaves : int
        Leaves of a tree, at most.
    least_leaf : int
        Rows in a leaf, at least.
    ridge : float
        Penalty on the values of leaves.
    later_share : float
        Share of the rows, those of the latest days, on which calibration is learnt.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The two outcomes; risk is that of the second.
    trees_ : HistGradientBoostingClassifier
        Fitted on all rows.
    intercept_, slope_ : float
        Calibration on the log odds; 0 and 1 where there is none.
    calibrated_ : bool
        Whether calibration was learnt on later days.
    n_features_in_ : int
        Columns.
    """

    def __init__(
        self,
        *,
        trees: int = 100,
        learning_rate: float = 0.05,
        leaves: int = 6,
        least_leaf: int = 50,
        ridge: float = 10.0,
        later_share: float = 0.3,
    ) -> None:
        self.trees = trees
        self.learning_rate = learning_rate
        self.leaves = leaves
        self.least_leaf = least_leaf
        self.ridge = ridge
        self.later_share = later_share

    def __sklearn_tags__(self) -> object:
        """Two classes only; missing values allowed."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        return tags

    def fit(
        self,
        X: npt.ArrayLike,  # noqa: N803 -- scikit-learn's name
        y: npt.ArrayLike,
        *,
        day: npt.ArrayLike | None = None,
        told: npt.ArrayLike | None = None,
    ) -> Self:
        """Learn trees on all rows, and calibration on those of the latest days.

        Parameters
        ----------
        X : array_like of float, shape (n, k)
            Columns.
        y : array_like, shape (n,)
            Two kinds of outcome.
        day : array_like of float, shape (n,), optional
            Day of each row, as a number; no calibration without it.
        told : array_like of float, shape (n,), optional
            Day on which its outcome could be told; the row's own day if not given. Trees that are calibrated have seen
            only outcomes told before the first day of calibration.

        Returns
        -------
        BoostedRisk
            Itself.

        Raises
        ------
        ValueError
            If there are not just two kinds of outcome.
        """
        columns, given = validate_data(self, X, y, dtype=np.float64, ensure_all_finite="allow-nan")
        kind = type_of_target(given, input_name="y", raise_unknown=True)
        if kind != "binary":
            message = f"Only binary classification is supported. The type of the target is {kind}."
            raise ValueError(message)
        self.classes_, outcome = np.unique(given, return_inverse=True)
        if len(self.classes_) < 2:
            message = "Classifier can't train when only one class is present: some must have left, and some stayed."
            raise ValueError(message)
        self.intercept_, self.slope_, self.calibrated_ = 0.0, 1.0, False
        if day is not None:
            days = np.asarray(day, dtype=np.float64)
            self._calibrate(columns, outcome, days, days if told is None else np.asarray(told, dtype=np.float64))
        self.trees_ = self._grown(columns, outcome)
        return self

    def predict_proba(self, X: npt.ArrayLike) -> Floats:  # noqa: N803 -- scikit-learn's name
        """Give the risk of each outcome, shape (n, 2)."""
        check_is_fitted(self)
        columns = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        odds = self.intercept_ + self.slope_ * log_odds(self.trees_.predict_proba(columns)[:, 1])
        risk = 1 / (1 + np.exp(-odds))
        return np.column_stack((1 - risk, risk))

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.generic]:  # noqa: N803 -- scikit-learn's name
        """Give the more likely outcome of each row, shape (n,)."""
        likely = self.predict_proba(X)[:, 1] > 0.5
        return np.asarray(self.classes_[likely.astype(np.intp)])

    def _grown(self, columns: Floats, outcome: npt.NDArray[np.intp]) -> HistGradientBoostingClassifier:
        """Grow trees on rows in an order of their own, so that the given one does not matter.

        A column of which nothing is known yet, as before the first survey, is one on which no tree can split.
        """
        order = np.lexsort((outcome, *columns.T))
        columns = np.where(np.isnan(columns).all(axis=0), 0.0, columns)
        trees = HistGradientBoostingClassifier(
            max_iter=self.trees,
            learning_rate=self.learning_rate,
            max_leaf_nodes=self.leaves,
            min_samples_leaf=self.least_leaf,
            l2_regularization=self.ridge,
            early_stopping=False,
            random_state=1,
        )
        return trees.fit(columns[order], outcome[order])

    def _calibrate(self, columns: Floats, outcome: npt.NDArray[np.intp], day: Floats, told: Floats) -> None:
        """Learn the line on log odds that sets the trees' risks right on later days."""
        first = np.quantile(day, 1 - self.later_share, method="higher")
        later, earlier = day >= first, told < first
        sides = [min(outcome[side].sum(), (1 - outcome[side]).sum()) for side in (earlier, later)]
        if min(sides) < LEAST_TO_CALIBRATE:
            return
        grown = self._grown(columns[earlier], outcome[earlier])
        risk = grown.predict_proba(columns[later])[:, 1]
        left = outcome[later].astype(np.float64)
        intercept, slope = calibration_line(left, risk)
        if not slope > 0:  # what trees have learnt does not hold on later days: everyone's rate is left
            intercept, slope = float(log_odds(left.mean())), 0.0
        self.intercept_, self.slope_, self.calibrated_ = intercept, slope, True


@dataclass(frozen=True, slots=True)
class BoostedModel:
    """Boosted trees on snapshots.

    Attributes
    ----------
    spec : ModelSpec
        Always :data:`BOOSTING`.
    columns : tuple of str
        Snapshot columns that were there.
    lines : tuple of str
        Product lines, in the order of their codes.
    estimator : BoostedRisk
        The trees.
    horizon_months : int
        The horizon.
    """

    spec: ModelSpec
    columns: tuple[str, ...]
    lines: tuple[str, ...]
    estimator: BoostedRisk
    horizon_months: int

    @property
    def calibrated(self) -> bool:
        """Whether risks were calibrated on later days; else they only rank."""
        return bool(self.estimator.calibrated_)

    def risk(self, snapshot: pd.DataFrame) -> Floats:
        """Risk of each row to leave within the horizon, shape (rows,)."""
        return np.asarray(self.estimator.predict_proba(_numbers(snapshot, self.columns, self.lines))[:, 1])


def fit_boosting(snapshot: pd.DataFrame, labels: npt.ArrayLike, *, horizon_months: int) -> BoostedModel | None:
    """Fit boosted trees on labelled snapshot rows.

    Parameters
    ----------
    snapshot : DataFrame
        Rows whose label could be told on the day of training.
    labels : array_like of float, shape (rows,)
        1 left within the horizon, 0 stayed.
    horizon_months : int
        Horizon, in months.

    Returns
    -------
    BoostedModel or None
        None where fewer than ``LEAST_EVENTS`` different clients left, or stayed.
    """
    outcome = np.asarray(labels, dtype=np.float64)
    clients = snapshot["client_id"].to_numpy()
    if min(len(np.unique(clients[outcome == side])) for side in (0.0, 1.0)) < LEAST_EVENTS:
        return None
    columns = tuple(name for name in BOOSTING.columns if name in snapshot and snapshot[name].notna().any())
    lines = tuple(sorted(snapshot["line"].dropna().unique())) if "line" in columns else ()
    told = label_known_on(snapshot, horizon_months=horizon_months)
    estimator = BoostedRisk().fit(
        _numbers(snapshot, columns, lines), outcome, day=_as_days(snapshot["cut_off"]), told=_as_days(told)
    )
    return BoostedModel(BOOSTING, columns, lines, estimator, horizon_months)


def _numbers(snapshot: pd.DataFrame, columns: tuple[str, ...], lines: tuple[str, ...]) -> Floats:
    """Columns as numbers, shape (rows, columns); lines by their code, unknown ones missing."""
    codes = {line: float(place) for place, line in enumerate(lines)}
    parts = [snapshot[name].map(codes) if name == "line" else snapshot[name] for name in columns]
    return np.column_stack([part.to_numpy(dtype=np.float64, na_value=np.nan) for part in parts])


def _as_days(dates: "pd.Series[pd.Timestamp]") -> Floats:
    return np.asarray(dates.to_numpy().astype("datetime64[s]").astype(np.float64) / 86_400)
