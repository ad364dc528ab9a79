"""Answers that rate factors, and what their clients did afterwards. The one place where this is settled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE
from churnlab.answers.study import Study
from churnlab.surveys.importance import MOST_FACTORS

LEAST_RATED = 0.5
"""A factor that fewer of the answers rate is left out: only answers that rate all factors can be used."""

YEAR = pd.Timedelta(days=365)
_NOT_AT_ALL = pd.Timedelta(0)

_ABOUT = ["client_id", "survey_date"]


@dataclass(frozen=True, slots=True)
class Rated:
    """Answers that hold recommendation and every one of the factors.

    Attributes
    ----------
    factors : tuple of str
        Columns that are used, in the order of the source.
    left_out : tuple of str
        Columns that too few answers rate, that do not vary, or for which there is no room.
    frame : DataFrame
        ``client_id``, ``survey_date``, ``recommend`` and the factors, 0 to 10.
    place : ndarray of int64
        Code of each answer's wave and mode.
    """

    factors: tuple[str, ...]
    left_out: tuple[str, ...]
    frame: pd.DataFrame
    place: npt.NDArray[np.int64]

    @property
    def columns(self) -> list[str]:
        """The factors and, last, the recommendation."""
        return [*self.factors, "recommend"]

    @property
    def client(self) -> npt.NDArray[np.int64]:
        """Code of each answer's client."""
        return pd.factorize(self.frame["client_id"])[0].astype(np.int64)

    @property
    def freed(self) -> pd.DataFrame:
        """Scores without the differences of mean between waves and modes, about the mean of all answers."""
        scores = self.frame[self.columns]
        return scores - scores.groupby(self.place).transform("mean") + scores.mean()


def factor_names(surveys: pd.DataFrame | None) -> list[str]:
    """Columns that hold ratings of factors; none where there are no surveys."""
    if surveys is None:
        return []
    scores = [name for name in surveys.select_dtypes("float").columns if name != "recommend"]
    return [name for name in scores if surveys[name].notna().any()]


def places(surveys: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Code of wave and mode of every row."""
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    return surveys.assign(mode=mode).groupby(["wave", "mode"]).ngroup().to_numpy().astype(np.int64)


def rated(surveys: pd.DataFrame | None) -> Rated:
    """Choose the factors that can stand beside one another, and the answers that hold them all.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys.

    Returns
    -------
    Rated
        Without factors where fewer than two can be used.
    """
    names = factor_names(surveys)
    nothing = pd.DataFrame({"client_id": [], "survey_date": [], "recommend": np.zeros(0)})
    unusable = Rated((), tuple(names), nothing, np.zeros(0, dtype=np.int64))
    if surveys is None or len(names) < 2 or "recommend" not in surveys:
        return unusable
    given = surveys[surveys["recommend"].notna() & (surveys[names].notna().sum(axis=1) >= 2)]
    often = given[names].notna().mean()
    usable = often[(often >= LEAST_RATED) & (given[names].max() > given[names].min())].sort_values(
        ascending=False, kind="stable"
    )
    chosen = [name for name in names if name in usable.index[:MOST_FACTORS]]
    if len(chosen) < 2:
        return unusable
    whole = given.dropna(subset=chosen).reset_index(drop=True)
    left_out = tuple(name for name in names if name not in chosen)
    return Rated(tuple(chosen), left_out, whole[[*_ABOUT, "recommend", *chosen]], places(whole))


def stayed(study: Study, answers: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Whether the client was still there a year after its answer.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    answers : DataFrame
        ``client_id``, ``survey_date``.

    Returns
    -------
    ndarray, shape (n,)
        1 or 0; NaN where the client had ordered for the last time before the answer, whether or not that was known
        then, or where the year and the client's own limit of silence after it are not over yet, so that those who left
        are not known sooner than those who stayed.
    """
    lives = study.lives().frame[["client_id", "first_order", "limit_days", "left_on", "known_on"]]
    life = _latest(answers, lives, on="first_order")
    end = life["survey_date"] + YEAR
    gone = (life["left_on"] < life["survey_date"]) | (life["known_on"] <= life["survey_date"])
    known = life["limit_days"].notna() & ~gone
    known &= end + pd.to_timedelta(life["limit_days"].fillna(0.0), unit="D") <= study.as_of
    return np.asarray((~(life["left_on"] < end)).astype(float).where(known), dtype=np.float64)


def later_sales(study: Study, answers: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Net sales of the year after an answer over those of the year before it.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    answers : DataFrame
        ``client_id``, ``survey_date``.

    Returns
    -------
    ndarray, shape (n,)
        0 where nothing was bought in the year after; NaN where that year is not over, where the client had not bought
        for a whole year yet, or bought nothing in it.
    """
    orders = study.tables.orders[["client_id", "order_date", "amount"]]
    daily = orders.groupby(["client_id", "order_date"])["amount"].sum().reset_index()  # by client, then day
    daily["sold"] = daily.groupby("client_id")["amount"].cumsum()
    sold = [
        _latest(answers, daily[["client_id", "order_date", "sold"]], on="order_date", moved=by)["sold"]
        for by in (-YEAR, _NOT_AT_ALL, YEAR)
    ]
    before, after = sold[1] - sold[0], sold[2] - sold[1]
    known = (before > 0) & (answers["survey_date"].reset_index(drop=True) + YEAR <= study.as_of)
    return np.asarray((after.clip(lower=0.0) / before.where(before > 0)).where(known), dtype=np.float64)


def _latest(answers: pd.DataFrame, dated: pd.DataFrame, *, on: str, moved: pd.Timedelta = _NOT_AT_ALL) -> pd.DataFrame:
    """Row of the client that is dated last before each answer, or before a day so far from it, in order of answers."""
    asked = answers[_ABOUT].reset_index(drop=True)
    asked["at"] = asked["survey_date"] + moved
    found = pd.merge_asof(
        asked.reset_index().sort_values("at", kind="stable"),
        dated.assign(**{on: dated[on].astype(asked["at"].dtype)}).sort_values(on, kind="stable"),
        left_on="at",
        right_on=on,
        by="client_id",
        allow_exact_matches=False,
    )
    return found.set_index("index").sort_index()
