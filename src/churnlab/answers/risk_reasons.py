"""Why is a client's risk what it is, and what moved it since the last run? Associations, not causes."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.words import count, day, decimal, percent
from churnlab.risk import BASE_RATE, HAZARD, RiskModel, reasons, steady_signs, sure_signs, what_changed

_NAMED_AT_LEAST = 0.05
"""A group is named where it moves the hazard by at least about 5 %."""

_RECENT = 4
_APART = 2
"""Signs are compared on every second day of learning: neighbouring fits share nearly all of their data."""

_MOVED = 0.05
"""A risk has moved where it rose or fell by five points."""


@dataclass(frozen=True, slots=True)
class Why:
    """Scores of clients taken apart, by the whole hazard.

    Attributes
    ----------
    speaks : str
        Model whose risks stand on the page.
    usual : float
        Risk of the usual client in the season of the day, share; NaN where nobody is there.
    parts : DataFrame
        ``client_id``, ``risk``, ``low``, ``high`` (by the hazard), ``worded`` (what goes with a higher risk, of sure
        and steady sign), and one column a group: what it adds to the score, the log of the hazard summed over the
        horizon. Groups and the usual score add up to the score.
    groups : tuple of str
        Columns that are groups.
    days : int
        Days, today included, on which signs were compared.
    unsteady : int
        Of the parts that push a risk up and would be named, those with 0 in their 95 % interval, or of another sign on
        one of these days.
    since : Timestamp
        Day with which today is compared.
    earlier_run : bool
        Whether that is the day of an earlier run.
    changed : DataFrame
        As from :func:`churnlab.risk.what_changed`.
    """

    speaks: str
    usual: float
    parts: pd.DataFrame
    groups: tuple[str, ...]
    days: int
    unsteady: int
    since: pd.Timestamp
    earlier_run: bool
    changed: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whose reasons these are, and which are named how often."""
        said = []
        if self.speaks != HAZARD.name:
            said.append(
                f"Risks are those of '{self.speaks}'; reasons are those of the hazard, whose own risk stands beside "
                "them: only there they add up."
            )
        if self.speaks == BASE_RATE.name:
            said.append(
                "It is not seen to forecast better than the same risk for everyone, and neither are its reasons."
            )
        named = Counter(reason for words in self.parts["worded"] for reason in words.split("; ") if reason)
        several = int((self.parts["worded"] != "").sum())
        if not several:
            return (*said, "With no client does anything steady go with a risk above the usual.")
        most = "; ".join(f"{reason} ({count(number)})" for reason, number in named.most_common(3))
        said.append(
            f"With {count(several)} of {count(len(self.parts))} clients something goes with a higher risk, most "
            f"often: {most}. "
            "This is what goes together in the records; it does not say what would happen if it were changed."
        )
        if self.unsteady:
            said.append(
                f"{count(self.unsteady)} further pushes had 0 in their 95 % interval, or not the same sign on all of "
                f"{self.days} days of learning: they stay in the score and are not named."
            )
        return tuple(said)

    def parts_sentence(self, most: int, clients: "pd.Series[str]") -> str:
        """Which group moves the scores of the first clients most, in the mean of its sizes."""
        first = self.parts[self.parts["client_id"].isin(clients.head(most))]
        sizes = first[list(self.groups)].abs().to_numpy(dtype=np.float64).mean(axis=0)
        group, factor = self.groups[int(sizes.argmax())], decimal(math.exp(sizes.max()))
        return (
            f"The scores of these {len(first)} clients are moved most by {group}: by a factor of {factor} on the "
            "hazard in the mean, up or down."
        )

    @property
    def _against(self) -> str:
        kind = "the last run" if self.earlier_run else "no earlier run is kept; compared with what was known then"
        return f"{day(self.since)} ({kind})"

    @property
    def changed_sentence(self) -> str:
        """How many risks moved since the day of comparison, and what moved most of them."""
        if self.changed.empty:
            return f"What changed since {self._against} we cannot say: no client of today was there."
        move = self.changed["risk"] - self.changed["risk_before"]
        up, down = int((move >= _MOVED).sum()), int((move <= -_MOVED).sum())
        moved = self.changed.loc[move.abs() >= _MOVED, "most"].value_counts()
        by = f", most often by {moved.index[0]} ({count(int(moved.iloc[0]))})" if len(moved) else ""
        return (
            f"Since {self._against} the hazard's risk rose by five points or more with {count(up)} and fell with "
            f"{count(down)} of {count(len(move))} clients{by}."
        )

    def rose_sentence(self, label: Callable[[str], str]) -> str:
        """Name the client whose risk rose most; empty if none did."""
        if self.changed.empty:
            return ""
        move = self.changed["risk"] - self.changed["risk_before"]
        first = self.changed.iloc[int(move.to_numpy().argmax())]
        if first["risk"] <= first["risk_before"]:
            return ""
        return (
            f"It rose most with {label(first['client_id'])}, from {percent(first['risk_before'])} to "
            f"{percent(first['risk'])}, mostly by {first['most']}."
        )


def why_so_high(
    fits: tuple[RiskModel, ...],
    today: pd.DataFrame,
    before: pd.DataFrame,
    *,
    speaks: str,
    since: pd.Timestamp,
    seed: int,
    said: pd.DataFrame | None = None,
    earlier_run: bool = False,
) -> Why:
    """Take today's risks apart, and tell what moved them.

    Parameters
    ----------
    fits : tuple of RiskModel
        The whole hazard as learnt on earlier days, the earliest first, and today's last.
    today, before : DataFrame
        Snapshots of today and of an earlier day.
    speaks : str
        Model whose risks stand on the page.
    since : Timestamp
        The earlier day.
    seed : int
        For intervals.
    said : DataFrame, optional
        ``client_id`` and ``risk`` as the hazard gave them on that day.
    earlier_run : bool
        Whether there was a run on that day.

    Returns
    -------
    Why
    """
    found = reasons(fits[-1], today)
    compared = fits[::-1][::_APART][::-1]
    steady = steady_signs(compared, today, recent=_RECENT) & sure_signs(fits[-1], today)
    worded = found.worded(steady, least=_NAMED_AT_LEAST)
    anyhow = found.worded(None, least=_NAMED_AT_LEAST, most=len(found.parts.columns))
    kept = found.worded(steady, least=_NAMED_AT_LEAST, most=len(found.parts.columns))
    parts = found.parts.reset_index(drop=True)
    low, high = fits[-1].risk_interval(today, rng=seed)
    own = {"risk": fits[-1].risk(today), "low": low, "high": high}
    frame = pd.DataFrame({"client_id": today["client_id"].to_numpy(), **own, "worded": worded})
    return Why(
        speaks=speaks,
        usual=_risk(float(found.usual[0])) if len(found.usual) else math.nan,
        parts=frame.join(parts),
        groups=tuple(parts.columns),
        days=min(_RECENT, len(compared)),
        unsteady=_words(anyhow) - _words(kept),
        since=since,
        earlier_run=earlier_run,
        changed=what_changed(fits[-1], today, before, said=said).dropna(subset="risk_before"),
    )


def _words(worded: list[str]) -> int:
    return sum(len(words.split("; ")) for words in worded if words)


def _risk(score: float) -> float:
    """Risk that belongs to a score."""
    return float(-math.expm1(-math.exp(score)))
