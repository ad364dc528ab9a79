"""Which limit do these records propose, and how does each client stand today?"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnlab.answers.shares import clustered_share
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, percent
from churnlab.history import Rule, departures, purchases, snapshots, standing
from churnlab.history.alarms import FALSE_ALARMS_A_YEAR, alarm_rates, fixed_days, own_rhythms
from churnlab.lifetime import Estimate
from churnlab.surveys import clustered_rank_correlation

FAMILIES = ("own rhythm", "fixed days")
STANDINGS = ("active", "shrinking", "pending", "left", "closed")
"""What a client may be, from the best on."""

RANKED_BY = ("as a share of the client's own limit", "in days")
"""How silences may be measured to be ranked."""

STABLE_MONTHS = 12
LEAST_RANKED = 20

_MULTIPLES = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0)
_DAYS = (60, 90, 120, 150, 180, 240, 365)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of two kinds beside one another, and how clients stand by the rule of the study.

    Attributes
    ----------
    table : DataFrame
        ``family``, ``threshold`` (typical gaps, or days), ``departures``, ``came_back``, ``low``, ``high`` (share of
        departures after which the client has ordered again so far, over clients), ``false_a_year``, ``false_low``,
        ``false_high`` (those departures in a year of a client), ``days`` (median until a departure was known) and
        ``proposed``.
    standing : DataFrame
        ``standing``, ``clients``: every standing once, the best first.
    stability : DataFrame
        ``ranked_by``, ``clients``, ``rank``, ``rank_low``, ``rank_high`` (rank correlation of silences a month apart,
        of clients at risk on both days), ``kept``, ``kept_low``, ``kept_high`` (share of the tenth with the longest
        silences that is in it a month later), over the last months; empty where there are too few clients, and
        without the rows in which nothing varies.
    """

    table: pd.DataFrame
    standing: pd.DataFrame
    stability: pd.DataFrame

    @property
    def proposals(self) -> tuple[str, ...]:
        """What each family proposes."""
        said = []
        for family in FAMILIES:
            chosen = self.table[(self.table["family"] == family) & self.table["proposed"]]
            if chosen.empty:
                said.append(f"By {family} no limit tried here has false alarms rarely enough, or too few were seen.")
                continue
            row = chosen.iloc[0]
            back = Estimate(row["came_back"], row["low"], row["high"])
            unit = "typical gaps" if family == FAMILIES[0] else "days"
            said.append(
                f"By {family} the quickest limit with at most {FALSE_ALARMS_A_YEAR:g} false alarms in a year of a "
                f"client is {row['threshold']:g} {unit}: {interval(back, percent)} of its departures were taken back "
                f"so far, and half of them were known within {count(row['days'])} days."
            )
        return (*said, "A proposal is not taken by itself: these pages keep the rule that they name.")

    @property
    def standing_sentence(self) -> str:
        """How clients stand today."""
        clients = self.standing.set_index("standing")["clients"]
        return (
            f"Today {count(clients['active'])} clients are active and {count(clients['shrinking'])} more are "
            f"shrinking; {count(clients['pending'])} have been silent for over half their limit, which is neither "
            f"gone nor safe; "
            f"{count(clients['left'])} have left and {count(clients['closed'])} are recorded as closed."
        )

    @property
    def stability_sentences(self) -> tuple[str, ...]:
        """How much a ranking by silence changes from month to month."""
        if self.stability.empty:
            return (
                "How stable a ranking by silence is we cannot say: in no month were there "
                f"{LEAST_RANKED} clients at risk who differed, and still at risk a month later.",
            )
        return tuple(_stable(row) for row in self.stability.to_dict("records"))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (*self.proposals, *self.stability_sentences, self.standing_sentence)


def which_limit_do_the_records_propose(study: Study) -> Thresholds:
    """Hold limits of two kinds against the returns that followed, and count how clients stand.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Thresholds
    """
    families = (own_rhythms(study.rule, _MULTIPLES), fixed_days(_DAYS))
    frames = [
        _family(study, name, rules, thresholds)
        for name, rules, thresholds in zip(FAMILIES, families, (_MULTIPLES, _DAYS), strict=True)
    ]
    found = standing(study.tables, as_of=study.as_of, rule=study.rule)["standing"].value_counts()
    stands = pd.DataFrame({"standing": STANDINGS, "clients": [int(found.get(name, 0)) for name in STANDINGS]})
    return Thresholds(pd.concat(frames, ignore_index=True), stands, _stability(study))


def _family(study: Study, name: str, rules: list[Rule], thresholds: tuple[float, ...]) -> pd.DataFrame:
    rates = alarm_rates(study.tables.orders, rules, as_of=study.as_of)
    table = pd.DataFrame([_departures(study, rule) for rule in rules])
    table.insert(0, "family", name)
    table.insert(1, "threshold", np.asarray(thresholds, dtype=np.float64))
    for column, share in (("false_a_year", "came_back"), ("false_low", "low"), ("false_high", "high")):
        table[column] = table[share] * rates["alarms"] / rates["client_years"]
    rare = (table["false_a_year"] <= FALSE_ALARMS_A_YEAR) & table["low"].notna()
    return table.assign(proposed=rare & (rare.cumsum() == 1))


def _departures(study: Study, rule: Rule) -> dict[str, float]:
    """Departures by silence alone, the share taken back so far, and the days until they were known."""
    lives = departures(study.tables.orders, as_of=study.as_of, rule=rule).frame
    later = lives.groupby("client_id")["life"].transform("max") > lives["life"]
    left = lives[lives["left_on"].notna()].assign(later=later)
    by_client = left.groupby("client_id")["later"].agg(["sum", "size"])
    back = clustered_share(by_client["sum"], by_client["size"])
    days = float((left["known_on"] - left["left_on"]).dt.days.median())
    return {"departures": len(left), "came_back": back.value, "low": back.low, "high": back.high, "days": days}


def _stable(row: dict[Hashable, Any]) -> str:
    """How much of one ranking is left a month later."""
    alike = Estimate(row["rank"], row["rank_low"], row["rank_high"])
    kept = interval(Estimate(row["kept"], row["kept_low"], row["kept_high"]), percent)
    return (
        f"Ranked by silence {row['ranked_by']}, a month apart, the rank correlation is {interval(alike)} "
        f"({count(row['clients'])} clients at risk on both days, {STABLE_MONTHS} months); of the tenth ranked highest "
        f"{kept} are there a month later: the others have ordered, were overtaken, or count as gone."
    )


def _stability(study: Study) -> pd.DataFrame:
    """How much of a ranking by silence is left a month later."""
    columns = ["ranked_by", "clients", *(f"{name}{end}" for name in ("rank", "kept") for end in ("", "_low", "_high"))]
    days = [study.as_of - pd.DateOffset(months=back) for back in range(STABLE_MONTHS, -1, -1)]
    bought = purchases(study.tables.orders)
    if bought.empty or bought["date"].min() >= days[0]:
        return pd.DataFrame(columns=columns)
    seen = snapshots(study.tables, days, rule=study.rule)
    seen["month"] = seen["cut_off"].map({day: place for place, day in enumerate(days)})
    silences = (seen["recency_days"] / seen["limit_days"], seen["recency_days"])
    rows = [(name, *_agreement_of(seen, silence)) for name, silence in zip(RANKED_BY, silences, strict=True)]
    return pd.DataFrame(rows, columns=columns).dropna(subset=["rank", "kept_low"])


def _agreement_of(seen: pd.DataFrame, silence: "pd.Series[float]") -> tuple[float, ...]:
    """Clients, their rank correlation within months and the share of the highest tenth kept, with intervals."""
    now = seen[["client_id", "month"]].assign(silence=silence)
    place = now.groupby("month")["silence"].rank(method="min", ascending=False)
    now["high"] = place <= np.ceil(now.groupby("month")["silence"].transform("size") / 10)
    both = now.merge(now.assign(month=now["month"] - 1), on=["client_id", "month"], how="left", suffixes=("", "_later"))
    both = both[both["month"] < STABLE_MONTHS]
    stayed = both.dropna(subset="silence_later")
    stayed = stayed[stayed.groupby("month")["silence"].transform("size") >= LEAST_RANKED]
    alike = clustered_rank_correlation(
        stayed["silence"], stayed["silence_later"], stayed["client_id"], stratum=stayed["month"]
    )
    high = both[both["high"]].assign(kept=lambda rows: rows["high_later"].eq(other=True))
    by_client = high.groupby("client_id")["kept"].agg(["sum", "size"])
    kept = clustered_share(by_client["sum"], by_client["size"])
    clients = stayed["client_id"].nunique()
    return clients, alike.value, alike.low, alike.high, kept.value, kept.low, kept.high
