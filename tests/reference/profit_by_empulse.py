"""Write the expected maximum profits that tests/risk/test_profit.py compares with, by empulse and by EMP-PY.

Needs both, which are not among the dependencies: ``python -m venv emp``, ``emp/bin/pip install empulse==0.13.1
EMP-PY==2.0.4``, ``emp/bin/python tests/reference/profit_by_empulse.py``; it writes ``profit_by_empulse.json`` beside
itself, books and costs included.
"""

import json
import warnings
from pathlib import Path

COSTS = ((6.0, 14.0, 200.0, 10.0, 1.0), (2.0, 3.0, 900.0, 90.0, 25.0), (1.0, 1.0, 50.0, 0.0, 0.0))


def book(number: int) -> tuple[list[int], list[float], list[float]]:
    """Outcomes, risks with ties, and values."""
    clients = range(40 + 37 * number)
    risk = [round((k * 37 % 101) / 101, 2) for k in clients]
    left = [int((k * 53 % 97) / 97 < r * 0.6) for k, r in zip(clients, risk, strict=True)]
    value = [50.0 + (k * k * 31 % 1009) for k in clients]
    return left, risk, value


def main() -> None:
    """Write one entry a book and set of costs."""
    warnings.simplefilter("ignore")
    from EMP.metrics import empChurn  # noqa: PLC0415 -- in the environment of the script, not of the tests
    from empulse.metrics import empb_score, empc_score  # noqa: PLC0415

    found = []
    for number in range(3):
        left, risk, value = book(number)
        for costs in COSTS:
            alpha, beta, worth, offer, contact = costs
            named = {"alpha": alpha, "beta": beta, "clv": worth, "incentive_cost": offer, "contact_cost": contact}
            own = {"alpha": alpha, "beta": beta, "incentive_fraction": offer / worth, "contact_cost": contact}
            other = empChurn(risk, left, alpha=alpha, beta=beta, clv=worth, d=offer, f=contact)
            figures = {
                "empulse": (empc_score(left, risk, **named), empc_score.optimal_rate(left, risk, **named)),
                "emp_py": (other.EMP, other.EMP_fraction),
                "empulse_by_value": (
                    empb_score(left, risk, clv=value, **own),
                    empb_score.optimal_rate(left, risk, clv=value, **own),
                ),
                "emp_py_mean_chance_alike": (other.MP, other.MP_fraction),
            }
            told = {name: [float(figure) for figure in pair] for name, pair in figures.items()}
            found.append({"left": left, "risk": risk, "value": value, "costs": costs, **told})
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
