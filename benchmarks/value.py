"""What valuing clients costs, beside the customer lifetime value of lifetimes, which is asked for less.

Usage: ``python benchmarks/value.py [CLIENTS]`` (100,000 if not given). Ours gives every client's value over 24 months
part by part, from hazards by tenure and line; then both intervals too, by as many draws as the page takes of the
largest book that is drawn in full, and of larger ones. lifetimes multiplies expected orders of 24 months by the mean
amount, without costs, growth or intervals, the parameters being given.
"""

import sys

from measuring import Data, Run, Task, benchmark

_BOOK = """
import numpy as np
from churnlab.answers.valuing import DRAWS, FEWER_DRAWS, LARGE
from churnlab.value import NORMAL, Growth, Money, Staying, value_parts, worth
clients, draws = CLIENTS, DRAWN
rng = np.random.default_rng(1)
columns = np.column_stack((np.ones(clients), rng.normal(size=(clients, 8))))
coefficients = np.concatenate(([-4.0], rng.normal(0, 0.2, 8))) + rng.normal(0, 0.05, (1 + draws, 9))
tables = np.clip(rng.gamma(4, 0.004, (3, 1 + draws, 120)), 0, 1)
tenure, line = rng.integers(0, 200, clients), rng.integers(0, 3, clients)
stays = Staying(columns, columns, coefficients, 12, tables, tenure, line)
money = Money(
    sales=rng.lognormal(6, 1, clients), margin=rng.uniform(0.1, 0.4, clients), serve=rng.gamma(2, 5, clients),
    payment_days=rng.choice([14.0, 30.0, 60.0], clients), change=rng.normal(0, 0.4, clients),
    orders=1.0 + rng.poisson(12, clients),
)
growth = Growth(0.02, 0.01, 0.05, -0.2, 0.02, 0.05, 0.4, NORMAL, 5, 1000)
given = {"horizon": 24, "yearly_rate": 0.15, "growth": growth}
found = []
"""

_PARTS = "timed(lambda: value_parts(stays, money, **given))\n"
_WORTH = "timed(lambda: worth(stays, money, **given))\n"

_LIFETIMES = """
import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
x, t, age, amount = np.load(file)
orders = BetaGeoFitter().fit(x[:20000], t[:20000], age[:20000])
spend = GammaGammaFitter().fit(x[:20000], amount[:20000])
columns = [pd.Series(each) for each in (x, t, age, amount)]
timed(lambda: spend.customer_lifetime_value(orders, *columns, time=24, discount_rate=0.0117, freq="W"))
found = []
"""

_CLIENTS = """
import numpy as np
rng = np.random.default_rng(1)
age = rng.uniform(20, 52, CLIENTS)
x = 1.0 + rng.poisson(rng.gamma(1.5, 4, CLIENTS))
with open(file, "wb") as opened:
    np.save(opened, np.stack((x, age * rng.beta(x, 1), age, rng.gamma(6, 20, CLIENTS))))
"""


def ours(clients: str, draws: str, work: str, note: str) -> Run:
    """Write the program of a run of ours."""
    code = _BOOK.replace("CLIENTS", clients).replace("DRAWN", draws)
    return Run("churnlab", f"{code}{work}", again=1 if "worth" in work else 3, ours=True, note=note)


def main() -> None:
    """Measure and store."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    parts = "value part by part, with costs and growth"
    tasks = [
        Task(
            f"Value of {clients:,} clients over 24 months",
            "value",
            (
                ours(str(clients), "0", _PARTS, parts),
                Run("lifetimes", _LIFETIMES, peer="lifetimes", note="expected orders times mean amount"),
            ),
            "clients",
        ),
        Task(
            f"Value of {clients:,} clients with both intervals, by as many draws as the page takes",
            "value, intervals",
            (ours(str(clients), "FEWER_DRAWS", _WORTH, ""),),
        ),
        Task(
            "Value with both intervals of the largest book that is drawn in full",
            "value, all draws",
            (ours("LARGE", "DRAWS", _WORTH, ""),),
        ),
    ]
    data = {"clients": Data(_CLIENTS.replace("CLIENTS", str(clients)))}
    benchmark("value", "What clients are worth", tasks, data)


if __name__ == "__main__":
    main()
