"""What a lost client's return is worth: how easily it comes back, times what a second life brings."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.deals import CLOSED, what_is_an_offer_worth
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.losses import closed_months, lost_clients
from churnlab.answers.no_contact import NO_CONTACT
from churnlab.answers.study import Study
from churnlab.answers.valuing import YEARLY_RATE
from churnlab.answers.words import count, interval, money, percent
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate

Floats = npt.NDArray[np.float64]

SPANS: Final = (0.0, 12.0, 36.0, np.inf)
"""Months since counting as lost between which returns come at one rate."""

AHEAD: Final = 12
"""Months within which a return is forecast."""

ALIKE: Final = 5.0
"""Returns' worth of belief that a noted reason comes back as all noted losses do: the visible prior; ours."""

FAINT: Final = 0.5
"""Returns' worth of belief that each span, and noted losses beside other silences, return at the common rate."""

SECOND_YEARS: Final = 3
"""Years of a second life that count."""

OFFER: Final = Estimate(0.05, 0.02, 0.10)
"""What an offer costs when it is taken, share of the first year's sales: assumed, grade A."""

LEAST_RETURNS: Final = 3
"""Fewer returns give no chances."""

DRAWS, _STREAM = 2000, 37
_NOT: Final = ("no", CLOSED[0], NO_CONTACT[0])


@dataclass(frozen=True, slots=True, eq=False)
class AskingBack:
    """What each lost client's return is worth.

    Attributes
    ----------
    frame : DataFrame
        ``client_id``, ``coded``, ``chance`` (to come back within 12 months), ``chance_low``, ``chance_high``,
        ``worth``, ``low``, ``high``: clients who may be asked, the most worth first. Empty where too few came back, or
        most silences are pauses.
    rates : DataFrame
        ``months`` (since counting as lost), ``returns``, ``client_months``: what chances rest on.
    returns, noted : int
        Returns in all, and those after a loss that was noted.
    pauses : bool
        Whether surely most silences are pauses: a return is no win-back then.
    margin_known : bool
        Whether a second life counts in margin rather than in sales.
    stays : Estimate
        Years of the first three that second lives last.
    """

    frame: pd.DataFrame
    rates: pd.DataFrame
    returns: int
    noted: int
    pauses: bool
    margin_known: bool
    stays: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whose return is worth most, and what that rests on."""
        nothing = "What a lost client's return is worth we cannot say"
        if self.pauses:
            return (f"{nothing}: most silences that were long enough to look like leaving were pauses.",)
        if self.returns < LEAST_RETURNS:
            return (f"{nothing}: {count(self.returns)} came back so far, and at least {LEAST_RETURNS} must.",)
        if self.frame.empty:
            return (f"{nothing}: nobody is away who may be asked.",)
        first = self.frame.iloc[0]
        chance = interval(Estimate(first["chance"], first["chance_low"], first["chance_high"]), percent)
        worth = interval(Estimate(first["worth"], first["low"], first["high"]), money)
        kind = "margin" if self.margin_known else "sales, since costs are not known,"
        return (
            f"Of {count(len(self.frame))} clients who may be asked back, the return of one is worth most, {worth}: "
            f"its chance to come back within {AHEAD} months, {chance}, times the {kind} of a second life of at most "
            f"{SECOND_YEARS} years, discounted at {percent(YEARLY_RATE)} a year, less what an offer costs "
            f"({percent(OFFER.low)} to {percent(OFFER.high)} of a year's sales, assumed).",
            f"Chances rest on {count(self.returns)} returns, {count(self.noted)} of them after a noted loss; silences "
            "that nobody noted, mostly pauses, stand apart. A noted reason counts as all noted losses do until it has "
            f"shown otherwise (a belief worth {ALIKE:g} returns). It is the chance to come back as clients did; what "
            "asking adds to it is not known from these data.",
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
    piecewise exponential), accounts that closed leaving the count. Two gamma posteriors multiply the rate: noted losses
    and other silences each by their returns over those expected, a noted reason by its own over those expected of a
    noted loss. Each starts from "as all do", with `FAINT`, and for reasons with `ALIKE`, added to both. All that is
    drawn is drawn together.
    """
    lost = lost_clients(study)
    closed = closed_months(study, lost)
    days = (lost["returned_on"].fillna(study.as_of) - lost["known_on"]).dt.days.clip(lower=1)
    watched = (days / DAYS_PER_MONTH).to_numpy(np.float64)  # months begun would count half a month too much of each
    until = np.where(closed >= 0, np.minimum(closed, watched), watched)
    back, noted = lost["back"].to_numpy(bool), (lost["coded"] != "").to_numpy(bool)
    returns, months = _by_span(until, back)
    ends = _second_ends(study)
    lasts, stays = _second_years(ends, yearly_rate=YEARLY_RATE), _estimate(_second_years(ends))
    asked = study.ask(what_is_an_offer_worth).asked
    asked = asked[~asked["ask"].isin(_NOT)].merge(
        lost[["client_id", "left_on", "coded"]].rename(columns={"coded": "noted"}).assign(watched=watched),
        on=["client_id", "left_on"],
    )
    rates = pd.DataFrame({"months": ["under 12", "12 to 36", "over 36"], "returns": returns, "client_months": months})
    margin_known = bool(len(asked)) and bool(asked["margin"].notna().all())
    pauses = study.ask(when_has_a_client_left).verdict == "pauses"
    told = (rates, int(back.sum()), int((back & noted).sum()), pauses, margin_known, stays)
    if pauses or back.sum() < LEAST_RETURNS or asked.empty or np.isnan(stays.value):
        columns = ["client_id", "coded", "chance", "chance_low", "chance_high", "worth", "low", "high"]
        return AskingBack(pd.DataFrame(columns=columns), *told)
    rng = np.random.default_rng([study.seed, _STREAM])
    rate = _rates(returns, months, rng)
    cumulative = _cumulative(asked["watched"].to_numpy(np.float64), rate)
    factor = _factors(lost["coded"].to_numpy(), back, _expected(until, rate), asked["noted"].to_numpy(), rng)
    chance = -np.expm1(-cumulative * factor)
    bought = asked["amount"].to_numpy(np.float64)
    brings = asked["margin"].to_numpy(np.float64) if margin_known else bought
    cost = rng.triangular(OFFER.low, OFFER.value, OFFER.high, (DRAWS, 1))
    worth = chance * (lasts[:, None] * brings - cost * bought)
    frame = asked[["client_id", "coded"]].copy()
    for drawn, names in ((chance, ("chance", "chance_low", "chance_high")), (worth, ("worth", "low", "high"))):
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        frame[list(names)] = np.column_stack([drawn.mean(axis=0), low, high])
    frame = frame.sort_values(["worth", "client_id"], ascending=[False, True], ignore_index=True)
    return AskingBack(frame, *told)


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


def _rates(returns: Floats, months: Floats, rng: np.random.Generator) -> Floats:
    """Draws of the rate a month in each span, shape (draws, spans); about the common one where nobody was watched."""
    common = returns.sum() / max(float(months.sum()), 1.0)
    return rng.gamma(returns + FAINT, 1 / (months + FAINT / common), size=(DRAWS, len(returns)))


def _expected(until: Floats, rate: Floats) -> Floats:
    """Draws of the returns that the common rates expect of each loss while it was watched, shape (draws, losses)."""
    return np.asarray(rate @ np.array([_inside(until, *ends) for ends in _spans()]))


def _factors(
    coded: npt.NDArray[np.object_],
    back: npt.NDArray[np.bool_],
    expected: Floats,
    asked: npt.NDArray[np.object_],
    rng: np.random.Generator,
) -> Floats:
    """Draws of how many times more or less a client comes back by its noted reason, shape (draws, clients)."""

    def drawn(some: npt.NDArray[np.bool_], belief: float, times: Floats | float = 1.0) -> Floats:
        return rng.gamma(back[some].sum() + belief, 1.0, DRAWS) / (times * expected[:, some].sum(axis=1) + belief)

    noted = drawn(coded != "", FAINT)
    found = {"": drawn(coded == "", FAINT)}
    for reason in sorted(set(asked) - {""}):
        found[reason] = noted * drawn(coded == reason, ALIKE, noted)
    return np.column_stack([found[reason] for reason in asked])


def _second_ends(study: Study) -> Floats:
    """Draws of the rate a month at which lives after a return end, by their first years' exposure; NaN of none."""
    lives = study.lives().frame
    later = lives[lives["life"] > 1]
    if later.empty:
        return np.full(DRAWS, np.nan)
    until = later["left_on"].fillna(later["observed_until"])
    months = ((until - later["first_order"]).dt.days / DAYS_PER_MONTH).clip(lower=0.1, upper=12 * SECOND_YEARS)
    ended = (later["left_on"].notna() & (months < 12 * SECOND_YEARS)).sum()
    return np.random.default_rng([study.seed, _STREAM, 1]).gamma(ended + 0.5, 1 / float(months.sum()), DRAWS)


def _second_years(ends: Floats, *, yearly_rate: float = 0.0) -> Floats:
    """Years of the first three that lives last which end at a rate a month, discounted from the return on."""
    rate = ends + np.log1p(yearly_rate) / 12
    return np.asarray(-np.expm1(-12 * SECOND_YEARS * rate) / rate / 12)


def _estimate(drawn: Floats) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(float(drawn.mean()), float(low), float(high))
