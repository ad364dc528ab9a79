"""What a lost client's return is worth: how easily it comes back, times what a second life brings."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.deals import what_is_an_offer_worth
from churnlab.answers.losses import closed_months, lost_clients
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, money, percent
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate

Floats = npt.NDArray[np.float64]

SPANS: Final = (0.0, 12.0, 36.0, np.inf)
"""Months since counting as lost between which returns come at one rate."""

AHEAD: Final = 12
"""Months within which a return is forecast."""

ALIKE: Final = 5.0
"""Returns' worth of belief that a reason comes back as all do: the visible prior; ours."""

SECOND_YEARS: Final = 3
"""Years of a second life that count."""

OFFER: Final = Estimate(0.05, 0.02, 0.10)
"""What an offer costs when it is taken, share of the first year's sales: assumed, grade A."""

LEAST_RETURNS: Final = 3
"""Fewer returns give no chances."""

DRAWS, _STREAM = 2000, 37
_NOT: Final = ("no", "no: closed")


@dataclass(frozen=True, slots=True, eq=False)
class AskingBack:
    """What each lost client's return is worth.

    Attributes
    ----------
    frame : DataFrame
        ``client_id``, ``coded``, ``chance`` (to come back within 12 months), ``chance_low``, ``chance_high``,
        ``worth``, ``low``, ``high``: clients who may be asked, the most worth first. Empty where too few came back.
    rates : DataFrame
        ``months`` (since counting as lost), ``returns``, ``client_months``: what chances rest on.
    returns : int
        Returns in all.
    margin_known : bool
        Whether a second life counts in margin rather than in sales.
    stays : Estimate
        Years of the first three that second lives last.
    """

    frame: pd.DataFrame
    rates: pd.DataFrame
    returns: int
    margin_known: bool
    stays: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whose return is worth most, and what that rests on."""
        if self.frame.empty:
            few = f"{count(self.returns)} have come back so far"
            return (f"What a lost client's return is worth we cannot say: {few}, and at least {LEAST_RETURNS} must.",)
        first = self.frame.iloc[0]
        chance = interval(Estimate(first["chance"], first["chance_low"], first["chance_high"]), percent)
        worth = interval(Estimate(first["worth"], first["low"], first["high"]), money)
        kind = "margin" if self.margin_known else "sales, since costs are not known,"
        return (
            f"Of {count(len(self.frame))} clients who may be asked back, the return of one is worth most, {worth}: "
            f"its chance to come back within {AHEAD} months, {chance}, times the {kind} of a second life of at most "
            f"{SECOND_YEARS} years, less what an offer costs ({percent(OFFER.low)} to {percent(OFFER.high)} of a "
            "year's sales, assumed).",
            f"Chances rest on {count(self.returns)} returns, pauses among them; a reason counts as all reasons do "
            f"until it has shown otherwise (a belief worth {ALIKE:g} returns). It is the chance to come back as "
            "clients did; what asking adds to it is not known from these data.",
        )


def worth_asking(study: Study) -> AskingBack:
    """Tell for each client who may be asked back how likely its return is and what it would bring.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    AskingBack

    Notes
    -----
    Returns are counted from the day on which each counted as lost, at one rate a month within each of three spans (a
    piecewise exponential), accounts that closed leaving the count. A reason multiplies the rate by a gamma posterior:
    returns and returns expected, both with `ALIKE` added. All that is drawn is drawn together.
    """
    lost = lost_clients(study)
    closed = closed_months(study, lost)
    watched = lost["watched"].to_numpy(np.float64)
    until = np.where(closed >= 0, np.minimum(closed, watched), watched)
    back = lost["back"].to_numpy(bool)
    returns, months = _by_span(until, back)
    stays = _second_years(study)
    asked = study.ask(what_is_an_offer_worth).asked
    asked = asked[~asked["ask"].isin(_NOT)].merge(
        lost[["client_id", "left_on", "watched"]], on=["client_id", "left_on"]
    )
    rates = pd.DataFrame({"months": ["under 12", "12 to 36", "over 36"], "returns": returns, "client_months": months})
    margin_known = bool(len(asked)) and bool(asked["margin"].notna().all())
    nothing = pd.DataFrame(
        columns=["client_id", "coded", "chance", "chance_low", "chance_high", "worth", "low", "high"]
    )
    if back.sum() < LEAST_RETURNS or asked.empty or np.isnan(stays.value):
        return AskingBack(nothing, rates, int(back.sum()), margin_known, stays)
    rng = np.random.default_rng([study.seed, _STREAM])
    rate = rng.gamma(returns + 0.5, 1 / np.maximum(months, 1.0), size=(DRAWS, 3))
    reasons = asked["coded"].to_numpy()
    cumulative = _cumulative(asked["watched"].to_numpy(np.float64), rate)
    factor = _factors(lost, until, returns / np.maximum(months, 1.0), reasons, rng)
    chance = -np.expm1(-cumulative * factor)
    bought = asked["amount"].to_numpy(np.float64)
    brings = asked["margin"].to_numpy(np.float64) if margin_known else bought
    years = np.clip(rng.normal(stays.value, (stays.high - stays.low) / 3.92, (DRAWS, 1)), 0, SECOND_YEARS)
    cost = rng.triangular(OFFER.low, OFFER.value, OFFER.high, (DRAWS, 1))
    worth = chance * (years * brings - cost * bought)
    frame = asked[["client_id", "coded"]].copy()
    for name, drawn in (("chance", chance), ("worth", worth)):
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        ends = ("chance_low", "chance_high") if name == "chance" else ("low", "high")
        frame[name], frame[ends[0]], frame[ends[1]] = drawn.mean(axis=0), low, high
    frame = frame.sort_values(["worth", "client_id"], ascending=[False, True], ignore_index=True)
    return AskingBack(frame[list(nothing)], rates, int(back.sum()), margin_known, stays)


def _by_span(until: Floats, back: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Returns and months watched within each span."""
    months = np.array([_inside(until, *ends).sum() for ends in _spans()])
    returns = np.array([(back & (until > low) & (until <= high)).sum() for low, high in _spans()], dtype=np.float64)
    return returns, months


def _spans() -> tuple[tuple[float, float], ...]:
    return tuple(pairwise(SPANS))


def _inside(until: Floats, low: float, high: float) -> Floats:
    return np.clip(until, low, high) - low


def _cumulative(since: Floats, rate: Floats) -> Floats:
    """Cumulative rate of return of each client within the months ahead, shape (draws, clients)."""
    ahead = np.array([_inside(since + AHEAD, *ends) - _inside(since, *ends) for ends in _spans()])
    return np.asarray(rate @ ahead)


def _factors(
    lost: pd.DataFrame, until: Floats, rate: Floats, reasons: npt.NDArray[np.object_], rng: np.random.Generator
) -> Floats:
    """Draws of how many times more or less each client's noted reason comes back, shape (draws, clients)."""
    expected = sum(one * _inside(until, *ends) for one, ends in zip(rate, _spans(), strict=True))
    coded = lost["coded"].where(lost["coded"] != "", "unknown").to_numpy()
    drawn = {}
    for reason in sorted(set(reasons)):
        some = coded == reason
        shape = float(lost["back"].to_numpy()[some].sum()) + ALIKE
        drawn[reason] = rng.gamma(shape, 1 / (float(np.sum(np.asarray(expected)[some])) + ALIKE), DRAWS)
    return np.column_stack([drawn[reason] for reason in reasons])


def _second_years(study: Study) -> Estimate:
    """Years of the first three that lives last which began with a return, by their exposure; wide where few ended."""
    lives = study.lives().frame
    later = lives[lives["life"] > 1]
    until = later["left_on"].fillna(later["observed_until"])
    months = ((until - later["first_order"]).dt.days / DAYS_PER_MONTH).clip(lower=0.1, upper=12 * SECOND_YEARS)
    ended = (later["left_on"].notna() & (months < 12 * SECOND_YEARS)).sum()
    if later.empty:
        return Estimate(np.nan, np.nan, np.nan)
    shape, exposure = ended + 0.5, float(months.sum())
    hazards = np.random.default_rng([study.seed, _STREAM, 1]).gamma(shape, 1 / exposure, DRAWS)
    years = -np.expm1(-12 * SECOND_YEARS * hazards) / hazards / 12
    low, high = np.quantile(years, [0.025, 0.975])
    return Estimate(float(years.mean()), float(low), float(high))
