"""Simulations laid out as tables."""

import numpy as np
import pandas as pd

from churnlab.scenarios import Simulation


def retention_frame(simulation: Simulation) -> pd.DataFrame:
    """Share of today's clients still there by policy and month, with the central 95 % over draws."""
    frames = []
    for name, rows in zip(simulation.policies, simulation.retention, strict=True):
        low, high = np.quantile(rows, [0.025, 0.975], axis=0)
        month = np.arange(rows.shape[1])
        frames.append(
            pd.DataFrame({"policy": name, "month": month, "mean": rows.mean(axis=0), "low": low, "high": high})
        )
    return pd.concat(frames, ignore_index=True)


def value_frame(simulation: Simulation) -> pd.DataFrame:
    """Discounted profit by policy and draw: ``policy``, ``row``, ``npv``."""
    rows = np.arange(simulation.rows)
    frames = [
        pd.DataFrame({"policy": name, "row": rows, "npv": value})
        for name, value in zip(simulation.policies, simulation.value, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)
