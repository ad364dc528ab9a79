"""On whom do we depend: how sales and margin lie among clients, how that moved, and how far the next line is?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.accounts import (
    BANDS,
    Band,
    Concentration,
    NewBusiness,
    concentration,
    confirmed,
    reached,
    to_reach,
    to_widen,
)
from churnlab.answers.account_book import YEAR, Book, account_book, no_new_business, past_new_business
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, money, months, percent, shortened
from churnlab.history import month_ends
from churnlab.lifetime import Estimate

CONFIRMED_BY = 2
"""Windows in a row, a month apart, that a share has to lie in a band before it is said to."""

FOLLOWED = 0.05
"""Groups with a smaller share of all sales are not followed over time."""

UNDER = "under the first line"

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, eq=False)
class DependenceAnswer:
    """How sales depend on single clients.

    Attributes
    ----------
    grouped : bool
        Whether parents are known, so that a group counts as one.
    costed : float
        Share of the year's net sales whose cost is known.
    bands : DataFrame
        ``share``, ``words``, ``source``: lines between bands, by rising share.
    groups : DataFrame
        ``group``, ``members``, ``line``, ``sales``, ``share``, ``margin``, ``margin_share`` (NaN where no cost is known
        or margin is not above 0), ``years`` (since the first deal), ``older`` (whether it may be older than that),
        ``replace``, ``replace_low``, ``replace_high`` (months of past new business that bring as much; NaN where not
        known), ``band`` (in words, confirmed), ``now_in`` (in words, today), ``next`` (share of the next line; NaN
        above the last), ``to_next`` (money that it would have to buy more), ``to_widen`` (money that all others would
        have to buy more to bring it under the line that it has reached; NaN under the first), by falling sales.
    now, margin : Concentration
        Of net sales and of margin of the last 365 days, by group; the latter empty where no cost is known.
    windows : DataFrame
        ``end``, ``group`` (the largest then), ``largest``, ``top5``, ``top10``, ``effective``, ``gini``: past windows
        of 365 days, one a month; the last is the present one.
    parts : DataFrame
        ``kind`` (line, manager), ``part``, ``clients``, ``sales``, ``group`` (the largest), ``largest``, ``top5``,
        ``effective``, ``gini``, by kind and falling sales.
    replacing : NewBusiness or None
        Past new business; None where new clients cannot be told.
    name : str
        What pages call the largest group; empty where nothing was sold.
    earner : str
        What pages call the group with the largest margin; empty where none has a margin above 0.
    """

    grouped: bool
    costed: float
    bands: pd.DataFrame
    groups: pd.DataFrame
    now: Concentration
    margin: Concentration
    windows: pd.DataFrame
    parts: pd.DataFrame
    replacing: NewBusiness | None
    name: str
    earner: str

    @property
    def headline(self) -> str:
        """The largest share, and what it is called."""
        if not self.now.clients:
            return "On whom we depend we cannot say: nothing was sold in the last 12 months."
        row = self.groups.iloc[0]
        grouping = " (a group counts as one)" if self.grouped else " (groups are not known)"
        called = "under the first of the usual lines" if row["band"] == UNDER else f"in the band '{row['band']}'"
        return (
            f"{self.name} is the largest of {count(self.now.clients)} clients{grouping}, with "
            f"{percent(self.now.largest)} of the sales of the last 12 months: by convention {called}."
        )

    @property
    def band_sentence(self) -> str:
        """How far the largest is from the next line, and whether its band flickers."""
        if not self.now.clients:
            return self.headline
        row = self.groups.iloc[0]
        flicker = (
            ""
            if row["now_in"] == row["band"]
            else f" This month alone it would be '{row['now_in']}'; a band counts once it lasts {CONFIRMED_BY} windows."
        )
        if np.isnan(row["next"]):
            return f"{self.name} has passed the last line.{flicker}"
        return (
            f"{self.name} would reach the next line, {percent(row['next'])}, with {money(row['to_next'])} more a year, "
            f"the others unchanged.{flicker}"
        )

    @property
    def relation_sentence(self) -> str:
        """Share, age of the relation and replaceability of the largest, together."""
        if not self.now.clients:
            return self.headline
        row = self.groups.iloc[0]
        least = "at least " if row["older"] else ""
        age = f"{self.name} has {percent(row['share'])} of sales and has bought for {least}{row['years']:.0f} years"
        found = Estimate(*row[["replace", "replace_low", "replace_high"]].astype("float64"))
        why = no_new_business(self.replacing)
        if why:
            return f"{age}; how long it would take to replace we cannot say: {why}."
        return f"{age}; new business at its past rate would take {interval(found, months)} months to bring as much."

    @property
    def contested_sentence(self) -> str:
        """What research says of concentration."""
        return (
            "Whether a large share is a strength or a weakness is contested: studies find it to lower costs and to "
            "lift returns in old relations (Patatoukas 2012; Irvine, Park and Yildizhan 2016) and to raise the cost "
            "of capital (Dhaliwal and others 2016). A share alone says neither."
        )

    @property
    def concentration_sentences(self) -> tuple[str, ...]:
        """Shares of the first, the index, and how they moved."""
        if not self.now.clients:
            return (self.headline,)
        first = f"The five largest have {percent(self.now.top5)} of sales, the ten largest {percent(self.now.top10)}."
        index = (
            f"The Herfindahl index is {self.now.herfindahl:.3f} ({count(1e4 * self.now.herfindahl)} of 10,000): sales "
            f"are as concentrated as if {self.now.effective:.1f} equal clients shared them. The Gini coefficient is "
            f"{self.now.gini:.2f}."
        )
        return (first, index, self.margin_sentence, self.range_sentence)

    @property
    def margin_sentence(self) -> str:
        """The same for margin."""
        if not self.margin.clients:
            return "How margin lies among clients we cannot say: orders name no cost."
        known = f"of {percent(self.costed)} of sales, whose cost is known" if self.costed < 0.995 else "of all sales"
        other = "" if self.earner == self.name else f" and not with {self.name}, the largest by sales"
        return (
            f"In margin {known}, the largest share, {percent(self.margin.largest)}, lies with {self.earner}{other}; it "
            f"is as if {self.margin.effective:.1f} equal clients shared it."
        )

    @property
    def range_sentence(self) -> str:
        """How the largest share moved over past windows."""
        if len(self.windows) < 2:
            return "How these shares move we cannot say: the records hold one window of 12 months, or none."
        held = self.windows["group"].nunique()
        return (
            f"Counted shares have no sampling error, but they move: over {len(self.windows)} windows of 12 months, one "
            f"a month, the largest share was {percent(self.windows['largest'].min())} to "
            f"{percent(self.windows['largest'].max())}, held by {held} client{'s' if held > 1 else ''}."
        )

    @property
    def parts_sentence(self) -> str:
        """Lines and managers in which one client has half or more."""
        if self.parts.empty:
            return "How sales lie within lines and managers' books we cannot say: orders and clients name neither."
        most = self.parts[self.parts["largest"] >= self.bands["share"].iloc[-1]]
        named = [
            f"{shortened(row['part'])} ({row['kind']}, {percent(row['largest'])})" for row in most.to_dict("records")
        ]
        line = percent(self.bands["share"].iloc[-1])
        return (
            f"Of {count(len(self.parts))} lines and managers' books, one client has {line} or more in: "
            f"{listed(named) if named else 'none'}."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.now.clients:
            return (self.headline,)
        return (
            self.headline,
            self.relation_sentence,
            self.contested_sentence,
            self.band_sentence,
            *self.concentration_sentences,
            self.parts_sentence,
        )


def who_do_we_depend_on(study: Study) -> DependenceAnswer:
    """Count concentration by group, in the usual bands.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DependenceAnswer
    """
    return depended_on(study, BANDS)


def depended_on(study: Study, bands: Sequence[Band]) -> DependenceAnswer:
    """Count concentration by group, in bands of one's own.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    bands : sequence of Band
        By rising share, one or more.

    Returns
    -------
    DependenceAnswer
    """
    book = account_book(study)
    new = past_new_business(book, study)
    followed = book.groups.loc[book.groups["sales"] >= FOLLOWED * book.groups["sales"].sum(), "group"].tolist()
    windows, shares = _windows(book.orders, study.as_of, followed)
    groups = _groups(book, study.as_of, bands=bands, shares=shares, new=new)
    earned = book.groups["margin"].fillna(0.0).to_numpy(dtype=np.float64)
    return DependenceAnswer(
        grouped=book.grouped,
        costed=book.costed,
        bands=pd.DataFrame([(one.share, one.words, one.source) for one in bands], columns=["share", "words", "source"]),
        groups=groups,
        now=concentration(groups["sales"].to_numpy(dtype=np.float64)),
        margin=concentration(earned),
        windows=windows,
        parts=_parts(book, study.as_of),
        replacing=new,
        name=study.label(groups.iloc[0]["group"]) if len(groups) else "",
        earner=study.label(str(groups["group"].iloc[int(np.argmax(earned))])) if (earned > 0).any() else "",
    )


def _groups(
    book: Book, as_of: pd.Timestamp, *, bands: Sequence[Band], shares: dict[str, list[float]], new: NewBusiness | None
) -> pd.DataFrame:
    """Shares, age, replaceability and bands of every group."""
    frame = book.groups.copy()
    total = float(frame["sales"].sum())
    frame["share"] = frame["sales"] / total
    earned = frame["margin"].where(frame["margin"] > 0)
    frame["margin_share"] = earned / earned.sum()
    frame["years"] = (as_of - frame["since"]).dt.days / _DAYS_A_YEAR
    frame["older"] = frame["since_records"]
    nothing = Estimate(np.nan, np.nan, np.nan)
    awaited = [nothing if new is None else new.months_to_replace(sales) for sales in frame["sales"]]
    for name, end in (("replace", "value"), ("replace_low", "low"), ("replace_high", "high")):
        frame[name] = [getattr(one, end) for one in awaited]
    words = [UNDER, *(band.words for band in bands)]
    levels = reached(frame["share"].to_numpy(), bands)
    held = {group: confirmed(reached(shares[group], bands), periods=CONFIRMED_BY)[-1] for group in shares}
    frame["now_in"] = [words[level] for level in levels]
    frame["band"] = [words[held.get(group, level)] for group, level in zip(frame["group"], levels, strict=True)]
    frame["next"] = [bands[level].share if level < len(bands) else np.nan for level in levels]
    frame["to_next"] = [to_reach(sales, total, line) for sales, line in zip(frame["sales"], frame["next"], strict=True)]
    frame["to_widen"] = [
        to_widen(sales, total, bands[level - 1].share) if level else np.nan
        for sales, level in zip(frame["sales"], levels, strict=True)
    ]
    columns = [
        "group", "members", "line", "sales", "share", "margin", "margin_share", "years", "older", "replace",
        "replace_low", "replace_high", "band", "now_in", "next", "to_next", "to_widen",
    ]  # fmt: skip
    return frame[columns]


def _windows(
    orders: pd.DataFrame, as_of: pd.Timestamp, followed: list[str]
) -> tuple[pd.DataFrame, "dict[str, list[float]]"]:
    """Concentration of every window of a year that the records hold whole, and shares of those that are followed."""
    rows, shares = [], []
    for end in month_ends(orders["order_date"].min() + YEAR, as_of, every=1):
        inside = orders[(orders["order_date"] >= end - YEAR) & (orders["order_date"] < end)]
        sales = inside.groupby("group")["amount"].sum()
        found = concentration(sales.to_numpy(dtype=np.float64))
        if found.clients:
            told = (found.largest, found.top5, found.top10, found.effective, found.gini)
            rows.append((end, str(sales.idxmax()), *told))
            shares.append(sales.reindex(followed).fillna(0.0).clip(lower=0.0) / found.total)
    columns = ["end", "group", "largest", "top5", "top10", "effective", "gini"]
    followed_shares = {group: [float(one[group]) for one in shares] for group in followed} if shares else {}
    return pd.DataFrame(rows, columns=columns), followed_shares


def _parts(book: Book, as_of: pd.Timestamp) -> pd.DataFrame:
    """Concentration within each line, and within each manager's book."""
    year = book.orders[book.orders["order_date"] >= as_of - YEAR]
    manager = book.clients.set_index("client_id")["manager_id"]
    given = {"manager": year["client_id"].map(manager)}
    if "product_line" in year:
        given = {"line": year["product_line"], **given}
    rows = []
    for kind, part in given.items():
        for name, inside in year.groupby(part, observed=True):
            sales = inside.groupby("group")["amount"].sum()
            found = concentration(sales.to_numpy(dtype=np.float64))
            if found.clients:
                told = (str(sales.idxmax()), found.largest, found.top5, found.effective, found.gini)
                rows.append((kind, str(name), found.clients, found.total, *told))
    columns = ["kind", "part", "clients", "sales", "group", "largest", "top5", "effective", "gini"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["kind", "sales", "part"], ascending=[True, False, True], ignore_index=True)
