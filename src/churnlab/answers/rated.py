"""Answers that rate factors. The one place where this is settled."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE
from churnlab.surveys.importance import MOST_FACTORS

LEAST_RATED = 0.5
"""A factor that fewer of the answers rate is left out: only answers that rate all factors can be used."""

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
