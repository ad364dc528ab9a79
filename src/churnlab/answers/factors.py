"""Which factor moves recommendation, and do clients act as they answer?"""

from dataclasses import dataclass

from churnlab.answers.afterwards import later_sales, stayed
from churnlab.answers.rated import rated
from churnlab.answers.reasons import ALL, LOSSES, Reasons, reasons
from churnlab.answers.study import Study
from churnlab.answers.weighing import Weighed, weigh
from churnlab.answers.words import listed, shortened

RECOMMENDATION = "recommendation"
STAYING = "staying for a year"
SALES = "the growth of sales in the year after"


@dataclass(frozen=True, slots=True)
class FactorsAnswer:
    """What goes with what clients say, and with what they do.

    Attributes
    ----------
    surveyed : bool
        Whether there are surveys.
    left_out : tuple of str
        Rated factors that are not used.
    attitude : Weighed
        Recommendation of the same answer.
    staying : Weighed
        Whether the client was still there a year after the answer.
    sales : Weighed
        Net sales of the year after the answer over those of the year before it.
    reasons : tuple of Reasons
        Reasons for scores, for low ones, and for losses, as far as there are some.
    """

    surveyed: bool
    left_out: tuple[str, ...]
    attitude: Weighed
    staying: Weighed
    sales: Weighed
    reasons: tuple[Reasons, ...]

    @property
    def headline(self) -> str:
        """Which factor weighs most in recommendation."""
        if not self.surveyed:
            return "Which factor moves recommendation we cannot say: there are no surveys."
        return self.attitude.sentence

    @property
    def attitude_sentences(self) -> tuple[str, ...]:
        """What goes with recommendation, and how much of it."""
        if not self.surveyed or self.attitude.problem:
            return (self.headline,)
        attitude = self.attitude
        return tuple(filter(None, (self.headline, attitude.explained_sentence, attitude.against_sentence, self._left)))

    @property
    def map_sentence(self) -> str:
        """Which factors the map of importance against performance can tell apart."""
        return self.attitude.map_sentence if self.surveyed else self.headline

    @property
    def behaviour_sentences(self) -> tuple[str, ...]:
        """What goes with staying and with later sales, and whether that is what goes with recommendation."""
        if not self.surveyed:
            return (self.headline,)
        said = [line for one in self.behaviour for line in (one.sentence, one.against_sentence) if line]
        return (*said, self._side_by_side)

    @property
    def behaviour(self) -> tuple[Weighed, Weighed]:
        """What clients did: staying, and sales."""
        return self.staying, self.sales

    @property
    def claim_sentences(self) -> tuple[str, ...]:
        """Whether quality, timing and attention weigh more than price, for what clients say and for what they do."""
        if not self.surveyed:
            return (self.headline,)
        return tuple(one.claim_sentence for one in (self.attitude, *self.behaviour))

    @property
    def reason_sentences(self) -> tuple[str, ...]:
        """Which reasons are given, and whether they are what weighs most."""
        if not self.reasons:
            return ("Which reasons clients give we cannot say: no reason is recorded, for a score or for a loss.",)
        said = []
        for one in self.reasons:
            target = self.staying if one.source == LOSSES else self.attitude
            said.append(one.sentence)
            if one.source in (ALL, LOSSES) or target.problem == "":
                said.append(one.beside(target))
        return tuple(said)

    @property
    def bias_sentence(self) -> str:
        """What such shares cannot show."""
        return (
            "A client that rates everything kindly raises every one of these correlations, and none of them shows what "
            "mending a factor would change."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.surveyed:
            return (self.headline, *(self.reason_sentences if self.reasons else ()))
        return (
            *self.attitude_sentences,
            *self.behaviour_sentences,
            *self.claim_sentences,
            *self.reason_sentences,
            self.bias_sentence,
        )

    @property
    def _left(self) -> str:
        """Which factors are not used."""
        names = listed([shortened(name) for name in self.left_out])
        return f"Not used, since too few of these answers rate them or all alike: {names}." if names else ""

    @property
    def _side_by_side(self) -> str:
        """Whether the factors that may weigh most in what clients say may do so in what they do."""
        told = [one for one in self.behaviour if not one.problem and one.shown]
        if not told or self.attitude.problem or not self.attitude.shown:
            return (
                "Whether clients act as they answer we cannot tell: no order of factors is known for both what they "
                "say and what they do."
            )
        apart = [one.target for one in told if not set(one.first) & set(self.attitude.first)]
        if apart:
            return f"What weighs most in recommendation does not weigh most in {listed(apart)}."
        same = [one.target for one in told if one.first == self.attitude.first and len(one.first) == 1]
        if len(same) == len(told):
            return f"What weighs most in recommendation weighs most in {listed(same)} too."
        targets = listed([one.target for one in told])
        return f"Whether the same factor weighs most in recommendation and in {targets} we cannot tell."


def which_factor_moves_recommendation(study: Study) -> FactorsAnswer:
    """Share out among the rated factors what goes with recommendation, with staying and with later sales.

    Answers of all waves and modes stand together, without the differences of mean between them. Shares speak of
    differences between answers, not of what mending a factor would change.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    FactorsAnswer
    """
    surveys = study.tables.surveys
    given = rated(surveys)
    frame, seed = given.frame, study.seed
    few = len(given.factors) < 2
    recommend = frame["recommend"].to_numpy(dtype=float) if few else given.freed["recommend"].to_numpy()
    nothing = recommend[:0]
    return FactorsAnswer(
        surveyed=surveys is not None,
        left_out=given.left_out,
        attitude=weigh(given, recommend, words=RECOMMENDATION, seed=seed),
        staying=weigh(given, nothing if few else stayed(study, frame), words=STAYING, seed=seed, both_sides=True),
        sales=weigh(given, nothing if few else later_sales(study, frame), words=SALES, seed=seed),
        reasons=reasons(study),
    )
