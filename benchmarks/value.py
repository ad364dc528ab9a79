"""What valuing a million customers costs: CPU seconds on one BLAS thread, and peak memory.

Usage: ``python benchmarks/value.py [CLIENTS]`` (1,000,000 if not given). The book is made up; each measurement runs in
a process of its own. The first gives every client's value part by part, the others both intervals too, by as many draws
as the page takes of the largest book that is drawn in full, and of a tenth of the clients.
"""

import os
import subprocess
import sys

from churnlab.answers.valuing import DRAWS, FEWER_DRAWS, LARGE

_CODE = """
import resource, sys, time
import numpy as np
from churnlab.value import NORMAL, Growth, Money, Staying, value_parts, worth
clients, draws = int(sys.argv[1]), int(sys.argv[2])
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
start = time.process_time()
if draws:
    found = worth(stays, money, horizon=24, yearly_rate=0.15, growth=growth)
    name = f"value of {clients:,} customers with intervals by {draws} draws"
else:
    found = value_parts(stays, money, horizon=24, yearly_rate=0.15, growth=growth)
    name = f"value of {clients:,} customers, part by part"
spent = time.process_time() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(f"{name:<62}{spent:10.2f} CPU s{peak:8.0f} MB", flush=True)
"""


def main() -> None:
    """Measure all three."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    for size, draws in ((clients, 0), (LARGE, DRAWS), (max(clients // 10, 1), FEWER_DRAWS)):
        subprocess.run([sys.executable, "-c", _CODE, str(size), str(draws)], check=True, env=os.environ | one)


if __name__ == "__main__":
    main()
