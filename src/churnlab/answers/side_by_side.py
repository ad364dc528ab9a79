"""The same clients valued twice: from the hazard and from orders alone, and why the two differ."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.numbered import numbered
from churnlab.answers.second_opinion import SecondOpinion
from churnlab.answers.valuing import ValuedBook
from churnlab.answers.words import interval, listed, money, percent
from churnlab.lifetime import Estimate
from churnlab.surveys import rank_correlation

_WORDS = {
    "recency": "the days since the last order",
    "overdue": "silence in the client's own gaps",
    "frequency": "the number of orders",
    "trend": "trends",
    "amount_trend": "trends",
    "tenure": "tenure",
    "recommend": "scores",
    "service": "scores",
    "price": "scores",
    "unanswered": "who did not answer",
}
"""Columns of a hazard, as pages call them; any other is a product line."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Net sales of a horizon, discounted, from the hazard and from orders alone.

    Attributes
    ----------
    clients : DataFrame
        Clients with both: ``client_id``, ``hazard``, ``orders`` (money by either), ``orders_low``, ``orders_high``
        (95 % of what comes by orders alone), ``by_number`` and ``by_size`` (what the number of orders and the money of
        an order add to the hazard's value to make the other), by falling absolute difference.
    hazard, orders : float
        Sums over these clients.
    by_number, by_size : float
        Sums of the two reasons: `hazard` plus both is `orders`.
    agreement : Estimate
        Rank correlation of the two, interval over clients; NaN with fewer than ten.
    horizon_months : int
        Months counted.
    model : str
        Purchase model.
    leaving_shows : bool
        Whether orders alone show that clients leave.
    reads : tuple of str
        Columns of the hazard.
    near : int
        Months for which it speaks.
    grows : bool
        Whether the past tells how sales go on.
    """

    clients: pd.DataFrame
    hazard: float
    orders: float
    by_number: float
    by_size: float
    agreement: Estimate
    horizon_months: int
    model: str
    leaving_shows: bool
    reads: tuple[str, ...]
    near: int
    grows: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """How far they are apart, and why."""
        gap = self.orders - self.hazard
        grows = "with the growth of those who stayed" if self.grows else "as they were"
        clients = numbered(len(self.clients), "client is", "clients are")
        way = "more" if gap >= 0 else "less"
        alike = f"; the two rank them with a correlation of {interval(self.agreement)}"
        said = [
            f"Counted in net sales, {clients} worth {money(self.hazard)} by the hazard and "
            f"{money(self.orders)} by orders alone ({self.model}), {percent(abs(gap) / self.hazard)} {way}"
            f"{'' if np.isnan(self.agreement.value) else alike}.",
            f"Of the difference the number of orders makes {_signed(self.by_number)} and the money of an order "
            f"{_signed(self.by_size)}.",
            f"They differ by what they read: {self._hazard_reads()}, counts leaving by the limit of silence, and lets "
            f"last year's sales go on {grows}; orders "
            "alone see each client's orders since its first, whose rate holds for ever while the client is there, so "
            "that growth and fading are not in them, and draw the money of few orders towards that of all.",
        ]
        if not self.leaving_shows:
            said.append(
                "Orders alone do not show that clients leave: what they say of later months is the model's form."
            )
        return tuple(said)

    def _hazard_reads(self) -> str:
        """What the hazard goes by."""
        if not self.near:
            return "the hazard goes by line and tenure alone"
        words = [_WORDS.get(name, "line") for name in self.reads]
        read = listed(list(dict.fromkeys(words))) or "nothing of single clients"
        return f"the hazard reads {read} for {self.near} months and goes by line and tenure after them"


def side_by_side(known: pd.DataFrame, book: ValuedBook, opinion: SecondOpinion) -> SideBySide | None:
    """Put both values beside one another.

    Parameters
    ----------
    known : DataFrame
        Valued clients: ``client_id``, ``amount_12m``, ``months``, ``sales``.
    book : ValuedBook
        What they were valued from.
    opinion : SecondOpinion
        Orders alone.

    Returns
    -------
    SideBySide or None
        None where no client has both, or one of them is not finite.

    Notes
    -----
    With n discounted orders at a mean of s by the hazard (last year's, times the months it is there, with growth) and m
    at a mean of t by orders alone, the difference m t - n s is split at the hazard's money: s (m - n) and m (t - s).
    """
    if opinion.clients.empty or known.empty:
        return None
    last = pd.Series(book.money.orders, index=book.frame["client_id"].to_numpy())
    columns = ["client_id", "value", "value_low", "value_high", "value_orders", "order_size"]
    other = opinion.clients[columns].rename(
        columns={"value": "orders", "value_low": "orders_low", "value_high": "orders_high"}
    )
    frame = known[["client_id", "amount_12m", "sales"]].merge(other, on="client_id")
    frame = frame[np.isfinite(frame["orders"])].rename(columns={"sales": "hazard"}).reset_index(drop=True)
    if frame.empty or not frame["hazard"].sum() > 0:
        return None
    year = frame["client_id"].map(last).fillna(0.0).to_numpy(np.float64)
    size = np.where(year > 0, frame["amount_12m"] / np.maximum(year, 1.0), frame["order_size"])
    by_size = frame["value_orders"].to_numpy() * (frame["order_size"].to_numpy() - size)
    frame = frame.assign(by_size=by_size, by_number=frame["orders"] - frame["hazard"] - by_size)
    apart = (frame["orders"] - frame["hazard"]).abs()
    order = np.lexsort((frame["client_id"].to_numpy(str), -apart.to_numpy()))
    frame = frame.iloc[order].reset_index(drop=True)
    alike = rank_correlation(frame["hazard"], frame["orders"])
    return SideBySide(
        clients=frame[["client_id", "hazard", "orders", "orders_low", "orders_high", "by_number", "by_size"]],
        hazard=float(frame["hazard"].sum()),
        orders=float(frame["orders"].sum()),
        by_number=float(frame["by_number"].sum()),
        by_size=float(frame["by_size"].sum()),
        agreement=Estimate(alike.value, alike.low, alike.high),
        horizon_months=book.worth.horizon,
        model=opinion.model,
        leaving_shows=opinion.leaving_shows,
        reads=book.reads,
        near=book.near,
        grows=book.growth.known,
    )


def _signed(amount: float) -> str:
    return f"{'+' if amount >= 0 else ''}{money(amount)}"
