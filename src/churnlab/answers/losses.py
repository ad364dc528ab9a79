"""Losses laid out: who was lost when, with the reason that was noted and the money of the last year."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from churnlab.answers.account_book import YEAR
from churnlab.answers.study import Study
from churnlab.history.departures import DAYS_PER_MONTH

GROUPS: Final[Mapping[str, str]] = {
    "price": "price",
    "quality": "service",
    "timing": "service",
    "attention": "service",
    "personal": "personal",
    "no_need": "no need",
    "closed": "no need",
}
"""Coded reasons by what they allow; all others, and none, are "other or unknown"."""

OTHER = "other or unknown"
_SEARCH_DAYS = 365

PAUSE: Final = 0.5
"""A noted loss that ended with an order counts as one if the silence was longer than this part of the limit; ours."""


def lost_clients(study: Study) -> pd.DataFrame:
    """Lay out every loss: silences that reached their limit, and clients whom the losses table names before that.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        ``client_id``, ``left_on``, ``known_on`` (the limit's day, or the note's), ``returned_on``, ``months`` (away,
        until the return or today), ``watched`` (the same from the day on which it counted as lost), ``back``,
        ``reason``, ``coded``, ``amount`` and ``margin`` (of the year up to the last order; NaN where costs are not
        known).
    """
    lives = study.lives().frame.sort_values(["client_id", "life"])
    lives["returned_on"] = lives.groupby("client_id")["first_order"].shift(-1)
    gone = lives.loc[lives["left_on"].notna(), ["client_id", "left_on", "known_on", "returned_on"]]
    gone = pd.concat([gone, _noted_earlier(study, gone), _noted_and_back(study, gone)], ignore_index=True)
    until = gone["returned_on"].fillna(study.as_of)
    gone["months"] = months_between(gone["left_on"], until)
    gone["watched"] = months_between(gone["known_on"], until)
    gone["back"] = gone["returned_on"].notna()
    return _with_money(with_reasons(gone, study.tables.losses), study.tables.orders)


def with_reasons(lost: pd.DataFrame, losses: pd.DataFrame | None) -> pd.DataFrame:
    """Add the reason that was noted nearest to each departure, within a year of it; a note tells of one departure only.

    A note belongs to the departure nearest to it, the earlier one of two that are as near.

    Parameters
    ----------
    lost : DataFrame
        ``client_id`` and ``left_on``, one row a departure.
    losses : DataFrame or None
        Canonical losses.

    Returns
    -------
    DataFrame
        With the columns ``reason``, a value of ``GROUPS`` or ``OTHER``, and ``coded``, as noted (empty if not), by
        client and day.
    """
    if losses is None or losses.empty or lost.empty:
        return lost.assign(reason=OTHER, coded="")
    noted = losses[["client_id", "date"]].assign(coded=losses["reason"].astype("str"))
    found = pd.merge_asof(
        noted.sort_values("date"),
        lost[["client_id", "left_on"]].sort_values("left_on"),
        left_on="date",
        right_on="left_on",
        by="client_id",
        direction="nearest",
        tolerance=pd.Timedelta(days=_SEARCH_DAYS),
    ).dropna(subset="left_on")
    found["apart"] = (found["date"] - found["left_on"]).abs()
    nearest = found.sort_values(["apart", "date"], kind="stable").drop_duplicates(["client_id", "left_on"])
    joined = lost.merge(nearest[["client_id", "left_on", "coded"]], on=["client_id", "left_on"], how="left")
    joined["coded"] = joined["coded"].fillna("")
    joined["reason"] = joined["coded"].map(GROUPS).fillna(OTHER)
    return joined.sort_values(["client_id", "left_on"], ignore_index=True)


def noted_rows(lost: pd.DataFrame, losses: pd.DataFrame) -> pd.DataFrame:
    """Departures that a note tells of, each with the columns of its note.

    Parameters
    ----------
    lost : DataFrame
        From :func:`lost_clients`.
    losses : DataFrame
        Canonical losses, with whatever columns were added.

    Returns
    -------
    DataFrame
        Columns of both; those of a note that both have end in ``_note``.
    """
    numbered = losses.reset_index(drop=True)
    bare = with_reasons(lost.drop(columns=["reason", "coded"]), numbered.assign(reason=numbered.index.astype(str)))
    place = bare.set_index(["client_id", "left_on"])["coded"].rename("place")
    told = lost.join(place, on=["client_id", "left_on"])
    told = told[told["place"] != ""].astype({"place": "int64"})
    notes = numbered.drop(columns=["client_id", "reason"])
    return told.merge(notes, left_on="place", right_index=True, suffixes=("", "_note")).drop(columns="place")


def _noted_earlier(study: Study, gone: pd.DataFrame) -> pd.DataFrame:
    """Losses that were noted while the silence has not reached its limit: of clients whose last life has no end yet."""
    losses, lives = study.tables.losses, study.lives().frame
    nothing = gone.iloc[:0]
    if losses is None or losses.empty:
        return nothing
    going = lives[lives["left_on"].isna()].set_index("client_id")["last_order"]
    named = losses.sort_values("date").drop_duplicates("client_id", keep="last")
    last = named["client_id"].map(going)
    named = named.assign(left_on=last, known_on=named["date"])[(last.notna()) & (named["date"] >= last)]
    return named.reindex(columns=nothing.columns).astype(nothing.dtypes.to_dict())


def _noted_and_back(study: Study, gone: pd.DataFrame) -> pd.DataFrame:
    """Losses that were noted and ended with an order before the silence reached its limit."""
    losses, orders = study.tables.losses, study.tables.orders
    nothing = gone.iloc[:0]
    if losses is None or losses.empty:
        return nothing
    days = orders.loc[orders["kind"] == "sale", ["client_id", "order_date"]].drop_duplicates()
    days = days.sort_values("order_date").rename(columns={"order_date": "left_on"})
    lives = study.lives().frame[["client_id", "first_order", "limit_days"]].sort_values("first_order")
    found = losses[["client_id", "date"]].drop_duplicates().sort_values("date")
    found = pd.merge_asof(found, days, left_on="date", right_on="left_on", by="client_id").dropna(subset="left_on")
    found = pd.merge_asof(found, lives, left_on="date", right_on="first_order", by="client_id")
    found = pd.merge_asof(
        found,
        days.rename(columns={"left_on": "returned_on"}),
        left_on="date",
        right_on="returned_on",
        by="client_id",
        direction="forward",
        allow_exact_matches=False,
    ).dropna(subset="returned_on")
    silence = (found["returned_on"] - found["left_on"]).dt.days
    found = found[silence > PAUSE * found["limit_days"]].rename(columns={"date": "known_on"})
    known = pd.MultiIndex.from_frame(gone[["client_id", "left_on"]])
    new = ~pd.MultiIndex.from_frame(found[["client_id", "left_on"]]).isin(known)
    found = found[new].drop_duplicates(["client_id", "left_on"])
    return found.reindex(columns=nothing.columns).astype(nothing.dtypes.to_dict())


def months_between(since: "pd.Series[pd.Timestamp]", until: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Months begun from one day until another, at least one."""
    return pd.Series(np.ceil((until - since).dt.days.clip(lower=1) / DAYS_PER_MONTH), index=since.index).astype(int)


def _with_money(lost: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Net sales and margin of the year up to the last order of each loss."""
    rows = orders.merge(lost[["client_id", "left_on"]], on="client_id")
    year = rows[(rows["order_date"] <= rows["left_on"]) & (rows["order_date"] > rows["left_on"] - YEAR)]
    earned = year["amount"] - year["cost"] if "cost" in year else pd.Series(np.nan, index=year.index)
    told = year.assign(margin=earned).groupby(["client_id", "left_on"])[["amount", "margin"]].sum(min_count=1)
    return lost.merge(told.reset_index(), on=["client_id", "left_on"], how="left").fillna({"amount": 0.0})


def closed_months(study: Study, lost: pd.DataFrame) -> "pd.Series[int]":
    """Months, from the day on which each counted as lost, after which its account was closed for good; -1 if not.

    Neither does an account count whose client came back.
    """
    clients = study.tables.clients
    if clients is None or "closed_date" not in clients:
        return pd.Series(-1, index=lost.index)
    day = lost["client_id"].map(clients.set_index("client_id")["closed_date"])
    counts = day.notna() & (day >= lost["left_on"]) & (day <= study.as_of) & ~lost["back"]
    return months_between(lost["known_on"], day.where(counts, lost["known_on"])).where(counts, -1).astype(int)
