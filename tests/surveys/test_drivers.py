"""Which factor drives the target: shares, order, service against price, importance against performance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey_book import CARS, NAMES, book, together

from churnlab.surveys import Drivers, against, drivers, lmg, order, performance_map

CEILINGS = np.array([9.6, 7.5, 7.0, 6.0, 8.0])
"""Means of answers before they are cut: half of the answers give quality a 10."""


def shares(correlation: np.ndarray) -> np.ndarray:
    """LMG shares, summing to 1."""
    parts = lmg(correlation)
    return parts / parts.sum()


def surveyed(*, clients: int = 120, seed: int = 4, draws: int = 300, **options) -> Drivers:
    """Shares of a book of three answers a client, without a ceiling to speak of."""
    behind, client = book(together(), clients=clients, seed=seed)
    given_answers = np.round(6 + 1.2 * behind)
    return drivers(given_answers[:, :4], given_answers[:, 4], client, names=NAMES, draws=draws, rng=1, **options)


def plain(factors, target, *, scale: str, client=None, **options) -> Drivers:
    """Shares of four factors with few draws."""
    who = np.arange(len(target)) if client is None else client
    return drivers(factors, target, who, names=NAMES, scale=scale, draws=100, rng=1, **options)


def test_reference_cars():
    found = plain(CARS[:, 1:], CARS[:, 0], scale="interval")
    assert found.share * found.r2 == pytest.approx([0.2157094, 0.2006984, 0.1700769, 0.2621501], abs=5e-8)
    assert found.weight * found.r2 == pytest.approx([0.2096904, 0.1883043, 0.1799590, 0.2706812], abs=5e-8)
    assert found.r2 == pytest.approx(0.848635, abs=5e-7)
    assert found.correlation == pytest.approx([np.corrcoef(CARS[:, 0], x)[0, 1] for x in CARS[:, 1:].T])
    assert found.performance == pytest.approx(CARS[:, 1:].mean(axis=0))


@pytest.mark.parametrize("scale", ["interval", "ordinal"])
def test_reduction_the_same_answers_given_twice_tell_nothing_more(scale):
    """An interval rests on clients, not on answers."""
    behind, client = book(together(), clients=60, each=1)
    once = plain(behind[:, :4], behind[:, 4], client=client, scale=scale)
    twice = plain(
        *(np.repeat(x, 2, axis=0) for x in (behind[:, :4], behind[:, 4])), client=client.repeat(2), scale=scale
    )
    assert (twice.clients, twice.answers) == (60, 120)
    for side in ("share", "low", "high"):
        assert getattr(twice, side) == pytest.approx(getattr(once, side))


def test_reduction_gaps_are_left_out():
    behind, client = book(together(), clients=40)
    holed = behind.copy()
    holed[3, 0] = holed[8, 4] = np.nan
    found = plain(holed[:, :4], holed[:, 4], client=client, scale="interval")
    kept = ~np.isnan(holed).any(axis=1)
    other = plain(behind[kept, :4], behind[kept, 4], client=client[kept], scale="interval")
    assert found.share == pytest.approx(other.share)
    assert (found.answers, found.left_out, other.left_out) == (118, 2, 0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["interval", "ordinal"]))
def test_property_shares_sum_to_one_within_their_intervals(seed, scale):
    behind, client = book(together(), clients=30, seed=seed)
    answers = np.clip(np.round(7.5 + 1.8 * behind), 0, 10)
    found = plain(answers[:, :4], answers[:, 4], client=client, scale=scale)
    assert found.share.sum() == pytest.approx(1)
    assert found.weight.sum() == pytest.approx(1)
    assert ((found.low >= 0) & (found.low <= found.share) & (found.share <= found.high) & (found.high <= 1)).all()
    assert 0 <= found.r2_low <= found.r2 <= found.r2_high <= 1


def test_property_units_do_not_matter_on_the_interval_scale():
    behind, client = book(together(), clients=40)
    found = plain(behind[:, :4], behind[:, 4], client=client, scale="interval")
    other = plain(behind[:, :4] * [1, 2, 3, 4] + 5, 7 - 2 * behind[:, 4], client=client, scale="interval")
    assert other.share == pytest.approx(found.share)
    assert other.high == pytest.approx(found.high)
    assert other.correlation == pytest.approx(-found.correlation)


def test_property_a_rising_transform_does_not_matter_on_the_ordinal_scale():
    behind, client = book(together(), clients=40)
    found = plain(behind[:, :4], behind[:, 4], client=client, scale="ordinal")
    other = plain(np.exp(behind[:, :4]), behind[:, 4] ** 3, client=client, scale="ordinal")
    assert other.share == pytest.approx(found.share)
    assert other.low == pytest.approx(found.low)


def test_direction_more_clients_and_a_lower_level_narrow_the_intervals():
    few, many, low = surveyed(), surveyed(clients=1000), surveyed(level=0.5)
    assert (many.high - many.low < few.high - few.low).all()
    assert (low.high - low.low < few.high - few.low).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recovery_the_ordinal_scale_is_closer_where_answers_are_cut_at_the_ceiling(seed):
    """Half of the answers give quality a 10: as figures this costs it a tenth of its share, as steps nothing."""
    behind, client = book(together(), clients=5000, each=2, seed=seed)
    uncut = shares(np.corrcoef(behind, rowvar=False))
    answers = np.clip(np.round(CEILINGS + 2.0 * behind), 0, 10)
    found = {s: plain(answers[:, :4], answers[:, 4], client=client, scale=s) for s in ("interval", "ordinal")}
    missed = {scale: each.share[0] - uncut[0] for scale, each in found.items()}
    assert missed["interval"] < -0.015
    assert abs(missed["ordinal"]) < 0.015
    assert np.abs(found["ordinal"].share - uncut).max() < 0.02
    assert found["ordinal"].r2 == pytest.approx(0.5, abs=0.03)
    assert found["interval"].r2 < 0.46


@pytest.mark.parametrize("behaviour", ["left", "orders"])
def test_recovery_behaviour_as_target_gives_the_shares_behind_it(behaviour):
    """Having left, for a fifth of the clients, and later orders, with many zeros: the same shares by either."""
    behind, client = book(together(), clients=8000, each=1)
    target = behind[:, 4] < -0.84 if behaviour == "left" else np.floor(np.exp(behind[:, 4]))
    found = plain(np.round(6 + 1.2 * behind[:, :4]), target, client=client, scale="ordinal")
    assert found.share == pytest.approx(shares(together()), abs=0.03)
    assert (np.sign(found.correlation) == (-1 if behaviour == "left" else 1)).all()


def test_direction_nothing_is_told_of_factors_that_weigh_the_same_and_much_of_those_that_do_not():
    told = {}
    for name, weights in (("same", (0.3, 0.3, 0.3, 0.3)), ("other", (0.6, 0.3, 0.3, 0.0))):
        behind, client = book(together(weights), clients=2000, seed=8)
        told[name] = order(plain(behind[:, :4], behind[:, 4], client=client, scale="interval"))
    assert told["same"].groups == (NAMES,)
    assert told["same"].first == NAMES
    assert told["other"].groups == (("timing", "attention"), ("quality",), ("price",))
    assert told["other"].first == ("quality",)


def test_property_an_order_is_of_one_mind():
    found = surveyed(clients=400)
    placed = order(found)
    assert not (placed.above & placed.above.T).any()
    assert placed.difference == pytest.approx(-placed.difference.T)
    assert placed.low == pytest.approx(-placed.high.T, nan_ok=True)
    assert {name for group in placed.groups for name in group} == set(NAMES)
    looser = order(found, level=0.5)
    assert (looser.above >= placed.above).all()


def test_reduction_one_against_one_is_a_pair():
    found = surveyed()
    one, placed = against(found, "quality", "price"), order(found)
    assert one.value == pytest.approx(placed.difference[0, 3])
    assert one.low < one.value < one.high
    roots = np.sqrt(found.share)
    assert (placed.low + placed.high)[0, 3] / 2 == pytest.approx(roots[0] - roots[3])
    back = against(found, ["price"], ["quality"])
    assert (back.value, back.low, back.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_direction_verdicts_of_service_against_price():
    verdicts = []
    for weights in ((0.4, 0.35, 0.25, 0.1), (0.1, 0.1, 0.1, 0.6), (0.3, 0.3, 0.3, 0.3)):
        behind, client = book(together(weights), clients=1500, seed=8)
        found = against(plain(behind[:, :4], behind[:, 4], client=client, scale="interval"), NAMES[:3], "price")
        verdicts.append(found.verdict)
    assert verdicts == ["yes", "no", "cannot tell"]


def test_reduction_outlines_lie_on_the_ellipse_and_centre_on_the_factor():
    found = performance_map(surveyed())
    outline = found.outline(points=9)
    centre = np.stack([found.importance, found.performance], axis=1)
    away = outline - centre[:, None]
    inverse = np.linalg.inv(found.covariance)
    assert np.einsum("pki,pij,pkj->pk", away, inverse, away) == pytest.approx(
        np.repeat(found.radius[:, None] ** 2, 9, 1)
    )
    assert outline[:, 0] == pytest.approx(outline[:, -1])
    assert (found.radius > 2.2).all()  # the root of a chi-squared of two degrees is 2.45
    assert (found.radius < 3.2).all()


def test_direction_factors_are_apart_by_either_side():
    """Equal weights and means are not told apart; another mean is, though the shares are the same."""
    behind, client = book(together((0.3, 0.3, 0.3, 0.3)), clients=500, seed=9)
    found = plain(behind[:, :4] + [7, 7, 7, 5], behind[:, 4], client=client, scale="interval")
    apart = performance_map(found).apart
    assert apart[:3, 3].all()
    assert not apart[:3, :3].any()
    assert not order(found).above.any()


def test_too_few_clients_or_nothing_that_varies_says_nothing():
    behind, client = book(together(), clients=19)
    flat = surveyed(clients=30)
    few = plain(behind[:, :4], behind[:, 4], client=client, scale="ordinal")
    same = plain(np.ones((90, 4)), np.arange(90.0), scale="ordinal")
    assert not np.isnan(flat.share).any()
    for found in (few, same):
        assert np.isnan([*found.share, *found.low, *found.high, *found.weight, found.r2, found.r2_high]).all()
        assert np.isnan(found.performance).all()
        assert order(found).groups == (NAMES,)
        assert against(found, "quality", "price").verdict == "cannot tell"
        placed = performance_map(found)
        assert not placed.apart.any()
        assert np.isnan(placed.outline()).all()


def test_a_factor_that_hardly_varies_gives_no_interval_where_draws_miss_it():
    behind, client = book(together(), clients=40)
    rare = np.where(client == 0, 1.0, 0.0)
    found = plain(np.column_stack([behind[:, :3], rare]), behind[:, 4], client=client, scale="interval")
    assert not np.isnan(found.share).any()
    assert np.isnan(found.low).all()
    assert order(found).groups == (NAMES,)


def test_a_target_that_is_told_in_full_has_no_interval_for_that():
    behind, client = book(together(), clients=40)
    found = plain(behind[:, :4], behind[:, :4].sum(axis=1), client=client, scale="interval")
    assert found.r2 == pytest.approx(1)
    assert found.share.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"names": ("a", "b")}, "expected 4 different names"),
        ({"names": ("a", "b", "c", "a")}, "expected 4 different names"),
        ({"scale": "nominal"}, "got 'nominal', 0.95, 100"),
        ({"level": 95}, "level between 0 and 1"),
        ({"draws": 10}, "100 draws or more"),
        ({"factors": np.ones((30, 1))}, r"got \(30, 1\), \(30,\), \(30,\)"),
        ({"factors": np.ones((30, 11))}, "2 to 10"),
        ({"client": np.arange(29)}, r"\(29,\)"),
        ({"target": np.full(30, np.inf)}, "infinite"),
    ],
)
def test_what_does_not_fit_is_refused(changed, said):
    rng = np.random.default_rng(1)
    options = {"factors": rng.normal(size=(30, 4)), "target": rng.normal(size=30), "client": np.arange(30)}
    options |= {"names": NAMES, "draws": 100, "rng": 1} | changed
    data = [options.pop(name) for name in ("factors", "target", "client")]
    with pytest.raises(ValueError, match=said):
        drivers(*data, **options)


@pytest.mark.parametrize("sides", [("price", "prise"), ("price", ["price", "quality"]), ([], "price")])
def test_sides_that_do_not_fit_are_refused(sides):
    with pytest.raises(ValueError, match="expected two sides of different factors"):
        against(surveyed(), *sides)


def test_levels_out_of_range_are_refused():
    found = surveyed()
    for ask in (order, performance_map):
        with pytest.raises(ValueError, match="level between 0 and 1, got 95"):
            ask(found, level=95)
