"""What the scenario simulator costs, beside Mesa with one agent a client and SALib driving it: CPU seconds, memory.

Usage: ``python benchmarks/scenarios.py``. Mesa and SALib are put into an environment of their own, made for this run in
a temporary folder and removed after it; without a network, ``PEERS_PYTHON`` names a Python that has both. Mesa's model
is smaller than ours (satisfaction, loyalty, vigilance, offers and four ways out; no failures, referrals or cascade),
and has the same seed in both arms, as is usual. It is timed on fewer replications and points, and scaled; the line says
so.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_START = """
import json, resource, sys, time
import numpy as np
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
def tell(**told):
    print(json.dumps(told | {"used": time.process_time() - start, "over": peak() - before}))
"""

_OURS = """
from churnlab.scenarios import *
before, start = peak(), time.process_time()
drawn = draw_assumptions(1000, rng=1)
found = run(made_book(drawn, 200), (PRICE_ONLY, SERVICE), drawn, months=120, seed=1)
gap = paired_difference(found, "service", "price only")
tell(ratio=gap.variance_ratio)
"""

_CALIBRATED = """
from dataclasses import replace
from churnlab.scenarios import *
before, start = peak(), time.process_time()
drawn = draw_assumptions(1000, rng=1)
made = made_book(drawn, 200)
book = replace(made, whole=True, predictor=made.predictor + np.log(2.5))
found = simulate(book, (PRICE_ONLY, SERVICE), drawn, months=120, seed=1)
tell(ratio=paired_difference(found, "service", "price only").variance_ratio, left_out=found.infeasible)
"""

_DEFAULTS = """
from churnlab.scenarios import *
before, start = peak(), time.process_time()
held = held_at(1000)
found = run(made_book(held, 200), (PRICE_ONLY, SERVICE), held, months=120, seed=1)
tell(ratio=paired_difference(found, "service", "price only").variance_ratio)
"""

_SOBOL = """
from churnlab.scenarios import *
before, start = peak(), time.process_time()
books = tuple(made_book(draw_assumptions(128, rng=seed), 200) for seed in (1, 2))
found = sobol_of(books, SERVICE, PRICE_ONLY, months=120, seed=1)
tell(points=128 * (len(found.names) + 2), totals=dict(zip(found.names, found.total.round(3).tolist())))
"""

_REDRAW = """
from dataclasses import replace
from churnlab.answers.scenario_levers import *
from churnlab.scenarios import *
drawn = draw_assumptions(192, rng=1)
made = made_book(drawn, 200)
bench = make_bench(replace(made, whole=True, predictor=made.predictor + np.log(2.5)), months=60, seed=1, scored=True)
known = held(bench, Levers())
before, start = peak(), time.process_time()
verdict_at(bench, Levers(price_cut=0.02), known)
lever = time.process_time() - start
verdict_at(bench, Levers(offers_per_year=0.3))
tell(lever=round(lever, 2), competitor=round(time.process_time() - start - lever, 2))
"""

_MESA = """
import mesa, warnings
warnings.simplefilter("ignore")
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
before, start = peak(), time.process_time()
pairs = np.array([[play(USUAL, lever, seed) for lever in (PRICE, SERVICE)] for seed in range(60)])
gap = pairs[:, 1] - pairs[:, 0]
ratio = pairs.var(axis=0, ddof=1).sum() / gap.var(ddof=1)
tell(ratio=float(ratio), scale=1000 / len(pairs), version=mesa.__version__)
"""

_SALIB = """
from SALib.sample import sobol as sampling
from SALib.analyze import sobol as analysis
from importlib.metadata import version
before, start = peak(), time.process_time()
problem = {"num_vars": 5, "names": ["level", "slope", "offers", "depth", "switching"],
           "bounds": [[-6.6, -4.6], [0.01, 0.49], [0.06, 1.2], [0.02, 0.1], [0.02, 0.12]]}
points = sampling.sample(problem, 8, calc_second_order=False)
values = np.array([play(tuple(point), SERVICE, 1) - play(tuple(point), PRICE, 1) for point in points])
analysis.analyze(problem, values, calc_second_order=False, num_resamples=100)
tell(scale=1152 / len(points), version=version("SALib"))
"""


def measure(python: str, program: str) -> dict[str, float]:
    """Run a program in a process of its own; what it told."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    given = subprocess.run(
        [python, "-W", "ignore", "-c", _START + program], check=True, capture_output=True, text=True, env=environment
    )
    return json.loads(given.stdout.splitlines()[-1])


def tell(name: str, told: dict[str, float]) -> None:
    """Print a line."""
    scale = told.pop("scale", 1.0)
    used, over = told.pop("used") * scale, told.pop("over")
    scaled = f" (scaled {scale:.0f} times)" if scale != 1 else ""
    print(f"{name:<52}{used:8.1f} CPU s{over:8.0f} MB over the import{scaled}   {told}", flush=True)


def peers(folder: Path) -> str:
    """Give a Python with Mesa and SALib: the one named, or a new one."""
    if "PEERS_PYTHON" in os.environ:
        return os.environ["PEERS_PYTHON"]
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--quiet", "mesa>=3", "SALib>=1.5"], check=True)
    return python


def main() -> None:
    """Measure ours, then the others."""
    tell("ours: 200 clients, 120 months, 1,000 draws, two arms", measure(sys.executable, _OURS))
    tell("ours: the same, all at defaults", measure(sys.executable, _DEFAULTS))
    tell("ours: the same, the fitted hazard held", measure(sys.executable, _CALIBRATED))
    tell("ours: a lever moved, then the competitor", measure(sys.executable, _REDRAW))
    tell("ours: Sobol' indices of 7 groups, two arms", measure(sys.executable, _SOBOL))
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = peers(Path(folder))
        except subprocess.CalledProcessError:
            print("Mesa and SALib were not measured: their environment could not be made")
            return
        tell("Mesa: one agent a client, two arms, 1,000 pairs", measure(python, _MESA + _MESA_RUN))
        tell("SALib driving Mesa, 1,152 points, two arms", measure(python, _MESA + _SALIB))


if __name__ == "__main__":
    main()
