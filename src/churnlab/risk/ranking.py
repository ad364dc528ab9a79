"""What a ranking is good for at the managers' capacity: who is on the list, how early, how much it changes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.history.departures import DAYS_PER_MONTH, Lives
from churnlab.lifetime import Estimate
from churnlab.risk.resampling import client_draws, estimate
from churnlab.surveys.correlation import RankCorrelation, clustered_rank_correlation

Floats = npt.NDArray[np.float64]

DEFAULT_SHARE = 0.1
"""Share of the clients that is contacted where nobody says how many can be."""

LEADS = (0.0, 3.0, 6.0)
"""Months before the last order by which a departure is asked to have been flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many clients the managers can contact; a name that is not here, or a value out of range, is refused.

    Attributes
    ----------
    hours_share : float
        Share of the managers' time that goes into keeping clients that may leave, above 0 to 1.
    hours_per_contact : float
        Hours that one contact takes, preparing and travelling included, more than 0.
    hours_per_month : float
        Hours a month of a manager for whom the records say none, more than 0.

    Raises
    ------
    ValueError
        If values are out of range; all of them at once.
    """

    hours_share: float = 0.1
    hours_per_contact: float = 4.0
    hours_per_month: float = 160.0

    def __post_init__(self) -> None:
        """Refuse values out of range, all at once."""
        wrong = [
            f"{name} = {given:g}, expected more than 0"
            for name, given in (
                ("hours_share", self.hours_share),
                ("hours_per_contact", self.hours_per_contact),
                ("hours_per_month", self.hours_per_month),
            )
            if not 0 < given < np.inf
        ]
        if self.hours_share > 1:
            wrong.append(f"hours_share = {self.hours_share:g}, expected at most 1")
        if wrong:
            raise ValueError("capacity is out of range: " + "; ".join(wrong))

    def contacts(self, managers: pd.DataFrame, *, months: int) -> int:
        """Clients that the managers can contact in so many months.

        Parameters
        ----------
        managers : DataFrame
            The table of managers; ``hours_per_month`` is used where it is given.
        months : int
            Months between two lists.

        Returns
        -------
        int

        Examples
        --------
        >>> import pandas as pd
        >>> Capacity().contacts(pd.DataFrame({"manager_id": ["a", "b"], "hours_per_month": [160.0, None]}), months=3)
        24
        """
        known = managers.get("hours_per_month", pd.Series(np.nan, index=managers.index))
        hours = float(known.astype(np.float64).fillna(self.hours_per_month).sum())
        return int(hours * self.hours_share * months / self.hours_per_contact)


_SURE = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Stability:
    """How much a ranking stays the same from one cut-off to the next.

    Attributes
    ----------
    months : float
        Months between cut-offs, in the median.
    correlation : RankCorrelation
        Rank correlation of clients' risks on neighbouring cut-offs, with an interval over clients.
    kept : Estimate
        Share of those on a list that stand on the next one too, of those still there.
    by_lot : float
        The same share to expect where the next list is drawn by lot.
    """

    months: float
    correlation: RankCorrelation
    kept: Estimate
    by_lot: float


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """How early those who left stood on the list.

    Attributes
    ----------
    departures : int
        Departures behind a graded forecast.
    flagged : Estimate
        Share of them that stood on a list within the horizon before it was too late.
    by : dict of float to Estimate
        Share that did so this many months or more before the last order.
    median : float
        Median months from the first such list to the last order, of those flagged; below 0 where the client had bought
        for the last time already, though nobody could know; NaN where none was.
    by_lot : dict of float to tuple of (float, Estimate)
        As `by`, and under ``-inf`` as `flagged`: the share to expect of lists of the same length drawn by lot, and how
        much more the lists have.
    """

    departures: int
    flagged: Estimate
    by: dict[float, Estimate]
    median: float
    by_lot: dict[float, tuple[float, Estimate]]


def listed(forecasts: pd.DataFrame, *, contacts: int | None = None) -> Floats:
    """How much of each client stands on the list of its cut-off: those of the highest risk.

    Parameters
    ----------
    forecasts : DataFrame
        ``cut_off`` and ``risk`` of one model.
    contacts : int, optional
        Places a cut-off; a tenth of the clients there, rounded up, if not given.

    Returns
    -------
    ndarray of float, shape (rows,)
        1 or 0; a part where clients of one risk do not all fit.

    Raises
    ------
    ValueError
        If `contacts` is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp("2025-01-01")
    >>> listed(pd.DataFrame({"cut_off": day, "risk": [0.3, 0.1, 0.2, 0.2]}), contacts=2).tolist()
    [1.0, 0.0, 0.5, 0.5]
    """
    if contacts is not None and contacts < 0:
        message = f"expected a number of contacts of at least 0, got {contacts}"
        raise ValueError(message)
    risk = forecasts["risk"]
    day = forecasts["cut_off"]
    there = risk.groupby(day).transform("size").to_numpy(dtype=np.float64)
    places = np.ceil(DEFAULT_SHARE * there - 1e-9) if contacts is None else np.full(len(forecasts), contacts)
    last = risk.groupby(day).rank(method="max", ascending=False).to_numpy(dtype=np.float64)
    alike = risk.groupby([day, risk]).transform("size").to_numpy(dtype=np.float64)
    return np.asarray(np.clip((places - (last - alike)) / alike, 0.0, 1.0), dtype=np.float64)


def ranking_stability(
    forecasts: pd.DataFrame, *, rng: np.random.Generator | int, contacts: int | None = None, draws: int = 200
) -> Stability:
    """How much one model's ranking stays the same from one cut-off to the next.

    Parameters
    ----------
    forecasts : DataFrame
        Forecasts of one model; graded or not.
    rng : Generator or int
        For the bootstrap over clients.
    contacts : int, optional
        Places on the list of a cut-off, as in :func:`listed`.
    draws : int
        Bootstrap draws.

    Returns
    -------
    Stability
        NaN where clients do not stand on two cut-offs.

    Notes
    -----
    A list that changes wholly from month to month cannot be worked with; one that never changes says nothing new.
    """
    days = np.sort(forecasts["cut_off"].unique())
    frame = forecasts[["client_id", "cut_off", "risk"]].assign(listed=listed(forecasts, contacts=contacts))
    frame["lot"] = frame.groupby("cut_off")["listed"].transform("mean")
    frame["place"] = np.searchsorted(days, frame["cut_off"].to_numpy())
    later = frame[["client_id", "place", "risk", "listed", "lot"]].assign(place=frame["place"] - 1)
    pairs = frame.merge(later, on=["client_id", "place"], suffixes=("", "_next")).sort_values(["place", "client_id"])
    months = np.diff(days).astype("timedelta64[D]").astype(np.float64) / DAYS_PER_MONTH
    if pairs.empty:
        return Stability(np.nan, RankCorrelation(0, np.nan, np.nan, np.nan), Estimate(np.nan, np.nan, np.nan), np.nan)
    correlation = clustered_rank_correlation(
        pairs["risk"], pairs["risk_next"], pairs["client_id"], stratum=pairs["place"]
    )
    both = np.minimum(pairs["listed"].to_numpy(), pairs["listed_next"].to_numpy())
    shared = client_draws(pairs["client_id"], rng=rng, draws=draws)
    now = pairs["listed"].to_numpy()
    kept = estimate(float(_part(both, now, np.ones(len(pairs)))), shared.apply(_part, both, now))
    by_lot = float(_part(now * pairs["lot_next"].to_numpy(), now, np.ones(len(pairs))))
    return Stability(float(np.median(months)), correlation, kept, by_lot)


def lead_times(
    forecasts: pd.DataFrame,
    lives: Lives,
    *,
    rng: np.random.Generator | int,
    contacts: int | None = None,
    draws: int = 200,
) -> LeadTimes:
    """How early those who left stood on one model's list.

    Parameters
    ----------
    forecasts : DataFrame
        Graded forecasts of one model.
    lives : Lives
        By client, as known today.
    rng : Generator or int
        For the bootstrap over clients.
    contacts : int, optional
        Places on the list of a cut-off, as in :func:`listed`; who shares the last place with others is not on it.
    draws : int
        Bootstrap draws.

    Returns
    -------
    LeadTimes
        NaN where nobody left.
    """
    nothing = Estimate(np.nan, np.nan, np.nan)
    on_list = listed(forecasts, contacts=contacts) >= 1
    chosen = (forecasts["outcome"] == 1.0).to_numpy()
    if not chosen.any():
        lot = dict.fromkeys((-np.inf, *LEADS), (np.nan, nothing))
        return LeadTimes(0, nothing, dict.fromkeys(LEADS, nothing), np.nan, lot)
    places = pd.Series(on_list.astype(np.float64)).groupby(forecasts["cut_off"].to_numpy()).transform("mean").to_numpy()
    off_lot = np.log1p(-np.minimum(places, _SURE))
    frame = forecasts.loc[chosen, ["client_id", "cut_off"]]
    frame = frame.assign(on_list=on_list[chosen], off_lot=off_lot[chosen]).sort_values("cut_off")
    known = lives.frame[["client_id", "first_order", "left_on"]].sort_values("first_order")
    joined = pd.merge_asof(
        frame, known, left_on="cut_off", right_on="first_order", by="client_id", allow_exact_matches=False
    )
    joined["lead"] = (joined["left_on"] - joined["cut_off"]).dt.days / DAYS_PER_MONTH
    ahead = joined["lead"].to_numpy(dtype=np.float64)
    keys = [joined["client_id"], joined["left_on"]]
    joined["lead"] = joined["lead"].where(joined["on_list"], -np.inf)
    each = joined.groupby(["client_id", "left_on"])["lead"].max().reset_index()
    shared = client_draws(each["client_id"], rng=rng, draws=draws)
    lead, ones = each["lead"].to_numpy(dtype=np.float64), np.ones(len(each))

    def share(least: float) -> Estimate:
        early = (lead >= least).astype(np.float64)
        return estimate(float(early.mean()), shared.apply(_part, early, ones))

    def against_lot(least: float) -> tuple[float, Estimate]:
        early = joined["off_lot"].where(ahead >= least, 0.0).groupby(keys).sum().to_numpy()
        drawn, seen = -np.expm1(early), ((lead >= least) & (lead > -np.inf)).astype(np.float64)
        more = seen - drawn
        return float(drawn.mean()), estimate(float(more.mean()), shared.apply(_part, more, ones))

    by_lot = {least: against_lot(least) for least in (-np.inf, *LEADS)}
    flagged = lead[lead > -np.inf]
    median = float(np.median(flagged)) if flagged.size else np.nan
    return LeadTimes(len(each), share(-1e9), {least: share(least) for least in LEADS}, median, by_lot)


def _part(part: Floats, whole: Floats, times: Floats) -> Floats:
    """Weighted share of a whole; NaN where there is none."""
    given = times @ whole
    return np.asarray(np.where(given > 0, times @ part / np.where(given > 0, given, 1.0), np.nan))
