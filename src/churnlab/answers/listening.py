"""What do the surveys say, how sure is it, and which factor goes with recommendation?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE, answered, asked, response
from churnlab.answers.overview import what_do_we_have
from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval, listed, percent, points, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import Comparison, compare, nps, promoter_classes, rank_correlation

_GROUP = ["wave", "mode"]
_NOTHING = Comparison(0, 0, 0, np.nan, np.nan, np.nan)
_VOTE = np.array([-100.0, 0.0, 100.0])
"""What detractors, passives and promoters add to an index, in points."""


@dataclass(frozen=True, slots=True)
class ListeningAnswer:
    """What the surveys say.

    Attributes
    ----------
    surveyed, scored : bool
        Whether there are surveys, and recommendation scores in them.
    trend : DataFrame
        ``wave``, ``mode``, ``period`` (year), ``n``, ``nps``, ``low``, ``high``: the wave and mode with the most
        answers, years with enough of them; empty where there is none.
    moved : Comparison
        Index of the trend's last year less that of the year before, points.
    response : DataFrame
        ``wave``, ``mode``, ``invited``, ``answered``, ``clients``, ``share``, ``low``, ``high``; empty where the source
        holds answers only.
    answered : Estimate
        Share of all invitations that were answered; NaN where the source holds answers only.
    bounds : DataFrame
        ``wave``, ``mode``, ``period``, ``n``, ``silent``, ``nps``, ``low``, ``high``, ``worst``, ``worst_low``, ``best``,
        ``best_high``: the last year of every wave and mode; what the index would be, and the outer end of its interval,
        if all clients that were asked and gave no score were detractors (worst) or promoters (best); NaN where the
        source holds answers only.
    manager_known : bool
        Whether we know who asked and whose clients they are.
    own, own_within : Comparison
        Recommendation where the account's present manager asked less that where somebody else did, within wave, mode
        and year; and within client, wave and mode.
    factors : DataFrame
        ``factor``, ``n`` (clients), ``correlation``, ``low``, ``high``: Spearman's, of clients' mean scores with their
        mean recommendation, the closest first.
    """

    surveyed: bool
    scored: bool
    trend: pd.DataFrame
    moved: Comparison
    response: pd.DataFrame
    answered: Estimate
    bounds: pd.DataFrame
    manager_known: bool
    own: Comparison
    own_within: Comparison
    factors: pd.DataFrame

    @property
    def headline(self) -> str:
        """The index of the wave and mode with the most answers."""
        if not self.surveyed:
            return "We cannot say what clients think: there are no surveys."
        if not self.scored:
            return "We cannot say whether clients would recommend us: there are no recommendation scores."
        if self.trend.empty:
            return "We cannot say whether clients would recommend us: too few of them answered in any year."
        last = self.trend.iloc[-1]
        return (
            f"Net promoter index of the {_name(last)} wave, {last['period']}: "
            f"{interval(Estimate(last['nps'], last['low'], last['high']), points)}, {count(last['n'])} clients."
        )

    @property
    def trend_sentence(self) -> str:
        """Whether the index moved."""
        if len(self.trend) < 2:
            return "We cannot say whether the index moved: fewer than two years have enough answers."
        before, last = self.trend["period"].iloc[-2:]
        moved = Estimate(self.moved.value, self.moved.low, self.moved.high)
        said = f"In the {_name(self.trend.iloc[-1])} wave the index of {last} less that of {before} is"
        figure = f"{interval(moved, points)} points, over {count(self.moved.clients)} clients"
        if np.isnan(moved.value):
            return f"We cannot say whether the index moved from {before} to {last}: too few clients answered."
        if not (moved.low > 0 or moved.high < 0):
            return f"{said} {figure}: we cannot tell whether it moved."
        return f"{said} {figure}: it {'rose' if moved.value > 0 else 'fell'}."

    @property
    def response_sentence(self) -> str:
        """How many answered, and where fewest did."""
        if not self.surveyed:
            return self.headline
        if self.response.empty:
            return "How many were asked and did not answer we cannot say: the surveys hold answers only."
        said = f"Of {count(self.response['invited'].sum())} invitations {interval(self.answered, percent)} were answered"
        if len(self.response) < 2:
            return f"{said}."
        least = self.response.loc[self.response["share"].idxmin()]
        share = interval(Estimate(least["share"], least["low"], least["high"]), percent)
        return f"{said}; the fewest in the {_name(least)} wave: {share}."

    @property
    def bounds_sentence(self) -> str:
        """How far those who said nothing could bend the index."""
        if self.trend.empty:
            return self.headline
        last = self.trend.iloc[-1]
        row = self.bounds[(self.bounds[_GROUP] == last[_GROUP]).all(axis=1)].iloc[0]
        if np.isnan(row["worst"]):
            return "How far silence bends the index we cannot say: who was asked and did not answer is not recorded."
        return (
            f"{count(row['silent'])} clients were asked in the {_name(row)} wave of {row['period']} and gave no score. "
            f"Had all of them been detractors, or all promoters, the index would stand at {points(row['worst'])} or "
            f"{points(row['best'])}; chance among those who answered carries this from {points(row['worst_low'])} to "
            f"{points(row['best_high'])}."
        )

    @property
    def own_sentences(self) -> tuple[str, ...]:
        """Whether answers to the account's own manager are kinder."""
        if not self.scored:
            return (self.headline,)
        if not self.manager_known:
            return ("Whether clients are kinder to their own manager we cannot say: who asked, or whose they are, is not known.",)
        if np.isnan(self.own.value):
            return ("Whether clients are kinder to their own manager we cannot say: too few answers can be compared.",)
        said = [
            f"Asked by their own manager, clients recommend by {_points(self.own)} points of ten, compared within wave, "
            f"mode and year ({count(self.own.chosen)} answers to the own manager, {count(self.own.others)} to others, "
            f"{count(self.own.clients)} clients): {_verdict(self.own)}."
        ]
        if not np.isnan(self.own_within.value):
            said.append(
                f"Between answers of the same client in the same wave and mode the difference is "
                f"{_points(self.own_within)} ({count(self.own_within.clients)} clients): {_verdict(self.own_within)}."
            )
        return (*said, "This compares; it does not show what being asked by somebody else would change.")

    @property
    def factor_sentence(self) -> str:
        """Which factor goes most closely with recommendation, if that can be told."""
        if not self.scored:
            return self.headline
        if len(self.factors) < 2:
            return "Which factor goes with recommendation we cannot say: too few clients rated two factors or more."
        first = self.factors.iloc[0]
        tied = self.factors[self.factors["high"] >= first["low"]]
        behind = self.factors[self.factors["high"] < first["low"]]
        if len(tied) > 1:
            said = f"Which of {_closeness(tied)} goes most closely with recommendation we cannot tell: their intervals overlap"
        else:
            said = f"Most closely goes with recommendation {_closeness(tied)}, rank correlations of {count(first['n'])} clients"
        return f"{said}; less closely goes {_closeness(behind)}." if len(behind) else f"{said}."

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.scored or self.trend.empty:
            return (self.headline, *(() if not self.scored else (self.response_sentence, self.factor_sentence)))
        return (
            self.headline,
            self.trend_sentence,
            self.response_sentence,
            self.bounds_sentence,
            *self.own_sentences,
            self.factor_sentence,
        )


def what_do_the_surveys_say(study: Study) -> ListeningAnswer:
    """Read index, response and factors from the surveys.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ListeningAnswer
    """
    surveys, clients = study.tables.surveys, study.tables.clients
    index = study.ask(what_do_we_have).nps
    scored = surveys is not None and len(index) > 0
    votes = _votes(surveys) if surveys is not None and scored else pd.DataFrame()
    trend = _trend(index)
    own, within = _own(surveys, clients) if surveys is not None and scored else (_NOTHING, _NOTHING)
    silent = _silent(surveys) if surveys is not None and scored else {}
    return ListeningAnswer(
        surveyed=surveys is not None,
        scored=scored,
        trend=trend,
        moved=_moved(votes, trend),
        response=response(surveys),
        answered=answered(surveys),
        bounds=_bounds(index, votes, silent),
        manager_known=_manager_known(surveys, clients),
        own=own,
        own_within=within,
        factors=_factors(surveys),
    )


def _trend(index: pd.DataFrame) -> pd.DataFrame:
    """Years of the wave and mode with the most answers."""
    known = index.dropna(subset="nps")
    if known.empty:
        return known.reset_index(drop=True)
    most = known.groupby(_GROUP)["n"].sum().idxmax()
    return known[(known[_GROUP] == pd.Series(most, index=_GROUP)).all(axis=1)].reset_index(drop=True)


def _votes(surveys: pd.DataFrame) -> pd.DataFrame:
    """One vote a client, wave, mode and year, its last, as the index counts them."""
    given = asked(surveys).dropna(subset="recommend")
    return given.groupby([*_GROUP, "period", "client_id"], as_index=False)["recommend"].last()
