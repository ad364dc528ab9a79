"""What clients did in the year after they answered. The one place where this is settled."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.study import Study

YEAR = pd.Timedelta(days=365)
_NOT_AT_ALL = pd.Timedelta(0)
_ABOUT = ["client_id", "survey_date"]


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
