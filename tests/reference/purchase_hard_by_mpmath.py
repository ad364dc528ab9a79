"""Print the chances of tests/lifetime/test_purchase_reference.py that are hard to compute, by mpmath with 30 digits.

Needs mpmath, which is not among the dependencies:
``python -m venv mp && mp/bin/pip install mpmath && mp/bin/python tests/reference/purchase_hard_by_mpmath.py``.
"""

CLIENTS = [
    (221, "103.42857", "103.57143"),
    (254, "97.14286", "97.28571"),
    (161, "94.71429", "98"),
    (204, "98.57143", "99.42857"),
]


def main() -> None:
    """Print the chance of being there for each client, from the integral over the time of leaving."""
    from mpmath import linspace, mp, mpf, nstr, quad  # noqa: PLC0415 -- in the environment of the script

    mp.dps = 30
    r, alpha, s, beta = mpf("0.5143"), mpf("2.8845"), mpf("0.2856"), mpf("14.1087")
    for orders, recency, age in CLIENTS:
        last, end = mpf(recency), mpf(age)

        def gone(t, m=r + orders, end=end):
            return s * ((alpha + end) / (alpha + t)) ** m * ((beta + end) / (beta + t)) ** s / (beta + t)

        print(orders, nstr(1 / (1 + quad(gone, linspace(last, end, 6))), 15))


if __name__ == "__main__":
    main()
