"""Do surveys tell more than orders do, and what would it cost to stop asking?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.answers.acting import Inputs, usual_inputs, valued
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval, money
from churnlab.lifetime import Estimate
from churnlab.risk import SurveyGain, difference, survey_gain
from churnlab.risk.scores import LEAST_GRADED
from churnlab.risk.statistics import log_loss
from churnlab.risk.survey_gain import BOTH, ORDERS, WORTH_ASKING

_DRAWS = 200
_MOVED = 1e-9
"""Risks further apart than this were moved by surveys, and not by rounding."""


@dataclass(frozen=True, slots=True)
class SurveysAnswer:
    """What surveys add to orders.

    Attributes
    ----------
    surveyed : bool
        Whether there are surveys.
    horizon_months, months_between : int
        Horizon of the forecasts, and months between lists.
    contacts : int or None
        Clients that can be contacted between two lists; None where a tenth is taken.
    inputs : Inputs
        What acting costs.
    days, unheard : int
        Days of graded forecasts, and how many of them are left out because surveys moved no forecast on them: they had
        not begun, or models had learnt nothing from them yet.
    gain : SurveyGain or None
        None without surveys, or where nothing could be graded on the other days.
    models : DataFrame
        ``model``, ``loss`` (mean log loss) and ``more``, ``low``, ``high``: how much more it is than from orders alone.
    """

    surveyed: bool
    horizon_months: int
    months_between: int
    contacts: int | None
    inputs: Inputs
    days: int
    unheard: int
    gain: SurveyGain | None
    models: pd.DataFrame

    @property
    def verdict(self) -> str:
        """Yes, no or cannot tell."""
        return "cannot tell" if self.gain is None else self.gain.verdict

    @property
    def told(self) -> bool:
        """Whether enough clients were seen to leave to say anything."""
        return self.gain is not None and self.gain.clients_left >= LEAST_GRADED

    @property
    def title(self) -> str:
        """The verdict in short."""
        short = {"yes": "Surveys add to orders", "no": "Surveys add nothing worth asking for to orders"}
        return f"{short.get(self.verdict, 'We cannot tell whether surveys add to orders')}."

    @property
    def headline(self) -> str:
        """Whether surveys add to orders."""
        if not self.surveyed:
            return "Whether surveys add to orders we cannot say: there are no surveys."
        if self.gain is None:
            why = "surveys moved no forecast that could be graded" if self.days else "no forecast could be graded"
            return f"Whether surveys add to orders we cannot tell: {why}."
        found = self.gain
        if found.clients_left < LEAST_GRADED:
            return (
                f"Whether surveys add to orders we cannot tell: {count(found.clients_left)} clients were seen to leave "
                f"behind a graded forecast, and under {LEAST_GRADED} nothing is said."
            )
        share = interval(found.share, _to_a_tenth)
        on = f"on {count(found.forecasts)} forecasts with {count(found.clients_left)} clients that left"
        if self.verdict == "yes":
            return f"Yes, surveys add to orders: they save {share} of the log loss from orders {on}."
        if self.verdict == "no":
            return f"No, surveys add nothing worth asking for to orders: they save {share} of the log loss {on}."
        return (
            f"We cannot tell whether surveys add to orders: they save {share} of the log loss from orders {on}; yes "
            f"would take an interval above 0, no one below {_to_a_tenth(WORTH_ASKING)}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict, where it comes from, and what it costs to stop asking."""
        found = self.gain
        if found is None or found.clients_left < LEAST_GRADED:
            return (self.headline,)
        alone = "tell something" if found.alone.low > 0 else "are not seen to tell anything"
        return (
            self.headline,
            *self._left_out,
            f"Without orders surveys {alone}: against the same risk for everyone they save "
            f"{interval(found.alone, _thousandths)} thousandths of a nat of log loss a forecast.",
            f"Of what they save on top of orders, {interval(found.by_answering, _thousandths)} comes with knowing "
            f"whether the "
            f"client answers at all, and {interval(found.by_scores, _thousandths)} with what its scores say.",
            *self._reasons,
            self._stopping,
        )

    @property
    def _left_out(self) -> tuple[str, ...]:
        """How many days tell nothing of surveys."""
        if not self.unheard:
            return ()
        return (
            f"Left out are {count(self.unheard)} of {count(self.days)} days of forecasting, on which surveys moved no "
            "forecast yet.",
        )

    @property
    def _reasons(self) -> tuple[str, ...]:
        """Whether forecasts bear out reasons that rest on surveys."""
        if self.verdict == "yes":
            return ()
        return (
            "Reasons that rest on scores, or on who answers, are thus not borne out: without them forecasts are not "
            "seen to be worse.",
        )

    @property
    def _stopping(self) -> str:
        found = self.gain
        if found is None:
            return self.headline
        places = "a tenth of the clients" if self.contacts is None else f"{count(self.contacts)} contacts"
        more = Estimate(*(100 * end for end in (found.found.value, found.found.low, found.found.high)))
        cost = "which way it goes we cannot tell"
        if found.profit.low > 0 and found.profit_without_largest > 0:
            cost = "to stop costs something"
        elif found.profit.high < 0 and found.profit_without_largest < 0:
            cost = "to stop would have cost nothing"
        elif found.profit.high < 0:
            cost = "without the client that decides most it would be a gain: which way it goes we cannot tell"
        return (
            f"What it costs to stop asking: with {places} every {self.months_between} months, past lists with surveys "
            f"found {interval(more, _signed)} of 100 who left beyond those without, and earned "
            f"{interval(found.profit, money)} "
            f"a list beyond those without, the cost of asking not taken off: {cost}. A few large clients decide this."
        )

    @property
    def worth(self) -> float:
        """Least gain on top of orders that is worth asking for, thousandths of a nat; NaN where there is none."""
        return 1000 * WORTH_ASKING * (np.nan if self.gain is None else self.gain.loss[ORDERS.name])


def do_surveys_add_to_orders(study: Study) -> SurveysAnswer:
    """Compare forecasts with and without surveys, on the same clients and days.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    SurveysAnswer
    """
    risk, inputs = study.ask(who_is_at_risk), usual_inputs(study)
    surveys, graded = study.tables.surveys, _heard(risk.survey_forecasts)
    days = int(risk.survey_forecasts["cut_off"].nunique())
    gain = None
    if len(graded):
        priced = valued(study, graded, inputs)
        places = study.graded_places(risk.contacts)
        gain = survey_gain(priced, rng=study.seed, contacts=places, acting=inputs.acting)
        without = study.of_all(Estimate(gain.profit_without_largest, np.nan, np.nan), risk.contacts).value
        gain = replace(gain, profit=study.of_all(gain.profit, risk.contacts), profit_without_largest=without)
    return SurveysAnswer(
        surveyed=surveys is not None and not surveys.empty,
        horizon_months=risk.horizon_months,
        months_between=risk.months_between,
        contacts=risk.contacts,
        inputs=inputs,
        days=days,
        unheard=days - int(graded["cut_off"].nunique()),
        gain=gain,
        models=_models(graded, gain, seed=study.seed),
    )


def _heard(graded: pd.DataFrame) -> pd.DataFrame:
    """Forecasts of the days on which surveys moved any: on the others a gain of nought says nothing of surveys."""
    orders, both = (
        graded[graded["model"] == spec.name].set_index(["client_id", "cut_off"])["risk"] for spec in (ORDERS, BOTH)
    )
    moved = (both - orders).abs()
    days = moved[moved > _MOVED].index.get_level_values("cut_off").unique()
    return graded[graded["cut_off"].isin(days)].reset_index(drop=True)


def _models(graded: pd.DataFrame, gain: SurveyGain | None, *, seed: int) -> pd.DataFrame:
    """Log loss of every model, and its difference to orders alone in the same draws of clients."""
    rows = []
    for name, loss in ({} if gain is None else gain.loss).items():
        more = difference(graded, of=name, against=ORDERS.name, statistic=log_loss, rng=seed, draws=_DRAWS)
        rows.append((name, loss, more.value, more.low, more.high))
    return pd.DataFrame(rows, columns=["model", "loss", "more", "low", "high"])


def _thousandths(loss: float) -> str:
    return decimal(1000 * loss)


def _to_a_tenth(share: float) -> str:
    """Percent with one decimal: the threshold is 1 %, and a whole per cent would hide on which side an end lies."""
    text = f"{100 * share:.1f}"
    return f"{'0.0' if text == '-0.0' else text} %"


def _signed(number: float) -> str:
    text = f"{number:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text
