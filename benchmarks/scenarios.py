"""What the scenario simulator costs, beside Mesa with one agent a client and SALib driving it, and how exact it is.

Usage: ``python benchmarks/scenarios.py``. Mesa's model is smaller than ours (satisfaction, loyalty, vigilance, offers
and four ways out; no failures, referrals or cascade), and has the same seed in both arms, as is usual. It is timed on
fewer replications and points, and scaled; the note says so. The grade of a run is the variance of unpaired over paired
differences: how many times fewer replications do. Sobol' indices of both are graded on Ishigami's function, whose
indices are known.
"""

from measuring import Run, Task, benchmark

_OURS = """
from churnlab.scenarios import *
def work():
    drawn = draw_assumptions(1000, rng=1)
    made = run(made_book(drawn, 200), (PRICE_ONLY, SERVICE), drawn, months=120, seed=1)
    return paired_difference(made, "service", "price only").variance_ratio
found = [timed(work)]
"""

_CALIBRATED = """
from dataclasses import replace
import numpy as np
from churnlab.scenarios import *
def work():
    drawn = draw_assumptions(1000, rng=1)
    made = made_book(drawn, 200)
    book = replace(made, whole=True, predictor=made.predictor + np.log(2.5))
    return simulate(book, (PRICE_ONLY, SERVICE), drawn, months=120, seed=1)
found = [paired_difference(timed(work), "service", "price only").variance_ratio]
"""

_DEFAULTS = """
from churnlab.scenarios import *
def work():
    held = held_at(1000)
    made = run(made_book(held, 200), (PRICE_ONLY, SERVICE), held, months=120, seed=1)
    return paired_difference(made, "service", "price only").variance_ratio
found = [timed(work)]
"""

_SOBOL = """
from churnlab.scenarios import *
def work():
    books = tuple(made_book(draw_assumptions(128, rng=seed), 200) for seed in (1, 2))
    return sobol_of(books, SERVICE, PRICE_ONLY, months=120, seed=1)
found = timed(work).total
"""

_LEVER = """
from dataclasses import replace
import numpy as np
from churnlab.answers.scenario_levers import *
from churnlab.scenarios import *
drawn = draw_assumptions(192, rng=1)
made = made_book(drawn, 200)
bench = make_bench(replace(made, whole=True, predictor=made.predictor + np.log(2.5)), months=60, seed=1, scored=True)
known = held(bench, Levers())
timed(lambda: verdict_at(bench, LEVERS))
found = []
"""

_MESA = """
import mesa
import numpy as np
class Client(mesa.Agent):
    def __init__(self, model):
        super().__init__(model)
        self.satisfaction, self.loyalty, self.vigilant, self.active = 8.0, 0.06, False, True
        self.hazard = np.exp(model.given[0] + 0.5 * self.random.gauss(0, 1))
    def step(self):
        if not self.active:
            return
        level, slope, rate, depth, switching = self.model.given
        draw, own = self.random, self.model.lever
        self.satisfaction += 0.15 * (8 + own["points"] - self.satisfaction) + 0.2 * draw.gauss(0, 1)
        above = max(self.satisfaction - 7, 0)
        self.loyalty = 0.98 * self.loyalty + 0.0012 * above
        if self.vigilant:
            self.vigilant = draw.random() >= 0.02 + 0.03 * above
        else:
            self.vigilant = draw.random() < 0.005
        price = 0.0
        if draw.random() < rate / 12 * (1 + self.vigilant):
            gain = draw.expovariate(1 / depth) - switching * (1 - 0.6 * self.vigilant) - self.loyalty - own["cut"]
            price = 1 / (1 + np.exp(-(gain - 0.012) / 0.02))
        service = 1 - np.exp(-self.hazard * np.exp(slope * (8 - self.satisfaction)))
        for chance in (0.002, 0.0006, service, price):
            if draw.random() < chance:
                self.active = False
                return
        self.model.value += (0.28 - own["cut"] - own["cost"]) * self.model.factor
class Plant(mesa.Model):
    def __init__(self, given, lever, seed):
        super().__init__(seed=seed)
        self.given, self.lever, self.value, self.factor = given, lever, 0.0, 1.0
        Client.create_agents(self, 200)
    def step(self):
        self.factor *= 1.15 ** (-1 / 12)
        self.agents.shuffle_do("step")
PRICE = {"points": 0.0, "cut": 0.04, "cost": 0.0}
SERVICE = {"points": 0.6, "cut": 0.0, "cost": 0.03}
USUAL = (-5.6, 0.25, 0.36, 0.05, 0.07)
def play(given, lever, seed):
    plant = Plant(given, lever, seed)
    for _ in range(120):
        plant.step()
    return plant.value
"""

_MESA_RUN = """
def work():
    pairs = np.array([[play(USUAL, lever, seed) for lever in (PRICE, SERVICE)] for seed in range(60)])
    return pairs.var(axis=0, ddof=1).sum() / (pairs[:, 1] - pairs[:, 0]).var(ddof=1)
found = [timed(work)]
"""

_SALIB = """
from SALib.sample import sobol as sampling
from SALib.analyze import sobol as analysis
problem = {"num_vars": 5, "names": ["level", "slope", "offers", "depth", "switching"],
           "bounds": [[-6.6, -4.6], [0.01, 0.49], [0.06, 1.2], [0.02, 0.1], [0.02, 0.12]]}
def work():
    points = sampling.sample(problem, 8, calc_second_order=False)
    values = np.array([play(tuple(point), SERVICE, 1) - play(tuple(point), PRICE, 1) for point in points])
    return analysis.analyze(problem, values, calc_second_order=False, num_resamples=100)
timed(work)
found = []
"""

_ISHIGAMI = """
import numpy as np
POINTS, DESIGNS = 1024, 100
def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
ones, whole = 0.1 * np.pi**4, 0.1**2 * np.pi**8
parts = np.array([0.5 * (1 + ones / 5) ** 2, 7**2 / 8, 0.0, whole * (1 / 18 - 1 / 50)])
true = np.array([*parts[:3], parts[0] + parts[3], parts[1], parts[3]]) / parts.sum()
def error(each):
    return [float(np.sqrt(((np.array(each) - true) ** 2).mean()))]
"""

_ISHIGAMI_OURS = """
from scipy.stats import qmc
from churnlab.scenarios import sobol_indices
def indices(seed):
    uniform = qmc.Sobol(6, rng=np.random.default_rng(seed)).random(POINTS)
    a, b = (np.pi * (2 * half - 1) for half in np.split(uniform, 2, axis=1))
    mixed = []
    for place in range(3):
        points = a.copy()
        points[:, place] = b[:, place]
        mixed.append(ishigami(points))
    told = sobol_indices("123", ishigami(a), ishigami(b), np.array(mixed), rng=seed)
    return [*told.first, *told.total]
found = error(timed(lambda: [indices(seed) for seed in range(DESIGNS)]))
"""

_ISHIGAMI_SALIB = """
from SALib.sample import sobol as sampling
from SALib.analyze import sobol as analysis
problem = {"num_vars": 3, "names": ["1", "2", "3"], "bounds": [[-np.pi, np.pi]] * 3}
def indices(seed):
    points = sampling.sample(problem, POINTS, calc_second_order=False, seed=seed)
    told = analysis.analyze(problem, ishigami(points), calc_second_order=False, num_resamples=1000, seed=seed)
    return [*told["S1"], *told["ST"]]
found = error(timed(lambda: [indices(seed) for seed in range(DESIGNS)]))
"""


def main() -> None:
    """Measure and store."""
    plays = "200 clients, 120 months, 1,000 replications, two policies"
    tasks = [
        Task(
            f"Service against a lower price: {plays}",
            "scenario",
            (
                Run("churnlab", _DEFAULTS, ours=True, note="assumptions at defaults: chance alone"),
                Run("churnlab, assumptions drawn", _OURS, ours=True, note="1,000 draws of all assumptions"),
                Run(
                    "churnlab, fitted hazard held", _CALIBRATED, ours=True, note="1,000 draws that fit the leaving seen"
                ),
                Run(
                    "Mesa",
                    f"{_MESA}{_MESA_RUN}",
                    peer="mesa",
                    scale=1000 / 60,
                    note="a smaller model, chance alone; 60 pairs, scaled",
                ),
            ),
            compared="variance of unpaired over paired difference",
            better="high",
            digits=1,
        ),
        Task(
            "Sobol' indices of the difference of two policies, 1,152 points of 200 clients and 120 months",
            "Sobol', scenario",
            (
                Run("churnlab", _SOBOL, ours=True, note="seven groups"),
                Run(
                    "SALib driving Mesa",
                    f"{_MESA}{_SALIB}",
                    peer="mesa",
                    scale=1152 / 56,
                    note="five figures of the smaller model; 56 points, scaled",
                ),
            ),
        ),
        Task(
            "Sobol' indices of Ishigami's function, 100 designs of 5,120 points, 1,000 resamples each",
            "Sobol', Ishigami",
            (
                Run("churnlab", f"{_ISHIGAMI}{_ISHIGAMI_OURS}", ours=True),
                Run("SALib", f"{_ISHIGAMI}{_ISHIGAMI_SALIB}", peer="mesa"),
            ),
            compared="root mean squared error of six indices",
            better="low",
            apart=0.001,
            digits=4,
        ),
        Task(
            "A slider of a policy is moved",
            "slider, policy",
            (Run("churnlab", _LEVER.replace("LEVERS", "Levers(price_cut=0.02), known"), ours=True),),
        ),
        Task(
            "A slider of the competitor is moved",
            "slider, competitor",
            (Run("churnlab", _LEVER.replace("LEVERS", "Levers(offers_per_year=0.3)"), ours=True),),
        ),
    ]
    benchmark("scenarios", "Price or service", tasks)


if __name__ == "__main__":
    main()
