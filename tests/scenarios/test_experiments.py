"""Differences, their parts and their drivers: against analytic answers, by hand, and against one another."""

from dataclasses import replace

import numpy as np
import pytest
from scenario_cases import assumed
from scipy.stats import qmc

from churnlab.scenarios import (
    DO_NOTHING,
    EVIDENCE,
    GROUPS,
    LINES,
    PRICE_ONLY,
    SERVICE,
    AssumptionDraws,
    PairedDifference,
    Scenario,
    Simulation,
    break_even_cost,
    calibrate,
    draw_assumptions,
    forced_loss,
    handled,
    load_scenario,
    made_book,
    paired_difference,
    regrets,
    run,
    save_scenario,
    simulate,
    sobol_indices,
    sobol_of,
    tornado,
    variance_split,
    waterfall,
    worlds,
    worth_of_knowing,
)

DRAWN = draw_assumptions(128, rng=1)
BOOK = made_book(DRAWN, 40)
SOLVED = calibrate(BOOK, DRAWN, months=24, seed=1)


def by_hand(value: np.ndarray, sales: np.ndarray | None = None) -> Simulation:
    """A simulation of given values."""
    policies, rows = value.shape
    ledger = np.zeros((len(LINES), policies, rows))
    ledger[0] = value
    counts = np.zeros((policies, rows, 1, 9), dtype=np.int32)
    nothing = np.zeros((policies, rows), dtype=np.intp)
    return Simulation(
        ("a", "b")[:policies], counts, value[..., None], ledger, value if sales is None else sales, nothing, 1
    )


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(0.1, 2.0, "service"), (-2.0, -0.1, "price only"), (-1.0, 2.0, "cannot tell"), (0.0, 2.0, "cannot tell")],
)
def test_reference_a_verdict_names_a_winner_only_where_the_interval_excludes_nothing(low, high, verdict):
    assert PairedDifference("service", "price only", (low + high) / 2, low, high, 0.7, 3.0).verdict == verdict


def test_reference_a_paired_difference_by_hand():
    value = np.array([[1.0, 4.0, 2.0, 6.0], [1.0, 2.0, 5.0, 2.0]])
    gap = paired_difference(by_hand(value), "a", "b")
    assert (gap.mean, gap.better) == (0.75, 0.5)
    assert gap.variance_ratio == pytest.approx((value[0].var() + value[1].var()) / np.array([0, 2, -3, 4]).var())
    assert (gap.low, gap.high) == pytest.approx((-3 + 0.075 * 3, 4 - 0.075 * 2))
    with pytest.raises(ValueError, match="expected one of a, b, got c"):
        paired_difference(by_hand(value), "a", "c")


def test_reduction_at_the_break_even_cost_nothing_is_gained():
    given = assumed(128)
    book = made_book(given, 40)

    found = simulate(book, (DO_NOTHING, SERVICE), given, months=36, seed=7)
    cost = break_even_cost(found, "service", "do nothing")
    assert cost.mean_low < cost.cost < cost.mean_high
    at_it = replace(SERVICE, service_cost=cost.cost)
    again = simulate(book, (DO_NOTHING, at_it), given, months=36, seed=7)
    assert abs(paired_difference(again, "service", "do nothing").mean) < 1e-6 * again.value.mean()


def test_recovery_the_ratio_interval_of_a_break_even_covers():
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sales = rng.gamma(20, 5, 200)
        value = np.stack((sales * 0.02 + rng.normal(0, 3, 200), np.zeros(200)))
        found = break_even_cost(by_hand(value, np.stack((sales, sales))), "a", "b")
        held += found.mean_low <= 0.02 <= found.mean_high
    assert 179 <= held <= 199  # 99.9 % band of 200


def test_recovery_the_split_of_variance_by_hand():
    rng = np.random.default_rng(1)
    told = rng.normal(0, 2, 20000)
    runs = [by_hand(np.stack((told + rng.normal(0, 1, 20000), np.zeros(20000)))) for _ in range(2)]
    split = variance_split(*runs, "a", "b")
    assert (split.parameters, split.chance) == pytest.approx((2, 1), rel=0.03)
    assert split.share == pytest.approx(0.8, abs=0.02)
    assert split.low < 0.8 < split.high


def test_property_the_steps_of_a_waterfall_sum_to_the_difference():
    steps = waterfall(SOLVED, SERVICE, PRICE_ONLY, months=24, seed=1)
    found = Scenario((SERVICE, PRICE_ONLY), {}, 128, 24, 1).run(BOOK)
    assert sum(step.mean for step in steps) == pytest.approx(
        paired_difference(found, "service", "price only").mean, rel=1e-6
    )
    cost = next(step for step in steps if step.channel == "service cost")
    assert cost.high < 0


def test_property_regrets_are_never_below_0_and_the_best_has_none():
    found = regrets(SOLVED, (DO_NOTHING, PRICE_ONLY, SERVICE), worlds(0), months=24, seed=1)
    assert (found.mean >= 0).all()
    assert (found.most >= 0).all()
    assert found.least in found.policies
    alone = regrets(SOLVED, (SERVICE,), worlds(0)[:1], months=6, seed=1)
    assert alone.mean[0, 0] == 0


def test_direction_a_key_client_lost_costs_at_least_its_own_value():
    sales = np.where(np.arange(40) == 3, 20000.0, 1000.0)
    solved = calibrate(replace(BOOK, monthly_sales=sales), DRAWN, months=24, seed=1)
    loss = forced_loss(solved, DO_NOTHING, 3, months=24, seed=1)
    assert loss.low > 0
    assert loss.direct > 0
    assert loss.multiplier == loss.drop / loss.direct
    assert loss.multiplier_low < loss.multiplier < loss.multiplier_high


def test_failures_are_told_or_kept_silent():
    assert handled(SERVICE, openly=True).recovery == 1.0
    assert handled(SERVICE, openly=False).recovery == 0.0


def _ishigami(x: np.ndarray) -> np.ndarray:
    x = np.pi * (2 * x - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def _g_function(x: np.ndarray) -> np.ndarray:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


def _g_indices() -> tuple[np.ndarray, np.ndarray]:
    parts = 1 / (3 * (1 + np.array([0.0, 1.0, 4.5, 9.0])) ** 2)
    whole = np.prod(1 + parts) - 1
    return parts / whole, parts * np.prod(1 + parts) / (1 + parts) / whole


_VARIANCE = 0.5 + 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18
_ISHIGAMI = (
    np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2, 49 / 8, 0.0]) / _VARIANCE,
    np.array([0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2 + 0.01 * np.pi**8 * 8 / 225, 49 / 8, 0.01 * np.pi**8 * 8 / 225])
    / _VARIANCE,
)


@pytest.mark.parametrize(("law", "truth", "size"), [(_ishigami, _ISHIGAMI, 3), (_g_function, _g_indices(), 4)])
def test_reference_sobol_indices_of_ishigami_and_the_g_function(law, truth, size):
    """T22: analytic indices (Ishigami and Homma 1990; Saltelli and Sobol' 1995)."""
    one, other = np.split(qmc.Sobol(2 * size, rng=1).random(2**13), 2, axis=1)
    mixed = []
    for place in range(size):
        moved = one.copy()
        moved[:, place] = other[:, place]
        mixed.append(law(moved))
    found = sobol_indices([str(place) for place in range(size)], law(one), law(other), np.array(mixed), rng=1)
    assert np.abs(found.first - truth[0]).max() < 0.02
    assert np.abs(found.total - truth[1]).max() < 0.02
    assert (found.total_low <= found.total).all()
    assert (found.total <= found.total_high).all()


def test_reduction_without_offers_and_felt_prices_assumptions_of_price_do_not_matter():
    """T13: their total indices are 0, but for the effect of a discount at the start."""
    nothing = {name: np.zeros(128) for name in ("offers_per_year", "price_points", "asking", "match_chance")}
    base, other = (draw_assumptions(128, rng=seed).values for seed in (1, 2))
    names = [name for name, known in EVIDENCE.items() if known.group == "price" and name != "discount_effect"]

    def worth(moved: list[str]) -> np.ndarray:
        drawn = AssumptionDraws(base | {name: other[name] for name in moved} | nothing)
        found = run(BOOK, (SERVICE, PRICE_ONLY), drawn, months=24, seed=1).value
        return found[0] - found[1]

    mixed = np.stack([worth(names), worth(["discount_effect"]), worth(["service_costs"])])
    found = sobol_indices(("price", "discount", "cost"), worth([]), worth(list(base)), mixed, rng=1)
    assert found.total[0] < 0.01
    assert found.total[1] > 0
    assert found.total[2] > 0.01


def test_reference_what_knowing_is_worth_by_hand():
    """Two policies of which the second pays x ~ N(0, 1): knowing x is worth E max(x, 0) = 0.3989."""
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=20000), rng.normal(size=20000)
    values = np.stack((np.zeros(20000), x + noise))
    assert worth_of_knowing(values, x[None]) == pytest.approx(0.3989, abs=0.02)
    assert worth_of_knowing(values, rng.normal(size=(1, 20000))) < 0.03


def test_direction_a_tornado_puts_the_widest_first():
    found = tornado(
        lambda given: made_book(given, 30), SERVICE, DO_NOTHING, months=12, seed=1,
        names=("service_costs", "margin", "days_outstanding"),
    )  # fmt: skip
    assert found[0].name == "service_costs"
    assert found[0].low > found[0].high
    assert [each.width for each in found] == sorted((each.width for each in found), reverse=True)


def test_property_every_group_of_assumptions_has_an_index():
    books = tuple(made_book(draw_assumptions(32, rng=seed), 20) for seed in (1, 2))
    found = sobol_of(books, SERVICE, PRICE_ONLY, months=12, seed=1)
    assert found.names == GROUPS
    assert (found.total > -0.01).all()


def test_property_a_saved_scenario_gives_the_same_bytes(tmp_path):
    told = Scenario((DO_NOTHING, replace(SERVICE, name='our "own"', recovery=1 / 3)), {"margin": 0.3}, 128, 12, 5)
    save_scenario(told, tmp_path / "scenario.toml")
    again = load_scenario(tmp_path / "scenario.toml")
    assert again == told
    assert again.fingerprint == told.fingerprint
    one, other = told.run(BOOK), again.run(BOOK)
    assert one.profit.tobytes() == other.profit.tobytes()
    assert one.ledger.tobytes() == other.ledger.tobytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sede = 3", r"not known: sede \(did you mean seed\?\)"),
        ("[fixed]\nmarjin = 0.3", r"marjin is no assumption \(did you mean margin"),
        ("[fixed]\nmargin = 3.0", "margin = 3, expected 0.2 to 0.36"),
        ('[[policies]]\nname = "a"\ngrnt = 0.5', r"not known: grnt \(did you mean grant\?\)"),
        ('[[policies]]\nname = "a"\ngrant = 5.0', "grant = 5.0, expected 0 to 1"),
    ],
)
def test_a_scenario_file_with_a_slip_is_refused(tmp_path, text, message):
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_scenario(path)


@pytest.mark.parametrize(
    ("held", "winner"),
    [
        ({"offers_per_year": 1.2, "offer_depth": 0.06, "switching_cost": 0.03, "price_points": 0.3}, "price only"),
        (
            {"offers_per_year": 0.06, "satisfaction_effect": 0.49, "service_reach": 1.0, "service_costs": 0.33},
            "service",
        ),
    ],
)
def test_direction_price_wins_in_a_price_war_and_service_where_satisfaction_holds_clients(held, winner):
    """That price is not decisive is a range under test, never an assumption."""
    drawn = draw_assumptions(192, rng=1, fixed=held | {"margin": 0.36})
    found = run(made_book(drawn, 60), (PRICE_ONLY, SERVICE), drawn, months=120, seed=1)
    loser = ({"price only", "service"} - {winner}).pop()
    gap = found.value[found.place(winner)] - found.value[found.place(loser)]
    assert gap.mean() > 4 * gap.std() / np.sqrt(len(gap))
