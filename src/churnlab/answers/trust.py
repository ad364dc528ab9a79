"""How far can answers be trusted: do factors tell of one thing, how is the scale used, what does an answer repeat?"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import t

from churnlab.answers.factors import which_factor_moves_recommendation
from churnlab.answers.rated import Rated, factor_names, places, rated
from churnlab.answers.study import Study
from churnlab.answers.weighing import Weighed
from churnlab.answers.words import count, decimal, interval, listed, percent, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import (
    Consistency,
    Figure,
    clustered_rank_correlation,
    consistency,
    response_style,
    retest,
    weighted_mean,
)
from churnlab.surveys.retest import LEAST_CLIENTS as LEAST_REPEATED
from churnlab.surveys.style import LEAST_RATED

KEPT = "kept"
REVERSED = "reversed"
GONE = "no longer told"

_RETEST = ["factor", "answers", "clients", "pairs"]
_FIGURES = ("noise", "reliability", "drift")


@dataclass(frozen=True, slots=True)
class TrustAnswer:
    """How far one answer can be trusted, and all of them together.

    Attributes
    ----------
    surveyed : bool
        Whether there are surveys.
    factors : tuple of str
        Factors that are rated together.
    consistency : Consistency or None
        Whether the factors tell of one thing; None with fewer than two of them.
    same, extreme : Estimate
        Share of answers that give one score to every factor, and share of scores at either end of the scale.
    styled : int
        Answers with enough rated factors to show a style.
    centred : DataFrame
        ``factor``, ``than``, ``correlation``, ``low``, ``high``, ``verdict``: pairs of factors told apart by their
        shares; rank correlation of their difference in an answer, in units of their spreads, which kindness towards
        both leaves alone, with recommendation, for all pairs at once; whether the order is kept, reversed or no longer
        told.
    compared : bool
        Whether shares tell any two factors apart.
    uneven : tuple of str
        Of all rated factors the one that is less and the one that is more reliable, where two are told apart by
        intervals that hold for all of them at once; else empty.
    retest : DataFrame
        ``factor`` (recommendation among them), ``answers``, ``clients``, ``pairs``, and ``noise`` (variance of one
        answer, squared points), ``reliability`` and ``drift`` (variance gained in a year, squared points), each with
        ``_low`` and ``_high``; NaN where too few clients answered twice within a year.
    """

    surveyed: bool
    factors: tuple[str, ...]
    consistency: Consistency | None
    same: Estimate
    extreme: Estimate
    styled: int
    centred: pd.DataFrame
    compared: bool
    uneven: tuple[str, ...]
    retest: pd.DataFrame

    @property
    def headline(self) -> str:
        """How much of one answer is the client, and how much the day."""
        if not self.surveyed:
            return "How far answers can be trusted we cannot say: there are no surveys."
        known = self.retest.dropna(subset=["reliability_low", "noise_low"])
        if known.empty:
            return (
                f"How much of an answer is noise we cannot say: fewer than {LEAST_REPEATED} clients answered the same "
                "question twice within a year, or their answers do not differ."
            )
        least = known.sort_values("reliability", kind="stable").iloc[0]
        return (
            f"Of the differences between single answers the part that is not noise is estimated lowest for "
            f"{shortened(least['factor'])}, {interval(_estimate(least, 'reliability'), percent)}, by answers that "
            f"{count(least['clients'])} clients repeated within a year."
        )

    @property
    def alt(self) -> str:
        """The chart of all answers' reliabilities in words, with its numbers."""
        rows = [row for _, row in self.retest.dropna(subset="reliability_low").iterrows()]
        said = [f"{shortened(row['factor'])} {interval(_estimate(row, 'reliability'), percent)}" for row in rows]
        return f"{self.headline} Of every answer: {'; '.join(said)}." if said else self.headline

    @property
    def consistency_sentence(self) -> str:
        """Whether factors tell of one thing."""
        found = self.consistency
        if found is None:
            return "Whether factors tell of one thing we cannot say: fewer than two are rated together."
        if not found.alpha.known:
            return (
                "Whether factors tell of one thing we cannot say: too few clients rated all of them "
                f"({count(found.clients)}), or their answers do not differ."
            )
        said = f"Alpha of {count(found.factors)} factors is {interval(_of(found.alpha))}"
        said += f", omega {interval(_of(found.omega))}" if found.omega.known else ""
        return (
            f"{said}, over {count(found.clients)} clients. A client in a kind mood rates every factor kindly, which "
            "raises both: they do not show that answers are right."
        )

    @property
    def style_sentence(self) -> str:
        """How many answers give one score to everything."""
        if np.isnan(self.same.low):
            return (
                f"How many give one score to everything we cannot say: too few answers rate {LEAST_RATED} factors or "
                "more, or all do so alike."
            )
        said = (
            f"Of {count(self.styled)} answers {interval(self.same, percent)} give every factor the same score: that "
            "may be haste, or all may be equally good."
        )
        if np.isnan(self.extreme.low):
            return said
        return f"{said} Of the scores {interval(self.extreme, percent)} are 0 or 10."

    @property
    def centred_sentence(self) -> str:
        """Whether the order of factors stands once kindness towards all of them is taken out."""
        if not self.compared:
            return "Shares tell no two factors apart, so kindness towards all of them hides no order that we assert."
        if self.centred.empty:
            return (
                "Whether kindness makes the order of factors we cannot say: in every pair that shares tell apart too "
                "few clients differ, or a better rating goes with less recommendation."
            )
        turned = [_pair(row) for row in self.centred[self.centred["verdict"] == REVERSED].to_dict("records")]
        gone = [_pair(row) for row in self.centred[self.centred["verdict"] == GONE].to_dict("records")]
        asked = "With scores in units of their spread, less the mean of their own answer, which takes out kindness,"
        if not turned and not gone:
            return f"{asked} every order that shares tell is kept ({count(len(self.centred))} pairs)."
        said = [f"is reversed for {listed(turned)}"] if turned else []
        said += [f"can no longer be told for {listed(gone)}"] if gone else []
        return f"{asked} the order {' and '.join(said)}; the others of {count(len(self.centred))} pairs are kept."

    @property
    def slope_sentences(self) -> tuple[str, ...]:
        """What noise does to slopes, and to the order of factors."""
        known = self.retest.dropna(subset=["reliability_low"])
        known = known[known["reliability_low"] > 0]
        if known.empty:
            return ("How far noise flattens slopes we cannot say: no answer's reliability is known to be above zero.",)
        least = known.sort_values("reliability", kind="stable").iloc[0]
        times = Estimate(*(1 / least[name] for name in ("reliability", "reliability_high", "reliability_low")))
        said = (
            f"Noise flattens: in a straight line on one answer to {shortened(least['factor'])}, the slope on what the "
            f"client thinks is {interval(times, decimal)} times as steep as the one that is seen."
        )
        rated_only = known[known["factor"].isin(self.factors)]
        if len(rated_only) < 2:
            return (said,)
        if not self.uneven:
            return (
                said,
                "Whether noise flattens one factor more than another we cannot tell: intervals that hold for all "
                f"{count(len(rated_only))} at once overlap.",
            )
        noisy, best = map(shortened, self.uneven)
        return (
            said,
            f"Answers to {noisy} are less reliable than those to {best}, by intervals that hold for all "
            f"{count(len(rated_only))} at once, which by itself makes the share of {noisy} smaller.",
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.surveyed:
            return (self.headline,)
        return (
            self.headline,
            *self.slope_sentences,
            self.consistency_sentence,
            self.style_sentence,
            self.centred_sentence,
        )


def how_far_can_answers_be_trusted(study: Study) -> TrustAnswer:
    """Ask whether factors tell of one thing, how the scale is used, and what answers repeat.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    TrustAnswer
    """
    surveys = study.tables.surveys
    given = rated(surveys)
    scores, client = given.frame[list(given.factors)], given.client
    attitude = study.ask(which_factor_moves_recommendation).attitude
    same, extreme, styled = _styles(surveys)
    repeated = _retest(surveys)
    return TrustAnswer(
        surveyed=surveys is not None,
        factors=given.factors,
        consistency=consistency(scores.to_numpy(), client, stratum=given.place) if given.factors else None,
        same=same,
        extreme=extreme,
        styled=styled,
        centred=_centred(given, attitude),
        compared=_told(attitude),
        uneven=_uneven(repeated[repeated["factor"].isin(given.factors)]),
        retest=repeated,
    )


def _styles(surveys: pd.DataFrame | None) -> tuple[Estimate, Estimate, int]:
    """Shares of straight-lining answers and of extreme scores, and the answers behind them."""
    names, unknown = factor_names(surveys), Estimate(np.nan, np.nan, np.nan)
    if surveys is None or len(names) < LEAST_RATED:
        return unknown, unknown, 0
    style = response_style(surveys[names].to_numpy())
    client = pd.factorize(surveys["client_id"])[0]
    same, extreme = (_of(weighted_mean(each, client).plain) for each in (style.same, style.extreme))
    return same, extreme, int((~np.isnan(style.same)).sum())


def _told(attitude: Weighed) -> bool:
    """Whether shares tell any two factors apart."""
    return attitude.placed is not None and attitude.shown and bool(attitude.placed.above.any())


def _centred(given: Rated, attitude: Weighed) -> pd.DataFrame:
    """Pairs that shares tell apart, by the difference of the two scores within an answer."""
    rows = []
    if _told(attitude) and attitude.placed is not None:
        names, above = attitude.placed.names, attitude.placed.above
        with_it = attitude.shares.set_index("factor")["correlation"]
        pairs = [
            (one, other) if above[names.index(one), names.index(other)] else (other, one)
            for one, other in combinations(names, 2)
            if (above | above.T)[names.index(one), names.index(other)] and with_it[[one, other]].min() > 0
        ]
        columns, client = list(given.factors), given.client
        scores = given.frame[columns] / given.freed[columns].std()  # a wider factor is not a weightier one
        for more, less in pairs:
            found = clustered_rank_correlation(
                scores[more] - scores[less],
                given.frame["recommend"],
                client,
                stratum=given.place,
                level=1 - 0.05 / len(pairs),
            )
            if not np.isnan(found.low):
                verdict = KEPT if found.low > 0 else REVERSED if found.high < 0 else GONE
                rows.append((more, less, found.value, found.low, found.high, verdict))
    return pd.DataFrame(rows, columns=["factor", "than", "correlation", "low", "high", "verdict"])


def _retest(surveys: pd.DataFrame | None) -> pd.DataFrame:
    """Noise and reliability of one answer to each question."""
    columns = [*_RETEST, *(f"{name}{end}" for name in _FIGURES for end in ("", "_low", "_high"))]
    if surveys is None:
        return pd.DataFrame({name: [] for name in columns})
    names = [*factor_names(surveys), *(["recommend"] if "recommend" in surveys else [])]
    days = ((surveys["survey_date"] - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy()
    place, client, rows = places(surveys), pd.factorize(surveys["client_id"])[0], []
    for name in names:
        found = retest(surveys[name], client, days, stratum=place)
        figures = (getattr(found, figure) for figure in _FIGURES)
        called = "recommendation" if name == "recommend" else name
        ends = (end for figure in figures for end in (figure.value, figure.low, figure.high))
        rows.append((called, found.answers, found.clients, found.pairs, *ends))
    return pd.DataFrame(rows, columns=columns)


def _uneven(repeated: pd.DataFrame) -> tuple[str, ...]:
    """Factors of which one is less reliable than the other, by intervals that all hold at once (Bonferroni)."""
    known = repeated.dropna(subset="reliability_low").set_index("factor")
    if len(known) < 2:
        return ()
    spare = known["clients"] - 1  # intervals are symmetric in log(1 - reliability), on Student's t
    wider = t.ppf(1 - 0.025 / len(known), spare) / t.ppf(0.975, spare)
    noise = 1 - known["reliability"]
    low = 1 - noise * ((1 - known["reliability_low"]) / noise) ** wider
    high = 1 - noise * ((1 - known["reliability_high"]) / noise) ** wider
    return (str(high.idxmin()), str(low.idxmax())) if low.max() > high.min() else ()


def _of(figure: Figure) -> Estimate:
    """Figure as an estimate."""
    return Estimate(figure.value, figure.low, figure.high)


def _estimate(row: "pd.Series[float]", name: str) -> Estimate:
    return Estimate(row[name], row[f"{name}_low"], row[f"{name}_high"])


def _pair(row: Mapping[Hashable, str]) -> str:
    return f"{shortened(row['factor'])} above {shortened(row['than'])}"
