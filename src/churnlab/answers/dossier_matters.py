"""What waits for somebody at a client: each matter a sentence."""

from collections.abc import Iterator

import pandas as pd

from churnlab.answers.call_sheet import LESS, what_each_will_order
from churnlab.answers.follow_up import FOLLOWING, who_waits_for_us
from churnlab.answers.occasions import coming_days
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, decimal, percent, shortened

RECENT = pd.Timedelta(days=365)
"""Failures, offers and deliveries that lie farther back wait no more."""


def open_matters(study: Study, clients: pd.DataFrame) -> pd.DataFrame:
    """List what waits for somebody.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    clients : DataFrame
        ``client_id``, ``standing``, ``silence_days``, ``limit_days``.

    Returns
    -------
    DataFrame
        ``client_id``, ``matter``: by client; scores, orders, silence, failures, deliveries, offers, asking,
        occasions.
    """
    parts = (_scores, _orders, _silences, _failures, _deliveries, _offers, _asking, _occasions)
    rows = [row for part in parts for row in part(study, clients)]
    frame = pd.DataFrame(rows, columns=["client_id", "matter"]).astype("str")
    frame = frame[frame["client_id"].isin(clients["client_id"])]
    return frame.sort_values("client_id", kind="stable").reset_index(drop=True)


_Rows = Iterator[tuple[str, str]]


def _scores(study: Study, clients: pd.DataFrame) -> _Rows:
    """Poor or falling scores without a call or visit since."""
    del clients
    found = study.ask(who_waits_for_us)
    since = "no call or visit since" if found.touched else "whether anybody spoke to it is not recorded"
    for row in found.waiting.to_dict("records"):
        before = "" if pd.isna(row["score_before"]) else f", after {row['score_before']:g}"
        yield row["client_id"], f"Gave {row['score']:g} of 10 on {day(row['survey_date'])}{before}; {since}."


def _orders(study: Study, clients: pd.DataFrame) -> _Rows:
    """Surprisingly few orders in the last month."""
    del clients
    sheet = study.ask(what_each_will_order)
    for row in sheet.clients[sheet.clients["surprise"] == LESS].to_dict("records"):
        came, expected = count(row["last_came"]), decimal(row["last_expected"])
        yield (
            row["client_id"],
            f"Ordered {came} times from {day(sheet.last)} on, where {expected} orders were expected: of clients like "
            f"it {percent(row['tail'])} fell as short.",
        )


def _silences(study: Study, clients: pd.DataFrame) -> _Rows:
    """Silences past half of their limit."""
    del study
    for row in clients[clients["standing"] == "pending"].to_dict("records"):
        yield row["client_id"], f"Silent for {count(row['silence_days'])} days of its limit of {row['limit_days']:.0f}."


def _failures(study: Study, clients: pd.DataFrame) -> _Rows:
    """Failures that were not spoken about, without a call or visit since."""
    failures, touches = study.tables.failures, study.tables.touches
    if failures is None or "handling" not in failures:
        return
    recent = failures[(failures["handling"] == "silent") & (failures["date"] >= study.as_of - RECENT)]
    recent = recent[recent["client_id"].isin(clients["client_id"])].sort_values("date", kind="stable")
    spoken = recent.iloc[:0] if touches is None else touches[touches["kind"].isin(FOLLOWING)]
    last = spoken.groupby("client_id")["date"].max()
    for row in recent.groupby("client_id").tail(1).to_dict("records"):
        if last.get(str(row["client_id"]), pd.Timestamp.min) < row["date"]:
            kind = "" if pd.isna(row.get("kind")) else f" ({shortened(row['kind'])})"
            since = "no call or visit since" if touches is not None else "calls and visits are not recorded"
            yield row["client_id"], f"A failure of {day(row['date'])}{kind} was not spoken about; {since}."


def _deliveries(study: Study, clients: pd.DataFrame) -> _Rows:
    """Deliveries that were promised for a day gone by."""
    orders = study.tables.orders
    if not {"promised_date", "delivered_date"} <= set(orders):
        return
    due = orders["promised_date"].between(study.as_of - RECENT, study.as_of, inclusive="left")
    late = orders[due & orders["delivered_date"].isna() & (orders["kind"] == "sale")]
    late = late[late["client_id"].isin(clients["client_id"])]
    for client, own in late.groupby("client_id"):
        lines = "One order line" if len(own) == 1 else f"{count(len(own))} order lines"
        yield str(client), f"{lines} promised for {day(own['promised_date'].min())} or later, no delivery recorded."


def _offers(study: Study, clients: pd.DataFrame) -> _Rows:
    """The latest offer of a competitor that was seen."""
    seen = study.tables.offers_seen
    if seen is None:
        return
    recent = seen[(seen["date"] >= study.as_of - RECENT) & seen["client_id"].isin(clients["client_id"])]
    for row in recent.sort_values("date", kind="stable").groupby("client_id").tail(1).to_dict("records"):
        told = [shortened(row[name]) for name in ("competitor", "outcome") if not pd.isna(row.get(name))]
        depth = [] if pd.isna(row.get("depth")) else [f"{percent(row['depth'])} under our price"]
        what = ", ".join([*told[:1], *depth, *told[1:]])
        yield row["client_id"], f"A competitor's offer was seen on {day(row['date'])}{f': {what}' if what else ''}."


def _asking(study: Study, clients: pd.DataFrame) -> _Rows:
    """Clients whom nobody has asked for a year."""
    del clients
    found = study.ask(who_waits_for_us)
    if not found.surveyed:
        return
    known = "Not asked" if found.recorded else "Not known to have been asked"
    for row in found.not_asked.to_dict("records"):
        if pd.isna(row["asked_on"]):
            yield row["client_id"], f"{known} in any survey."
        elif row["asked_on"] < study.as_of - RECENT:
            yield row["client_id"], f"{known} in a survey since {day(row['asked_on'])}."


def _occasions(study: Study, clients: pd.DataFrame) -> _Rows:
    """Anniversaries and birthdays of the next days; of clients who order."""
    here = clients.loc[~clients["standing"].isin(["left", "closed"]), "client_id"]
    days = coming_days(study)
    for client, words in days[days.index.isin(here)].items():
        yield str(client), f"Coming up: {words}."
