"""What a plant is like, held against what the article that it follows says of one."""

from dataclasses import dataclass

import pandas as pd

from churnlab.tables.plant.again import true_lifetimes
from churnlab.tables.plant.make import Plant
from churnlab.tables.plant.traits import LINES

_END = pd.Timestamp("2026-01-01")
_YEAR = pd.Timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a plant.

    Attributes
    ----------
    name : str
        What is counted.
    asked : str
        What the article says, or what was asked for where it says nothing.
    value : float
        In this plant.
    low, high : float
        Between which the value has to lie.
    unit : str
        "%" or "years", or empty for counts.
    """

    name: str
    asked: str
    value: float
    low: float
    high: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value lies within its range."""
        return self.low <= self.value <= self.high


def facts(plant: Plant) -> tuple[Fact, ...]:
    """Count what the plant's tables and truth hold.

    Parameters
    ----------
    plant : Plant
        As made; one of about 200 clients, for which the ranges are meant.

    Returns
    -------
    tuple of Fact
    """
    return (*_line_facts(plant), *_size_facts(plant), *_key_facts(plant), *_record_facts(plant))


def regulars(plant: Plant) -> pd.Index:
    """Find the regular clients: with the plant at the end of the records, and for more than a year.

    Parameters
    ----------
    plant : Plant
        As made.

    Returns
    -------
    pandas.Index
        Their ids.
    """
    here = plant.truth["clients"].loc[plant.truth["clients"]["left_on"].isna(), "client_id"]
    start = plant.tables["clients"].set_index("client_id")["start_date"]
    return pd.Index([client for client in here if start[client] < _END - _YEAR])


def _line_facts(plant: Plant) -> list[Fact]:
    orders = _sales(plant)
    regular = regulars(plant)
    recent = orders[(orders["order_date"] >= _END - _YEAR) & orders["client_id"].isin(regular)]
    buys = recent.groupby("product_line", observed=True)["client_id"].nunique() / len(regular) * 100
    lives = true_lifetimes(law=plant.law, clients=plant.clients, seed=plant.seed)
    segment = plant.tables["clients"].set_index("client_id")["segment"]
    lives = lives[(lives["begins_on"] >= "2017-01-01") & (lives["client_id"].map(segment) != "retail")]
    mean = lives.groupby("product_line")["years"].mean()
    old = lives.loc[lives["product_line"] == LINES[0], "years"]
    house = orders[orders["product_line"] == LINES[2]]
    by_trade = house.groupby(house["client_id"].map(segment))["amount"].sum()
    of_firms = recent.loc[recent["product_line"] == LINES[2], "client_id"].drop_duplicates().map(segment)
    of_firms = of_firms[of_firms != "retail"]
    return [
        Fact("regular clients that buy particleboard", "95 %", buys[LINES[0]], 90, 100, "%"),
        Fact("regular clients that buy cement-bonded board", "60 %", buys[LINES[1]], 55, 65, "%"),
        Fact("regular clients that buy houses", "10 %", buys[LINES[2]], 5, 15, "%"),
        Fact(
            "needs of particleboard that last over ten years",
            "can exceed 10 years",
            (old > 10).mean() * 100,
            10,
            60,
            "%",
        ),
        Fact("mean need of cement-bonded board", "3-4 years", mean[LINES[1]], 3, 4, "years"),
        Fact("mean need of houses", "1-2 years", mean[LINES[2]], 1, 2, "years"),
        Fact(
            "age of house building at the end",
            "2 years",
            (_END - house["order_date"].min()).days / 365.25,
            1.8,
            2.1,
            "years",
        ),
        Fact(
            "sales of houses that are retail", "mostly", by_trade.get("retail", 0) / by_trade.sum() * 100, 50, 100, "%"
        ),
        Fact(
            "firms among house buyers that build",
            "construction firms",
            (of_firms == "construction").mean() * 100,
            50,
            100,
            "%",
        ),
    ]


def _size_facts(plant: Plant) -> list[Fact]:
    truth, start = plant.truth, plant.tables["clients"]["start_date"]
    departures = truth["departures"]
    return [
        Fact("clients in the records", "some 330", len(truth["clients"]), 300, 360),
        Fact("clients at the end", "about 200", truth["clients"]["left_on"].isna().sum(), 180, 220),
        Fact("clients older than the records", "some", (start < "2017-01-01").sum(), 60, 120),
        Fact("departures", "at least 120", len(departures), 120, 200),
        Fact("departures after which the client came back", "some", departures["returned_on"].notna().sum(), 8, 40),
    ]


def _key_facts(plant: Plant) -> list[Fact]:
    orders, clients = _sales(plant, kinds=("sale", "return")), plant.tables["clients"].set_index("client_id")
    last = orders[orders["order_date"] >= _END - _YEAR]
    money = last.groupby("client_id")["amount"].sum()
    money = money / money.sum() * 100
    parent = clients["parent_id"]
    in_group = parent.index[(parent != "") | parent.index.isin(parent)]
    by_account = money.groupby([clients["manager_id"].astype("str").reindex(money.index), _tops(parent, money.index)])
    sums = by_account.sum()
    manager_of = sums.index.get_level_values(0)
    within = sums / sums.groupby(manager_of).transform("sum")
    large = (within > 0.1).groupby(manager_of).sum().sort_values()
    return [
        Fact("largest client, of last year's sales", "more than 20 %", money.max(), 20, 30, "%"),
        Fact("client numbers in one group", "several", len(in_group), 4, 4),
        Fact("the group, of last year's sales", "more than 10 %", money.reindex(in_group).sum(), 10, 18, "%"),
        Fact(
            "accounts above a tenth of their manager's sales, at the overloaded manager",
            "at most 3 are advised",
            large.iloc[-1],
            4,
            8,
        ),
        Fact("such accounts, most at any other manager", "at most 3 are advised", large.iloc[-2], 0, 3),
    ]


def _tops(parent: "pd.Series[str]", ids: pd.Index) -> list[str]:
    """Follow parents to the top: the account to which each client number belongs."""
    above = {client: over for client, over in parent.astype("str").items() if over}
    tops = []
    for client in ids:
        top = client
        while top in above:
            top = above[top]
        tops.append(top)
    return tops


def _record_facts(plant: Plant) -> list[Fact]:
    tables = plant.tables
    surveys, losses, failures = tables["surveys"], tables["losses"], tables["failures"]
    lost_on_price = (plant.truth["departures"]["reason"] == "price").sum()
    seen = (tables["offers_seen"]["outcome"] == "lost").sum()
    return [
        Fact(
            "invitations that were answered",
            "some do not answer",
            surveys["recommend"].notna().mean() * 100,
            45,
            75,
            "%",
        ),
        Fact("failures told openly", "both ways", (failures["handling"] == "open").mean() * 100, 30, 70, "%"),
        Fact("losses with a coded reason", "most", (losses["reason"] != "unknown").mean() * 100, 70, 95, "%"),
        Fact("losses to an offer of which the offer was seen", "part", seen / lost_on_price * 100, 25, 75, "%"),
        Fact("rows of orders sent back", "some", (tables["orders"]["kind"] == "return").mean() * 100, 0.5, 1.5, "%"),
        Fact("changed client numbers", "one", len(tables["merges"]), 1, 1),
    ]


def _sales(plant: Plant, kinds: tuple[str, ...] = ("sale",)) -> pd.DataFrame:
    """Give order lines under the client's present number."""
    orders = plant.tables["orders"]
    orders = orders[orders["kind"].isin(kinds)]
    new = dict(zip(plant.tables["merges"]["old_id"], plant.tables["merges"]["new_id"], strict=True))
    ids = orders["client_id"].astype("str")
    return orders.assign(client_id=ids.replace(new))
