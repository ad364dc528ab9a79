"""What silence goes with: leaving afterwards, and being asked often."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE, asked, invitations_recorded, records_silence
from churnlab.history import Lives
from churnlab.surveys import Fatigue, SilenceAndLeaving, fatigue, silence_and_leaving

FOLLOWED_MONTHS = 12
"""How long after an invitation leaving is looked for."""

_YEAR = pd.Timedelta(days=365)


def after_silence(surveys: pd.DataFrame, lives: Lives) -> tuple[SilenceAndLeaving, SilenceAndLeaving]:
    """Who was lost after silence and after an answer.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.
    lives : Lives
        Lives of clients.

    Returns
    -------
    tuple of SilenceAndLeaving
        Of clients not known to be lost when asked; and of those that had not ordered for the last time. Only
        invitations after which the time looked at has gone by, and leaving within it would have been noticed.
    """
    frame = lives.frame[["client_id", "first_order", "left_on", "known_on", "limit_days"]]
    held = pd.merge_asof(
        asked(surveys)[records_silence(surveys)]
        .drop(columns="known_on", errors="ignore")
        .sort_values("survey_date", kind="stable"),
        frame.sort_values("first_order", kind="stable"),
        left_on="survey_date",
        right_on="first_order",
        by="client_id",
        allow_exact_matches=False,
    ).dropna(subset="first_order")
    end = held["survey_date"] + pd.DateOffset(months=FOLLOWED_MONTHS)
    followed = lives.as_of - pd.to_timedelta(held["limit_days"], unit="D") >= end
    with_us = ~(held["known_on"] < held["survey_date"]) & followed
    rows, left = held[with_us], (held["left_on"] < end)[with_us].to_numpy()
    place = _stratum(rows, rows["period"])
    answers, who = rows["answered"].to_numpy(), rows["client_id"].factorize()[0]
    still = ~(rows["left_on"] < rows["survey_date"]).to_numpy()
    return (
        silence_and_leaving(left, answers, who, stratum=place),
        silence_and_leaving(left[still], answers[still], who[still], stratum=place[still]),
    )


def tired_by_asking(surveys: pd.DataFrame) -> Fatigue:
    """Whether clients answer less where they had more invitations in the year before.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.

    Returns
    -------
    Fatigue
        Without invitations of the first year, which have no count of those before.
    """
    rows = invitations_recorded(surveys).sort_values(["client_id", "survey_date"], kind="stable")
    day = (rows["survey_date"] - rows["survey_date"].min()).dt.days.to_numpy(dtype=np.int64)
    who = rows["client_id"].factorize()[0]
    key = who * (day.max(initial=0) + 2 * _YEAR.days) + day
    before = np.searchsorted(key, key) - np.searchsorted(key, key - _YEAR.days)
    counted = (day >= _YEAR.days) & rows["recorded"].to_numpy()
    place = _stratum(rows, rows["survey_date"].dt.to_period("M").astype("str"))
    return fatigue(rows["answered"].to_numpy()[counted], before[counted], who[counted], stratum=place[counted])


def _stratum(rows: pd.DataFrame, time: "pd.Series[int] | pd.Series[str]") -> npt.NDArray[np.int64]:
    """Invitations of one wave and time, and of one mode where the mode of every invitation is known."""
    silent = rows.loc[~rows["answered"], "mode"]
    mode = [] if (silent == UNKNOWN_MODE).any() else [rows["mode"]]
    return rows.groupby([rows["wave"], *mode, time]).ngroup().to_numpy().astype(np.int64)
