"""Who was asked, who answered, and whose answer counts as a vote. The one place where this is settled."""

import numpy as np
import pandas as pd

from churnlab.answers.shares import clustered_share
from churnlab.answers.words import shortened
from churnlab.lifetime import Estimate

UNKNOWN_MODE = "unknown"

SERIES = ["wave", "mode"]
"""What is never mixed on one line."""


def asked(surveys: pd.DataFrame) -> pd.DataFrame:
    """Invitations: survey rows that were sent out.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.

    Returns
    -------
    DataFrame
        The rows with ``mode`` (``"unknown"`` where the source names none), ``period`` (year) and ``answered`` (any
        score was given).
    """
    rows = _placed(surveys).assign(answered=surveys.select_dtypes("float").notna().any(axis=1))
    return rows[rows["invited"]] if "invited" in rows else rows


def votes(surveys: pd.DataFrame) -> pd.DataFrame:
    """One vote on recommendation a client, wave, mode and year: its last.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys with ``recommend``.

    Returns
    -------
    DataFrame
        The rows of the surveys that are votes, with ``mode`` and ``period`` (year), by wave, mode, period and client.
    """
    place = [*SERIES, "period", "client_id"]
    given = answers_given(surveys).sort_values([*place, "survey_date"], kind="stable")
    return given.drop_duplicates(place, keep="last").reset_index(drop=True)


def answers_given(surveys: pd.DataFrame) -> pd.DataFrame:
    """All answers on recommendation.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys with ``recommend``.

    Returns
    -------
    DataFrame
        The rows of the surveys that hold one, with ``mode`` and ``period`` (year).
    """
    return _placed(surveys).dropna(subset="recommend")


def latest(index: pd.DataFrame) -> pd.DataFrame:
    """Last year with an index of every wave and mode.

    Parameters
    ----------
    index : DataFrame
        ``wave``, ``mode``, ``period``, ``nps``, NaN where there are too few answers.

    Returns
    -------
    DataFrame
        Its rows, numbered anew.
    """
    known = index.dropna(subset="nps")
    last = known.groupby(SERIES)["period"].transform("max")
    return known[known["period"] == last].reset_index(drop=True)


def longest(index: pd.DataFrame) -> pd.DataFrame:
    """Years with an index of the wave and mode with the most answers; empty where there is none.

    Parameters
    ----------
    index : DataFrame
        ``wave``, ``mode``, ``period``, ``n``, ``nps``, NaN where there are too few answers.

    Returns
    -------
    DataFrame
        Its rows, numbered anew.
    """
    known = index.dropna(subset="nps")
    if known.empty:
        return known.reset_index(drop=True)
    most = known.groupby(SERIES)["n"].sum().idxmax()
    return known[(known[SERIES] == pd.Series(most, index=SERIES)).all(axis=1)].reset_index(drop=True)


def rows_of(frame: pd.DataFrame, row: "pd.Series[str]") -> pd.DataFrame:
    """Rows of the same wave, mode and period as a row.

    Parameters
    ----------
    frame : DataFrame
        ``wave``, ``mode``, ``period``.
    row : Series
        With the same.

    Returns
    -------
    DataFrame
        Rows of `frame`.
    """
    place = [*SERIES, "period"]
    return frame[(frame[place] == row[place]).all(axis=1)]


def series_name(row: "pd.Series[str]") -> str:
    """Wave and mode in words.

    Examples
    --------
    >>> series_name(pd.Series({"wave": "monthly", "mode": "phone"}))
    'monthly phone'
    """
    mode = "" if row["mode"] == UNKNOWN_MODE else f" {shortened(str(row['mode']))}"
    return f"{row['wave']}{mode}"


def silences_known(surveys: pd.DataFrame | None) -> bool:
    """Whether the source holds invitations that nobody answered, rather than answers only."""
    return surveys is not None and not bool(asked(surveys)["answered"].all())


def answered(surveys: pd.DataFrame | None) -> Estimate:
    """Share of invitations answered, over clients; NaN where a source records answers only."""
    if surveys is None or not silences_known(surveys):
        return Estimate(np.nan, np.nan, np.nan)
    return _rate(asked(surveys))


def response(surveys: pd.DataFrame | None) -> pd.DataFrame:
    """Invitations and answers by wave and mode.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys.

    Returns
    -------
    DataFrame
        ``wave``, ``mode``, ``invited``, ``answered``, ``clients``, ``share``, ``low``, ``high`` (over clients); empty
        where a source records answers only.
    """
    columns = ["wave", "mode", "invited", "answered", "clients", "share", "low", "high"]
    if surveys is None or not silences_known(surveys):
        return pd.DataFrame({name: [] for name in columns})
    rows = []
    for place, group in asked(surveys).groupby(SERIES):
        wave, mode = pd.Series(place)
        rate = _rate(group)
        counts = (len(group), int(group["answered"].sum()), group["client_id"].nunique())
        rows.append((wave, mode, *counts, rate.value, rate.low, rate.high))
    return pd.DataFrame(rows, columns=columns)


def _placed(surveys: pd.DataFrame) -> pd.DataFrame:
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    return surveys.assign(mode=mode, period=surveys["survey_date"].dt.year)


def _rate(invitations: pd.DataFrame) -> Estimate:
    by_client = invitations["answered"].groupby(invitations["client_id"]).agg(["sum", "size"])
    return clustered_share(by_client["sum"], by_client["size"])
