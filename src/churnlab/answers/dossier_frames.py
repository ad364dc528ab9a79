"""Frames that dossiers are made of: everyone as of today, rows of a table, and similar clients who left."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.account_book import account_book
from churnlab.answers.call_sheet import what_each_will_order
from churnlab.answers.key_clients import who_is_key
from churnlab.answers.lifetime import main_lines
from churnlab.answers.remaining import how_long_will_they_still_stay
from churnlab.answers.risk import who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.winback import who_can_be_won_back
from churnlab.answers.worth import what_are_they_worth
from churnlab.history import standing
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.tables import Tables
from churnlab.tables.contract import CLIENT_IDS, CONTRACT
from churnlab.tables.names import codes

NEIGHBOURS = 3
"""Similar clients who left that a dossier names."""

LEAST_LEFT = 10
"""Fewer clients who left give no scale to measure likeness on."""

_YEAR: Final = pd.Timedelta(days=365)
_DATES: Final = ("date", "birthday", "start_date", "contract_date")
_NUMBERS: Final = ("severity", "cost", "risk", "low", "high")


def everyone_today(study: Study) -> pd.DataFrame:
    """Say of every client what one row holds.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        One row a client, with the columns that :class:`churnlab.answers.dossier.Dossier` lists.
    """
    frame = _with_lives(study)
    gone = study.ask(who_can_be_won_back)
    lost = rows_of(gone.lost if gone.coded else None, None, ("reason",))
    for found in (_risks(study), _outlooks(study), _accounts(study), lost):
        frame = frame.merge(found, on="client_id", how="left")
    own = frame["client_id"]
    frame["group"] = frame["group"].fillna(own)
    frame["worded"] = frame["worded"].fillna("")
    code = own if study.lookup is not None else own.map(_codes(study.tables))
    return frame.assign(code=code.astype("str")).sort_values("client_id").reset_index(drop=True)


def _with_lives(study: Study) -> pd.DataFrame:
    """Standing, line, size and last life of every client."""
    orders = study.tables.orders
    frame = standing(study.tables, as_of=study.as_of, rule=study.rule)
    frame = frame[["client_id", "standing", "last_order", "silence_days", "limit_days"]]
    lives = study.lives().frame.sort_values(["client_id", "life"])
    orders_ever = lives.groupby("client_id")["purchases"].sum()
    lives = lives.drop_duplicates("client_id", keep="last")
    frame = frame.merge(lives[["client_id", "life", "first_order", "purchases"]], on="client_id")
    days = (frame["last_order"] - frame["first_order"]).dt.days
    until = orders["client_id"].map(frame.set_index("client_id")["last_order"])
    day, sums = orders["order_date"], {}
    inside = {
        "size": (day <= until) & (day > until - _YEAR),
        "sales": day >= study.as_of - _YEAR,
        "sales_before": (day >= study.as_of - 2 * _YEAR) & (day < study.as_of - _YEAR),
    }
    for name, rows in inside.items():
        sums[name] = frame["client_id"].map(orders[rows].groupby("client_id")["amount"].sum()).fillna(0.0)
    return frame.assign(
        orders=frame["client_id"].map(orders_ever),
        line=frame["client_id"].map(main_lines(orders)).astype("str"),
        **sums,
        stayed=days / DAYS_PER_MONTH,
        gap_days=(days / (frame["purchases"] - 1).clip(lower=1)).where(days > 0),
    )


def _codes(tables: Tables) -> dict[str, str]:
    """Codes that clients would bear if they were not named: names of files that no id can bend."""
    frames = [frame for frame in (getattr(tables, name) for name in CONTRACT) if frame is not None]
    named = [frame[column] for frame in frames for column in (*CLIENT_IDS, "group_id") if column in frame]
    return codes(client for column in named for client in column.dropna().unique())


def _risks(study: Study) -> pd.DataFrame:
    """The risk that speaks, and the hazard's own with what goes with a higher one."""
    risk = study.ask(who_is_at_risk)
    ends = ("risk", "low", "high")
    told = rows_of(risk.clients if len(risk.clients) else None, None, ends)
    why = rows_of(None if risk.why is None else risk.why.parts, None, (*ends, "worded"))
    return told.merge(why.rename(columns={end: f"hazard_{end}" for end in ends}), on="client_id", how="outer")


def _outlooks(study: Study) -> pd.DataFrame:
    """Months that clients will still stay, their value, and when they order next."""
    months, value = study.ask(how_long_will_they_still_stay).clients, study.ask(what_are_they_worth).clients
    due = study.ask(what_each_will_order).clients[["client_id", "due_early", "due", "due_late"]]
    ends = {"low": "months_low", "high": "months_high"}
    told = months[["client_id", "tenure", "months", "low", "high", "horizon"]].rename(columns=ends)
    ends = {"low": "value_low", "high": "value_high"}
    worth = value[["client_id", "value", "low", "high", "mean_low", "mean_high"]].rename(columns=ends)
    for found in (worth, due):
        told = told.merge(found.astype({"client_id": "str"}), on="client_id", how="outer")
    return told


def _accounts(study: Study) -> pd.DataFrame:
    """Group, manager, marks of a key client, and what the clients table tells."""
    book, known = account_book(study), study.tables.clients
    columns = ("group_id", "segment", "region", "start_date", "contract_date")
    members = book.clients[["client_id", "group", "manager_id"]]
    frame = rows_of(known, None, columns).merge(members, on="client_id", how="outer")
    group = frame["group_id"].fillna(frame["group"])
    groups = book.groups.set_index("group")
    marks = study.ask(who_is_key).key.set_index("group")["marks"]
    return frame.assign(
        group=group,
        share=group.map(groups["sales"] / groups["sales"].sum()).astype("float64"),
        members=group.map(groups["members"]).fillna(0).astype("int64"),
        marks=group.map(marks).astype("str"),
    )[["client_id", "group", "share", "members", "marks", "manager_id", *columns[1:]]]


def rows_of(table: pd.DataFrame | None, chosen: "pd.Series[str] | None", columns: tuple[str, ...]) -> pd.DataFrame:
    """Take columns of some clients' rows, missing where the table or a column is not there.

    Parameters
    ----------
    table : DataFrame or None
        With ``client_id``.
    chosen : Series of str or None
        Whose rows; None takes all.
    columns : tuple of str
        Columns beside ``client_id``.

    Returns
    -------
    DataFrame
        ``client_id`` and the columns, by client, in the order of the table.
    """
    given = pd.DataFrame({"client_id": pd.Series(dtype="str")}) if table is None else table
    kept = given if chosen is None else given[given["client_id"].isin(chosen)]
    frame = pd.DataFrame({"client_id": kept["client_id"].astype("str")})
    for column in columns:
        kind = "datetime64[us]" if column in _DATES else "float64" if column in _NUMBERS else "str"
        blank: pd.Series[Any] = pd.Series(pd.NaT if column in _DATES else None, index=kept.index)
        frame[column] = kept.get(column, blank).astype(kind)  # type: ignore[call-overload]
    return frame.sort_values("client_id", kind="stable").reset_index(drop=True)


def sales_by_month(orders: pd.DataFrame, chosen: "pd.Series[str]") -> pd.DataFrame:
    """Net sales of clients by month in which there were any.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.
    chosen : Series of str
        Whose.

    Returns
    -------
    DataFrame
        ``client_id``, ``month`` (its first day), ``amount``.
    """
    own = orders[orders["client_id"].isin(chosen)]
    month = own["order_date"].to_numpy().astype("datetime64[M]").astype("datetime64[us]")
    return own.assign(month=month).groupby(["client_id", "month"])["amount"].sum().reset_index()


def scores_given(surveys: pd.DataFrame | None, chosen: "pd.Series[str]") -> pd.DataFrame:
    """Recommendation scores of clients.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys.
    chosen : Series of str
        Whose.

    Returns
    -------
    DataFrame
        ``client_id``, ``date``, ``score``.
    """
    if surveys is None or "recommend" not in surveys:
        return pd.DataFrame({"client_id": [], "date": pd.to_datetime([]), "score": []}).astype({"client_id": "str"})
    given = surveys[surveys["client_id"].isin(chosen)].dropna(subset="recommend")
    given = given.rename(columns={"survey_date": "date", "recommend": "score"})
    return given[["client_id", "date", "score"]].sort_values(["client_id", "date"], kind="stable", ignore_index=True)


def similar_who_left(everyone: pd.DataFrame, clients: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    """Find, of the clients who are away today, those that were most like each client.

    Parameters
    ----------
    everyone, clients : DataFrame
        As from `everyone_today`; clients whose neighbours are wanted.
    lost : DataFrame
        ``client_id``, ``left_on``, ``reason``, ``amount``.

    Returns
    -------
    DataFrame
        ``client_id``, ``other``, ``left_on``, ``reason``, ``amount``, ``stayed``, ``gap_days``: at most
        `NEIGHBOURS` of the client's main line, the nearest first; empty where fewer than `LEAST_LEFT` left.

    Notes
    -----
    Nearest by the Euclidean distance over three logarithms (sales of the year up to the last order, mean days between
    purchases, months from the first order to the last), each in standard deviations of those who left.
    """
    gone = everyone.drop(columns="reason", errors="ignore").merge(
        lost[["client_id", "left_on", "reason", "amount"]], on="client_id"
    )
    columns = ["other", "left_on", "reason", "amount", "stayed", "gap_days"]
    rows = []
    if len(gone) >= LEAST_LEFT:
        there = _place(gone)
        centre, scale = np.nanmean(there, axis=0), np.nanstd(there, axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        there = np.nan_to_num((there - centre) / scale)
        here = np.nan_to_num((_place(clients) - centre) / scale)
        line, name = gone["line"].fillna("").to_numpy(), gone["client_id"].to_numpy()
        for client, own_line, own in zip(clients["client_id"], clients["line"].fillna(""), here, strict=True):
            away = np.sqrt(((there - own) ** 2).sum(axis=1))
            away[(line != own_line) | (name == client)] = np.inf
            nearest = np.argsort(away, kind="stable")[:NEIGHBOURS]
            nearest = nearest[np.isfinite(away[nearest])]
            rows.append(gone.iloc[nearest].rename(columns={"client_id": "other"})[columns].assign(client_id=client))
    found = pd.concat(rows, ignore_index=True) if rows else gone.iloc[:0].assign(other=gone["client_id"].iloc[:0])
    return found[["client_id", *columns]]


def _place(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Logarithms of size, days between purchases and months stayed, shape (n, 3); NaN where not known."""
    values = frame[["size", "gap_days", "stayed"]].to_numpy(dtype=np.float64)
    return np.log1p(np.maximum(values, 0.0))
