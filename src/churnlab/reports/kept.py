"""Forecasts that earlier runs left beside their report, read back so that this run can grade them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
from pandas.api import types
from pyarrow import ArrowInvalid

from churnlab.reports.folder import is_report
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
    if not is_report(out):
        return None
    try:
        kept = pd.read_parquet(out / _FILE)
    except (OSError, ArrowInvalid):
        return None
    if not _is_whole(kept):
        return None
    on_lists = {name: kept[name] if name in kept and types.is_bool_dtype(kept[name]) else False for name in _OF_LISTS}
    kept = kept[list(_COLUMNS)].astype({"client_id": "str", "model": "str"}).assign(**on_lists)
    codes = read_lookup(lookup_file(out))
    if codes is not None and kept["client_id"].isin(codes["code"]).all():
        kept["client_id"] = kept["client_id"].map(codes.set_index("code")["client_id"])
    return kept if len(kept) else None


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
