"""Claims about the verdict that a client is shrinking."""

from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from validation_frame import Claim, Measurement

from churnlab.history import standing
from churnlab.tables import Tables

TODAY = pd.Timestamp("2025-07-01")
_HALF_YEAR_DAYS = 182
_FALLS = {"half": 1 / 2, "a third": 1 / 3, "a quarter": 1 / 4}
_RATES = (6, 12, 24, 48)
_ALIKE = 10


def _share_shrinking(clients: list[tuple[float, float]], *, seed: int) -> "pd.Series[bool]":
    """Who is called shrinking, where client i bought so often a half-year, and now so much less often."""
    rng = np.random.default_rng(seed)
    frames = []
    for number, (rate, left) in enumerate(clients):
        counts = rng.poisson([rate, rate, rate, rate * left])
        back = rng.uniform(np.repeat([3, 2, 1, 0], counts), np.repeat([4, 3, 2, 1], counts)) * _HALF_YEAR_DAYS
        frames.append(
            pd.DataFrame(
                {
                    "client_id": f"C-{number:03d}",
                    "order_date": (TODAY - pd.to_timedelta(np.ceil(back), unit="D")).as_unit("us"),
                    "order_id": [f"{number}-{order}" for order in range(counts.sum())],
                    "amount": rng.lognormal(7, 0.5, counts.sum()),
                }
            )
        )
    orders = pd.concat(frames, ignore_index=True).assign(kind="sale")
    nothing = pd.DataFrame()
    tables = Tables(orders, None, None, (), nothing, nothing, (), show_names=False, fingerprint="")
    found = standing(tables, as_of=TODAY).set_index("client_id")["standing"] == "shrinking"
    return found.reindex([f"C-{number:03d}" for number in range(len(clients))], fill_value=False)


def _shrinks_falsely(seed: int, *, rate: float) -> bool:
    return bool(_share_shrinking([(rate, 1.0)], seed=seed).iloc[0])


def _shrinks_truly(seed: int) -> bool:
    return bool(_share_shrinking([(48, 1 / 4)], seed=seed).iloc[0])


def _powers(seed: int) -> dict[str, float]:
    kinds = list(product(_RATES, _FALLS))
    found = _share_shrinking([(rate, _FALLS[fall]) for rate, fall in kinds for _ in range(_ALIKE)], seed=seed)
    shares = found.to_numpy().reshape(len(kinds), _ALIKE).mean(axis=1)
    return {f"{rate} to {fall}": float(share) for (rate, fall), share in zip(kinds, shares, strict=True)}


_MODULES = ("churnlab.history.standing",)

CLAIMS = (
    *(
        Claim(
            f"A client that buys as before is not called shrinking ({rate} purchases a half-year).",
            "One client that buys by chance at a constant rate, amounts that vary by half.",
            "size",
            0.05,
            partial(_shrinks_falsely, rate=rate),
            _MODULES,
        )
        for rate in (3, 6, 12, 30)
    ),
    Claim(
        "A client that buys a quarter of what it bought very often is called shrinking.",
        "One client with 48 purchases a half-year, of which 12 are left; some are called pending, and do not count.",
        "power",
        0.85,
        _shrinks_truly,
        _MODULES,
    ),
)

MEASUREMENTS = (
    Measurement(
        "Shrinking, by number of purchases and fall.",
        "Share of clients called shrinking, by purchases a half-year before and what is left of them, ten of each.",
        _powers,
        _MODULES,
    ),
)
