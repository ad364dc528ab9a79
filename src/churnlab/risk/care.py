"""Calls and discounts beside leaving: why a naive reading fools, and why nothing is said of what they do.

Managers call, visit and give way to clients whom they fear to lose. Such clients leave more, called or not, so that
care looks as if it drove them away. That care is not seen to be so given is no proof that it was given by lot.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2, norm

from churnlab.history import Rule
from churnlab.history.reduction import to_days
from churnlab.lifetime import fit_hazard
from churnlab.risk.calibration import LEAST_ANSWERS, answers_of, believed, known_on, read_together
from churnlab.risk.effect import LEAST_EVENTS
from churnlab.risk.panel import is_scored, panel
from churnlab.tables import Tables

Floats = npt.NDArray[np.float64]

CARE: Final = {"touches": "touches_12m", "discount": "discount_12m"}
"""What is looked at, and the feature that holds it."""

TARGETED_BELOW = 0.1
"""Care is seen to be targeted if what a manager could know predicts it with a p-value below this."""

_KNOWABLE: Final = ("trend", "amount_trend", "overdue", "late_12m", "failures_12m", "claims_12m")
_FEWEST_PER_COLUMN = 10


@dataclass(frozen=True, slots=True)
class CareEffect:
    """A kind of care beside leaving; what it does, such data do not tell.

    Attributes
    ----------
    care : str
        "touches" or "discount".
    naive, naive_low, naive_high : float
        Hazard ratio for one standard deviation more, given tenure alone: what a naive reading would take for an effect.
    adjusted, low, high : float
        The same, given also what the manager could know at the time.
    targeting_p : float
        Chance that care follows what a manager could know as closely as it does, if it were given without regard to it.
    events : int
        Departures.
    """

    care: str
    naive: float
    naive_low: float
    naive_high: float
    adjusted: float
    low: float
    high: float
    targeting_p: float
    events: int

    @property
    def targeted(self) -> bool:
        """Whether care is seen to follow what a manager could know."""
        return self.targeting_p < TARGETED_BELOW

    @property
    def sentence(self) -> str:
        """What can be said, in words."""
        more = {"touches": "more calls and visits", "discount": "a higher discount"}[self.care]
        seen = f"Clients with {more} leave {self.naive:.2f} times as often a month for each standard deviation more"
        if self.targeted:
            return (
                f"{seen} (95 % interval {self.naive_low:.2f} to {self.naive_high:.2f}). This is no effect: such care "
                "goes to clients at risk, and the data do not hold all that managers know, so we cannot say what it "
                "does."
            )
        return (
            f"{seen} (95 % interval {self.naive_low:.2f} to {self.naive_high:.2f}); given what a manager could know, "
            f"{self.adjusted:.2f} times ({self.low:.2f} to {self.high:.2f}). That such care goes to clients at risk is "
            "not seen here, which does not rule it out: what it does only care given by lot could tell."
        )


def care_effect(
    care: npt.ArrayLike,
    confounders: npt.ArrayLike,
    known: npt.ArrayLike,
    event: npt.ArrayLike,
    client: npt.ArrayLike,
    *,
    name: str,
    level: float = 0.95,
) -> CareEffect:
    """Hold a kind of care against leaving, and tell whether it is seen to go to clients at risk.

    Parameters
    ----------
    care : array_like of float, shape (n,)
        How much of it a client had, at the start of each person-month or before.
    confounders : array_like of float, shape (n, c)
        What is held in the naive reading too, such as tenure.
    known : array_like of float, shape (n, k)
        What a manager could know then: what the client thinks, fading orders, failures.
    event : array_like of bool, shape (n,)
        Whether the client left in that month.
    client : array_like, shape (n,)
        Whose month it is.
    name : str
        A key of :data:`CARE`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    CareEffect

    Raises
    ------
    ValueError
        If shapes do not agree, or as for :func:`churnlab.lifetime.fit_hazard`.

    Notes
    -----
    Targeting is tested by least squares of care on `known`, given the confounders, with a Wald test clustered by
    client. That adjusting frees an effect of all confounding cannot be told from data: weak targeting by what the data
    hold badly goes unseen, and then looks like an effect. So none is ever asserted.
    """
    given, held, reasons = (np.asarray(each, dtype=np.float64) for each in (care, confounders, known))
    scale = float(given.std())
    if not scale > 0 or held.ndim != 2 or reasons.ndim != 2:
        message = (
            f"expected care that varies and two tables of columns, got spread {scale}, {held.shape}, {reasons.shape}"
        )
        raise ValueError(message)
    scaled = (given - given.mean()) / scale
    reasons = (reasons - reasons.mean(axis=0)) / np.maximum(reasons.std(axis=0), 1e-12)
    p = _targeting(scaled, held, reasons, np.asarray(client))
    plain = fit_hazard(np.column_stack((scaled, held)), event, client=client)
    whole = fit_hazard(np.column_stack((scaled, held, reasons)), event, client=client)
    z = norm.ppf(0.5 + level / 2)
    (naive, naive_low, naive_high), (adjusted, low, high) = (
        np.exp(fit.coefficients[1] + np.array([0, -z, z]) * fit.standard_errors[1]).tolist() for fit in (plain, whole)
    )
    return CareEffect(
        care=name,
        naive=naive,
        naive_low=naive_low,
        naive_high=naive_high,
        adjusted=adjusted,
        low=low,
        high=high,
        targeting_p=p,
        events=plain.events,
    )


def care_effects(tables: Tables, *, as_of: pd.Timestamp, rule: Rule | None = None) -> tuple[CareEffect, ...]:
    """Hold calls and discounts against leaving, over quarters of observed time.

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
    tuple of CareEffect
        One a kind of care that the data hold; empty with too few departures.
    """
    found = panel(tables, as_of=as_of, rule=rule)
    if found is None or found.departures < LEAST_EVENTS:
        found = panel(tables, as_of=as_of, rule=rule, scored=False)
    if found is None or found.departures < LEAST_EVENTS:
        return ()
    known = _knowable(found.quarters, tables.surveys, as_of)
    known = known[:, : max(1, found.departures // _FEWEST_PER_COLUMN - 3)]
    tenure = np.log1p(found.quarters[["tenure_months"]].to_numpy(dtype=np.float64))
    effects = []
    for name, column in CARE.items():
        if column not in found.quarters or not found.quarters[column].notna().any():
            continue
        care = found.quarters[column].fillna(found.quarters[column].mean()).to_numpy(dtype=np.float64)
        care = np.log1p(np.maximum(care, 0.0))[found.row]
        if not care.std() > 0:
            continue
        try:
            effects.append(care_effect(care, tenure[found.row], known[found.row], found.event, found.client, name=name))
        except (ValueError, np.linalg.LinAlgError):
            continue
    return tuple(effects)


def _knowable(quarters: pd.DataFrame, surveys: pd.DataFrame | None, as_of: pd.Timestamp) -> Floats:
    """What a manager could know at each cut-off, satisfaction first, the mean where nothing is known."""
    columns = []
    if surveys is not None and is_scored(surveys):
        answers = answers_of(surveys[known_on(surveys) < as_of], ("service",))
        if len(answers.points) >= LEAST_ANSWERS:
            told = believed(answers, read_together(answers), quarters["client_id"], to_days(quarters["cut_off"]))
            columns += [column for column in told.T if column.std() > 0]
    for name in _KNOWABLE:
        if name in quarters and quarters[name].std() > 0:
            values = quarters[name].fillna(quarters[name].mean()).to_numpy(dtype=np.float64)
            columns.append(np.log1p(np.maximum(values, 0.0)) if name == "overdue" else values)
    return np.column_stack(columns) if columns else np.zeros((len(quarters), 0))


def _targeting(care: Floats, held: Floats, reasons: Floats, client: npt.NDArray[np.generic]) -> float:
    """P-value of the reasons in a least-squares fit of care, clustered by client."""
    k = reasons.shape[1]
    if k == 0:
        return 0.0  # nothing is known of the manager's reasons: they cannot be ruled out
    design = np.column_stack((reasons, np.ones(len(care)), held))
    bread = np.linalg.pinv(design.T @ design)
    slope = bread @ (design.T @ care)
    group = np.unique(client, return_inverse=True)[1]
    summed = np.zeros((int(group.max()) + 1, design.shape[1]))
    np.add.at(summed, group, design * (care - design @ slope)[:, None])
    clusters = len(summed)
    covariance = bread @ (summed.T @ summed) @ bread * clusters / max(clusters - 1, 1)
    wald = float(slope[:k] @ np.linalg.pinv(covariance[:k, :k]) @ slope[:k])
    return float(chi2.sf(wald, k))
