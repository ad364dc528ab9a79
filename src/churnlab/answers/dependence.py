"""On whom do we depend, who is a key client, and what if the largest leaves?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from churnlab.accounts import Concentration, concentration
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, money, percent
from churnlab.history import month_ends
from churnlab.lifetime import Estimate
from churnlab.risk import MODELS

BANDS: Final[Mapping[float, str]] = {
    0.1: "a key client",
    0.2: "a reason to widen the base",
    0.3: "a strong dependence",
    0.5: "a critical dependence",
}
"""From which share of sales on the trade speaks of what: conventions, not findings."""

VOLUME = 0.1
"""A client with a larger share of sales, of the company or of its manager, is key by volume."""

BY_SALES = f"more than {percent(VOLUME)} of all sales"
BY_MANAGER = f"more than {percent(VOLUME)} of its manager's sales"

POTENTIAL = 2.0
"""A client is key by potential if it buys so many times as much from anyone, and that would be key by volume here."""

LARGEST = 5

_YEAR = pd.Timedelta(days=365)
_FLAGS: Final = {"is_reference": "a name to refer to", "is_innovator": "innovator", "is_demanding": "demanding"}


@dataclass(frozen=True, slots=True)
class DependenceAnswer:
    """How sales depend on single clients.

    Attributes
    ----------
    grouped : bool
        Whether parents are known, so that a group counts as one.
    clients : DataFrame
        ``client_id``, ``group``, ``manager_id`` (missing where not known), ``sales``: clients with net sales above 0
        in the last 365 days, by falling sales.
    groups : DataFrame
        ``group``, ``members``, ``sales``, ``share``, ``risk``, ``low``, ``high`` (of its largest member; NaN where not
        known), by falling sales.
    now : Concentration
        Of the last 365 days, by group.
    windows : DataFrame
        ``end``, ``group`` (the largest then), ``largest``, ``top5``, ``effective``: past windows of 365 days, one a
        month; the last is the present one.
    key : DataFrame
        ``group``, ``share``, ``marks``: groups with at least one mark of a key client, by falling share.
    unmarked : tuple of str
        Columns that would have told more marks.
    risk_months : int
        Horizon of the risk.
    name : str
        What pages call the largest group; empty where nothing was sold.
    risk_sentence : str
        How likely the largest is to leave.
    """

    grouped: bool
    clients: pd.DataFrame
    groups: pd.DataFrame
    now: Concentration
    windows: pd.DataFrame
    key: pd.DataFrame
    unmarked: tuple[str, ...]
    risk_months: int
    name: str
    risk_sentence: str

    @property
    def headline(self) -> str:
        """The largest share, and what it is called."""
        if not self.now.clients:
            return "On whom we depend we cannot say: nothing was sold in the last 12 months."
        reached = [words for share, words in BANDS.items() if self.now.largest > share]
        called = f"by convention {reached[-1]}" if reached else "by convention not yet a key client"
        return (
            f"{self.name} is the largest of {count(self.now.clients)} clients{self._grouping}, with "
            f"{percent(self.now.largest)} of the sales of the last 12 months: {called}."
        )

    @property
    def concentration_sentences(self) -> tuple[str, ...]:
        """Shares of the first, the index, and how they moved."""
        if not self.now.clients:
            return (self.headline,)
        first = f"The five largest have {percent(self.now.top5)} of sales, the ten largest {percent(self.now.top10)}."
        index = (
            f"The Herfindahl index is {self.now.herfindahl:.3f}: sales are as concentrated as if "
            f"{self.now.effective:.1f} equal clients shared them."
        )
        return (first, index, self.range_sentence)

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
    def loss_sentences(self) -> tuple[str, ...]:
        """What goes if the largest leaves, and how likely that is."""
        if not self.now.clients:
            return (self.headline,)
        sales = self.groups.iloc[0]["sales"]
        return (
            f"If {self.name} left today, {money(sales)} of sales would be missing over the next 12 months, "
            f"{percent(self.now.largest)} of all, if it had gone on as in the last 12 and no other client changed.",
            self.risk_sentence,
            "What its leaving would do to the others (a purchase discount lost, prices raised for the rest) is not "
            "modelled: the loss may be larger.",
        )

    @property
    def key_sentences(self) -> tuple[str, ...]:
        """How many are key, and which marks could not be looked at."""
        said = [
            f"{len(self.key)} of {count(self.now.clients)} clients bear at least one mark of a key client; together "
            f"they have {percent(self.key['share'].sum())} of sales."
        ]
        if self.unmarked:
            said.append(f"Not looked at, because the columns are missing: {listed(list(self.unmarked))}.")
        return tuple(said)

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.now.clients:
            return (self.headline,)
        return (self.headline, *self.concentration_sentences, *self.loss_sentences, *self.key_sentences)

    @property
    def _grouping(self) -> str:
        return " (a group counts as one)" if self.grouped else " (groups are not known)"


def who_do_we_depend_on(study: Study) -> DependenceAnswer:
    """Count concentration by group, and mark key clients.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DependenceAnswer
    """
    orders, clients = study.tables.orders, study.tables.clients
    grouped = clients is not None and "group_id" in clients
    top = {} if clients is None or not grouped else dict(zip(clients["client_id"], clients["group_id"], strict=True))
    bought = _bought(study, top)
    risk = study.ask(who_is_at_risk)
    groups = _groups(bought, risk)
    key, unmarked = _key(study, bought, groups)
    first = bought[bought["group"] == groups.iloc[0]["group"]] if len(groups) else bought
    return DependenceAnswer(
        grouped=grouped,
        clients=bought,
        groups=groups,
        now=concentration(groups["sales"].to_numpy(dtype=np.float64)),
        windows=_windows(orders.assign(group=_group(orders, top)), study.as_of),
        key=key,
        unmarked=unmarked,
        risk_months=risk.horizon_months,
        name=study.label(groups.iloc[0]["group"]) if len(groups) else "",
        risk_sentence=_risk_sentence(first, groups, risk),
    )


def _bought(study: Study, top: dict[str, str]) -> pd.DataFrame:
    """Clients with net sales in the last year, with group and manager."""
    orders, clients = study.tables.orders, study.tables.clients
    year = orders[orders["order_date"] >= study.as_of - _YEAR]
    sales = year.groupby("client_id")["amount"].sum()
    frame = sales[sales > 0].rename("sales").reset_index()
    frame["group"] = _group(frame, top)
    manager = None
    if clients is not None and "manager_id" in clients:
        manager = clients.set_index("client_id")["manager_id"]
    elif "manager_id" in orders:
        manager = orders.dropna(subset="manager_id").groupby("client_id")["manager_id"].last()
    frame["manager_id"] = pd.Series(None, index=frame.index, dtype="str")
    if manager is not None:
        frame["manager_id"] = frame["client_id"].map(manager).astype("str")
    frame = frame.sort_values(["sales", "client_id"], ascending=[False, True]).reset_index(drop=True)
    return frame[["client_id", "group", "manager_id", "sales"]]


def _group(frame: pd.DataFrame, top: dict[str, str]) -> "pd.Series[str]":
    """Top of each row's client, the client itself where it has no parent."""
    return pd.Series([top.get(client, client) for client in frame["client_id"]], index=frame.index, dtype="str")


def _groups(bought: pd.DataFrame, risk: RiskAnswer) -> pd.DataFrame:
    """Sum sales by group, and note the risk of each group's largest member."""
    groups = bought.groupby("group", as_index=False).agg(
        members=("client_id", "size"), sales=("sales", "sum"), main=("client_id", "first")
    )
    groups["share"] = groups["sales"] / groups["sales"].sum()
    risks = risk.clients if len(risk.clients) else pd.DataFrame({n: [] for n in ("client_id", "risk", "low", "high")})
    known = risks.set_index("client_id")
    for name in ("risk", "low", "high"):
        groups[name] = groups["main"].map(known[name]).astype("float64")
    groups = groups.sort_values(["sales", "group"], ascending=[False, True]).reset_index(drop=True)
    return groups[["group", "members", "sales", "share", "risk", "low", "high"]]


def _windows(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Concentration of every window of a year that the records hold whole, one a month."""
    rows = []
    for end in month_ends(orders["order_date"].min() + _YEAR, as_of, every=1):
        inside = orders[(orders["order_date"] >= end - _YEAR) & (orders["order_date"] < end)]
        sales = inside.groupby("group")["amount"].sum()
        found = concentration(sales.to_numpy(dtype=np.float64))
        if found.clients:
            rows.append((end, str(sales.idxmax()), found.largest, found.top5, found.effective))
    return pd.DataFrame(rows, columns=["end", "group", "largest", "top5", "effective"])


def _key(study: Study, bought: pd.DataFrame, groups: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Groups with marks of a key client, and the columns that would have told more."""
    clients = study.tables.clients
    known = clients.set_index("client_id") if clients is not None else pd.DataFrame()
    by_manager, by_main_manager = _manager_sales(bought)
    index = groups["group"]
    share = groups.set_index("group")["share"]
    marks = {BY_SALES: share > VOLUME, BY_MANAGER: by_manager > VOLUME}
    for column, words in _FLAGS.items():
        if column in known:
            flagged = bought["client_id"].map(known[column].fillna(value=False).astype(bool)).fillna(value=False)
            marks[words] = flagged.astype(bool).groupby(bought["group"]).any()
    if "potential_amount" in known:
        potential = bought["client_id"].map(known["potential_amount"]).groupby(bought["group"]).sum()
        sales = groups.set_index("group")["sales"]
        large = (potential > VOLUME * sales.sum()) | (potential > VOLUME * by_main_manager.reindex(potential.index))
        marks["potential"] = (potential >= POTENTIAL * sales.reindex(potential.index)) & large
    table = pd.DataFrame({words: mark.reindex(index, fill_value=False) for words, mark in marks.items()}, index=index)
    said = ["; ".join(name for name, borne in zip(marks, row, strict=True) if borne) for row in table.to_numpy()]
    frame = pd.DataFrame({"group": index, "share": groups["share"], "marks": said})
    wanted = ("manager_id", *_FLAGS, "potential_amount")
    there = {*known.columns, *(["manager_id"] if bought["manager_id"].notna().any() else [])}
    return frame[frame["marks"] != ""].reset_index(drop=True), tuple(name for name in wanted if name not in there)


def _manager_sales(bought: pd.DataFrame) -> "tuple[pd.Series[float], pd.Series[float]]":
    """By group: its largest share of a manager's sales, and all sales of the manager of its largest client."""
    led = bought.dropna(subset="manager_id")
    totals = led.groupby("manager_id")["sales"].sum()
    parts = led.groupby(["group", "manager_id"], as_index=False)["sales"].sum()
    parts["share"] = parts["sales"] / parts["manager_id"].map(totals).astype("float64")
    main = led.groupby("group")["manager_id"].first().map(totals).astype("float64")
    return parts.groupby("group")["share"].max(), main


def _risk_sentence(first: pd.DataFrame, groups: pd.DataFrame, risk: RiskAnswer) -> str:
    """How likely the largest group's largest client is to leave, and what that puts at stake."""
    if first.empty or np.isnan(groups.iloc[0]["risk"]):
        return f"How likely that is we cannot say. {risk.headline}"
    row, sales = groups.iloc[0], first.iloc[0]["sales"]
    found = Estimate(row["risk"], row["low"], row["high"])
    stake = interval(Estimate(*(sales * end for end in (found.value, found.low, found.high))), money)
    alike = ", the same for every client" if risk.speaks == MODELS[0].name else ""
    whose = (
        "Its risk"
        if len(first) == 1
        else f"It is {len(first)} clients, who need not leave together. The risk of the largest of them"
    )
    return (
        f"{whose} of {risk.leaving.gerund} within {risk.horizon_months} months is {interval(found, percent)}{alike}: "
        f"{stake} of its last year's sales, in expectation."
    )
