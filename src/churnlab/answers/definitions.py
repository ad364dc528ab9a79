"""What counts as leaving, and how much hangs on that choice?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.shares import clustered_share, wilson
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, interval, percent
from churnlab.history import FixedDays, Rule, outcomes, purchases, snapshots
from churnlab.lifetime import Estimate, hazard_table, kaplan_meier
from churnlab.risk.backtest import plan
from churnlab.risk.scores import LEAST_GRADED, Floats
from churnlab.risk.statistics import auc

FIXED_DAYS = (90, 180, 365)
"""Fixed limits that stand beside the client's own rhythm."""

OWN = "own rhythm"

CURVE_DAYS = tuple(range(30, 721, 30))
"""Lengths of silence at which returns are counted."""

FOLLOW_UP_DAYS = 365
"""Returns are counted within this many further days, or a third of the records if they are short."""

_DRAWS = 200
_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class Leak:
    """Clients ranked by what was known at a past cut-off, and by what nobody could know then.

    Attributes
    ----------
    cut_off : Timestamp or None
        The day; None where the records leave no room for one.
    horizon_months : int
        Departures within this many months are to be foretold.
    clients, departures : int
        Clients at risk whose outcome is known, and how many of them left.
    honest, cheat : Estimate
        AUC of the days since the last order as of the cut-off, and as of the end of the data.
    gain : Estimate
        Second less first.
    """

    cut_off: pd.Timestamp | None
    horizon_months: int
    clients: int
    departures: int
    honest: Estimate
    cheat: Estimate
    gain: Estimate

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the cheat promises, and that it is one."""
        if self.cut_off is None or np.isnan(self.honest.low):
            return (
                f"What the leak would promise we cannot show: behind a past cut-off {count(self.departures)} clients "
                f"left and {count(self.clients - self.departures)} stayed, and fewer than {LEAST_GRADED} of either "
                "say nothing.",
            )
        before = (
            f"{count(self.clients)} clients at risk on {day(self.cut_off)}, {count(self.departures)} of whom left "
            f"within {self.horizon_months} months: ranked by the days since their last order as known on that day, the "
            f"AUC is {interval(self.honest)}."
        )
        after = f"Ranked by the same days counted at the end of the data it is {interval(self.cheat)}"
        if self.gain.low > 0:
            after += f", {interval(self.gain)} more: a cheat, for these days hold the silence that was to be foretold."
        else:
            after += ": not surely more here, and still a cheat: these days hold the silence that was to be foretold."
        return (before, after, "No model here sees it.")


@dataclass(frozen=True, slots=True)
class DefinitionsAnswer:
    """Definitions of leaving beside one another.

    Attributes
    ----------
    leaving : Leaving
        The rule of the study, and how well it fits.
    rules : DataFrame
        ``rule`` (short), ``words``, ``departures``, ``gone`` (clients gone today), ``came_back``, ``low``, ``high``
        (share of departures after which the client has ordered again so far, over clients), ``days``, ``days_low``,
        ``days_high`` (median and quartiles of the days until a departure was known); the study's rule first.
    agreement : DataFrame
        ``rule``, ``gone``, ``other``, ``also``: clients gone today by one rule, and how many of them also by another.
    gone : DataFrame
        ``rule``, ``client_id``: clients gone today by each rule.
    silences : int
        Silences between orders, and after the last one, that the curve rests on.
    follow_up_days : int
        Further days within which a return counts.
    curve : DataFrame
        ``days``, ``reached`` (silences that lasted so long and were watched on), ``returned``, ``low``, ``high``: share
        of them ended by an order within the follow-up; NaN where too few were watched for so long.
    leak : Leak
        The deliberate leak.
    """

    leaving: Leaving
    rules: pd.DataFrame
    agreement: pd.DataFrame
    gone: pd.DataFrame
    silences: int
    follow_up_days: int
    curve: pd.DataFrame
    leak: Leak

    @property
    def headline(self) -> str:
        """How much hangs on the choice."""
        low, high = self.rules["gone"].min(), self.rules["gone"].max()
        own = self.rules["gone"].iloc[0]
        return (
            f"By the rule of these pages {count(own)} clients are gone today; by the definitions beside it the count "
            f"runs from {count(low)} to {count(high)}."
        )

    @property
    def return_sentences(self) -> tuple[str, ...]:
        """How often silences ended with an order, by their length."""
        known = self.curve.dropna(subset="low")
        if known.empty:
            return ("How often silences end with an order we cannot say: too few were watched for long enough.",)
        marked = known[known["days"].isin(FIXED_DAYS)]
        said = [
            f"Of {count(row['reached'])} silences that reached {count(row['days'])} days "
            f"{interval(Estimate(row['returned'], row['low'], row['high']), percent)} ended with an order within the "
            f"next {self.follow_up_days} days."
            for row in (marked if len(marked) else known.head(1)).to_dict("records")
        ]
        from_here = known["high"][::-1].cummax()[::-1]
        rare = known[from_here < 0.5]
        if len(rare):
            said.append(
                f"Of silences that reached {count(rare['days'].iloc[0])} days or more fewer than half ended so: their "
                "intervals lie under a half."
            )
        else:
            said.append("From which length on fewer than half of them end so we cannot tell.")
        return tuple(said)

    @property
    def agreement_sentence(self) -> str:
        """How many clients are gone by every rule."""
        own = self.agreement[self.agreement["rule"] == OWN]
        if own.empty or not own["gone"].iloc[0]:
            return "By the rule of these pages no client is gone today: there is nothing to compare."
        least = own.sort_values("also", kind="stable").iloc[0]
        return (
            f"Of the {count(least['gone'])} clients gone today by their {OWN}, {count(least['also'])} "
            f"({percent(least['also'] / least['gone'])}) are so by the rule that agrees least, {least['other']}. These "
            "are counts and have no sampling error."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (
            self.headline,
            *self.leaving.sentences,
            *self.return_sentences,
            self.agreement_sentence,
            *self.leak.sentences,
        )


def what_counts_as_leaving(study: Study) -> DefinitionsAnswer:
    """Set definitions of leaving beside one another, and show a leak.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DefinitionsAnswer
    """
    orders = study.tables.orders
    rules: dict[str, Rule] = {OWN: study.rule} | {f"{days} days": FixedDays(days=days) for days in FIXED_DAYS}
    lives = {name: study.lives(rule).frame for name, rule in rules.items()}
    gone = {name: _gone(frame) for name, frame in lives.items()}
    silences = _silences(orders, study.as_of)
    span = (study.as_of - orders["order_date"].min()).days
    follow_up = min(FOLLOW_UP_DAYS, max(1, span // 3))
    return DefinitionsAnswer(
        leaving=study.ask(when_has_a_client_left),
        rules=pd.DataFrame([{"rule": name, "words": str(rules[name]), **_counts(lives[name])} for name in rules]),
        agreement=_agreement(gone),
        gone=pd.DataFrame(
            [(name, client) for name, clients in gone.items() for client in sorted(clients)],
            columns=["rule", "client_id"],
        ),
        silences=len(silences),
        follow_up_days=follow_up,
        curve=_return_rates(silences, follow_up, rng=np.random.default_rng(study.seed)),
        leak=_leak(study),
    )


def _gone(lives: pd.DataFrame) -> set[str]:
    """Clients whose latest life has ended."""
    latest = lives.drop_duplicates("client_id", keep="last")
    return set(latest.loc[latest["left_on"].notna(), "client_id"])


def _counts(lives: pd.DataFrame) -> dict[str, float]:
    """Departures by one rule: how many, how often they turned out to be pauses, and when they were known."""
    later = lives.groupby("client_id")["life"].transform("max") > lives["life"]
    left = lives[lives["left_on"].notna()].assign(later=later)
    by_client = left.groupby("client_id")["later"].agg(["sum", "size"])
    back = clustered_share(by_client["sum"], by_client["size"])
    wait = (left["known_on"] - left["left_on"]).dt.days.quantile([0.5, 0.25, 0.75])
    return {
        "departures": len(left),
        "gone": len(_gone(lives)),
        "came_back": back.value,
        "low": back.low,
        "high": back.high,
        **dict(zip(("days", "days_low", "days_high"), map(float, wait), strict=True)),
    }


def _agreement(gone: dict[str, set[str]]) -> pd.DataFrame:
    rows = [
        (name, len(clients), other, len(clients & others))
        for name, clients in gone.items()
        for other, others in gone.items()
        if other != name
    ]
    return pd.DataFrame(rows, columns=["rule", "gone", "other", "also"])


def _silences(orders: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every silence: ``client_id``, ``days`` to the next order or to the last day that was seen, ``ended``."""
    bought = purchases(orders[orders["order_date"] < as_of])
    following = bought.groupby("client_id", sort=False)["date"].shift(-1)
    last_seen = as_of - pd.Timedelta(days=1)
    length = (following.fillna(last_seen) - bought["date"]).dt.days
    frame = pd.DataFrame({"client_id": bought["client_id"], "days": length, "ended": following.notna()})
    return frame[frame["days"] > 0].reset_index(drop=True)


def _return_rates(silences: pd.DataFrame, follow_up: int, *, rng: np.random.Generator) -> pd.DataFrame:
    """Share of the silences that reached a length which an order ended within the follow-up.

    Kaplan-Meier on days: silences that go on count as far as they were watched. Silences of one client are not several
    clients, so the spread comes from drawing clients anew, and the interval is Wilson's on as many independent silences
    as have this spread.
    """
    reach = max(CURVE_DAYS) + follow_up
    days, ended = silences["days"].to_numpy(), silences["ended"].to_numpy()
    length, event = np.minimum(days, reach), ended & (days <= reach)
    client = np.unique(silences["client_id"].to_numpy(), return_inverse=True)[1]
    columns = ["days", "reached", "returned", "low", "high"]
    if not len(length):
        return pd.DataFrame({name: [] for name in columns})
    found, reached = _returns(length, event, follow_up)
    clients = int(client.max()) + 1
    drawn = rng.multinomial(clients, np.full(clients, 1 / clients), size=_DRAWS)
    rows = (np.repeat(np.arange(len(length)), weight[client]) for weight in drawn)
    draws = np.array([_returns(length[row], event[row], follow_up, least=1)[0] for row in rows])
    spread = np.array([np.nanvar(column) if np.isfinite(column).any() else np.nan for column in draws.T])
    ends = [_ends(*figures) for figures in zip(found, spread, reached, strict=True)]
    return pd.DataFrame(
        [(length, count, *end) for length, count, end in zip(CURVE_DAYS, reached, ends, strict=True)], columns=columns
    )


def _returns(length: np.ndarray, event: np.ndarray, follow_up: int, *, least: int = 10) -> tuple[Floats, np.ndarray]:
    """Share returned and silences reached, at every length of the curve."""
    if not len(length):
        return np.full(len(CURVE_DAYS), np.nan), np.zeros(len(CURVE_DAYS), dtype=int)
    table = hazard_table(np.zeros(len(length), dtype=int), length, event)
    shares, reached = [], []
    for days in CURVE_DAYS:
        curve = kaplan_meier(table, start=days, minimum_at_risk=least)
        watched = curve.start == days and len(curve.month) >= follow_up
        shares.append(1 - float(curve.survival[follow_up - 1]) if watched else np.nan)
        reached.append(int(table.at_risk[days]) if days < len(table.at_risk) else 0)
    return np.array(shares), np.array(reached)


def _ends(value: float, spread: float, reached: int) -> tuple[float, float, float]:
    if np.isnan(value):
        return np.nan, np.nan, np.nan
    alone = value * (1 - value)
    effective = min(float(reached), alone / spread) if spread > 0 and alone > 0 else float(reached)
    found = wilson(value, effective)
    return found.value, found.low, found.high


def _leak(study: Study) -> Leak:
    """Grade an honest ranking and a cheat on the last cut-off whose outcomes are known."""
    orders = study.tables.orders
    lives = study.lives()
    made = plan(lives)
    nothing = Leak(None, made.horizon_months, 0, 0, _UNKNOWN, _UNKNOWN, _UNKNOWN)
    if not made.testing or made.testing[-1] <= lives.records_start:
        return nothing
    cut_off = made.testing[-1]
    known = snapshots(study.learnt, [cut_off], rule=study.rule)
    if known.empty:
        return nothing
    outcome = outcomes(known, lives, horizon_months=made.horizon_months)
    graded = known[outcome.notna()]
    left = outcome.dropna().to_numpy(dtype=np.float64)
    cheat = leaked_recency(orders, graded["client_id"], study.as_of)
    honest: Floats = graded["recency_days"].to_numpy(dtype=np.float64)
    ranks = (honest, np.asarray(cheat, dtype=np.float64))
    figures = _areas(np.asarray(left), ranks, rng=np.random.default_rng(study.seed))
    return Leak(cut_off, made.horizon_months, len(left), int(left.sum()), *figures)


def leaked_recency(orders: pd.DataFrame, clients: "pd.Series[str]", as_of: pd.Timestamp) -> "pd.Series[int]":
    """Days since each client's last order, counted at the end of the data: a leak, made only to show that it fools.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.
    clients : Series of str
        Who.
    as_of : Timestamp
        The end of the data, long after the cut-off that it would be put beside.

    Returns
    -------
    Series of int
        Aligned with `clients`.
    """
    last = purchases(orders[orders["order_date"] < as_of]).groupby("client_id")["date"].max()
    return (as_of - clients.map(last)).dt.days


def _areas(
    left: Floats, ranks: tuple[Floats, Floats], *, rng: np.random.Generator
) -> tuple[Estimate, Estimate, Estimate]:
    """AUC of both rankings and of their difference, with intervals over clients (one row a client)."""
    if min(left.sum(), len(left) - left.sum()) < LEAST_GRADED:
        return _UNKNOWN, _UNKNOWN, _UNKNOWN
    weights = rng.multinomial(len(left), np.full(len(left), 1 / len(left)), size=_DRAWS).astype(np.float64)
    draws = np.array([[auc(left, rank, row) for rank in ranks] for row in weights])
    honest, cheat = (float(auc(left, rank, np.ones(len(left)))) for rank in ranks)
    columns = ((honest, draws[:, 0]), (cheat, draws[:, 1]), (cheat - honest, draws[:, 1] - draws[:, 0]))
    ends = [(value, *np.nanquantile(drawn, [0.025, 0.975])) for value, drawn in columns]
    return Estimate(*map(float, ends[0])), Estimate(*map(float, ends[1])), Estimate(*map(float, ends[2]))
