"""Who was asked, who answered, and whose answer counts as a vote. The one place where this is settled."""

import numpy as np
import pandas as pd

from churnlab.answers.shares import clustered_share
from churnlab.lifetime import Estimate

UNKNOWN_MODE = "unknown"


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
        ``wave``, ``mode``, ``period`` (year), ``client_id``, ``recommend``.
    """
    given = _placed(surveys).dropna(subset="recommend")
    return given.groupby(["wave", "mode", "period", "client_id"])["recommend"].last().reset_index()


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
    for place, group in asked(surveys).groupby(["wave", "mode"]):
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
