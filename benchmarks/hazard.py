"""The regressed hazard beside Cox models and a generalised linear model: what it costs, and whether it is the same.

Usage: ``python benchmarks/hazard.py [CLIENTS]`` (100,000 if not given). Five columns that do not change over a life, up
to some 110 months of tenure. With a level for every month ours stands beside Cox models on the same lives, who take
months as exact times with ties; on person-months of a tenth of the clients it stands beside the complementary log-log
model of `statsmodels`, which is the same likelihood.
"""

import sys

from lives import READ, lives_of
from measuring import Data, Run, Task, benchmark

_OURS = "from churnlab.lifetime import fit_tenure_hazard\n"
_BY_CLIENT = "fit_tenure_hazard(entry, leave, event, columns, client=np.arange(len(entry)))"
_COX = {
    "churnlab": (
        "",
        f"{_OURS}found = timed(lambda: fit_tenure_hazard(entry, leave, event, columns)).coefficients",
        "by month",
    ),
    "churnlab, covariance by client": ("", f"{_OURS}found = timed(lambda: {_BY_CLIENT}).coefficients", "by month"),
    "statsmodels": (
        "statsmodels",
        "from statsmodels.duration.hazard_regression import PHReg\n"
        "found = timed(lambda: PHReg(leave * 1.0, columns, status=event.astype(int), entry=entry * 1.0).fit()).params",
        "Cox, ties by Breslow",
    ),
    "greenwood": (
        "greenwood",
        "import greenwood\nsurv = greenwood.Surv(entry * 1.0, leave * 1.0, event.astype(int))\n"
        "found = np.ravel(timed(lambda: greenwood.CoxPH().fit(surv, columns)).coef_)",
        "Cox, ties by Efron",
    ),
    "lifelines": (
        "lifelines",
        "import pandas as pd\nfrom lifelines import CoxPHFitter\n"
        "frame = pd.DataFrame(columns, columns=[f'x{place}' for place in range(columns.shape[1])])\n"
        "frame = frame.assign(entry=entry, leave=leave, event=event)\n"
        "found = timed(lambda: CoxPHFitter().fit(frame, 'leave', 'event', entry_col='entry')).params_",
        "Cox, ties by Efron",
    ),
}

_MONTHS = """
length = leave - entry
whose = np.repeat(np.arange(len(entry)), length)
month = np.arange(len(whose)) - np.repeat(np.cumsum(length) - length, length) + entry[whose]
years = month / 12
design = np.column_stack((columns[whose], years, years**2, years**3))
left = np.zeros(len(whose), dtype=bool)
left[np.cumsum(length) - 1] = event
"""
_CLOGLOG = {
    "churnlab": (
        "",
        "from churnlab.lifetime import fit_hazard\n"
        "fit = timed(lambda: fit_hazard(design, left))\nfound = [*fit.coefficients, *fit.standard_errors]",
        "",
    ),
    "statsmodels": (
        "statsmodels",
        "import statsmodels.api as sm\nfrom statsmodels.genmod.families import Binomial\n"
        "from statsmodels.genmod.families.links import CLogLog\n"
        "def fitted():\n"
        "    made = sm.GLM(left * 1.0, sm.add_constant(design), family=Binomial(CLogLog()))\n"
        "    return made.fit(tol=1e-12)\n"
        "fit = timed(fitted)\nfound = [*fit.params, *np.sqrt(np.diag(fit.cov_params()))]",
        "",
    ),
}


def runs(ways: dict[str, tuple[str, str, str]], start: str = "") -> tuple[Run, ...]:
    """Write the programs."""
    return tuple(
        Run(who, f"{READ}{start}{code}\n", peer=peer, again=3 if not peer else 1, ours=not peer, note=note)
        for who, (peer, code, note) in ways.items()
    )


def main() -> None:
    """Measure and store."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    few = max(clients // 10, 100)
    tasks = [
        Task(
            f"Proportional hazards, {clients:,} lives with late entry",
            "proportional hazards",
            runs(_COX),
            "lives",
            "five coefficients",
        ),
        Task(
            f"Complementary log-log hazard, person-months of {few:,} lives",
            "log-log hazard",
            runs(_CLOGLOG, _MONTHS),
            "few",
            "coefficients and standard errors",
        ),
    ]
    benchmark("hazard", "The hazard regressed", tasks, {"lives": Data(lives_of(clients)), "few": Data(lives_of(few))})


if __name__ == "__main__":
    main()
