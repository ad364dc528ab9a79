"""What would be asserted of care wherever it is not seen to be targeted: why nothing is."""

import numpy as np
from validation_frame import Measurement

from churnlab.risk import care_effect


def _weakly_targeted(seed: int, *, clients: int, slope: float) -> dict[str, float]:
    """Managers call the discontent a little more, a score tells a fifth of discontent, calls do nothing."""
    rng = np.random.default_rng([76, seed])
    content = rng.normal(size=clients)
    care = -slope * content + rng.normal(size=clients)
    score = content + 2 * rng.normal(size=clients)
    left_in = np.ceil(rng.exponential(1 / np.exp(-3.7 - 0.6 * content))).astype(np.int64)
    stayed, left = np.minimum(left_in, 40), left_in <= 40
    who = np.repeat(np.arange(clients), stayed)
    event = np.zeros(len(who), dtype=bool)
    event[(np.cumsum(stayed) - 1)[left]] = True
    found = care_effect(care[who], np.zeros((len(who), 0)), score[who][:, None], event, who, name="touches")
    unseen = not found.targeted
    return {
        f"{clients} clients, targeting unseen": float(unseen),
        f"{clients} clients, unseen and its interval above 1": float(unseen and found.low > 1),
    }


def _unseen(seed: int) -> dict[str, float]:
    return _weakly_targeted(seed, clients=400, slope=0.2) | _weakly_targeted(seed, clients=200, slope=0.3)


MEASUREMENTS = (
    Measurement(
        "Weak targeting goes unseen, and would pass for an effect.",
        "Calls do nothing and go to the discontent a little more often (by .2 and .3 of a standard deviation for one "
        "of content), of whom a score tells a fifth: share in which this is not seen, and in which the interval given "
        "what a manager could know lies above 1.",
        _unseen,
        ("churnlab.risk.care",),
        runs=1000,
    ),
)
