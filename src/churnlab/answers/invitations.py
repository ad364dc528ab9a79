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


def records_silence(surveys: pd.DataFrame) -> "pd.Series[bool]":
    """Whether the source tells, for the wave and mode of an invitation, who was asked and did not answer.

    A wave and mode in which every single row holds an answer is taken for one of which answers only are recorded.

    Parameters
    ----------
    surveys : DataFrame
        Canonical surveys.

    Returns
    -------
    Series of bool
        Aligned with :func:`asked`. A silence without a mode counts for every mode of its wave.
    """
    rows = asked(surveys)
    silent = rows.loc[~rows["answered"], SERIES].drop_duplicates()
    of_any_mode = silent.loc[silent["mode"] == UNKNOWN_MODE, "wave"]
    own = pd.MultiIndex.from_frame(rows[SERIES]).isin(pd.MultiIndex.from_frame(silent))
    return pd.Series(own, index=rows.index) | rows["wave"].isin(of_any_mode)


def invitations_recorded(surveys: pd.DataFrame) -> pd.DataFrame:
    """Invitations, and whether silence is recorded for their wave and mode: ``recorded``."""
    return asked(surveys).assign(recorded=records_silence(surveys))


def unrecorded(surveys: pd.DataFrame | None) -> tuple[str, ...]:
    """Waves and modes of which answers only are recorded, in words.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys.

    Returns
    -------
    tuple of str
        By name; empty where there are no surveys.
    """
    if surveys is None:
        return ()
    rows = asked(surveys)[~records_silence(surveys)].drop_duplicates(SERIES)
    return tuple(sorted(series_name(row) for _, row in rows.iterrows()))


def answered(surveys: pd.DataFrame | None) -> Estimate:
    """Share of invitations answered, over clients, where silence is recorded; NaN where it is nowhere."""
    if surveys is None:
        return Estimate(np.nan, np.nan, np.nan)
    return _rate(asked(surveys)[records_silence(surveys)])


def response(surveys: pd.DataFrame | None) -> pd.DataFrame:
    """Invitations and answers by wave and mode.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys.

    Returns
    -------
    DataFrame
        ``wave``, ``mode``, ``invited``, ``answered``, ``clients``, ``share``, ``low``, ``high`` (over clients), of
        waves and modes of which silence is recorded. Where silences of a wave name no mode they belong to its only
        mode; if it has several, the rate is that of the wave, its mode ``"unknown"``.
    """
    columns = ["wave", "mode", "invited", "answered", "clients", "share", "low", "high"]
    if surveys is None:
        return pd.DataFrame({name: [] for name in columns})
    rows = []
    for place, group in _counted_together(asked(surveys)[records_silence(surveys)]).groupby(SERIES):
        wave, mode = pd.Series(place)
        rate = _rate(group)
        counts = (len(group), int(group["answered"].sum()), group["client_id"].nunique())
        rows.append((wave, mode, *counts, rate.value, rate.low, rate.high))
    return pd.DataFrame(rows, columns=columns)


def _counted_together(rows: pd.DataFrame) -> pd.DataFrame:
    """Invitations under the mode in which silences and answers can be counted together."""
    mode, blank = rows["mode"], rows.loc[~rows["answered"] & (rows["mode"] == UNKNOWN_MODE), "wave"]
    for wave in blank.unique():
        here = rows["wave"] == wave
        named = rows.loc[here & (rows["mode"] != UNKNOWN_MODE), "mode"].unique()
        mode = mode.mask(here, named[0] if len(named) == 1 else UNKNOWN_MODE)
    return rows.assign(mode=mode)


def _placed(surveys: pd.DataFrame) -> pd.DataFrame:
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    return surveys.assign(mode=mode, period=surveys["survey_date"].dt.year)


def _rate(invitations: pd.DataFrame) -> Estimate:
    by_client = invitations["answered"].groupby(invitations["client_id"]).agg(["sum", "size"])
    return clustered_share(by_client["sum"], by_client["size"])
