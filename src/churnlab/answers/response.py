"""Who answers, who keeps silent, and how far that and the way of asking bend what the surveys say."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.asking import Asking, how_was_it_asked
from churnlab.answers.invitations import (
    SERIES,
    UNKNOWN_MODE,
    answered,
    invitations_recorded,
    latest,
    longest,
    response,
    rows_of,
    series_name,
    unrecorded,
    votes,
)
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.overview import what_do_we_have
from churnlab.answers.placed import bought_before, days_with_us
from churnlab.answers.silence import FOLLOWED_MONTHS, after_silence, tired_by_asking
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, percent, points
from churnlab.history import Lives
from churnlab.lifetime import Estimate
from churnlab.surveys import (
    Fatigue,
    SilenceAndLeaving,
    fatigue,
    nps,
    promoter_classes,
    silence_and_leaving,
    weighted_mean,
)
from churnlab.surveys import votes as vote_of
from churnlab.surveys.nps import LEAST_SURE_ANSWERS
from churnlab.tables import Tables

MOST_LINES = 10
"""Lines beyond these many, by clients asked, count as one when answers are weighted."""

_PLACE = [*SERIES, "period"]
_WEIGHTED = [
    *_PLACE, "asked", "n", "nps", "low", "high", "weighted", "weighted_low", "weighted_high",
    "moved", "moved_low", "moved_high", "effective", "faint",
]  # fmt: skip
_BOUNDS = [*_PLACE, "n", "silent", "nps", "low", "high", "worst", "worst_low", "best", "best_high"]


@dataclass(frozen=True, slots=True)
class ResponseAnswer:
    """Who answers, who keeps silent, and what that does.

    Attributes
    ----------
    surveyed, scored : bool
        Whether there are surveys, and recommendation scores in them.
    rates : DataFrame
        ``wave``, ``mode``, ``invited``, ``answered``, ``clients``, ``share``, ``low``, ``high``, of waves and modes of
        which silence is recorded (mode ``"unknown"`` where that of silences is not known and the wave has several).
    unrecorded : tuple of str
        Waves and modes of which the source holds answers only.
    answered : Estimate
        Share of the invitations of `rates` that were answered; NaN where there are none.
    main : DataFrame
        ``wave``, ``mode``, ``period``: the last year of the wave and mode with the most answers; empty without one.
    bounds : DataFrame
        ``wave``, ``mode``, ``period``, ``n``, ``silent``, ``nps``, ``low``, ``high``, ``worst``, ``worst_low``,
        ``best``, ``best_high``: the last year of every wave and mode; what the index would be, and the outer end of its
        interval, if all clients that were asked and gave no score were detractors (worst) or promoters (best); NaN
        where answers only are recorded.
    weighted : DataFrame
        ``wave``, ``mode``, ``period``, ``asked``, ``n`` (clients that voted), ``nps``, ``low``, ``high``, ``weighted``,
        ``weighted_low``, ``weighted_high``, ``moved``, ``moved_low``, ``moved_high``, ``effective``, ``faint``: the
        same years, the votes weighted so that the groups of `margins` are as frequent among them as among all asked;
        NaN where that cannot be had or answers only are recorded, ``asked`` too.
    margins : tuple of str
        What the votes are weighted by.
    leaving, leaving_later : SilenceAndLeaving
        How much more often clients not known to have left were lost within ``FOLLOWED_MONTHS`` of an invitation that
        they did not answer, compared within wave and year, and mode where it is known of every invitation; and the
        same without those that had ordered for the last time when they were asked, which nobody could know yet.
    leave : str
        What pages call leaving.
    tiring : Fatigue
        Change of the share that answers with each invitation more in the 365 days before, within clients and months of
        waves.
    asking : Asking
        How answers differ with the way of asking.
    """

    surveyed: bool
    scored: bool
    rates: pd.DataFrame
    unrecorded: tuple[str, ...]
    answered: Estimate
    main: pd.DataFrame
    bounds: pd.DataFrame
    weighted: pd.DataFrame
    margins: tuple[str, ...]
    leaving: SilenceAndLeaving
    leaving_later: SilenceAndLeaving
    leave: str
    tiring: Fatigue
    asking: Asking

    @property
    def headline(self) -> str:
        """How many answered, and where fewest did."""
        if not self.surveyed:
            return "Who answers we cannot say: there are no surveys."
        if self.rates.empty:
            return "How many were asked and did not answer we cannot say: the surveys hold answers only."
        said = f"Of {count(self.rates['invited'].sum())} invitations {interval(self.answered, percent)} were answered"
        if len(self.rates) > 1:
            least = self.rates.sort_values("share", kind="stable").iloc[0]
            share = interval(Estimate(least["share"], least["low"], least["high"]), percent)
            said += f"; the fewest in the {series_name(least)} wave: {share}"
        only = f" Of {listed(list(self.unrecorded))} answers only are recorded." if self.unrecorded else ""
        return f"{said}.{only}"

    @property
    def bounds_sentence(self) -> str:
        """How far those who said nothing could bend the index."""
        if self.main.empty:
            return "How far silence bends the index we cannot say: too few clients would say whether they recommend us."
        row = rows_of(self.bounds, self.main.iloc[0]).iloc[0]
        if np.isnan(row["worst"]):
            return "How far silence bends the index we cannot say: who was asked and did not answer is not recorded."
        return (
            f"{count(row['silent'])} clients were asked in the {series_name(row)} wave of {row['period']} and gave no "
            f"score. Had all of them been detractors, or all promoters, the index would stand at "
            f"{points(row['worst'])} or {points(row['best'])}; chance among those who answered carries this from "
            f"{points(row['worst_low'])} to {points(row['best_high'])}."
        )

    @property
    def weighted_sentence(self) -> str:
        """Whether the index moves once those who voted stand for all who were asked."""
        if self.main.empty:
            return self.bounds_sentence
        row = rows_of(self.weighted, self.main.iloc[0]).iloc[0]
        if np.isnan(row["asked"]):
            return self.bounds_sentence
        if np.isnan(row["weighted_low"]):
            return "What all who were asked would have said we cannot estimate: too few voted, or all alike."
        plain, weighted = (
            interval(Estimate(row[name], row[low], row[high]), points)
            for name, low, high in (("nps", "low", "high"), ("weighted", "weighted_low", "weighted_high"))
        )
        return (
            f"Weighted by {listed(list(self.margins))}, so that those who voted in the {series_name(row)} wave of "
            f"{row['period']} stand for all {count(row['asked'])} who were asked, the index is {weighted} in place of "
            f"{plain}: {_bent(row)}. Right only if within these groups the silent think like those who answer."
        )

    @property
    def leaving_sentences(self) -> tuple[str, ...]:
        """Whether those who do not answer leave more."""
        said = f"Whether those who do not answer {self.leave} more"
        if self.rates.empty:
            return (f"{said} we cannot say: who was asked and did not answer is not recorded.",)
        found, later = self.leaving, self.leaving_later
        if np.isnan(found.low):
            return (
                f"{said} we cannot say: too few clients were asked and followed for {FOLLOWED_MONTHS} months "
                f"({count(found.clients)}, {count(found.leavers)} of them gone).",
            )
        had = "had left" if self.leave == "leave" else "had fallen silent past their limit"
        first = (
            f"Of clients not known to be gone when asked {percent(found.left_if_silent)} {had} by {FOLLOWED_MONTHS} "
            f"months after an invitation that they did not answer, {percent(found.left_if_answered)} by then after one "
            f"that they did; compared within wave and year the difference is {_more(found)}: "
            f"{self._leaving_verdict(found)} ({count(found.clients)} clients, {count(found.leavers)} of them gone)."
        )
        second = (
            f"Of those that ordered again after they were asked the difference is {_more(later)}: "
            f"{self._leaving_verdict(later)} ({count(later.leavers)} gone)."
        )
        if np.isnan(later.low):
            second = "Of those that ordered again after they were asked we cannot say: too few went."
        return (first, second, "Even where silence goes before leaving it is not shown to be a cause.")

    def _leaving_verdict(self, found: SilenceAndLeaving) -> str:
        return {
            "more": f"those who do not answer {self.leave} more",
            "less": f"those who do not answer {self.leave} less",
            "cannot tell": f"whether those who do not answer {self.leave} more we cannot tell",
        }[found.verdict]

    @property
    def tiring_sentence(self) -> str:
        """Whether being asked more goes with answering less."""
        said = "Whether being asked often makes silent"
        if self.rates.empty:
            return f"{said} we cannot say: who was asked and did not answer is not recorded."
        slope = self.tiring.slope
        if not slope.known:
            return f"{said} we cannot say: clients are asked equally often, or too few differ ({self.tiring.clients})."
        each = interval(Estimate(*(100 * end for end in (slope.value, slope.low, slope.high))), _tenth)
        verdict = {
            "tires": "being asked more goes with answering less",
            "grows": "being asked more goes with answering more",
            "cannot tell": "whether it makes silent we cannot tell",
        }[self.tiring.verdict]
        return (
            "With each invitation more in the year before, the share that the same client answers changes by "
            f"{each} in a hundred: {verdict} ({count(self.tiring.clients)} clients)."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.surveyed:
            return (self.headline,)
        silence = (self.bounds_sentence,)
        if len(self.rates):
            weighed = () if self.main.empty else (self.weighted_sentence,)
            silence = (*silence, *weighed, *self.leaving_sentences, self.tiring_sentence)
        return (self.headline, *silence, *self.asking.sentences)


def who_answers(study: Study) -> ResponseAnswer:
    """Count who was asked and who answered, and see what silence and the way of asking do to scores.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ResponseAnswer
    """
    surveys = study.tables.surveys
    index = study.ask(what_do_we_have).nps
    scored = surveys is not None and len(index) > 0
    last, main = latest(index), longest(index)[_PLACE].iloc[-1:].reset_index(drop=True)
    weighted: list[tuple[object, ...]] = []
    margins: tuple[str, ...] = ()
    leaving, later, tiring = silence_and_leaving([], [], []), silence_and_leaving([], [], []), fatigue([], [], [])
    if surveys is not None:
        lives = study.lives()
        weighted, margins = _weighted(study, surveys, last, lives=lives) if len(last) else ([], ())
        leaving, later = after_silence(surveys, lives)
        tiring = tired_by_asking(surveys)
    return ResponseAnswer(
        surveyed=surveys is not None,
        scored=scored,
        rates=response(surveys),
        unrecorded=unrecorded(surveys),
        answered=answered(surveys),
        main=main,
        bounds=_bounds(surveys, last),
        weighted=pd.DataFrame(weighted, columns=_WEIGHTED),
        margins=margins,
        leaving=leaving,
        leaving_later=later,
        leave=study.ask(when_has_a_client_left).verb,
        tiring=tiring,
        asking=how_was_it_asked(surveys, study.tables),
    )


def _bounds(surveys: pd.DataFrame | None, last: pd.DataFrame) -> pd.DataFrame:
    """Index of the last year of every wave and mode if all silent clients were detractors, or promoters."""
    if surveys is None or last.empty:
        return pd.DataFrame({name: [] for name in _BOUNDS})
    cast, invited, rows = votes(surveys), invitations_recorded(surveys), []
    for row in last.to_dict("records"):
        here, there = rows_of(cast, pd.Series(row)), _there(invited, row)
        known = bool(there["recorded"].any())
        silent = len(set(there["client_id"]) - set(here["client_id"])) if known else np.nan
        rows.append((*row.values(), silent, *_extremes(promoter_classes(here["recommend"]), silent)))
    return pd.DataFrame(rows, columns=[*last.columns, "silent", *_BOUNDS[-4:]])[_BOUNDS]


def _there(invited: pd.DataFrame, row: Mapping[Hashable, object]) -> pd.DataFrame:
    """Invitations of a wave, mode and year; a silence without a mode counts in every mode."""
    here = (invited["wave"] == row["wave"]) & (invited["period"] == row["period"])
    return invited[here & invited["mode"].isin([row["mode"], UNKNOWN_MODE])]


def _extremes(classes: tuple[int, int, int], silent: float) -> tuple[float, float, float, float]:
    """Worst index and its low end, best index and its high end."""
    if np.isnan(silent):
        return np.nan, np.nan, np.nan, np.nan
    detractors, passives, promoters = classes
    worst = nps(detractors + int(silent), passives, promoters)
    best = nps(detractors, passives, promoters + int(silent))
    return worst.value, worst.low, best.value, best.high


def _weighted(
    study: Study, surveys: pd.DataFrame, last: pd.DataFrame, *, lives: Lives
) -> tuple[list[tuple[object, ...]], tuple[str, ...]]:
    """Votes of the last year of every wave and mode, weighted to all clients asked there; and by what."""
    cast, invited, rows = votes(surveys), invitations_recorded(surveys), []
    names = ("main line", "size", "tenure") if "product_line" in study.tables.orders else ("size", "tenure")
    for _, row in last.iterrows():
        voted = rows_of(cast, row)[["client_id", "survey_date", "recommend"]]
        there, plain = _there(invited, row.to_dict()), nps(*promoter_classes(voted["recommend"]))
        figures = (plain.value, plain.low, plain.high)
        if not there["recorded"].any():
            rows.append((*row[_PLACE], np.nan, plain.n, *figures, *[np.nan] * 7, plain.faint))
            continue
        rest = there.loc[~there["client_id"].isin(voted["client_id"]), ["client_id", "survey_date"]]
        clients = pd.concat([rest, voted], ignore_index=True)
        clients = clients.drop_duplicates("client_id", keep="last", ignore_index=True)
        groups = _groups(study.tables, clients, lives=lives)[:, -len(names) :]
        found = weighted_mean(100.0 * vote_of(clients["recommend"]), clients.index, groups=groups)
        ends = [np.clip(end, -100, 100) for end in (found.weighted.low, found.weighted.high)]
        figures = (*figures, found.weighted.value, *ends, found.moved.value, found.moved.low, found.moved.high)
        few = not min(found.answered, found.effective) >= LEAST_SURE_ANSWERS
        rows.append((*row[_PLACE], found.asked, found.answered, *figures, found.effective, few))
    return rows, names


def _groups(tables: Tables, clients: pd.DataFrame, *, lives: Lives) -> npt.NDArray[np.int64]:
    """Main line, third of sales and third of tenure of clients when they were asked, shape (clients, 3)."""
    who, day = clients["client_id"], clients["survey_date"]
    bought = bought_before(tables.orders, who, day)
    named = bought["line"].value_counts().index[:MOST_LINES]
    line = bought["line"].where(bought["line"].isin(named) | bought["line"].isna(), "other lines").fillna("")
    tenure = days_with_us(lives, tables.clients, who, day)
    code = line.factorize(sort=True)[0].astype(np.int64)
    return np.column_stack([code, _third(bought["sales"]), _third(tenure)])


def _third(figure: "pd.Series[float]") -> npt.NDArray[np.int64]:
    """Which third a figure lies in: 0, 1 or 2; equal figures lie together."""
    return np.searchsorted(np.quantile(figure, [1 / 3, 2 / 3]), figure.to_numpy()).astype(np.int64)


def _bent(row: "pd.Series[float]") -> str:
    """Whether silence bends the plain index, in words."""
    if np.isnan(row["moved_low"]):
        return "the weights change nothing"
    moved = interval(Estimate(row["moved"], row["moved_low"], row["moved_high"]), points)
    if row["moved_low"] > 0 or row["moved_high"] < 0:
        return f"it moves by {moved}, so silence makes the plain one too {'low' if row['moved'] > 0 else 'high'}"
    return f"it moves by {moved}: we cannot tell whether silence bends it"


def _more(found: SilenceAndLeaving) -> str:
    """Difference of the shares lost, in words."""
    apart = Estimate(*(100 * end for end in (found.value, found.low, found.high)))
    return f"{interval(apart, points)} in a hundred"


def _tenth(number: float) -> str:
    """Format with a sign and one decimal."""
    return f"{number:+.1f}" if abs(number) >= 0.05 else "0.0"
