"""Purchase models beside lifetimes and pymc-marketing: what a fit costs, and how high a likelihood it reaches.

Usage: ``python benchmarks/purchase_models.py [CLIENTS]`` (1,000,000 if not given). CDNOW is read from the package
`lifetimes`, which carries it; the large book is made up. Every log-likelihood is computed by the same plain formulas,
below, at the parameters that each fit ends with: ours without priors, which is maximum likelihood as in lifetimes;
pymc-marketing's maximum a posteriori has its own priors, so that it lies lower by design.
"""

import sys

from measuring import Data, Run, Task, benchmark

_CDNOW = """
import numpy as np
from lifetimes.datasets import load_cdnow_summary_data_with_monetary_value
seen = load_cdnow_summary_data_with_monetary_value()
columns = {"frequency": "frequency", "recency": "recency", "age": "T", "amount": "monetary_value"}
with open(file, "wb") as opened:
    np.savez(opened, **{name: seen[theirs].to_numpy(dtype=float) for name, theirs in columns.items()})
"""

_MADE_UP = """
import numpy as np
clients, rng = CLIENTS, np.random.default_rng(1)
age = rng.integers(7, 365, clients) / 7
rate, leaves = rng.gamma(0.243, 1 / 4.414, clients), np.maximum(rng.beta(0.793, 2.426, clients), 1e-9)
orders = np.minimum(rng.poisson(rate * age), rng.geometric(leaves))
recency = np.where(orders > 0, np.maximum(np.round(age * rng.beta(np.maximum(orders, 1), 1) * 7), 1) / 7, 0.0)
with open(file, "wb") as opened:
    np.savez(opened, frequency=orders.astype(float), recency=recency, age=age, amount=np.ones(clients))
"""

_READ = """
import math
import numpy as np
from scipy.special import betaln, gammaln, hyp2f1
held = np.load(file)
x, t, age, amount = (held[name] for name in ("frequency", "recency", "age", "amount"))
bought = (x > 0) & (amount > 0)
def geometric(r, alpha, a, b, first):
    gone = betaln(a + 1, b + x - 1 + first) - (r + x) * np.log(alpha + t)
    stays = betaln(a, b + x + first) - (r + x) * np.log(alpha + age)
    both = np.logaddexp(stays, np.where((x > 0) | bool(first), gone, -np.inf))
    return [(gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + both).sum()]
def pareto(r, alpha, s, beta):
    most, least, second = max(alpha, beta), abs(alpha - beta), s + 1 if alpha >= beta else r + x
    def part(at):
        return hyp2f1(r + s + x, second, r + s + x + 1, least / (most + at)) / (most + at) ** (r + s + x)
    stays = (alpha + age) ** -(r + x) * (beta + age) ** -s
    both = np.log(stays + s / (r + s + x) * (part(t) - part(age)))
    return [(gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + both).sum()]
def spend(p, q, v):
    n, m = x[bought], amount[bought]
    start = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(v)
    return [(start + (p * n - 1) * np.log(m) + p * n * np.log(n) - (p * n + q) * np.log(v + n * m)).sum()]
"""

_LIFETIMES = (
    "import pandas as pd\n"
    "from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter\n"
)
_PYMC = """
import pandas as pd
from pymc_marketing.clv import BetaGeoModel, GammaGammaModel, ModifiedBetaGeoModel, ParetoNBDModel
data = pd.DataFrame({"customer_id": np.arange(len(x)), "frequency": x, "recency": t, "T": age})
def mapped(model, names):
    model.fit(method="map", progressbar=False)
    return [float(np.ravel(model.fit_result[name])[0]) for name in names]
"""

MODELS = {
    "BG/NBD": ("fit_bg_nbd", "BetaGeoFitter", "BetaGeoModel", ("r", "alpha", "a", "b"), "geometric(*fit, 0)"),
    "MBG/NBD": (
        "fit_mbg_nbd",
        "ModifiedBetaGeoFitter",
        "ModifiedBetaGeoModel",
        ("r", "alpha", "a", "b"),
        "geometric(*fit, 1)",
    ),
    "Pareto/NBD": (
        "fit_pareto_nbd",
        "ParetoNBDFitter",
        "ParetoNBDModel",
        ("r", "alpha", "s", "beta"),
        "pareto(*fit)",
    ),
}
MAP = "maximum a posteriori under its default priors"


def fits(where: str, data: str, *, again: int, models: tuple[str, ...]) -> list[Task]:
    """Fit models on the same clients in three ways."""
    made = []
    for name in models:
        ours, theirs, mapped, names, height = MODELS[name]
        end = f"\nfound = {height}\n"
        fit = f"from churnlab.lifetime import {ours}\nfit = timed(lambda: {ours}(x, t, age, prior_spread=math.inf))"
        runs = (
            Run("churnlab", f"{_READ}{fit}.parameters{end}", again=again, ours=True),
            Run(
                "lifetimes",
                f"{_READ}{_LIFETIMES}fit = timed(lambda: {theirs}().fit(x, t, age)).params_[{list(names)}]{end}",
                peer="lifetimes",
                again=again,
            ),
            Run(
                "pymc-marketing",
                f"{_READ}{_PYMC}fit = timed(lambda: mapped({mapped}(data=data), {names})){end}",
                peer="pymc-marketing",
                again=min(again, 2),
                note=MAP,
            ),
        )
        short = f"{name}, {data}"
        made.append(Task(f"{name}, {where}", short, runs, data, "log-likelihood", "high", 0.005, 2))
    return made


def spending() -> Task:
    """Fit what clients spend an order."""
    end = "\nfound = spend(*fit)\n"
    ours = "from churnlab.lifetime import fit_gamma_gamma\n"
    theirs = "given = pd.DataFrame({'x': x[bought], 'm': amount[bought]})\n"
    seen = "pd.DataFrame({'customer_id': np.arange(len(x)), 'frequency': x, 'monetary_value': amount})[bought]"
    model = f"GammaGammaModel(data={seen})"
    return Task(
        "Gamma-Gamma, CDNOW's 946 who ordered again",
        "Gamma-Gamma, cdnow",
        (
            Run(
                "churnlab",
                f"{_READ}{ours}fit = timed(lambda: fit_gamma_gamma(x[bought], amount[bought], prior_spread=math.inf))"
                f".parameters{end}",
                again=5,
                ours=True,
            ),
            Run(
                "lifetimes",
                f"{_READ}{_LIFETIMES}{theirs}fit = timed(lambda: GammaGammaFitter().fit(given.x, given.m))"
                f".params_[['p', 'q', 'v']]{end}",
                peer="lifetimes",
                again=5,
            ),
            Run(
                "pymc-marketing",
                f"{_READ}{_PYMC}fit = timed(lambda: mapped({model}, ('p', 'q', 'v'))){end}",
                peer="pymc-marketing",
                again=2,
                note=MAP,
            ),
        ),
        "cdnow",
        "log-likelihood",
        "high",
        0.005,
        2,
    )


def intervals(clients: int) -> Task:
    """Expect orders with intervals."""
    code = (
        f"{_READ}from churnlab.lifetime.purchase import expected_orders, fit_bg_nbd\n"
        "fit = fit_bg_nbd(x[:20000], t[:20000], age[:20000], prior_spread=math.inf)\n"
        "each = timed(lambda: expected_orders(fit, x, t, age, horizon=39.0)).value\n"
        "found = [np.nansum(each), np.isnan(each).sum()]\n"
    )
    plain = (
        f"{_READ}{_LIFETIMES}fit = BetaGeoFitter().fit(x[:20000], t[:20000], age[:20000])\n"
        "each = timed(lambda: fit.conditional_expected_number_of_purchases_up_to_time(39.0, x, t, age))\n"
        "found = [np.nansum(each), np.isnan(each).sum()]\n"
    )
    return Task(
        f"Orders expected of {clients:,} clients in 39 weeks",
        "orders expected",
        (
            Run("churnlab", code, ours=True, note="each with an interval, by 200 draws"),
            Run("lifetimes", plain, peer="lifetimes", note="points, without intervals"),
        ),
        "large",
        "orders in all, and clients without a figure",
    )


def main() -> None:
    """Measure and store."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    tasks = [
        *fits("CDNOW's 2,357 clients", "cdnow", again=5, models=tuple(MODELS)),
        spending(),
        *fits(f"{clients:,} made-up clients", "large", again=1, models=("BG/NBD",)),
        intervals(clients),
    ]
    data = {"cdnow": Data(_CDNOW, "lifetimes"), "large": Data(_MADE_UP.replace("CLIENTS", str(clients)))}
    benchmark("purchase_models", "Purchase models", tasks, data)


if __name__ == "__main__":
    main()
