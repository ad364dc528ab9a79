"""Write lives_made_up.csv and forecasts_made_up.csv: what R's survival and scikit-survival are asked about.

Both are drawn here from a seed and stand for nobody. Lives enter late, share clients, have ties and reasons, and stand
in groups and strata. Forecasts are followed to even months where a client left and to odd ones where watching ended, so
that conventions for both in one month do not matter. ``python tests/reference/lives_made_up.py``
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent


def main() -> None:
    """Draw and write."""
    rng = np.random.default_rng(20)
    n = 180
    client = np.sort(rng.integers(0, 110, n))
    group, stratum = rng.integers(1, 4, n), rng.integers(1, 3, n)
    prone = np.exp(0.6 * rng.normal(size=110))[client] * np.array([0.8, 1.0, 1.5])[group - 1]
    left = np.ceil(rng.exponential(size=n) / (0.03 * prone)).astype(int)
    entry = np.where(rng.random(n) < 0.4, rng.integers(1, 30, n), 0)
    end = entry + rng.integers(6, 60, n)
    reason = rng.integers(1, 4, n)
    seen = left > entry
    leave = np.minimum(left, end)
    event = left <= end
    rows = np.column_stack((client, group, stratum, entry, leave, event, np.where(event, reason, 0)))[seen]
    head = "client,group,stratum,entry,exit,event,reason"
    np.savetxt(FOLDER / "lives_made_up.csv", rows, fmt="%d", delimiter=",", header=head, comments="")

    m = 150
    factor = np.exp(0.7 * rng.normal(size=m))
    left = 2 * np.ceil(rng.exponential(size=m) / (0.08 * factor)).astype(int)
    end = 2 * rng.integers(2, 14, m) - 1
    time, event = np.minimum(left, end), left < end
    guess = np.round(np.exp(np.log(factor) + 0.4 * rng.normal(size=m)), 1)  # with ties
    rows = np.column_stack((time, event, guess))
    head = "time,event,guess"
    np.savetxt(
        FOLDER / "forecasts_made_up.csv", rows, fmt=["%d", "%d", "%.1f"], delimiter=",", header=head, comments=""
    )


if __name__ == "__main__":
    main()
