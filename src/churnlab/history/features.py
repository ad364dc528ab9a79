"""Every feature of a snapshot, defined once: what it says, in which unit, from which table, known from which day on."""

from dataclasses import asdict, dataclass
from typing import Final

import pandas as pd

FACTORS: Final = ("recommend", "quality", "timing", "attention", "price")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a snapshot.

    Attributes
    ----------
    name : str
        Column name.
    unit : str
        Unit of the values.
    source : str
        Table that it is computed from.
    meaning : str
        What it says.
    known : str
        Column that dates what it counts: rows dated there strictly before the cut-off, and no others.
    """

    name: str
    unit: str
    source: str
    meaning: str
    known: str = "order_date"


_LAST = "last {} score, at most two years old"

FEATURES: Final = (
    Feature("recency_days", "days", "orders", "since the last purchase"),
    Feature("typical_gap_days", "days", "orders", "typical gap between purchases, shrunk towards everyone's"),
    Feature("overdue", "own typical gaps", "orders", "since the last purchase, in the client's own rhythm"),
    Feature("gap_spread", "log days", "orders", "standard deviation of the log gaps: 0 for a clockwork"),
    Feature("fading", "log ratio", "orders", "typical gap of the last 12 months against that of the time before"),
    Feature("orders_3m", "purchases", "orders", "in the last 3 months"),
    Feature("orders_12m", "purchases", "orders", "in the last 12 months"),
    Feature("orders_24m", "purchases", "orders", "in the last 24 months"),
    Feature("amount_3m", "money", "orders", "net sales of the last 3 months"),
    Feature("amount_12m", "money", "orders", "net sales of the last 12 months"),
    Feature("amount_24m", "money", "orders", "net sales of the last 24 months"),
    Feature("trend", "log ratio", "orders", "purchases of the last 6 months against the 6 before"),
    Feature("amount_trend", "log ratio", "orders", "net sales of the last 6 months against the 6 before"),
    Feature("returned_12m", "share", "orders", "returns and credits, of the sales of the last 12 months"),
    Feature("lines_12m", "lines", "orders", "product lines bought in the last 12 months"),
    Feature("discount_12m", "share", "orders", "off the list amounts of the last 12 months"),
    Feature("late_12m", "share", "orders", "of deliveries promised, later than the day", known="delivered_date"),
    Feature(
        "days_late_12m",
        "days",
        "orders",
        "mean delay of the promised deliveries, 0 for early ones",
        known="delivered_date",
    ),
    Feature("claims_12m", "claims", "orders", "on deliveries of the last 12 months", known="delivered_date"),
    Feature("tenure_months", "months", "orders, clients", "since the first order of this life, or the start date"),
    Feature(
        "group_orders_12m", "purchases", "orders, clients", "of other clients of the same group, in the last 12 months"
    ),
    Feature("payment_days", "days", "clients", "agreed term of payment", known="known_on"),
    Feature("month", "1 to 12", "calendar", "month of the cut-off", known=""),
    Feature("asked_12m", "surveys", "surveys", "invitations of the last 12 months", known="survey_date"),
    Feature("answered_12m", "surveys", "surveys", "answers of the last 12 months", known="survey_date"),
    *(Feature(name, "0-10", "surveys", _LAST.format(name), known="survey_date") for name in FACTORS),
    Feature("recommend_change", "points", "surveys", "last recommend score less the one before", known="survey_date"),
    Feature("factor_spread", "points", "surveys", "best less worst of the last factor scores", known="survey_date"),
    Feature("price_gap", "points", "surveys", "last price score less the mean of the others", known="survey_date"),
    Feature("answer_age_days", "days", "surveys", "since the last answer", known="survey_date"),
    Feature("fell_silent", "0 or 1", "surveys", "answered before, asked this year, no answer", known="survey_date"),
    Feature("touches_12m", "touches", "touches", "calls, visits and the like in the last 12 months", known="date"),
    Feature("touch_age_days", "days", "touches", "since the last touch", known="date"),
    Feature("touch_trend", "log ratio", "touches", "touches of the last 6 months against the 6 before", known="date"),
    Feature("failures_12m", "failures", "failures", "in the last 12 months", known="date"),
    Feature("silent_failures_12m", "failures", "failures", "of them, not spoken about", known="date"),
    Feature("failure_age_days", "days", "failures", "since the last failure", known="date"),
    Feature("offers_12m", "offers", "offers_seen", "of competitors, seen in the last 12 months", known="date"),
)
"""Every feature; a row with a ``known_on`` counts for the days after it.

The group of a client and its start date count as identity: they are used on every day, though nobody says since when
they were known.
"""


def feature_table() -> pd.DataFrame:
    """List every feature.

    Returns
    -------
    DataFrame
        Columns ``name``, ``unit``, ``source``, ``meaning``, ``known``.
    """
    return pd.DataFrame([asdict(feature) for feature in FEATURES])
