"""Who left, why as far as it was noted, and who came back?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.shares import clustered_share
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, percent
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate, SurvivalCurve, hazard_table, kaplan_meier

RETURN_MONTHS = (12, 24)
"""Returns are counted within so many months of the last order."""

LEAST_LOST = 10
"""Fewer lost clients than this give no share."""

GROUPS = {
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
EVERYBODY = "all departures"
_MENDED = ("price", "service")
_SEARCH_DAYS = 365


@dataclass(frozen=True, slots=True)
class WinbackAnswer:
    """Lost clients, the reasons that were noted, and returns.

    Attributes
    ----------
    leaving : Leaving
        What counts as leaving.
    coded : bool
        Whether there is a table of losses.
    reasons : DataFrame
        ``reason``, ``n``, ``share``, ``low``, ``high``: departures by the group of the coded reason.
    returns : DataFrame
        ``reason`` (all departures first), ``n``, ``within_months``, ``share``, ``low``, ``high``: came back within so
        many months of the last order; NaN where fewer than ten were followed so long.
    curve : SurvivalCurve
        Share of the lost that is still away, by months since the last order.
    lost : DataFrame
        ``client_id``, ``left_on``, ``reason``, ``can_be_mended``, ``amount_before`` (net sales of the year up to the
        last order), by falling amount: clients who are away today.
    sentences : tuple of str
        The answer in words.
    """

    leaving: Leaving
    coded: bool
    reasons: pd.DataFrame
    returns: pd.DataFrame
    curve: SurvivalCurve
    lost: pd.DataFrame
    sentences: tuple[str, ...]

    @property
    def reason_sentence(self) -> str:
        """The commonest coded reason, with its share."""
        return _reason_sentence(self.reasons, coded=self.coded)

    @property
    def return_sentence(self) -> str:
        """How many came back within the longest span, and whether reasons differ."""
        return _return_sentence(self.returns)


def who_can_be_won_back(study: Study) -> WinbackAnswer:
    """Follow lost clients, with the reasons that were noted.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    WinbackAnswer
    """
    leaving = study.ask(when_has_a_client_left)
    losses = study.tables.losses
    lost, coded = with_reasons(_departures(study), losses), losses is not None
    returns = _returns(lost, as_of=study.as_of, by_reason=coded)
    reasons = _reasons(lost) if coded else _reasons(lost.iloc[:0])
    away = _away(lost, study.tables.orders)
    curve = _curve(lost)
    said = (
        f"Clients away today: {count(len(away))}. {_reason_sentence(reasons, coded=coded)}",
        _return_sentence(returns),
        *leaving.sentences[:1],
    )
    return WinbackAnswer(leaving, coded, reasons, returns, curve, away, said)


def _departures(study: Study) -> pd.DataFrame:
    """One row a departure: client_id, left_on, months followed, whether and when the client came back."""
    lives = study.lives().frame
    lives = lives.sort_values(["client_id", "life"])
    lives["returned_on"] = lives.groupby("client_id")["first_order"].shift(-1)
    gone = lives[lives["left_on"].notna()].reset_index(drop=True)
    until = gone["returned_on"].fillna(study.as_of)
    months = np.ceil((until - gone["left_on"]).dt.days.clip(lower=1) / DAYS_PER_MONTH).astype(int)
    return gone[["client_id", "left_on", "returned_on"]].assign(months=months, back=gone["returned_on"].notna())


def with_reasons(lost: pd.DataFrame, losses: pd.DataFrame | None) -> pd.DataFrame:
    """Add the group of the reason that was noted nearest to each departure, within a year of it.

    Parameters
    ----------
    lost : DataFrame
        ``client_id`` and ``left_on``, one row a departure.
    losses : DataFrame or None
        Canonical losses.

    Returns
    -------
    DataFrame
        With the column ``reason``, a value of ``GROUPS`` or ``OTHER``, by client and day.
    """
    if losses is None or losses.empty or lost.empty:
        return lost.assign(reason=OTHER)
    noted = losses[["client_id", "date", "reason"]].assign(reason=losses["reason"].map(GROUPS).fillna(OTHER))
    joined = pd.merge_asof(
        lost.sort_values("left_on"),
        noted.sort_values("date"),
        left_on="left_on",
        right_on="date",
        by="client_id",
        direction="nearest",
        tolerance=pd.Timedelta(days=_SEARCH_DAYS),
    )
    joined["reason"] = joined["reason"].fillna(OTHER)
    return joined.drop(columns="date").sort_values(["client_id", "left_on"], ignore_index=True)


def _reasons(lost: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name in lost["reason"].unique():
        found = _share(lost["reason"] == name, lost["client_id"])
        rows.append((name, int((lost["reason"] == name).sum()), found.value, found.low, found.high))
    frame = pd.DataFrame(rows, columns=["reason", "n", "share", "low", "high"])
    return frame.sort_values(["n", "reason"], ascending=[False, True], ignore_index=True)


def _share(marked: "pd.Series[bool]", client: "pd.Series[str]") -> Estimate:
    """Share of departures that are marked; a client may have left more than once."""
    by_client = marked.groupby(client).agg(["sum", "size"])
    return clustered_share(by_client["sum"], by_client["size"])


def _returns(lost: pd.DataFrame, *, as_of: pd.Timestamp, by_reason: bool) -> pd.DataFrame:
    """Share back within each span, of the departures that lie so long ago: everybody is followed to its end."""
    groups = [(EVERYBODY, lost)]
    if by_reason:
        groups += [(str(name), group) for name, group in lost.groupby("reason")]
    rows = []
    for name, group in groups:
        for span in RETURN_MONTHS:
            followed = group[group["left_on"] <= as_of - pd.DateOffset(months=span)]
            back = followed["back"] & (followed["months"] <= span)
            enough = len(followed) >= LEAST_LOST
            found = _share(back, followed["client_id"]) if enough else Estimate(np.nan, np.nan, np.nan)
            rows.append((name, len(followed), span, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["reason", "n", "within_months", "share", "low", "high"])


def _curve(lost: pd.DataFrame) -> SurvivalCurve:
    """Share still away by months since the last order, censored at the end of the data."""
    if lost.empty:
        nothing = np.array([])
        return SurvivalCurve(0, nothing.astype(np.int64), nothing, nothing, nothing, nothing.astype(np.int64))
    table = hazard_table(np.zeros(len(lost), dtype=int), lost["months"].to_numpy(), lost["back"].to_numpy())
    return kaplan_meier(table)


def _away(lost: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Clients who are away today, with what they bought in the year up to their last order."""
    away = lost[~lost["back"]]
    rows = orders.merge(away[["client_id", "left_on"]], on="client_id")
    before = (rows["order_date"] <= rows["left_on"]) & (rows["order_date"] > rows["left_on"] - pd.Timedelta(days=365))
    amount = rows[before].groupby("client_id")["amount"].sum()
    away = away.assign(
        amount_before=away["client_id"].map(amount).fillna(0.0), can_be_mended=away["reason"].isin(_MENDED)
    )
    columns = ["client_id", "left_on", "reason", "can_be_mended", "amount_before"]
    return away.sort_values(["amount_before", "client_id"], ascending=[False, True])[columns].reset_index(drop=True)


def _reason_sentence(reasons: pd.DataFrame, *, coded: bool) -> str:
    if not coded:
        return "Why clients left we cannot say: there is no losses table."
    if reasons.empty:
        return "Why clients left we cannot say: nobody has left by this rule."
    named = reasons[reasons["reason"] != OTHER]
    unknown = int(reasons.loc[reasons["reason"] == OTHER, "n"].sum())
    rest = f"{count(unknown)} of {count(reasons['n'].sum())} have no coded reason or another one."
    if named.empty:
        return f"Why clients left we cannot say: {rest}"
    top = named.iloc[0]
    told = interval(Estimate(top["share"], top["low"], top["high"]), percent)
    return f"The reason coded most often is {top['reason']}, for {told} of the departures; {rest}"


def _return_sentence(returns: pd.DataFrame) -> str:
    enough = returns.loc[(returns["reason"] == EVERYBODY) & returns["share"].notna(), "within_months"]
    if enough.empty:
        least = min(RETURN_MONTHS)
        return f"How many come back we cannot say: fewer than {LEAST_LOST} departures lie {least} months back."
    span = int(enough.max())
    rows = returns[(returns["within_months"] == span)]
    whole = rows[rows["reason"] == EVERYBODY].iloc[0]
    told = interval(Estimate(whole["share"], whole["low"], whole["high"]), percent)
    said = (
        f"Of {count(whole['n'])} who left {span} months ago or earlier, {told} came back within as many, pauses among "
        "them."
    )
    # a silence without a coded reason is a pause more often, so it is not set against the coded ones
    known = rows[~rows["reason"].isin([EVERYBODY, OTHER]) & rows["share"].notna()]
    if len(known) < 2:
        return f"{said} Whether the reason matters we cannot tell."
    apart = known["low"].max() > known["high"].min()
    names = listed(known["reason"].tolist())
    return f"{said} " + (
        f"The reason goes with coming back: the intervals of {names} do not all overlap."
        if apart
        else f"Whether the reason matters we cannot tell: the intervals of {names} overlap."
    )
