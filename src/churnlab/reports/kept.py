"""Forecasts that earlier runs left beside their report, read back so that this run can grade them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
from pandas.api import types
from pyarrow import ArrowInvalid

from churnlab.answers import Study
from churnlab.reports.folder import RECORD, UsageError, is_report
from churnlab.reports.lookup import lookup_file, read_lookup

_FILE: Final = "results/forecasts.parquet"
_NUMBERS: Final = ("horizon_months", "risk", "low", "high")
_COLUMNS: Final = ("client_id", "as_of", *_NUMBERS, "model")
_OF_LISTS: Final = ("listed", "held_out")
"""Who was on the call list; runs of before do not say."""


def read_kept(out: Path) -> pd.DataFrame | None:
    """Read the forecasts that lie in the folder of a report, under the clients' own ids.

    Parameters
    ----------
    out
        Folder of an earlier report; it need not be there.

    Returns
    -------
    DataFrame or None
        In the columns of ``results/forecasts.parquet``; None where there are none that can be read as such. Codes are
        translated by the look-up beside the folder; without it they stay as they are.
    """
    kept = _read(out) if is_report(out) else None
    return kept if kept is not None and len(kept) else None


def read_earlier(out: Path, *, since: Path | None) -> pd.DataFrame | None:
    """Read the forecasts of earlier runs, from the folder that is replaced and from another one if asked.

    Parameters
    ----------
    out
        Folder that a report is to be written to.
    since
        Folder of an earlier report, or None.

    Returns
    -------
    DataFrame or None
        As from `read_kept`; where both folders hold forecasts of a day, those of `since`.

    Raises
    ------
    UsageError
        If `since` is no report, or holds no forecasts that can be read.
    """
    own = read_kept(out)
    if since is None:
        return own
    if not is_report(since):
        message = (
            f"expected the folder of an earlier report, and {since} holds no {RECORD} of one: give another --since"
        )
        raise UsageError(message)
    named = _read(since)
    if named is None:
        message = (
            f"{since / _FILE} is not there or holds no forecasts (a run with --only keeps none): give another --since"
        )
        raise UsageError(message)
    if own is None or named.empty:
        return own if named.empty else named
    return pd.concat([own[~own["as_of"].isin(named["as_of"])], named], ignore_index=True)


def left_out(out: Path, earlier: pd.DataFrame | None, study: Study) -> tuple[str, ...]:
    """Say which earlier forecasts are not compared or graded, and why.

    Parameters
    ----------
    out
        Folder of the report that is replaced.
    earlier
        From `read_earlier`.
    study
        The study that they were given to.

    Returns
    -------
    tuple of str
        A sentence a cause.
    """
    said = []
    if (out / _FILE).is_file() and _read(out) is None:
        said.append(f"{_FILE} of the earlier run cannot be read as forecasts: none of it is compared or graded")
    if earlier is not None:
        late = int((earlier["as_of"] >= study.as_of).sum())
        if late:
            said.append(f"{late} earlier forecasts are of this day or later: they are not compared or graded")
        unknown = len(earlier) - late - (0 if study.earlier is None else len(study.earlier))
        if unknown:
            said.append(f"{unknown} earlier forecasts are of clients that are not in these data: they are left out")
    return tuple(said)


def carry_over(out: Path, folder: Path, study: Study) -> None:
    """Keep the forecasts of the report that is replaced where this run writes no results.

    Parameters
    ----------
    out
        Folder of the report that is replaced.
    folder
        The new one.
    study
        The study whose codes the new report goes by; clients that are not in it are left out.
    """
    kept = read_kept(out)
    if kept is None:
        return
    if study.lookup is not None:
        kept["client_id"] = kept["client_id"].map(study.lookup.set_index("client_id")["code"])
        kept = kept.dropna(subset="client_id").astype({"client_id": "str"})
    (folder / _FILE).parent.mkdir(exist_ok=True)
    kept.to_parquet(folder / _FILE, index=False)


def check_since(since: Path, study: Study) -> None:
    """Refuse an earlier report of which a study can use nothing.

    Parameters
    ----------
    since
        Folder of an earlier report, read by `read_earlier`.
    study
        What was prepared with it.

    Raises
    ------
    UsageError
        If it is not earlier than the study, or none of its clients is in the data.
    """
    named = read_kept(since)
    if named is None:
        return
    first = named["as_of"].min()
    if first >= study.as_of:
        message = (
            f"{since} forecasts as of {first:%Y-%m-%d}, which is not before {study.as_of:%Y-%m-%d}: "
            "give an earlier report as --since, or a later --as-of"
        )
        raise UsageError(message)
    if study.earlier is None or not named["as_of"].isin(study.earlier["as_of"]).any():
        message = (
            f"none of the clients with a forecast in {since} is in these data; if they stand there as codes, "
            f"{lookup_file(since).name} must lie beside it: put it there, or give another --since"
        )
        raise UsageError(message)


def _read(folder: Path) -> pd.DataFrame | None:
    """Read forecasts under the clients' own ids; None where there are none that can be read as such."""
    try:
        kept = pd.read_parquet(folder / _FILE)
    except (OSError, ArrowInvalid):
        return None
    if not _is_whole(kept):
        return None
    on_lists = {name: kept[name] if name in kept and types.is_bool_dtype(kept[name]) else False for name in _OF_LISTS}
    kept = kept[list(_COLUMNS)].astype({"client_id": "str", "model": "str"}).assign(**on_lists)
    codes = read_lookup(lookup_file(folder))
    if codes is not None and kept["client_id"].isin(codes["code"]).all():
        kept["client_id"] = kept["client_id"].map(codes.set_index("code")["client_id"])
    return kept


def _is_whole(kept: pd.DataFrame) -> bool:
    """Whether a table has the columns of forecasts, with risks that are shares."""
    if not set(_COLUMNS) <= set(kept.columns) or kept[["client_id", "as_of", "horizon_months", "risk"]].isna().any(
        axis=None
    ):
        return False
    if not types.is_datetime64_any_dtype(kept["as_of"]):
        return False
    numbers = all(types.is_numeric_dtype(kept[name]) for name in _NUMBERS)
    alone = not kept.duplicated(["client_id", "as_of"]).any()
    return numbers and alone and bool(kept["risk"].between(0, 1).all())
