"""What do we have, what is missing, what did the checks find, and what do the surveys say at first sight?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.answers.invitations import answered, votes
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, percent, points
from churnlab.history import purchases
from churnlab.lifetime import Estimate
from churnlab.surveys import nps, promoter_classes
from churnlab.tables import CONTRACT

ALL_ORDERS = "all orders"

_DAYS = ("order_date", "survey_date", "date")

_ADDS = {
    "clients": "names, start dates and groups: without it tenure starts at the first order",
    "surveys": "scores: without it nothing can be said of satisfaction, nor of what service would bring",
}


@dataclass(frozen=True, slots=True)
class Overview:
    """What the dataset holds.

    Attributes
    ----------
    records_start, as_of : Timestamp
        First order, and the day on which the study stands.
    clients_ever, clients_active : int
        Clients that ever bought, and those not known to have left.
    purchases : int
        Purchases before `as_of`.
    sales_12m : float
        Net sales of the last 365 days, money.
    tables : DataFrame
        ``table``, ``rows``, ``first``, ``last``.
    activity : DataFrame
        ``month`` (its first day), ``line`` (``"all orders"`` first), ``purchases``: whole months only.
    missing : tuple of str
        Tables that would add to the answers.
    nps : DataFrame
        ``wave``, ``mode``, ``period`` (year), ``n``, ``nps``, ``low``, ``high``: one vote a client, its last in the
        period; empty without recommendation scores.
    answered : Estimate
        Share of invitations that were answered; NaN without surveys.
    sentences, nps_sentences : tuple of str
        The answer in words, and what the surveys say.
    """

    records_start: pd.Timestamp
    as_of: pd.Timestamp
    clients_ever: int
    clients_active: int
    purchases: int
    sales_12m: float
    tables: pd.DataFrame
    activity: pd.DataFrame
    missing: tuple[str, ...]
    nps: pd.DataFrame
    answered: Estimate
    sentences: tuple[str, ...]
    nps_sentences: tuple[str, ...]

    @property
    def nps_known(self) -> bool:
        """Whether any group has enough answers for an index."""
        return bool(self.nps["nps"].notna().any())

    @property
    def missing_sentences(self) -> tuple[str, ...]:
        """What is missing, and what it would add."""
        return tuple(f"There is no {name} table. It would add {_ADDS[name]}." for name in self.missing)

    @property
    def activity_sentence(self) -> str:
        """Purchases a month in the last twelve whole months against the twelve before."""
        monthly = self.activity.loc[self.activity["line"] == ALL_ORDERS, "purchases"]
        if monthly.empty:
            return "We cannot say how orders ran over time: the records hold no whole month."
        if len(monthly) < 24:
            return f"{count(monthly.mean())} purchases a month on average over {len(monthly)} whole months."
        last, before = monthly.iloc[-12:], monthly.iloc[-24:-12]
        return (
            f"{count(last.mean())} purchases a month in the last twelve whole months, {count(before.mean())} in the "
            f"twelve before ({count(last.sum())} and {count(before.sum())} purchases)."
        )

    @property
    def latest_nps(self) -> pd.DataFrame:
        """Rows of the last period of every wave and mode."""
        last = self.nps.groupby(["wave", "mode"])["period"].transform("max")
        return self.nps[self.nps["period"] == last].reset_index(drop=True)


def what_do_we_have(study: Study) -> Overview:
    """Count what the dataset holds and what it lacks.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Overview
    """
    tables, orders = study.tables, study.tables.orders
    lives = study.lives()
    latest = lives.frame.drop_duplicates("client_id", keep="last")
    year = orders["order_date"] >= study.as_of - pd.Timedelta(days=365)
    missing = tuple(name for name in _ADDS if getattr(tables, name) is None)
    waves = _net_promoter(tables.surveys)
    overview = Overview(
        records_start=lives.records_start,
        as_of=study.as_of,
        clients_ever=len(latest),
        clients_active=int(latest["left_on"].isna().sum()),
        purchases=int(purchases(orders)["purchases"].sum()),
        sales_12m=float(orders.loc[year, "amount"].sum()),
        tables=_table_rows(study),
        activity=_activity(study),
        missing=missing,
        nps=waves,
        answered=answered(tables.surveys),
        sentences=(),
        nps_sentences=(),
    )
    return replace(
        overview,
        sentences=_sentences(overview, tables.finding_counts),
        nps_sentences=_nps_sentences(overview),
    )


def _table_rows(study: Study) -> pd.DataFrame:
    rows = []
    for name in CONTRACT:
        frame = getattr(study.tables, name)
        if frame is None:
            continue
        day = next((day for day in _DAYS if day in frame), None)
        first, last = (frame[day].min(), frame[day].max()) if day else (pd.NaT, pd.NaT)
        rows.append((name, len(frame), first, last))
    return pd.DataFrame(rows, columns=["table", "rows", "first", "last"])


def _activity(study: Study) -> pd.DataFrame:
    """Purchases by whole month, all and by line; an order over two lines counts once in each and once in all."""
    orders = study.tables.orders
    start = orders["order_date"].min()
    first = start if start.day == 1 else start + pd.offsets.MonthBegin()
    months_seen = pd.date_range(first, study.as_of.replace(day=1) - pd.Timedelta(days=1), freq="MS")
    if months_seen.empty:
        return pd.DataFrame({"month": [], "line": [], "purchases": []})
    groups = {ALL_ORDERS: purchases(orders)}
    if "product_line" in orders:
        named = orders.assign(product_line=orders["product_line"].fillna("no line"))
        by_line = purchases(named, by=("client_id", "product_line"))
        groups |= {str(name): group for name, group in by_line.groupby("product_line")}
    frames = []
    for name, group in groups.items():
        counted = group.set_index("date")["purchases"].resample("MS").sum().reindex(months_seen, fill_value=0)
        frames.append(pd.DataFrame({"month": months_seen, "line": name, "purchases": counted.to_numpy()}))
    return pd.concat(frames, ignore_index=True)


def _net_promoter(surveys: pd.DataFrame | None) -> pd.DataFrame:
    """Index by wave, mode and year; waves and modes are never mixed."""
    columns = ["wave", "mode", "period", "n", "nps", "low", "high"]
    if surveys is None or "recommend" not in surveys or surveys["recommend"].isna().all():
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
    rows = []
    for place, group in votes(surveys).groupby(["wave", "mode", "period"]):
        wave, how, period = pd.Series(place)
        index = nps(*promoter_classes(group["recommend"].to_numpy()))
        few = index.too_few
        figures = (np.nan, np.nan, np.nan) if few else (index.value, index.low, index.high)
        rows.append((wave, how, int(period), index.n, *figures))
    return pd.DataFrame(rows, columns=columns)


def _sentences(overview: Overview, findings: pd.DataFrame) -> tuple[str, ...]:
    met = int(findings["count"].sum())
    rules = findings.groupby("rule")["count"].sum().sort_values(ascending=False)
    named = listed([f"{rule} ({count(number)})" for rule, number in rules.head(3).items()])
    sentences = [
        f"{count(overview.purchases)} purchases by {count(overview.clients_ever)} clients from "
        f"{overview.records_start:%Y-%m-%d} to the day before {overview.as_of:%Y-%m-%d}; "
        f"{count(overview.clients_active)} clients are not known to have left.",
        f"The checks met {count(met)} {'thing' if met == 1 else 'things'} to look at: {named}."
        if met
        else "The checks met nothing to look at.",
    ]
    return (*sentences, *overview.missing_sentences)


def _nps_sentences(overview: Overview) -> tuple[str, ...]:
    if overview.nps.empty:
        return ("We cannot say what clients think: there are no recommendation scores.",)
    sentences = []
    for row in overview.latest_nps.to_dict("records"):
        said = interval(Estimate(row["nps"], row["low"], row["high"]), points)
        few = np.isnan(row["nps"])
        figure = f"too few answers to say ({row['n']})" if few else f"{said}, {row['n']} clients"
        sentences.append(f"Net promoter index of the {row['wave']} wave by {row['mode']}, {row['period']}: {figure}.")
    if not np.isnan(overview.answered.value):
        sentences.append(f"Of the invitations to surveys {interval(overview.answered, percent)} were answered.")
    else:
        sentences.append("How many were asked and did not answer we cannot say: the surveys hold answers only.")
    return tuple(sentences)
