"""The reason that was noted beside what the hazard saw before the last order: kept apart, and set side by side."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.losses import lost_clients, noted_rows
from churnlab.answers.risk_today import everyone_today, learnt_until
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, percent
from churnlab.lifetime import Estimate
from churnlab.risk import HAZARD, RiskModel, reasons
from churnlab.risk.backtest import plan

Names = npt.NDArray[np.str_]

SERVICE: Final = ("quality", "timing", "attention")
BOTH: Final = ("price", "service")
"""Reasons that can be noted and that the hazard can see, where clients are asked: agreement is told of these."""

NOTHING: Final = "nothing"
PUSHES: Final = 0.05
"""A group counts from about 5 % of the hazard on."""

LEAST: Final = 10
"""Fewer losses over price or service than this tell of no agreement."""

SHUFFLES, _STREAM = 4_999, 41


@dataclass(frozen=True, slots=True, eq=False)
class ModelledAnswer:
    """Reasons noted and modelled.

    Attributes
    ----------
    modelled : bool
        Whether there are noted losses and a hazard.
    losses : DataFrame
        ``client_id``, ``left_on``, ``cut_off`` (last day of learning up to the last order), ``reason`` (group, as
        noted), ``modelled`` (group that raised the risk most on that day, service as one; `NOTHING` where none did),
        ``seen`` (price or service, whichever raised it more; `NOTHING` where neither did), ``amount``.
    unseen : int
        Noted losses whose clients were not at risk on any day of learning before.
    agree : Estimate
        Share of losses noted over price or service of which the hazard sees the same; NaN of too few.
    by_chance : Estimate
        The same with reasons shuffled among these losses: mean, and where 95 % of the shuffles lie.
    """

    modelled: bool
    losses: pd.DataFrame
    unseen: int
    agree: Estimate
    by_chance: Estimate

    @property
    def table(self) -> pd.DataFrame:
        """Counts, noted reasons down and modelled ones across, the commonest first, `NOTHING` last."""
        down, across = (list(self.losses[name].value_counts().index) for name in ("reason", "modelled"))
        across.sort(key=lambda name: name == NOTHING)
        return pd.crosstab(self.losses["reason"], self.losses["modelled"]).reindex(index=down, columns=across)

    @property
    def agreement_sentence(self) -> str:
        """Whether what was noted and what was seen agree more than by chance."""
        rows = _compared(self.losses)
        compared = len(rows)
        price, service = (int((rows["seen"] == name).sum()) for name in BOTH)
        if np.isnan(self.agree.value):
            return (
                "Whether noted and modelled reasons agree we cannot tell: "
                f"{count(compared)} losses over price or service that the hazard saw before, and at least {LEAST} of "
                "both reasons and with scores are asked for."
            )
        told = (
            f"they do in {interval(self.agree, percent)} of {count(compared)} noted over price or service, where the "
            f"hazard sees price in {count(price)} and service in {count(service)}, and with reasons shuffled in "
            f"{percent(self.by_chance.value)} (95 % of shuffles from {percent(self.by_chance.low)} to "
            f"{percent(self.by_chance.high)})"
        )
        if self.by_chance.low <= self.agree.value <= self.by_chance.high:
            return f"Whether noted and modelled reasons agree more than by chance we cannot tell: {told}."
        how = "more" if self.agree.value > self.by_chance.high else "less"
        return f"Noted and modelled reasons agree {how} often than by chance: {told}."

    @property
    def sentences(self) -> tuple[str, ...]:
        """How often they agree, and what the modelled reason is."""
        if not self.modelled:
            return ("What the hazard saw before losses we cannot say: no losses are noted, or no hazard was learnt.",)
        unseen = f" {count(self.unseen)} noted losses had no such day." if self.unseen else ""
        return (
            self.agreement_sentence,
            f"The modelled reason of {count(len(self.losses))} noted losses is the group that raised the hazard most "
            f"on the last day of learning up to the last order.{unseen} The hazard is today's, which has learnt from "
            "these losses too. It tells what goes together with leaving, not what caused it; no more does the "
            "noted one.",
        )


def what_the_hazard_saw(study: Study) -> ModelledAnswer:
    """Set the modelled reason of every noted loss beside the noted one.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ModelledAnswer

    Notes
    -----
    Days after the last order are not used: there the silence itself raises the risk of everyone who is lost. The noted
    reasons are shuffled among losses over price or service to see how often they would agree by chance; each client
    counts with its latest such loss.
    """
    losses, nothing = study.tables.losses, Estimate(np.nan, np.nan, np.nan)
    columns = ["client_id", "left_on", "cut_off", "reason", "modelled", "seen", "amount"]
    none = ModelledAnswer(
        modelled=False, losses=pd.DataFrame(columns=columns), unseen=0, agree=nothing, by_chance=nothing
    )
    if losses is None or losses.empty or study.ask(when_has_a_client_left).verdict == "pauses":
        return none
    lost = noted_rows(lost_clients(study), losses)
    made = plan(study.lives())
    training = learnt_until(study, made)
    if training.empty or lost.empty:
        return none
    hazard = everyone_today(training, study.lives(), (HAZARD,), made).fitted(HAZARD.name)
    if not isinstance(hazard, RiskModel):
        return none
    before = _before(lost, training)
    parts = reasons(hazard, before).parts.reset_index(drop=True)
    served = [name for name in SERVICE if name in parts]
    if served:
        parts = parts.drop(columns=served).assign(service=parts[served].sum(axis=1))
    found = before.assign(
        modelled=_most(parts), seen=_most(parts[[name for name in BOTH if name in parts]]), reason=before["noted_group"]
    )[columns]
    agree, chance = _agreement(found, study.seed)
    return ModelledAnswer(modelled=True, losses=found, unseen=len(lost) - len(found), agree=agree, by_chance=chance)


def _before(lost: pd.DataFrame, training: pd.DataFrame) -> pd.DataFrame:
    """Snapshot of each noted loss on the last day up to its last order."""
    told = lost[["client_id", "left_on", "reason", "amount"]].rename(columns={"reason": "noted_group"})
    rows = training.merge(told, on="client_id")
    rows = rows[rows["cut_off"] <= rows["left_on"]].sort_values(["client_id", "left_on", "cut_off"])
    return rows.drop_duplicates(["client_id", "left_on"], keep="last").reset_index(drop=True)


def _most(parts: pd.DataFrame) -> Names:
    """Group that pushes most in each row; `NOTHING` where none pushes."""
    if not len(parts.columns):
        return np.full(len(parts), NOTHING)
    push = parts.to_numpy(dtype=np.float64)
    names = np.array(parts.columns, dtype=str)[push.argmax(axis=1)] if len(parts) else np.array([], dtype=str)
    return np.where(push.max(axis=1, initial=-np.inf) >= PUSHES, names, NOTHING)


def _compared(found: pd.DataFrame) -> pd.DataFrame:
    """Latest loss over price or service of each client."""
    return found[found["reason"].isin(BOTH)].drop_duplicates("client_id", keep="last")


def _agreement(found: pd.DataFrame, seed: int) -> tuple[Estimate, Estimate]:
    """How often price and service are noted and seen alike, and how often with reasons shuffled."""
    compared = _compared(found)
    noted, seen = compared["reason"].to_numpy(dtype=str), compared["seen"].to_numpy(dtype=str)
    if len(noted) < LEAST or len(set(noted)) < len(BOTH) or not (seen != NOTHING).any():
        nothing = Estimate(np.nan, np.nan, np.nan)
        return nothing, nothing
    rng = np.random.default_rng([seed, _STREAM])
    shuffled = rng.permuted(np.tile(noted == BOTH[0], (SHUFFLES, 1)), axis=1)
    alike = np.where(shuffled, seen == BOTH[0], seen == BOTH[1]).mean(axis=1)
    low, high = np.quantile(alike, [0.025, 0.975])
    return share(int((noted == seen).sum()), len(noted)), Estimate(float(alike.mean()), float(low), float(high))
