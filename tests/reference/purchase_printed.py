"""Find the parameters at which the walkthrough of BTYD 2.4.3 made its predictions for CDNOW.

It prints predictions to seven digits and parameters to fewer. Four parameters are solved for from seven predictions;
that all seven then come out to their last digit, and that the log-likelihood lies at its top, tells that they are the
ones. Run in the project's folder: ``python tests/reference/purchase_printed.py``.
"""

import numpy as np
from scipy.optimize import least_squares

from churnlab.lifetime.purchase.beta_geometric import BetaGeometric
from churnlab.lifetime.purchase.pareto_nbd import ParetoNBD
from churnlab.lifetime.purchase.result import Clients

PRINTED = {
    ParetoNBD(): (25.45647, 0.997874, 1.473434, 0.7062289, 0.1442396, 0.02250658, 0.00309267),
    BetaGeometric(1, at_first=False): (25.75659, 0.9688523, 1.444004, 0.3474606, 0.04283391, 0.004158973, 0.0003583685),
}
START = {"Pareto/NBD": (0.553, 10.578, 0.606, 11.669), "BG/NBD": (0.243, 4.414, 0.793, 2.426)}


def main() -> None:
    """Print parameters, and by how many units of the seventh digit each prediction misses."""
    regular = Clients(np.float64(26), np.float64(30 + 6 / 7), np.float64(31))
    new = Clients(np.float64(0), np.float64(0), np.float64(0))
    silent = Clients(np.array([10.0, 15.0, 20.0, 25.0]), np.float64(20), np.float64(39))
    for law, printed in PRINTED.items():
        digit = 10 ** (np.floor(np.log10(printed)) - 6)

        def missed(logs, law=law, printed=printed, digit=digit):
            given = tuple(np.exp(logs))
            told = (law.orders(given, regular, 52.0), law.alive(given, regular), law.orders(given, new, 52.0))
            return (np.concatenate((told, law.orders(given, silent, 52.0))) - printed) / digit

        found = least_squares(missed, np.log(START[law.name]), xtol=1e-15, ftol=1e-15, gtol=1e-15)
        print(law.name, np.exp(found.x).round(8), found.fun.round(2))


if __name__ == "__main__":
    main()
