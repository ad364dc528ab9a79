"""Lifetimes counted, and forecasts of them judged, beside statsmodels, scikit-survival, greenwood and lifelines.

Usage: ``python benchmarks/survival.py [CLIENTS]`` (100,000 if not given). Lives enter late; forecasts do not, and are
judged for a tenth of the clients, in half months: who leaves does so at an odd one, as are those asked for, and
watching ends at even ones, so that there are no ties of both, which libraries take differently. Ours counts whole
months once, and every figure comes from that count.
"""

import sys

from lives import READ, lives_of
from measuring import Data, Run, Task, benchmark

_KM = {
    "churnlab": (
        "",
        "from churnlab.lifetime import hazard_table, kaplan_meier, survival_at",
        "kaplan_meier(hazard_table(entry, leave, event), minimum_at_risk=1)",
        "[each.value for each in survival_at(fit, at)]",
    ),
    "statsmodels": (
        "statsmodels",
        "from statsmodels.duration.survfunc import SurvfuncRight",
        "SurvfuncRight(leave, event.astype(int), entry=entry)",
        "fit.surv_prob[np.searchsorted(fit.surv_times, at, side='right') - 1]",
    ),
    "scikit-survival": (
        "scikit-survival",
        "from sksurv.nonparametric import kaplan_meier_estimator",
        "kaplan_meier_estimator(event, leave, time_enter=entry, conf_type='log-log')",
        "fit[1][np.searchsorted(fit[0], at, side='right') - 1]",
    ),
    "greenwood": (
        "greenwood",
        "import greenwood",
        "greenwood.KaplanMeier(conf_type='log-log').fit(greenwood.Surv(entry * 1.0, leave * 1.0, event.astype(int)))",
        "np.ravel(fit.predict(at * 1.0))",
    ),
    "lifelines": (
        "lifelines",
        "from lifelines import KaplanMeierFitter",
        "KaplanMeierFitter().fit(leave, event, entry=entry)",
        "fit.predict(at)",
    ),
}

_RESTRICTED = {
    "churnlab": (
        "",
        "from churnlab.lifetime import hazard_table, restricted_mean",
        "restricted_mean(hazard_table(entry, leave, event), horizon=60, minimum_at_risk=1)",
        "[fit.value, fit.low, fit.high]",
    ),
    "greenwood": (
        "greenwood",
        "import greenwood",
        "greenwood.KaplanMeier().fit(greenwood.Surv(entry * 1.0, leave * 1.0, event.astype(int))).rmst(60.0, ci=True)",
        "np.ravel(fit)[:3]",
    ),
}

_LOG_RANK = {
    "churnlab": (
        "",
        "from churnlab.lifetime import log_rank",
        "log_rank(entry, leave, event, columns[:, 1] > 0)",
        "[fit.statistic]",
    ),
    "statsmodels": (
        "statsmodels",
        "from statsmodels.duration.survfunc import survdiff",
        "survdiff(leave, event.astype(int), (columns[:, 1] > 0).astype(int), entry=entry)",
        "[fit[0]]",
    ),
    "greenwood": (
        "greenwood",
        "import greenwood",
        "greenwood.logrank_test(greenwood.Surv(entry * 1.0, leave * 1.0, event.astype(int)), 1 * (columns[:, 1] > 0))",
        "[fit.statistic]",
    ),
}

_FORECAST = """
time = 2 * (leave - entry) - event
guess = np.exp(columns @ np.array([0.4, 0.2, 0.0, -0.1, -0.3]))
at = np.arange(3, 48, 4)
survival = np.exp(-0.005 * np.outer(guess, at))
"""
_SKSURV = """
from sksurv.metrics import concordance_index_ipcw, cumulative_dynamic_auc, integrated_brier_score
from sksurv.util import Surv
time = time.astype(float)
seen = Surv.from_arrays(event, time)
"""
_GREENWOOD = "import greenwood\nseen = greenwood.Surv(time * 1.0, event.astype(int))"
_OURS = "from churnlab.lifetime import concordance, integrated_brier, time_dependent_auc"

_BRIER = {
    "churnlab": ("", _OURS, "integrated_brier(time, event, survival, months=at)", "[fit.integrated.value]"),
    "scikit-survival": (
        "scikit-survival",
        _SKSURV,
        "integrated_brier_score(seen, seen, survival, at.astype(float))",
        "[fit]",
    ),
    "greenwood": (
        "greenwood",
        _GREENWOOD,
        "greenwood.integrated_brier_score(seen, survival, at.astype(float))",
        "[fit]",
    ),
}
_AUC = {
    "churnlab": ("", _OURS, "time_dependent_auc(time, event, guess, months=at)", "[each.value for each in fit]"),
    "scikit-survival": (
        "scikit-survival",
        _SKSURV,
        "cumulative_dynamic_auc(seen, seen, guess, at.astype(float))",
        "fit[0]",
    ),
    "greenwood": (
        "greenwood",
        _GREENWOOD,
        "greenwood.time_dependent_auc(seen, guess, at.astype(float))",
        "np.ravel(fit)",
    ),
}
_UNO = {
    "churnlab": ("", _OURS, "concordance(time, event, guess, horizon=48)", "[fit.value]"),
    "scikit-survival": ("scikit-survival", _SKSURV, "concordance_index_ipcw(seen, seen, guess, tau=48.0)", "[fit[0]]"),
    "greenwood": ("greenwood", _GREENWOOD, "greenwood.concordance_index_ipcw(seen, guess, tau=48.0)", "[fit]"),
}
_POINTS = "no interval"
_NOTES = {
    "integrated Brier score": {"scikit-survival": _POINTS, "greenwood": _POINTS},
    "area by month": {"scikit-survival": _POINTS, "greenwood": _POINTS},
    "Uno's C": {"scikit-survival": _POINTS, "greenwood": _POINTS},
}


def task(
    what: str, short: str, ways: dict[str, tuple[str, str, str, str]], *, data: str, compared: str, start: str = ""
) -> Task:
    """Write one task's programs."""
    runs = tuple(
        Run(
            who,
            f"{READ}{start}\nat = {'at' if start else 'np.array([12, 24, 36, 60, 84])'}\n{imports}\n"
            f"fit = timed(lambda: {fit})\nfound = {found}\n",
            peer=peer,
            again=3,
            ours=not peer,
            note=_NOTES.get(compared, {}).get(who, ""),
        )
        for who, (peer, imports, fit, found) in ways.items()
    )
    return Task(what, short, runs, data, compared)


def main() -> None:
    """Measure and store."""
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    few = max(clients // 10, 100)
    lives, judged = f"{clients:,} lives with late entry", f"{few:,} forecasts"
    tasks = [
        task(
            f"Kaplan-Meier curve with intervals, {lives}",
            "Kaplan-Meier",
            _KM,
            data="lives",
            compared="survival at five months",
        ),
        task(
            f"Restricted mean of 60 months with interval, {lives}",
            "restricted mean",
            _RESTRICTED,
            data="lives",
            compared="mean and ends",
        ),
        task(f"Log-rank test of two groups, {lives}", "log-rank", _LOG_RANK, data="lives", compared="chi squared"),
        task(
            f"Integrated Brier score, {judged}",
            "Brier score",
            _BRIER,
            data="few",
            compared="integrated Brier score",
            start=_FORECAST,
        ),
        task(
            f"Area under the curve at twelve months, {judged}",
            "areas",
            _AUC,
            data="few",
            compared="area by month",
            start=_FORECAST,
        ),
        task(f"Uno's C within 24 months, {judged}", "Uno's C", _UNO, data="few", compared="Uno's C", start=_FORECAST),
    ]
    data = {"lives": Data(lives_of(clients)), "few": Data(lives_of(few))}
    benchmark("survival", "Lifetimes counted, forecasts judged", tasks, data)


if __name__ == "__main__":
    main()
