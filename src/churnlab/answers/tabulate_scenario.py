"""What drives a difference of policies, laid out as tables for readers."""

import pandas as pd

from churnlab.answers.scenario_drivers import Drivers
from churnlab.answers.words import compact, decimal, money
from churnlab.lifetime import Estimate


def channels(found: Drivers) -> pd.DataFrame:
    """Parts of the difference by channel."""
    parts = [compact(Estimate(*row), money) for row in found.steps[["mean", "low", "high"]].itertuples(index=False)]
    return pd.DataFrame({"through": found.steps["channel"], f"{found.policy} against {found.against}": parts})


def owners(found: Drivers) -> pd.DataFrame:
    """Sobol' indices of groups of assumptions."""
    totals = [
        compact(Estimate(*row), decimal) for row in found.groups[["total", "low", "high"]].itertuples(index=False)
    ]
    first = found.groups["first"].map(decimal)
    return pd.DataFrame({"assumptions on": found.groups["group"], "alone": first, "with all others": totals})


def regrets(found: Drivers) -> pd.DataFrame:
    """Mean regret of each policy in each world, and its 90 % point."""
    told = [
        f"{money(mean)} ({money(most)})"
        for mean, most in zip(found.regrets["mean"], found.regrets["most"], strict=True)
    ]
    frame = found.regrets.assign(told=told).set_index(["policy", "world"])["told"].unstack()  # noqa: PD010 -- words
    names = list(dict.fromkeys(found.regrets["policy"]))
    worlds = list(dict.fromkeys(found.regrets["world"]))
    return frame.loc[names, worlds].rename_axis(columns=None).reset_index()
